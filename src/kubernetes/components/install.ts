/**
 * Installs what the appliance brings, part by part as its creation goes on, and keeps it: a pod of the system that somebody
 * deletes comes back, and an update of the device brings new images.
 * Sources: appliance.md 4.4, 6, 9; kubernetes-facts.md 9.3.
 */
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { PersistentVolume, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts';
import { guid, text } from '#shared/random.ts';
import { RESERVED_NAMESPACES, reservedBinding } from '../access/users.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { deleteEntry } from '../api/delete.ts';
import type { Controller } from '../controllers/controller.ts';
import { hasEnded } from '../controllers/pods.ts';
import type { Foundation } from '../foundation.ts';
import { DEPLOYMENTS } from '../kinds/deployments.ts';
import type { Kind } from '../kinds/kind.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { NODES } from '../kinds/nodes.ts';
import { PODS } from '../kinds/pods.ts';
import { ROLE_BINDINGS } from '../kinds/rbac.ts';
import { SERVICE_ACCOUNTS } from '../kinds/serviceaccounts.ts';
import { SERVICES } from '../kinds/services.ts';
import { PERSISTENT_VOLUMES, STORAGE_CLASSES } from '../kinds/volumes.ts';
import { addressAt } from '../objects/addresses.ts';
import type { Entry } from '../objects/entry.ts';
import {
  annotationsOf,
  isBeingDeleted,
  type KubeObject,
  metaOf,
  timeOf,
  uidOf,
  withMeta,
} from '../objects/object.ts';
import type { World } from '../world.ts';
import {
  deploymentOf,
  podOf,
  SYSTEM,
  SYSTEM_NAMESPACES,
  type Workload,
  workloadsOf,
} from './manifests.ts';

const caller = systemCaller('kubernetes-admin');
/** Marks what was made here, with the workload that it belongs to. */
const COMPONENT = 'edgetwin/component';
const SHARE = 'edgetwin/share';
const DNS_ADDRESS = 10;

export const COMPONENT_CONTROLLER: Controller = {
  name: 'components',
  watchesFoundation: true,
  keysOf: (_world, { entry, type }) => {
    if (entry.kind === NODES) return ['nodes'];
    const isOurs = annotationsOf(entry.object)[COMPONENT] !== undefined;
    return type === 'DELETED' && isOurs ? ['foundation'] : [];
  },
  reconcile: (world) => {
    const { foundation } = world;
    if (!foundation.parts.includes('controlPlane')) return;
    for (const name of SYSTEM_NAMESPACES) ensure(world, NAMESPACES, { metadata: { name } });
    for (const workload of workloadsOf(foundation.kubernetesVersion)) {
      if (foundation.parts.includes(workload.part)) install(world, workload);
    }
    for (const namespace of RESERVED_NAMESPACES)
      ensure(world, ROLE_BINDINGS, reservedBinding(namespace));
    ensure(world, SERVICES, dnsService(foundation));
    if (foundation.parts.includes('storageClass')) {
      for (const one of foundation.storageClasses) ensure(world, STORAGE_CLASSES, classOf(one));
    }
    followShares(world);
  },
};

/** Creates the object where it is not there. */
function ensure(world: World, kind: Kind, object: KubeObject): void {
  const { name = '', namespace = '' } = metaOf(object);
  if (world.store.get(kind, namespace, name) !== undefined) return;
  const home = world.store.get(NAMESPACES, '', namespace);
  if (namespace !== '' && (home === undefined || isBeingDeleted(home.object))) return;
  create(world, { kind, namespace, object: marked(object, name), caller });
}

const marked = <T extends KubeObject>(object: T, component: string): T =>
  withMeta(object, { annotations: { ...annotationsOf(object), [COMPONENT]: component } });

function install(world: World, workload: Workload): void {
  const { name, namespace, replicas } = workload;
  if (replicas !== 'static') ensure(world, SERVICE_ACCOUNTS, { metadata: { name, namespace } });
  if (typeof replicas !== 'number') {
    installOnNodes(world, workload);
    return;
  }
  const present = world.store.get(DEPLOYMENTS, namespace, name);
  if (present === undefined) {
    ensure(world, DEPLOYMENTS, deploymentOf(workload));
    return;
  }
  const deployment = present.object as Deployment;
  const { spec } = deployment;
  const [container] = spec?.template.spec?.containers ?? [];
  if (spec === undefined || container === undefined || container.image === workload.image) return;
  const containers = [{ ...container, image: workload.image }];
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  const next = withMeta(deployment, { generation: (metaOf(deployment).generation ?? 1) + 1 });
  world.store.put(DEPLOYMENTS, { ...next, spec: { ...spec, template } });
}

/** One pod on each node, or on the master alone. */
function installOnNodes(world: World, workload: Workload): void {
  const { foundation, store } = world;
  const own = store
    .list(PODS, workload.namespace)
    .filter(({ object }) => annotationsOf(object)[COMPONENT] === workload.name);
  for (const { name, type } of foundation.nodes) {
    const node = store.get(NODES, '', name);
    if (node === undefined || (workload.replicas === 'static' && type !== 'Master')) continue;
    const there = own.filter(({ object }) => (object as Pod).spec?.nodeName === name);
    const fitting = there.filter((entry) => isFitting(entry, workload));
    for (const entry of there) {
      if (!fitting.includes(entry) && !isBeingDeleted(entry.object)) deleteEntry(world, entry, {});
    }
    const isWaiting = there.length > fitting.length;
    if (fitting.length === 0 && !isWaiting) place(world, workload, node);
  }
}

const isFitting = ({ object }: Entry, workload: Workload): boolean => {
  const pod = object as Pod;
  return (
    !isBeingDeleted(pod) && !hasEnded(pod) && pod.spec?.containers[0]?.image === workload.image
  );
};

function place(world: World, workload: Workload, node: Entry): void {
  const pod = marked(podOf(workload, node.name), workload.name);
  const isStatic = workload.replicas === 'static';
  const hash = text('0123456789abcdef', 32, world.seed, workload.name, workload.image);
  const object = withMeta(pod, {
    annotations: {
      ...annotationsOf(pod),
      ...(isStatic
        ? {
            'kubernetes.io/config.hash': hash,
            'kubernetes.io/config.mirror': hash,
            'kubernetes.io/config.seen': timeOf(world.now),
            'kubernetes.io/config.source': 'file',
          }
        : {}),
    },
    labels: {
      ...metaOf(pod).labels,
      ...(isStatic
        ? {}
        : { 'controller-revision-hash': hash.slice(0, 10), 'pod-template-generation': '1' }),
    },
    ownerReferences: [
      isStatic
        ? {
            apiVersion: 'v1',
            kind: 'Node',
            name: node.name,
            uid: uidOf(node.object),
            controller: true,
          }
        : {
            apiVersion: 'apps/v1',
            kind: 'DaemonSet',
            name: workload.name,
            uid: guid(world.seed, 'daemonset', workload.namespace, workload.name),
            controller: true,
            blockOwnerDeletion: true,
          },
    ],
  });
  create(world, { kind: PODS, namespace: workload.namespace, object, caller });
}

const dnsService = ({ serviceSubnet }: Foundation): Service => ({
  metadata: {
    name: 'kube-dns',
    namespace: SYSTEM,
    labels: {
      'k8s-app': 'kube-dns',
      'kubernetes.io/cluster-service': 'true',
      'kubernetes.io/name': 'CoreDNS',
    },
    annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
  },
  spec: {
    clusterIP: addressAt(serviceSubnet, DNS_ADDRESS),
    selector: { 'k8s-app': 'kube-dns' },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
    ],
  },
});

const classOf = ({
  name,
  provisioner,
}: {
  readonly name: string;
  readonly provisioner: string;
}): StorageClass => ({
  metadata: { name },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
});

/** Each mounted share is a volume of its name (static, stor). */
function followShares(world: World): void {
  const { foundation, store } = world;
  for (const share of foundation.shares) {
    const name = share.toLowerCase();
    if (store.get(PERSISTENT_VOLUMES, '', name) !== undefined) continue;
    const volume: PersistentVolume = {
      metadata: { name, annotations: { [SHARE]: share } },
      spec: {
        capacity: { storage: '32Ti' },
        accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: `/home/hcsshares/${share}`, type: '' },
      },
    };
    const entry = create(world, {
      kind: PERSISTENT_VOLUMES,
      namespace: '',
      object: volume,
      caller,
    });
    store.put(PERSISTENT_VOLUMES, { ...entry.object, status: { phase: 'Available' } });
  }
  const wanted = new Set(foundation.shares);
  for (const entry of store.list(PERSISTENT_VOLUMES)) {
    const share = annotationsOf(entry.object)[SHARE];
    if (share !== undefined && !wanted.has(share)) deleteEntry(world, entry, {});
  }
}
