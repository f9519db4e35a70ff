/**
 * The Kubernetes role: its shape, and how a machine's cluster shows in it. The request's version and VM profile are
 * wishes; the machine installs what its release brings, and that is what a GET shows.
 * Sources: compute §4, static (appliance.md §6) for the mounted shares, [S], databoxedge-contract §5–6.
 */
import { Type } from 'typebox';
import {
  named,
  object,
  oneOf,
  onlyIn,
  shownInteger,
  shownText,
  since,
  valuesIn,
} from '#arm/schema.ts';
import {
  int32,
  int64,
  mayBe,
  mayList,
  mayText,
  shownAs,
  shownEnum,
  shownList,
} from '#arm/shapes.ts';
import type { Observation, ObservedCluster } from '#fleet/fleet.ts';
import { type Json, type JsonObject, objectIn } from '#shared/json.ts';
import { mountedShares, mountFaults, mountPointMap, mountView } from '../base/mounts.ts';
import type { Existing, Target } from '../base/define.ts';
import {
  hostPlatform,
  NEWER_KIND,
  platformFaults,
  roleEnvelope,
  type RoleKind,
  roleStatus,
} from './role-kind.ts';

/** Previews that said more of a cluster's parts than any stable version. */
const PREVIEWS = '2022-04-01-preview 2022-12-01-preview 2023-01-01-preview';

const text = shownText();
const componentType = shownEnum(
  ['Invalid', 'Cluster', 'Node', 'Etcd', 'CNI', 'LoadBalancer'],
  named('KubernetesComponentType'),
  onlyIn(PREVIEWS),
);

const etcdInfo = object({ componentType, type: text, version: text }, named('EtcdInfo'));

const nodeInfo = object(
  {
    componentType,
    name: text,
    type: shownEnum(
      ['Invalid', 'Master', 'Worker', 'ManagementCluster', 'ControlPlane', 'NodePool'],
      named('KubernetesNodeType'),
      valuesIn({ ManagementCluster: PREVIEWS, ControlPlane: PREVIEWS, NodePool: PREVIEWS }),
    ),
    ipConfiguration: mayList(
      object({ port: text, ipAddress: mayText() }, named('KubernetesIPConfiguration')),
    ),
  },
  named('NodeInfo'),
);

const storageClass = object(
  {
    name: text,
    type: text,
    posixCompliant: shownEnum(['Invalid', 'Enabled', 'Disabled'], named('PosixComplianceStatus')),
  },
  named('KubernetesRoleStorageClassInfo'),
);

const storage = object(
  { storageClasses: shownList(storageClass), endpoints: mayList(mountPointMap) },
  named('KubernetesRoleStorage'),
);

const compute = object(
  {
    vmProfile: Type.String(),
    memoryInBytes: shownInteger(int64),
    processorCount: shownInteger(int32),
    hugePage2M: shownInteger(int32, onlyIn(PREVIEWS)),
    hugePage1G: shownInteger(int32, onlyIn(PREVIEWS)),
  },
  named('KubernetesRoleCompute'),
);

const cniConfig = object(
  { componentType, type: text, version: text, podSubnet: text, serviceSubnet: text },
  named('CniConfig'),
);

const loadBalancerConfig = object(
  {
    componentType,
    type: text,
    version: text,
    ipRange: mayList(Type.String(), since('2023-12-01')),
  },
  named('LoadBalancerConfig'),
);

const network = object(
  { cniConfig: shownAs(cniConfig), loadBalancerConfig: shownAs(loadBalancerConfig) },
  named('KubernetesRoleNetwork'),
);

const properties = object(
  {
    hostPlatform,
    provisioningState: shownEnum(
      ['Invalid', 'Creating', 'Created', 'Updating', 'Reconfiguring', 'Failed', 'Deleting'],
      named('KubernetesState'),
    ),
    hostPlatformType: shownEnum(['KubernetesCluster', 'LinuxVM'], named('HostPlatformType')),
    kubernetesClusterInfo: object(
      {
        componentType,
        etcdInfo: shownAs(etcdInfo),
        nodes: shownList(nodeInfo),
        version: Type.String(),
      },
      named('KubernetesClusterInfo'),
    ),
    kubernetesRoleResources: object(
      { storage: mayBe(storage), compute, network: shownAs(network) },
      named('KubernetesRoleResources'),
    ),
    roleStatus,
  },
  named('KubernetesRoleProperties'),
);

const ENDPOINTS = 'properties.kubernetesRoleResources.storage.endpoints';

/** The shares that a client asks to mount. */
const endpointsIn = (asked: JsonObject): Json | undefined =>
  objectIn(objectIn(asked, 'kubernetesRoleResources'), 'storage').endpoints;

export const kubernetesRole: RoleKind = {
  schema: object(
    { kind: oneOf(['Kubernetes']), ...roleEnvelope, properties: mayBe(properties) },
    { ...named('KubernetesRole'), ...onlyIn(NEWER_KIND) },
  ),
  secrets: [],
  check: async (target, asked) => [
    ...platformFaults(asked, 'Kubernetes'),
    ...(await mountFaults(target, endpointsIn(asked), ENDPOINTS)),
  ],
  commandFor: async (target, asked) => ({
    kind: isNew(target) ? 'createCluster' : 'configureCluster',
    role: target.name,
    mounts: await mountedShares(target, endpointsIn(asked)),
  }),
  removalOf: (target) => ({ kind: 'deleteCluster', role: target.name }),
  view,
};

/** A role that stands is reconfigured; the choice holds for the whole operation, since its row stays as it is until the end. */
const isNew = ({ resource }: Target): boolean => resource === undefined || resource.revision === 0;

/** `properties` of the role. Without a cluster: still being made, or failed. */
function view(target: Existing, seen: Observation): JsonObject {
  const asked = objectIn(target.resource.body, 'properties');
  const cluster = seen.cluster?.role === target.name ? seen.cluster : undefined;
  const isBusy = target.resource.operationId !== undefined;
  const common = {
    hostPlatform: asked.hostPlatform ?? 'Linux',
    hostPlatformType: 'KubernetesCluster',
    provisioningState: cluster?.state ?? (isBusy ? 'Creating' : 'Failed'),
    roleStatus: asked.roleStatus ?? 'Enabled',
  };
  const { vmProfile } = objectIn(objectIn(asked, 'kubernetesRoleResources'), 'compute');
  const compute = vmProfile === undefined ? {} : { vmProfile };
  if (cluster === undefined) {
    return {
      ...common,
      kubernetesClusterInfo: { version: objectIn(asked, 'kubernetesClusterInfo').version ?? '' },
      kubernetesRoleResources: { storage: { endpoints: [] }, compute },
    };
  }
  return {
    ...common,
    kubernetesClusterInfo: clusterInfoOf(cluster),
    kubernetesRoleResources: {
      storage: {
        storageClasses: cluster.storageClasses.map((kind) => ({ ...kind })),
        endpoints: cluster.mounts.map((mount) =>
          mountView(target, { mount, role: target.name, kind: 'Kubernetes' }),
        ),
      },
      compute: {
        ...compute,
        memoryInBytes: cluster.worker.memoryBytes,
        processorCount: cluster.worker.processorCount,
        // Nothing reserves huge pages here [ours].
        hugePage2M: 0,
        hugePage1G: 0,
      },
      network: networkOf(cluster),
    },
  };
}

function clusterInfoOf(cluster: ObservedCluster): JsonObject {
  return {
    componentType: 'Cluster',
    etcdInfo: { componentType: 'Etcd', type: 'External', version: cluster.etcdVersion },
    nodes: cluster.nodes.map((node) => ({
      componentType: 'Node',
      name: node.name,
      type: node.type,
      ipConfiguration: node.ipAddresses.map((address) => ({ ...address })),
    })),
    version: cluster.version,
  };
}

function networkOf(cluster: ObservedCluster): JsonObject {
  const { type, version, ipRange } = cluster.loadBalancer;
  return {
    cniConfig: { componentType: 'CNI', ...cluster.cni },
    loadBalancerConfig: { componentType: 'LoadBalancer', type, version, ipRange: [...ipRange] },
  };
}
