/**
 * Rules of pod specs, of pods and of the templates inside workloads.
 * Sources: core/validation ValidatePodSpec, ValidatePodUpdate (kubernetes-facts.md 2.4).
 */
import type { Container, Pod, PodSpec, Volume } from 'kubernetes-types/core/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { milliOf } from '../schema/quantity.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  required,
  unsupported,
} from '../status.ts';
import { labelFaults, labelValueFaults, qualifiedNameFaults } from './names.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PORT_TEXT = 'must be between 1 and 65535, inclusive';
const UPDATE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

interface Where {
  /** `spec`, or `spec.template.spec`. */
  readonly path: string;
  /** What its containers may be restarted for; absent: whatever a pod may say. */
  readonly restartPolicies?: readonly string[];
}

export function podSpecErrors(
  spec: PodSpec | undefined,
  { path, restartPolicies = RESTART_POLICIES }: Where,
): FieldError[] {
  const containers = spec?.containers ?? [];
  const inits = spec?.initContainers ?? [];
  const volumes = spec?.volumes ?? [];
  const mountable = new Set(volumes.map(({ name }) => name));
  const policy = spec?.restartPolicy ?? 'Always';
  const errors = [
    ...volumes.flatMap((volume, index) => volumeErrors(volume, `${path}.volumes[${index}]`)),
    ...duplicates(volumes, `${path}.volumes`),
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...containers.flatMap((one, index) =>
      containerErrors(one, { path: `${path}.containers[${index}]`, mountable }),
    ),
    ...duplicates(containers, `${path}.containers`),
    ...inits.flatMap((one, index) =>
      containerErrors(one, { path: `${path}.initContainers[${index}]`, mountable }),
    ),
    ...duplicates(inits, `${path}.initContainers`),
    ...(restartPolicies.includes(policy)
      ? []
      : [unsupported(`${path}.restartPolicy`, policy, restartPolicies)]),
    ...(DNS_POLICIES.includes(spec?.dnsPolicy ?? 'ClusterFirst')
      ? []
      : [unsupported(`${path}.dnsPolicy`, spec?.dnsPolicy, DNS_POLICIES)]),
    ...Object.entries(spec?.nodeSelector ?? {}).flatMap(([key, value]) => [
      ...qualifiedNameFaults(key).map((text) => invalid(`${path}.nodeSelector`, key, text)),
      ...labelValueFaults(value).map((text) => invalid(`${path}.nodeSelector`, value, text)),
    ]),
    ...tolerationErrors(spec, path),
  ];
  const grace = spec?.terminationGracePeriodSeconds ?? 0;
  if (grace < 0) {
    errors.push(
      invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than or equal to 0'),
    );
  }
  return errors;
}

/** Names that are used twice, of a list of named things. */
function duplicates(list: readonly { readonly name: string }[], path: string): FieldError[] {
  const seen = new Set<string>();
  return list.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [duplicate(`${path}[${index}].name`, name)];
  });
}

function volumeErrors(volume: Volume, path: string): FieldError[] {
  const { name = '', ...sources } = volume as Partial<Volume>;
  const errors = name === '' ? [required(`${path}.name`)] : [];
  if (name !== '') {
    errors.push(...labelFaults(name).map((text) => invalid(`${path}.name`, name, text)));
  }
  const kinds = Object.keys(sources);
  if (kinds.length === 0) errors.push(required(path, 'must specify a volume type'));
  if (kinds.length > 1) {
    errors.push(
      forbiddenField(`${path}.${kinds[1] ?? ''}`, 'may not specify more than 1 volume type'),
    );
  }
  if (volume.hostPath?.path === '') errors.push(required(`${path}.hostPath.path`));
  if (volume.secret !== undefined && (volume.secret.secretName ?? '') === '') {
    errors.push(required(`${path}.secret.secretName`));
  }
  if (volume.configMap !== undefined && (volume.configMap.name ?? '') === '') {
    errors.push(required(`${path}.configMap.name`));
  }
  return errors;
}

function containerErrors(
  container: Partial<Container>,
  { path, mountable }: { readonly path: string; readonly mountable: ReadonlySet<string> },
): FieldError[] {
  const { name = '', image = '', imagePullPolicy = 'Always', ports = [] } = container;
  return [
    ...(name === ''
      ? [required(`${path}.name`)]
      : labelFaults(name).map((text) => invalid(`${path}.name`, name, text))),
    ...(image === '' ? [required(`${path}.image`)] : []),
    ...(image.trim() === image
      ? []
      : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]),
    ...(PULL_POLICIES.includes(imagePullPolicy)
      ? []
      : [unsupported(`${path}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES)]),
    ...ports.flatMap(({ containerPort, protocol = 'TCP' }, index) => {
      const at = `${path}.ports[${index}]`;
      return [
        ...((containerPort as number | undefined) === undefined || containerPort === 0
          ? [required(`${at}.containerPort`)]
          : isPort(containerPort)
            ? []
            : [invalid(`${at}.containerPort`, containerPort, PORT_TEXT)]),
        ...(PROTOCOLS.includes(protocol)
          ? []
          : [unsupported(`${at}.protocol`, protocol, PROTOCOLS)]),
      ];
    }),
    ...(container.env ?? []).flatMap(({ name: variable }, index) =>
      (variable as string | undefined) === undefined || variable === ''
        ? [required(`${path}.env[${index}].name`)]
        : [],
    ),
    ...(container.volumeMounts ?? []).flatMap(({ name: volume, mountPath }, index) => [
      ...(mountable.has(volume)
        ? []
        : [notFoundField(`${path}.volumeMounts[${index}].name`, volume)]),
      ...((mountPath as string | undefined) === undefined || mountPath === ''
        ? [required(`${path}.volumeMounts[${index}].mountPath`)]
        : []),
    ]),
    ...resourceErrors(container, path),
  ];
}

const notFoundField = (field: string, value: string): FieldError => ({
  field,
  type: 'Not found',
  shown: JSON.stringify(value),
  detail: '',
});

export const isPort = (port: number): boolean => port >= 1 && port <= 65535;
export const PORT_RANGE_TEXT = PORT_TEXT;

function resourceErrors({ resources }: Partial<Container>, path: string): FieldError[] {
  const { requests = {}, limits = {} } = resources ?? {};
  const errors: FieldError[] = [];
  for (const [part, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      const at = `${path}.resources.${part}`;
      if ((milliOf(amount) ?? 0n) < 0n) {
        errors.push(invalid(`${at}[${name}]`, amount, 'must be greater than or equal to 0'));
      }
      if (!name.includes('/') && !STANDARD_RESOURCES.test(name)) {
        errors.push(
          invalid(`${at}[${name}]`, name, 'must be a standard resource type or fully qualified'),
          invalid(`${at}[${name}]`, name, 'must be a standard resource for containers'),
        );
      }
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) continue;
    const isExtended = name.includes('/');
    const [asked, allowed] = [milliOf(amount) ?? 0n, milliOf(limit) ?? 0n];
    const field = `${path}.resources.requests`;
    if (isExtended && asked !== allowed) {
      errors.push(invalid(field, amount, `must be equal to ${name} limit of ${limit}`));
    } else if (asked > allowed) {
      errors.push(
        invalid(field, amount, `must be less than or equal to ${name} limit of ${limit}`),
      );
    }
  }
  return errors;
}

const STANDARD_RESOURCES = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

function tolerationErrors(spec: PodSpec | undefined, path: string): FieldError[] {
  return (spec?.tolerations ?? []).flatMap((toleration, index) => {
    const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
    const at = `${path}.tolerations[${index}]`;
    const errors: FieldError[] = [];
    if (key === '' && operator !== 'Exists') {
      errors.push(
        invalid(
          `${at}.operator`,
          toleration.operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalid(
          `${at}.effect`,
          effect,
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    if (operator === 'Exists' && value !== '') {
      errors.push(
        invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"),
      );
    }
    return errors;
  });
}

/** What a change of a pod may not do. */
export function podUpdateErrors(pod: Pod, old: Pod): FieldError[] {
  const containers = pod.spec?.containers ?? [];
  const before = old.spec?.containers ?? [];
  if (containers.length !== before.length) {
    return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  }
  return deepEqual(unchangeable(pod), unchangeable(old))
    ? []
    : [forbiddenField('spec', UPDATE_TEXT)];
}

/** The spec without what may change. */
function unchangeable({ spec }: Pod): unknown {
  if (spec === undefined) return undefined;
  const fixed = (list: readonly Container[] = []): unknown[] =>
    list.map((container) => ({ ...container, image: undefined }));
  return {
    ...spec,
    containers: fixed(spec.containers),
    initContainers: fixed(spec.initContainers),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    // Set by the binding, which is no change of the pod itself.
    nodeName: undefined,
    schedulingGates: undefined,
  };
}
