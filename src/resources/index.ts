/** Every resource type, in the order of the contract. The one list that routes, documents and plans are made from. */
import type { ResourceType } from '#arm/resource-type.ts';
import { addons } from './addons/addons.ts';
import { alerts } from './alerts.ts';
import { availableSkus } from './available-skus.ts';
import { bandwidthSchedules } from './bandwidth-schedules.ts';
import { bindPorts, type Definition } from './base/define.ts';
import type { Ports } from './base/ports.ts';
import { connectedClusters } from './connected-clusters.ts';
import { containers } from './containers.ts';
import { deviceCapacityInfo } from './device-capacity-info.ts';
import { devices } from './devices/devices.ts';
import { diagnosticProactiveLogCollectionSettings } from './diagnostic-proactive-log-collection-settings.ts';
import { diagnosticRemoteSupportSettings } from './diagnostic-remote-support-settings.ts';
import { jobs } from './jobs.ts';
import { imageVersions } from './marketplace/image-versions.ts';
import { offerSkus } from './marketplace/offer-skus.ts';
import { offers, publisherOffers } from './marketplace/offers.ts';
import { publishers } from './marketplace/publishers.ts';
import { monitoringConfig } from './monitoring-config.ts';
import { networkSettings } from './network-settings.ts';
import { nodes } from './nodes.ts';
import { operationsStatus } from './operations-status.ts';
import { orders } from './orders.ts';
import { roles } from './roles/roles.ts';
import { shares } from './shares.ts';
import { storageAccountCredentials } from './storage-account-credentials.ts';
import { storageAccounts } from './storage-accounts.ts';
import { skus } from './skus.ts';
import { triggers } from './triggers.ts';
import { updateSummary } from './update-summary.ts';
import { users } from './users.ts';

/** The types as they are defined: what routes and documents are made from. */
export const definitions: readonly Definition[] = [
  availableSkus,
  skus,
  devices,
  alerts,
  bandwidthSchedules,
  deviceCapacityInfo,
  diagnosticProactiveLogCollectionSettings,
  diagnosticRemoteSupportSettings,
  jobs,
  networkSettings,
  nodes,
  offers,
  operationsStatus,
  orders,
  publishers,
  publisherOffers,
  offerSkus,
  imageVersions,
  roles,
  addons,
  monitoringConfig,
  shares,
  storageAccountCredentials,
  storageAccounts,
  containers,
  triggers,
  updateSummary,
  users,
  connectedClusters,
];

/** The types of a service that has these ports. */
export const resourceTypes = (ports: Ports): readonly ResourceType[] =>
  definitions.map((definition) => {
    const type = bindPorts(definition, ports);
    return type.locations === undefined ? type : { ...type, locations: ports.deviceLocations };
  });
