/**
 * The Kubernetes role: its shape, and how a machine's cluster shows in it. The request's version and VM profile are
 * wishes; the machine installs what its release brings, and that is what a GET shows.
 * Sources: compute §4, [S], databoxedge-contract §5–6.
 */
import { Type } from 'typebox';
import {
  object,
  oneOf,
  readOnly,
  shownInteger,
  shownObject,
  shownObjects,
  shownText,
  since,
} from '#arm/schema.ts';
import type { ObservedCluster } from '#fleet/fleet.ts';
import type { JsonObject } from '#shared/json.ts';
import { objectIn } from '#arm/resource-type.ts';
import { envelope } from '../base/envelope.ts';

const text = shownText();
const shown = shownObject();

export const kubernetesRole = object({
  kind: oneOf(['Kubernetes']),
  ...envelope,
  systemData: shownObject(since('2020-09-01')),
  properties: object({
    hostPlatform: oneOf(['Windows', 'Linux']),
    provisioningState: text,
    hostPlatformType: text,
    kubernetesClusterInfo: object({
      etcdInfo: shown,
      nodes: shownObjects(),
      version: Type.String(),
    }),
    kubernetesRoleResources: object({
      storage: Type.Optional(
        object({
          storageClasses: shownObjects(),
          endpoints: Type.Optional(Type.Array(object({ shareId: Type.String() }))),
        }),
      ),
      compute: object({
        vmProfile: Type.String(),
        memoryInBytes: shownInteger(),
        processorCount: shownInteger(),
      }),
      network: Type.Optional(
        object(
          {
            cniConfig: shown,
            loadBalancerConfig: Type.Optional(
              object(
                {
                  type: text,
                  version: text,
                  ipRange: Type.Optional(
                    Type.Array(Type.String(), { ...readOnly, ...since('2023-12-01') }),
                  ),
                },
                { ...readOnly },
              ),
            ),
          },
          { ...readOnly },
        ),
      ),
    }),
    roleStatus: oneOf(['Enabled', 'Disabled']),
  }),
});

/** `properties` of the role. Without a cluster: still being made, or failed. */
export function kubernetesProperties(
  body: JsonObject,
  cluster: ObservedCluster | undefined,
  isBusy: boolean,
): JsonObject {
  const asked = objectIn(body, 'properties');
  const compute = objectIn(objectIn(asked, 'kubernetesRoleResources'), 'compute');
  const common = {
    hostPlatform: asked.hostPlatform ?? 'Linux',
    hostPlatformType: 'KubernetesCluster',
    provisioningState: cluster?.state ?? (isBusy ? 'Creating' : 'Failed'),
    roleStatus: asked.roleStatus ?? 'Enabled',
  };
  if (cluster === undefined) {
    return {
      ...common,
      kubernetesClusterInfo: { version: objectIn(asked, 'kubernetesClusterInfo').version ?? '' },
      kubernetesRoleResources: { storage: { endpoints: [] }, compute },
    };
  }
  return {
    ...common,
    kubernetesClusterInfo: {
      etcdInfo: { type: 'External', version: cluster.etcdVersion },
      nodes: cluster.nodes.map((node) => ({
        name: node.name,
        type: node.type,
        ipConfiguration: node.ipAddresses.map((address) => ({ ...address })),
      })),
      version: cluster.version,
    },
    kubernetesRoleResources: {
      storage: {
        storageClasses: cluster.storageClasses.map((kind) => ({ ...kind })),
        endpoints: [],
      },
      compute: {
        ...compute,
        memoryInBytes: cluster.worker.memoryBytes,
        processorCount: cluster.worker.processorCount,
      },
      network: networkOf(cluster),
    },
  };
}

function networkOf(cluster: ObservedCluster): JsonObject {
  const { type, version, ipRange } = cluster.loadBalancer;
  return {
    cniConfig: { ...cluster.cni },
    loadBalancerConfig: { type, version, ipRange: [...ipRange] },
  };
}
