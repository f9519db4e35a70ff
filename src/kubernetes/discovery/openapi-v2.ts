/**
 * The OpenAPI v2 document of all groups together, which kubectl before 1.29 and older clients ask for, and its protobuf.
 * Sources: kube-openapi builder; google/gnostic openapiv2/OpenAPIv2.proto.
 */
import type { Json, JsonObject } from '#shared/json.ts';
import { isJsonObject } from '#shared/json.ts';
import { SERVED } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { PATCH_TYPES, pathsOfKind, WRITE_PARAMETERS } from './operations.ts';
import { type Describe, type Dialect, fullNameOf, gvkOf, SchemaWriter } from './schemas.ts';

const PREFIX = '#/definitions/';
const DIALECT: Dialect = { prefix: PREFIX, scalars: {}, embed: (reference) => reference };

/** The document, with the version of the cluster. */
export function openApiV2(version: string, describe: Describe): JsonObject {
  const writer = new SchemaWriter(DIALECT, describe);
  const paths: { [path: string]: Json } = {};
  for (const kind of SERVED) {
    writer.kind(kind);
    Object.assign(paths, pathsOfKind(kind, { operation, path: pathParameter }));
  }
  writer.message('meta.v1.DeleteOptions');
  writer.message('meta.v1.Status');
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions: { ...writer.schemas, [fullNameOf('meta.v1.Patch')]: { type: 'object' } },
  };
}

const pathParameter = (name: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  type: 'string',
  uniqueItems: true,
});

function operation(kind: Kind, action: string): JsonObject {
  const isPatch = action === 'patch';
  const writes = [...WRITE_PARAMETERS, ...(isPatch ? ['force'] : [])].map((name) => ({
    name,
    in: 'query',
    type: name === 'force' ? 'boolean' : 'string',
    uniqueItems: true,
  }));
  const schema = { $ref: PREFIX + fullNameOf(isPatch ? 'meta.v1.Patch' : kind.message) };
  const body = { name: 'body', in: 'body', required: true, schema };
  const isWrite = isPatch || action === 'post' || action === 'put';
  return {
    consumes: isPatch ? [...PATCH_TYPES] : ['*/*'],
    ...(isWrite ? { parameters: [body, ...writes] } : {}),
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvkOf(kind),
  };
}

// --- protobuf

/**
 * Fields of the messages that the document has: `name` to its number and what it is: `s` a text, `b` a flag, `[]s` several texts,
 * `?` any value as YAML; the name of a message, `[]` several of them, `{}` a map that is a list of names and values.
 */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>> = {
  Document: {
    swagger: [1, 's'],
    info: [2, 'Info'],
    paths: [8, 'Paths'],
    definitions: [9, 'Definitions'],
  },
  Info: { title: [1, 's'], version: [2, 's'] },
  PathItem: {
    get: [2, 'Operation'],
    put: [3, 'Operation'],
    post: [4, 'Operation'],
    delete: [5, 'Operation'],
    patch: [8, 'Operation'],
    parameters: [9, '[]Parameter'],
  },
  Operation: {
    consumes: [7, '[]s'],
    parameters: [8, '[]Parameter'],
    responses: [9, 'Responses'],
  },
  BodyParameter: { name: [2, 's'], in: [3, 's'], required: [4, 'b'], schema: [5, 'Schema'] },
  PathParameter: {
    required: [1, 'b'],
    in: [2, 's'],
    name: [4, 's'],
    type: [5, 's'],
    uniqueItems: [19, 'b'],
  },
  QueryParameter: {
    in: [2, 's'],
    name: [4, 's'],
    type: [6, 's'],
    uniqueItems: [20, 'b'],
  },
  Response: { description: [1, 's'] },
  Schema: {
    $ref: [1, 's'],
    format: [2, 's'],
    description: [4, 's'],
    default: [5, '?'],
    required: [19, '[]s'],
    additionalProperties: [21, 'AdditionalProperties'],
    type: [22, 'Type'],
    items: [23, 'Items'],
    properties: [25, 'Definitions'],
  },
};
/** Where a message keeps what begins with `x-`. */
const EXTENSIONS: Readonly<Record<string, number>> = { Operation: 13, Schema: 31 };

const texts = new TextEncoder();

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Uint8Array.from([...bytes, rest]);
}

const piece = (number: number, bytes: Uint8Array): Uint8Array[] => [
  varint(number * 8 + 2),
  varint(bytes.length),
  bytes,
];
const text = (number: number, value: string): Uint8Array[] => piece(number, texts.encode(value));
const joined = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces);

/** The protobuf of the document. */
export const openApiV2Protobuf = (document: JsonObject): Uint8Array => encode(document, 'Document');

function encode(value: Json, name: string): Uint8Array {
  const special = SPECIAL[name];
  if (special !== undefined) return special(value);
  if (!isJsonObject(value)) return new Uint8Array();
  const fields = MESSAGES[name] ?? {};
  return joined(
    Object.entries(value).flatMap(([key, member]) => {
      if (key.startsWith('x-')) return named(EXTENSIONS[name] ?? 0, key, anyOf(member));
      const field = fields[key];
      return field === undefined ? [] : encodeField(member, field);
    }),
  );
}

function encodeField(value: Json, [number, type]: readonly [number, string]): Uint8Array[] {
  switch (type) {
    case 's':
      return typeof value === 'string' ? text(number, value) : [];
    case 'b':
      return value === true ? [varint(number * 8), varint(1)] : [];
    case '?':
      return piece(number, anyOf(value));
    case '[]s':
      return (value as string[]).flatMap((item) => text(number, item));
    default:
      return type.startsWith('[]')
        ? (value as Json[]).flatMap((item) => piece(number, encode(item, type.slice(2))))
        : piece(number, encode(value, type));
  }
}

/** Any value, as the YAML that JSON is. */
const anyOf = (value: Json): Uint8Array => joined(text(2, JSON.stringify(value)));

const named = (number: number, name: string, value: Uint8Array): Uint8Array[] =>
  piece(number, joined([...text(1, name), ...piece(2, value)]));

const entriesOf = (value: Json, number: number, message: string): Uint8Array =>
  joined(
    Object.entries(value as JsonObject).flatMap(([name, item]) =>
      named(number, name, encode(item, message)),
    ),
  );

/** Messages that are not the JSON's own shape: maps, and what is one thing or another. */
const SPECIAL: Readonly<Record<string, (value: Json) => Uint8Array>> = {
  Paths: (value) => entriesOf(value, 2, 'PathItem'),
  Definitions: (value) => entriesOf(value, 1, 'Schema'),
  Responses: (value) => entriesOf(value, 1, 'ResponseValue'),
  ResponseValue: (value) => joined(piece(1, encode(value, 'Response'))),
  AdditionalProperties: (value) => joined(piece(1, encode(value, 'Schema'))),
  Items: (value) => joined(piece(1, encode(value, 'Schema'))),
  Type: (value) => joined(text(1, value as string)),
  Parameter: (value) => {
    const { in: place } = value as JsonObject;
    const parameter =
      place === 'body'
        ? piece(1, encode(value, 'BodyParameter'))
        : piece(
            2,
            joined(
              place === 'path'
                ? piece(4, encode(value, 'PathParameter'))
                : piece(3, encode(value, 'QueryParameter')),
            ),
          );
    return joined(piece(1, joined(parameter)));
  },
};
