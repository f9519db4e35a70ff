/**
 * Microsoft.Kubernetes/connectedClusters: the Azure side of an Arc-enabled cluster. Made by a device's Arc addon and
 * removed with it; what it shows is what the cluster's agents report (arcconn, arcagent §10.3–10.4).
 */
import { Type } from 'typebox';
import { object } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  dateTime,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyObject,
  readOnlyString,
} from '#arm/shapes.ts';
import { KUBERNETES_VERSIONS } from '#arm/versions.ts';
import type { ObservedArc } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { envelope } from './base/envelope.ts';
import { identity, machineOf } from './base/machine.ts';
import { defineResource, type Existing } from './base/define.ts';

const tags = Type.Optional(Type.Record(Type.String(), Type.String()));

const properties = object({
  agentPublicKeyCertificate: readOnlyString(),
  provisioningState: readOnlyString(),
  connectivityStatus: readOnlyEnum(['Connecting', 'Connected', 'Offline', 'Expired']),
  kubernetesVersion: readOnlyString(),
  totalNodeCount: readOnlyInteger(),
  totalCoreCount: readOnlyInteger(),
  agentVersion: readOnlyString(),
  lastConnectivityTime: readOnlyString(dateTime),
  managedIdentityCertificateExpirationTime: readOnlyString(dateTime),
  distribution: readOnlyString(),
  infrastructure: readOnlyString(),
});

const schema = object({
  location: Type.String(),
  tags,
  ...envelope,
  identity: readOnly(
    object({
      type: readOnlyString(),
      principalId: readOnlyString(),
      tenantId: readOnlyString(),
    }),
  ),
  systemData: readOnlyObject(),
  properties: readOnly(properties),
});

type Cluster = Accepted<typeof schema>;

export const connectedClusters = defineResource({
  namespace: 'Microsoft.Kubernetes',
  type: 'connectedClusters',
  nameParameter: 'clusterName',
  versions: KUBERNETES_VERSIONS,
  // Arc takes more regions than devices do; these name themselves in the text for a wrong api-version only.
  locations: ['East US', 'West Europe', 'Southeast Asia'],
  schema,
  operations: {
    list: {
      id: 'ConnectedCluster_ListByResourceGroup',
      bySubscription: { id: 'ConnectedCluster_ListBySubscription' },
    },
    get: { id: 'ConnectedCluster_Get' },
    patch: { id: 'ConnectedCluster_Update', body: object({ tags }) },
    // The Azure side alone goes; the agents in the cluster stay until the addon is deleted.
    delete: { id: 'ConnectedCluster_Delete', plan: async () => undefined },
  },
  view,
});

async function view(target: Existing<Cluster>): Promise<Shown<typeof schema>> {
  const { resource, ports } = target;
  const device =
    resource.origin === undefined ? undefined : await ports.findResource(resource.origin);
  const arc =
    device === undefined
      ? undefined
      : (await ports.fleet.observe(machineOf(device, ports.seed))).arc;
  return {
    location: resource.body.location,
    tags: resource.body.tags ?? {},
    identity: {
      type: 'SystemAssigned',
      principalId: guid(ports.seed, 'principal', resource.incarnation),
      tenantId: guid(ports.seed, 'tenant'),
    },
    properties: {
      // The agents' keys are made when they are first looked at: a fleet of clusters would wait long for all of theirs.
      agentPublicKeyCertificate:
        device === undefined ? '' : await ports.vault.agentPublicKey(device.incarnation),
      provisioningState: 'Succeeded',
      ...reported(arc),
      distribution: 'azure_stack_edge',
      infrastructure: 'azure_stack_edge',
    },
    ...identity(target, 'Microsoft.Kubernetes/connectedClusters'),
  };
}

/** What the metadata operator reports; before the first heartbeat, nothing but the connectivity. */
function reported(arc: ObservedArc | undefined): Shown<typeof properties> {
  if (arc?.lastHeartbeatAt === undefined) {
    return { connectivityStatus: arc?.connectivity ?? 'Connecting' };
  }
  return {
    connectivityStatus: arc.connectivity,
    kubernetesVersion: arc.kubernetesVersion.replace(/^v/, ''),
    totalNodeCount: arc.nodeCount,
    totalCoreCount: arc.coreCount,
    agentVersion: arc.agentVersion,
    lastConnectivityTime: formatInstant(arc.lastHeartbeatAt),
    managedIdentityCertificateExpirationTime: formatInstant(arc.certificateExpiresAt),
  };
}
