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
import { present } from '#shared/assert.ts';
import { formatInstant } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { envelope } from './base/envelope.ts';
import { identity, observeMany } from './base/machine.ts';
import { defineResource, type Existing, type Page } from './base/define.ts';

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
  views,
  summary,
});

function summary({ resource, ports }: Existing<Cluster>) {
  return {
    location: resource.body.location,
    tags: resource.body.tags ?? {},
    identity: {
      type: 'SystemAssigned' as const,
      principalId: guid(ports.seed, 'principal', resource.incarnation),
      tenantId: guid(ports.seed, 'tenant'),
    },
  };
}

/** What a cluster's agents have and report; undefined when its device is gone. */
interface Agents {
  readonly publicKey: string;
  readonly arc: ObservedArc | undefined;
}

function viewOf(target: Existing<Cluster>, agents: Agents | undefined): Shown<typeof schema> {
  return {
    ...summary(target),
    properties: {
      agentPublicKeyCertificate: agents?.publicKey ?? '',
      provisioningState: 'Succeeded',
      ...reported(agents?.arc),
      distribution: 'azure_stack_edge',
      infrastructure: 'azure_stack_edge',
    },
    ...identity(target, 'Microsoft.Kubernetes/connectedClusters'),
  };
}

async function view(target: Existing<Cluster>): Promise<Shown<typeof schema>> {
  const [viewed] = await views({ targets: [target], ports: target.ports });
  return present(viewed, 'the view of a cluster').view;
}

async function views({ targets, ports }: Page<Cluster>) {
  const origins = targets.flatMap(({ resource }) => resource.origin ?? []);
  const found = await ports.findResources(origins);
  const devices = [...found.values()];
  const observations = await observeMany(devices, ports);
  // The agents' keys are made when they are first looked at: a fleet of clusters would wait long for all of theirs.
  const keys = await ports.vault.agentPublicKeys(devices.map(({ incarnation }) => incarnation));
  const agents = new Map(
    devices.map((device, index): [string, Agents] => [
      device.key,
      { publicKey: keys[index] ?? '', arc: observations[index]?.arc },
    ]),
  );
  return targets.map((target) => ({
    view: viewOf({ ...target, ports }, agents.get(target.resource.origin ?? '')),
  }));
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
