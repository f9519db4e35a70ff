/**
 * Endpoints and EndpointSlices of Services: the addresses of the pods that they select.
 * Sources: controller/endpoint, controller/endpointslice (kubernetes-facts.md 4.10).
 */
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import { systemCaller } from '../api/caller.ts';
import { create } from '../api/create.ts';
import { ENDPOINT_SLICES, ENDPOINTS } from '../kinds/endpoints.ts';
import { PODS } from '../kinds/pods.ts';
import { SERVICES } from '../kinds/services.ts';
import { deepEqual } from '../objects/equal.ts';
import type { ChangeEvent, Entry } from '../objects/entry.ts';
import {
  isBeingDeleted,
  labelsOf,
  metaOf,
  nameOf,
  namespaceOf,
  timeOf,
  uidOf,
} from '../objects/object.ts';
import { selectsAll } from '../objects/selectors.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';
import { hasChangedState, hasEnded, isReady } from './pods.ts';

const caller = systemCaller('system:serviceaccount:kube-system:endpoint-controller');
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';
const TRIGGERED = 'endpoints.kubernetes.io/last-change-trigger-time';
const MAX_PER_SLICE = 100;

export const ENDPOINT_CONTROLLER: Controller = {
  name: 'endpoints',
  kinds: [SERVICES, PODS],
  keysOf: (world, event) => {
    const { entry } = event;
    if (entry.kind === SERVICES) return [entry.key];
    if (entry.kind !== PODS || !matters(event)) return [];
    return world.store
      .list(SERVICES, entry.namespace)
      .filter((service) => concerns(service.object as Service, event))
      .map(({ key }) => key);
  },
  reconcile: (world, key) => {
    const [namespace = '', name = ''] = key.split('/');
    const service = world.store.get(SERVICES, namespace, name)?.object as Service | undefined;
    if (service === undefined) remove(world, namespace, name);
    else if (namespace === 'default' && name === 'kubernetes') writeApi(world, service);
    else if (service.spec?.selector !== undefined && !isBeingDeleted(service)) sync(world, service);
  },
};

/** Whether the change of a pod can be seen in addresses. */
const matters = (event: ChangeEvent): boolean =>
  hasChangedState(event) || addressOf(event.entry) !== addressOf(event.previous);

const addressOf = (entry: Entry | undefined): string | undefined =>
  (entry?.object as Pod | undefined)?.status?.podIP;

const concerns = ({ spec }: Service, { entry, previous }: ChangeEvent): boolean =>
  selectsAll(spec?.selector, labelsOf(entry.object)) ||
  (previous !== undefined && selectsAll(spec?.selector, labelsOf(previous.object)));

function remove({ store }: World, namespace: string, name: string): void {
  const endpoints = store.get(ENDPOINTS, namespace, name);
  if (endpoints !== undefined) store.remove(endpoints);
}

function sync(world: World, service: Service): void {
  const namespace = namespaceOf(service);
  const pods = world.store
    .list(PODS, namespace)
    .map(({ object }) => object as Pod)
    .filter(
      (pod) =>
        selectsAll(service.spec?.selector, labelsOf(pod)) &&
        pod.status?.podIP !== undefined &&
        !hasEnded(pod),
    );
  writeEndpoints(
    world,
    service,
    pods.filter((pod) => !isBeingDeleted(pod)),
  );
  writeSlices(world, service, pods);
}

const isPublished = ({ spec }: Service, pod: Pod): boolean =>
  spec?.publishNotReadyAddresses === true || isReady(pod);

/** The ports of a Service as they are on one pod; a named one is looked up in its containers. */
function portsOn(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap(
    ({ name = '', protocol = 'TCP', targetPort, port }) => {
      const number =
        typeof targetPort === 'string'
          ? pod.spec?.containers
              .flatMap(({ ports = [] }) => ports)
              .find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)
              ?.containerPort
          : (targetPort ?? port);
      return number === undefined ? [] : [{ name, port: number, protocol }];
    },
  );
}

const targetOf = (pod: Pod) => ({
  kind: 'Pod',
  namespace: namespaceOf(pod),
  name: nameOf(pod),
  uid: uidOf(pod),
});

const byIp = (one: { readonly ip: string }, other: { readonly ip: string }): number =>
  one.ip < other.ip ? -1 : 1;

function writeEndpoints(world: World, service: Service, pods: readonly Pod[]): void {
  const groups = new Map<string, { ports: EndpointPort[]; ready: Pod[]; unready: Pod[] }>();
  for (const pod of pods) {
    const ports = portsOn(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], unready: [] };
    groups.set(key, group);
    (isPublished(service, pod) ? group.ready : group.unready).push(pod);
  }
  const addresses = (list: readonly Pod[]) =>
    list
      .map((pod) => ({
        ip: pod.status?.podIP ?? '',
        nodeName: pod.spec?.nodeName ?? '',
        targetRef: targetOf(pod),
      }))
      .sort(byIp);
  const subsets = [...groups.values()].map(({ ports, ready, unready }) => ({
    ...(ready.length === 0 ? {} : { addresses: addresses(ready) }),
    ...(unready.length === 0 ? {} : { notReadyAddresses: addresses(unready) }),
    ...(ports.length === 0
      ? {}
      : { ports: ports.map(({ name, ...rest }) => (name === '' ? rest : { name, ...rest })) }),
  })) as NonNullable<Endpoints['subsets']>;
  putEndpoints(world, service, { subsets, labels: labelsFor(service) });
}

const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';

const labelsFor = (service: Service): Record<string, string> => ({
  ...labelsOf(service),
  ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
});

function putEndpoints(
  world: World,
  service: Service,
  {
    subsets,
    labels,
  }: {
    readonly subsets: NonNullable<Endpoints['subsets']>;
    readonly labels: Record<string, string>;
  },
): void {
  const [namespace, name] = [namespaceOf(service), nameOf(service)];
  const present = world.store.get(ENDPOINTS, namespace, name);
  const before = present?.object as Endpoints | undefined;
  if (
    before !== undefined &&
    deepEqual(before.subsets ?? [], subsets) &&
    deepEqual(labelsOf(before), labels)
  )
    return;
  const metadata = {
    name,
    annotations: { [TRIGGERED]: timeOf(world.now) },
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const wanted = { ...(subsets.length === 0 ? {} : { subsets }) };
  if (before === undefined) {
    create(world, {
      kind: ENDPOINTS,
      namespace,
      object: { metadata, ...wanted },
      caller,
    });
    return;
  }
  world.store.put(ENDPOINTS, { metadata: { ...before.metadata, ...metadata }, ...wanted });
}

function endpointOf(service: Service, pod: Pod): Endpoint {
  const ready = isPublished(service, pod) && !isBeingDeleted(pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving: isReady(pod), terminating: isBeingDeleted(pod) },
    nodeName: pod.spec?.nodeName ?? '',
    targetRef: targetOf(pod),
  };
}

function writeSlices(world: World, service: Service, pods: readonly Pod[]): void {
  const byPorts = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of [...pods].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))) {
    const ports = portsOn(service, pod);
    const key = JSON.stringify(ports);
    const group = byPorts.get(key) ?? { ports, endpoints: [] };
    byPorts.set(key, group);
    group.endpoints.push(endpointOf(service, pod));
  }
  const chunks = [...byPorts.values()].flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / MAX_PER_SLICE) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * MAX_PER_SLICE, (index + 1) * MAX_PER_SLICE),
    })),
  );
  const wanted = chunks.length === 0 ? [{ ports: [], endpoints: [] }] : chunks;
  const present = world.store
    .dependentsOf(uidOf(service))
    .filter(({ kind }) => kind === ENDPOINT_SLICES)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  wanted.forEach((part, index) => {
    const entry = present[index];
    if (entry === undefined) createSlice(world, service, part);
    else {
      const before = entry.object as EndpointSlice;
      const { ports, endpoints } = part;
      if (deepEqual(before.endpoints, endpoints) && deepEqual(before.ports ?? [], ports)) return;
      const generation = (metaOf(before).generation ?? 1) + 1;
      world.store.put(ENDPOINT_SLICES, {
        ...before,
        metadata: { ...before.metadata, generation },
        endpoints,
        ports,
      });
    }
  });
  for (const surplus of present.slice(wanted.length)) world.store.remove(surplus);
}

function createSlice(
  world: World,
  service: Service,
  { ports, endpoints }: { readonly ports: EndpointPort[]; readonly endpoints: Endpoint[] },
): void {
  const [namespace, name] = [namespaceOf(service), nameOf(service)];
  const object: EndpointSlice = {
    metadata: {
      generateName: `${name}-`,
      labels: {
        ...labelsFor(service),
        [SERVICE_NAME]: name,
        [MANAGED_BY]: 'endpointslice-controller.k8s.io',
      },
      annotations: { [TRIGGERED]: timeOf(world.now) },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name,
          uid: uidOf(service),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  };
  create(world, { kind: ENDPOINT_SLICES, namespace, object, caller });
}

/** The API's own address, which its server writes (controlplane/reconcilers). */
function writeApi(world: World, service: Service): void {
  const master = world.foundation.nodes.find(({ type }) => type === 'Master');
  if (master === undefined) return;
  const subsets = [
    {
      addresses: [{ ip: master.ipAddress }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
  ] as NonNullable<Endpoints['subsets']>;
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  putEndpoints(world, service, { subsets, labels });
  if (world.store.get(ENDPOINT_SLICES, 'default', 'kubernetes') !== undefined) return;
  const slice: EndpointSlice = {
    metadata: { name: 'kubernetes', labels: { [SERVICE_NAME]: 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [master.ipAddress], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  };
  create(world, { kind: ENDPOINT_SLICES, namespace: 'default', object: slice, caller });
}
