/**
 * The fields of messages, read from `generated.ts` at the first use of each. The one source of field names for decoding,
 * validation, OpenAPI and protobuf.
 */
import { assert } from '#shared/assert.ts';
import { GENERATED } from './generated.ts';

/**
 * What a value is: `s` string, `i` int32, `l` int64, `b` bool, `f` double, `y` bytes, `Q` quantity, `I` int or string, `T` time,
 * `M` micro time, `R` any JSON; `@` a message.
 */
export type ScalarCode = 's' | 'i' | 'l' | 'b' | 'f' | 'y' | 'Q' | 'I' | 'T' | 'M' | 'R';

export interface FieldType {
  readonly shape: 'one' | 'list' | 'map' | 'mapOfLists';
  readonly code: ScalarCode | '@';
  /** Of a message. */
  readonly message: string;
}

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly isRequired: boolean;
  /** Its own fields stand in its parent's JSON. */
  readonly isInline: boolean;
}

export interface Message {
  readonly name: string;
  /** `PodSpec` of `core.v1.PodSpec`. */
  readonly shortName: string;
  /** By name in JSON, those of embedded messages included. */
  readonly fields: ReadonlyMap<string, Field>;
  /** By number on the wire. */
  readonly byNumber: ReadonlyMap<number, Field>;
  /** It is a plain list in JSON. */
  readonly isList: boolean;
}

const LINE = /^(\*?)(\S+) ?(.*)$/;
const FIELD = /^(\^?)([^=!]+)(!?)=(\d+)(\{\})?(\[\])?(.)(.*)$/;

const lines = new Map<string, string>();
const messages = new Map<string, Message>();

/** The message of that name, such as `core.v1.Pod`. */
export function messageOf(name: string): Message {
  const known = messages.get(name);
  if (known !== undefined) return known;
  if (lines.size === 0) {
    for (const line of GENERATED.trim().split('\n')) lines.set(LINE.exec(line)?.[2] ?? '', line);
  }
  const line = lines.get(name);
  assert(line !== undefined, `there is a schema of ${name}`);
  const message = read(line);
  messages.set(name, message);
  return message;
}

function read(line: string): Message {
  const [, star, name = '', rest = ''] = LINE.exec(line) ?? [];
  const own = rest === '' ? [] : rest.split(' ').map(readField);
  const fields = new Map<string, Field>();
  for (const field of own) {
    if (!field.isInline) fields.set(field.name, field);
    else for (const [key, inner] of messageOf(field.type.message).fields) fields.set(key, inner);
  }
  return {
    name,
    shortName: name.slice(name.lastIndexOf('.') + 1),
    fields,
    byNumber: new Map(own.map((field) => [field.number, field])),
    isList: star === '*',
  };
}

function readField(text: string): Field {
  const match = FIELD.exec(text);
  assert(match !== null, `a field of the schema can be read: ${text}`);
  const [, caret, name = '', mark, number, map, list, code, message = ''] = match;
  const shape =
    map === undefined
      ? list === undefined
        ? 'one'
        : 'list'
      : list === undefined
        ? 'map'
        : 'mapOfLists';
  return {
    name,
    number: Number(number),
    type: { shape, code: code as FieldType['code'], message },
    isRequired: mark === '!',
    isInline: caret === '^',
  };
}

/**
 * Scalars that are pointers in Go: their zero values mean something, where those of all others are left out. By name, or by
 * message and name where the name alone says too little (types.go of each API group).
 */
const POINTERS = new Set(
  `replicas revisionHistoryLimit progressDeadlineSeconds terminationGracePeriodSeconds activeDeadlineSeconds
automountServiceAccountToken enableServiceLinks shareProcessNamespace runAsUser runAsGroup runAsNonRoot fsGroup privileged
allowPrivilegeEscalation readOnlyRootFilesystem hostUsers setHostnameAsFQDN priority tolerationSeconds defaultMode mode optional
expirationSeconds gracePeriodSeconds deletionGracePeriodSeconds orphanDependents controller blockOwnerDeletion immutable
allocateLoadBalancerNodePorts allowVolumeExpansion collisionCount leaseDurationSeconds leaseTransitions started minDomains
storageClassName volumeMode appProtocol ipFamilyPolicy internalTrafficPolicy loadBalancerClass runtimeClassName
preemptionPolicy nodeName hostnameOverride propagationPolicy fsGroupChangePolicy procMount restartPolicyRules
core.v1.HostPathVolumeSource.type core.v1.GRPCAction.service core.v1.ClientIPConfig.timeoutSeconds
discovery.v1.EndpointConditions.ready discovery.v1.EndpointConditions.serving discovery.v1.EndpointConditions.terminating
discovery.v1.EndpointPort.name discovery.v1.EndpointPort.protocol discovery.v1.EndpointPort.port discovery.v1.Endpoint.zone
discovery.v1.Endpoint.hostname core.v1.Container.restartPolicy coordination.v1.LeaseSpec.holderIdentity`.split(
    /\s+/,
  ),
);
/** Fields that have the name of a pointer and are none. */
const PLAIN = new Set([
  'core.v1.PodSpec.nodeName',
  'autoscaling.v1.ScaleSpec.replicas',
  'apps.v1.DeploymentStatus.replicas',
]);

export function isPointer({ name }: Message, field: string): boolean {
  const full = `${name}.${field}`;
  return POINTERS.has(full) || (POINTERS.has(field) && !PLAIN.has(full));
}
