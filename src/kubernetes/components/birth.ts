/**
 * What a new cluster has: namespaces, priority classes, roles, nodes. Everything else follows from the controllers and from what
 * the appliance installs (`install.ts`).
 * Sources: controlplane/instance.go; bootstrappolicy; scheduling/v1/helpers.go (kubernetes-facts.md 3, 9.3); appliance.md 4.4.
 */
import type { Namespace, Service } from 'kubernetes-types/core/v1.d.ts';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.d.ts';
import { bootstrapRoles } from '../access/bootstrap.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { PRIORITY_CLASSES } from '../kinds/policies.ts';
import { SERVICES } from '../kinds/services.ts';
import type { Kind } from '../kinds/kind.ts';
import { addressAt } from '../objects/addresses.ts';
import { type KubeObject, timeOf, withMeta } from '../objects/object.ts';
import { drawUid, type World } from '../world.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Priorities of what the system runs (apis/scheduling/v1/helpers.go). */
const SYSTEM_PRIORITIES: readonly PriorityClass[] = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

/** Puts an object of the system into the store as it is, with uid and time. */
function putNew(world: World, kind: Kind, object: KubeObject): void {
  const { name = '', namespace = '' } = object.metadata ?? {};
  const defaulted = kind.defaults(object);
  world.store.put(
    kind,
    withMeta(defaulted, {
      uid: drawUid(world, kind.key, namespace, name),
      creationTimestamp: timeOf(world.now),
    }),
  );
}

/** Fills an empty store at the moment at which the role was created. */
export function birth(world: World): void {
  for (const name of SYSTEM_NAMESPACES) {
    const namespace: Namespace = { metadata: { name } };
    create(world, {
      kind: NAMESPACES,
      namespace: '',
      object: namespace,
      caller: systemCaller('system:apiserver'),
    });
  }
  for (const one of SYSTEM_PRIORITIES) putNew(world, PRIORITY_CLASSES, one);
  for (const { kind, object } of bootstrapRoles()) putNew(world, kind, object);
  create(world, {
    kind: SERVICES,
    namespace: 'default',
    object: apiService(world),
    caller: systemCaller('system:apiserver'),
  });
}

/** The Service under which pods reach the API: the first address of the range (controlplane/controller/kubernetesservice). */
const apiService = ({ foundation }: World): Service => ({
  metadata: {
    name: 'kubernetes',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    type: 'ClusterIP',
    clusterIP: addressAt(foundation.serviceSubnet, 1),
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
  },
});
