/** Every resource type, in the order of the contract. The one list that routes, documents and plans are made from. */
import type { ResourceType } from '#arm/resource-type.ts';
import { addons } from './addons/addons.ts';
import { bandwidthSchedules } from './bandwidth-schedules.ts';
import type { Ports } from './base/ports.ts';
import { connectedClusters } from './connected-clusters.ts';
import { devices } from './devices/devices.ts';
import { jobs } from './jobs.ts';
import { operationsStatus } from './operations-status.ts';
import { orders } from './orders.ts';
import { roles } from './roles/roles.ts';
import { shares } from './shares.ts';
import { updateSummary } from './update-summary.ts';
import { users } from './users.ts';

export const resourceTypes: readonly ResourceType<Ports>[] = [
  devices,
  bandwidthSchedules,
  jobs,
  operationsStatus,
  orders,
  roles,
  addons,
  shares,
  updateSummary,
  users,
  connectedClusters,
];
