/**
 * Addresses and ports of Services, taken from the cluster's own ranges. What is in use is seen from the Services that are there.
 * Sources: registry/core/service/storage/alloc.go; ipallocator (kubernetes-facts.md 1.4, 2.5, 4.10).
 */
import type { Service, ServicePort, ServiceSpec } from 'kubernetes-types/core/v1.d.ts';
import { wholeNumber } from '#shared/random.ts';
import { addressAt, addressIn, offsetIn, sizeOf } from '../objects/addresses.ts';
import { SERVICES } from '../kinds/services.ts';
import { type KubeObject, nameOf } from '../objects/object.ts';
import { type FieldError, invalid, invalidObject } from '../status.ts';
import type { World } from '../world.ts';

const NODE_PORTS = { first: 30000, last: 32767 } as const;
/** The lowest node ports are given only to who asks for them (service-node-port-static-subrange, 1.28). */
const STATIC_NODE_PORTS = 86;

/** A new Service with its addresses and ports; throws where one that it asks for cannot be had. */
export function allocateService(world: World, object: KubeObject): Service {
  const service = object as Service;
  return { ...service, spec: allocated(world, service, service.spec ?? {}) };
}

/** A changed one: what was given stays as long as the type needs it. */
export function reallocateService(world: World, object: KubeObject, old: KubeObject): Service {
  const service = object as Service;
  const { spec = {} } = service;
  const { spec: before = {} } = old as Service;
  if (spec.type === 'ExternalName') {
    const kept: Record<string, unknown> = { ...spec };
    for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      delete kept[name];
    }
    return { ...service, spec: kept };
  }
  const hadAddress = (before.clusterIP ?? '') !== '' && before.type !== 'ExternalName';
  if (hadAddress && (spec.clusterIP ?? '') !== '' && spec.clusterIP !== before.clusterIP) {
    throw refusal(service, [
      { ...invalid('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set') },
    ]);
  }
  const kept: ServiceSpec = hadAddress
    ? { ...spec, clusterIP: before.clusterIP ?? '', clusterIPs: before.clusterIPs ?? [] }
    : spec;
  const ports = (kept.ports ?? []).map((port): ServicePort => {
    const { nodePort, ...rest } = port;
    if (spec.type === 'ClusterIP') {
      const isOld = before.ports?.some((one) => one.nodePort === nodePort) === true;
      return isOld || nodePort === undefined ? rest : port;
    }
    const earlier = before.ports?.find((one) => one.port === port.port);
    const number = nodePort ?? earlier?.nodePort;
    return number === undefined ? rest : { ...rest, nodePort: number };
  });
  return {
    ...service,
    spec: allocated(world, service, kept.ports === undefined ? kept : { ...kept, ports }),
    ...(spec.type === 'LoadBalancer' ? {} : { status: { loadBalancer: {} } }),
  };
}

function allocated(world: World, service: Service, spec: ServiceSpec): ServiceSpec {
  if (spec.type === 'ExternalName') return spec;
  const own = nameOf(service);
  const others = world.store
    .list(SERVICES)
    .map((entry) => entry.object as Service)
    .filter(
      (one) => nameOf(one) !== own || one.metadata?.namespace !== service.metadata?.namespace,
    );
  const addressed = withClusterIp(world, service, { spec, others });
  const needsPorts =
    spec.type === 'NodePort' ||
    (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  return needsPorts ? withNodePorts(world, service, { spec: addressed, others }) : addressed;
}

interface Among {
  readonly spec: ServiceSpec;
  readonly others: readonly Service[];
}

function withClusterIp(world: World, service: Service, { spec, others }: Among): ServiceSpec {
  const { serviceSubnet } = world.foundation;
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ...spec };
  if (asked === 'None') {
    const isSelecting = Object.keys(spec.selector ?? {}).length > 0;
    return {
      ...families,
      ...(isSelecting ? {} : { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }),
      clusterIP: 'None',
      clusterIPs: ['None'],
    };
  }
  const used = new Set(others.map((one) => one.spec?.clusterIP ?? ''));
  const fail = (why: string): never => {
    throw refusal(service, [invalid('spec.clusterIPs', [asked], why)]);
  };
  if (asked !== '') {
    if (!addressIn(serviceSubnet, asked)) {
      fail(
        `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${serviceSubnet}`,
      );
    }
    if (used.has(asked)) fail(`failed to allocate IP ${asked}: provided IP is already allocated`);
    return { ...families, clusterIP: asked, clusterIPs: [asked] };
  }
  const clusterIP = freeAddress(world, serviceSubnet, used) ?? fail('range is full');
  return { ...families, clusterIP, clusterIPs: [clusterIP] };
}

/** A drawn free address, in the upper part of the range as long as there is one. */
function freeAddress(
  { seed, store }: World,
  subnet: string,
  used: ReadonlySet<string>,
): string | undefined {
  const size = sizeOf(subnet);
  const reserved = Math.min(Math.max(16, Math.floor(size / 16)), 256);
  const first = wholeNumber(reserved, size - 2, seed, 'clusterIP', store.revision);
  for (let step = 0; step < size - 2; step++) {
    const offset = ((first - 1 + step) % (size - 2)) + 1;
    const address = addressAt(subnet, offset);
    if (!used.has(address) && offsetIn(subnet, address) > 0) return address;
  }
  return undefined;
}

function withNodePorts(world: World, service: Service, { spec, others }: Among): ServiceSpec {
  const used = new Set(
    others.flatMap((one) => (one.spec?.ports ?? []).map(({ nodePort }) => nodePort ?? 0)),
  );
  const errors: FieldError[] = [];
  const given = new Map<number, number>();
  const ports = (spec.ports ?? []).map((port, index): ServicePort => {
    const { nodePort = 0 } = port;
    const field = `spec.ports[${index}].nodePort`;
    if (nodePort !== 0) {
      if (nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last) {
        errors.push(
          invalid(
            field,
            nodePort,
            `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`,
          ),
        );
      } else if (used.has(nodePort)) {
        errors.push(invalid(field, nodePort, 'provided port is already allocated'));
      }
      given.set(port.port, nodePort);
      return port;
    }
    const number = given.get(port.port) ?? freePort(world, new Set([...used, ...given.values()]));
    given.set(port.port, number);
    return { ...port, nodePort: number };
  });
  if (errors.length > 0) throw refusal(service, errors);
  return { ...spec, ports };
}

function freePort({ seed, store }: World, used: ReadonlySet<number>): number {
  const { first, last } = NODE_PORTS;
  const drawn = wholeNumber(
    first + STATIC_NODE_PORTS,
    last,
    seed,
    'nodePort',
    store.revision,
    used.size,
  );
  for (let step = 0; step <= last - first; step++) {
    const port = first + ((drawn - first + step) % (last - first + 1));
    if (!used.has(port)) return port;
  }
  return drawn;
}

const refusal = (service: Service, errors: readonly FieldError[]) =>
  invalidObject(SERVICES, nameOf(service), errors);
