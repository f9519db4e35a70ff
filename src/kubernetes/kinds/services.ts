/** Services. Sources: core/v1/defaults.go; core/validation ValidateService; printers.go printService (kubernetes-facts.md 1.1, 2.5, 7.1). */
import type { Service, ServicePort } from 'kubernetes-types/core/v1.d.ts';
import { type FieldError, forbiddenField, invalid, required, unsupported } from '../status.ts';
import { AGE, column, NAME, pairsOf, wide } from '../tables/columns.ts';
import { defineKind } from './kind.ts';
import { labelFaults } from './names.ts';
import { isPort, PORT_RANGE_TEXT } from './pod-validation.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const MAX_EXTERNAL_IP_LENGTH = 16;
const AFFINITY_SECONDS = 10800;

export const SERVICES = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  isNamespaced: true,
  message: 'core.v1.Service',
  hasStatus: true,
  nameRule: 'label1035',
  isCreatedByPut: true,
  columns: [
    NAME,
    column<Service>('Type', ({ spec }) => spec?.type ?? ''),
    column<Service>('Cluster-IP', ({ spec }) => orNone(spec?.clusterIP)),
    column<Service>('External-IP', externalIpText),
    column<Service>('Port(s)', portsText),
    AGE,
    wide<Service>('Selector', ({ spec }) => pairsOf(spec?.selector)),
  ],
  defaults: withDefaults,
  prepareCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
  validate,
});

const orNone = (text: string | undefined): string =>
  text === undefined || text === '' ? '<none>' : text;

function withDefaults(service: Service): Service {
  const { spec = {} } = service;
  const { type = 'ClusterIP', sessionAffinity = 'None' } = spec;
  const isExposed = type === 'NodePort' || type === 'LoadBalancer';
  const { sessionAffinityConfig: given, ...rest } = spec;
  return {
    ...service,
    spec: {
      type,
      sessionAffinity,
      ...(isExposed ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      ...rest,
      ...(sessionAffinity === 'ClientIP'
        ? {
            sessionAffinityConfig: {
              clientIP: { timeoutSeconds: AFFINITY_SECONDS, ...given?.clientIP },
            },
          }
        : {}),
      ...(spec.ports === undefined
        ? {}
        : {
            ports: spec.ports.map((port): ServicePort => {
              const { targetPort } = port;
              const isSet = targetPort !== undefined && targetPort !== 0 && targetPort !== '';
              return { protocol: 'TCP', ...port, targetPort: isSet ? targetPort : port.port };
            }),
          }),
    },
  };
}

function externalIpText({ spec = {}, status }: Service): string {
  const external = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? [])
        .map(({ ip, hostname }) => ip ?? hostname ?? '')
        .sort()
        .join(',');
      const short =
        given.length > MAX_EXTERNAL_IP_LENGTH
          ? `${given.slice(0, MAX_EXTERNAL_IP_LENGTH - 3)}...`
          : given;
      const all = [...(short === '' ? [] : [short]), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return external.length === 0 ? '<none>' : external.join(',');
  }
}

function portsText({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort === undefined || nodePort === 0
      ? `${port}/${protocol}`
      : `${port}:${nodePort}/${protocol}`,
  );
  return ports.length === 0 ? '<none>' : ports.join(',');
}

function validate({ spec = {} }: Service): FieldError[] {
  const { type = '', ports = [], clusterIP = '', sessionAffinity = '' } = spec;
  const isHeadless = clusterIP === 'None';
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName') {
    errors.push(required('spec.ports'));
  }
  const names = new Set<string>();
  ports.forEach((port, index) => {
    errors.push(...portErrors(port, { at: `spec.ports[${index}]`, names, many: ports.length > 1 }));
    if (type === 'ClusterIP' && (port.nodePort ?? 0) !== 0) {
      errors.push(
        forbiddenField(
          `spec.ports[${index}].nodePort`,
          "may not be used when `type` is 'ClusterIP'",
        ),
      );
    }
  });
  if (!TYPES.includes(type)) errors.push(unsupported('spec.type', type, TYPES));
  if (!AFFINITIES.includes(sessionAffinity)) {
    errors.push(unsupported('spec.sessionAffinity', sessionAffinity, AFFINITIES));
  }
  if (type === 'ExternalName' && (spec.externalName ?? '') === '') {
    errors.push(required('spec.externalName'));
  }
  if (isHeadless && (type === 'LoadBalancer' || type === 'NodePort')) {
    errors.push(
      invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`),
    );
  }
  return errors;
}

function portErrors(
  port: ServicePort,
  { at, names, many }: { readonly at: string; readonly names: Set<string>; readonly many: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '' } = port;
  if (name === '' && many) errors.push(required(`${at}.name`));
  if (name !== '') {
    errors.push(...labelFaults(name).map((text) => invalid(`${at}.name`, name, text)));
    if (names.has(name)) {
      errors.push({
        field: `${at}.name`,
        type: 'Duplicate value',
        shown: JSON.stringify(name),
        detail: '',
      });
    }
    names.add(name);
  }
  if (!isPort(port.port)) errors.push(invalid(`${at}.port`, port.port, PORT_RANGE_TEXT));
  const { targetPort } = port;
  if (typeof targetPort === 'number' && !isPort(targetPort)) {
    errors.push(invalid(`${at}.targetPort`, targetPort, PORT_RANGE_TEXT));
  }
  return errors;
}
