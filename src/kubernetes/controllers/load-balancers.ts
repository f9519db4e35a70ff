/**
 * MetalLB: external addresses of Services of type LoadBalancer, from the ranges of the appliance.
 * Sources: k8snet, metallb (appliance.md 4.1, 4.4); events kubernetes-facts.md 4.10.
 */
import type { Service } from 'kubernetes-types/core/v1.d.ts';
import { putStatus } from '../objects/put-status.ts';
import { SERVICES } from '../kinds/services.ts';
import { addressesOf } from '../objects/addresses.ts';
import type { Entry } from '../objects/entry.ts';
import { isBeingDeleted } from '../objects/object.ts';
import type { World } from '../world.ts';
import type { Controller } from './controller.ts';
import { recordEvent, referenceTo } from './events.ts';

const source = { component: 'metallb-controller' };

export const LOAD_BALANCER_CONTROLLER: Controller = {
  name: 'load-balancers',
  kinds: [SERVICES],
  watchesFoundation: true,
  keysOf: (world, { entry, type }) => {
    if (entry.kind !== SERVICES) return [];
    const { spec, status } = entry.object as Service;
    const hasAddress = status?.loadBalancer?.ingress !== undefined;
    // An address that is free again may be another one's.
    if (type === 'DELETED') return hasAddress ? waitingKeys(world) : [];
    return spec?.type === 'LoadBalancer' || hasAddress ? [entry.key] : [];
  },
  reconcile: (world, key) => {
    if (!world.foundation.parts.includes('loadBalancer')) return;
    for (const one of key.includes('/') ? [key] : waitingKeys(world)) {
      const [namespace = '', name = ''] = one.split('/');
      const entry = world.store.get(SERVICES, namespace, name);
      if (entry !== undefined) sync(world, entry);
    }
  },
};

const addressOf = ({ status }: Service): string | undefined =>
  status?.loadBalancer?.ingress?.[0]?.ip;

const waitingKeys = ({ store }: World): string[] =>
  store
    .list(SERVICES)
    .filter(({ object }) => {
      const service = object as Service;
      return service.spec?.type === 'LoadBalancer' && addressOf(service) === undefined;
    })
    .map(({ key }) => key);

function sync(world: World, entry: Entry): void {
  const service = entry.object as Service;
  if (service.spec?.type !== 'LoadBalancer' || isBeingDeleted(service)) return;
  if (addressOf(service) !== undefined) return;
  const used = new Set(
    world.store.list(SERVICES).map(({ object }) => addressOf(object as Service)),
  );
  const free = world.foundation.serviceIpRanges
    .flatMap(addressesOf)
    .filter((address) => !used.has(address));
  const asked = service.spec.loadBalancerIP;
  const address = asked === undefined ? free[0] : free.find((one) => one === asked);
  if (address === undefined) {
    recordEvent(world, {
      about: referenceTo(service),
      source,
      type: 'Warning',
      reason: 'AllocationFailed',
      message: `Failed to allocate IP for "${entry.namespace}/${entry.name}": no available IPs`,
    });
    return;
  }
  putStatus(world, entry, { loadBalancer: { ingress: [{ ip: address }] } });
  recordEvent(world, {
    about: referenceTo(service),
    source,
    reason: 'IPAllocated',
    message: `Assigned IP ["${address}"]`,
  });
  const worker = world.foundation.nodes.find(({ type, isUp }) => type === 'Worker' && isUp);
  if (worker === undefined) return;
  recordEvent(world, {
    about: referenceTo(service),
    source: { component: 'metallb-speaker' },
    reason: 'nodeAssigned',
    message: `announcing from node "${worker.name}" with protocol "layer2"`,
  });
}
