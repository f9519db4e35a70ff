/**
 * Reads request bodies: JSON, YAML or protobuf, into objects of the kind that is expected.
 * Sources: apiserver endpoints/handlers/{create,rest}.go; apimachinery runtime/serializer (kubernetes-facts.md 7.4).
 */
import type { IncomingMessage } from 'node:http';
import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '#kubernetes/objects/object.ts';
import { kindNamed } from '#kubernetes/kinds/index.ts';
import { DecodeError, Decoder, kindOfJson } from '#kubernetes/schema/decode.ts';
import { duplicatesIn } from '#kubernetes/schema/duplicates.ts';
import {
  isProtobuf,
  ProtobufError,
  readEnvelope,
  readProtobuf,
} from '#kubernetes/schema/protobuf.ts';
import { jsonFault } from '#kubernetes/schema/json-errors.ts';
import { badRequest, StatusError } from '#kubernetes/status.ts';
import { isJsonObject, type Json } from '#shared/json.ts';

/** As the real server's (MaxRequestBodyBytes). */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Reading YAML takes so long that a longer one would keep other clusters waiting; clients send JSON [ours]. */
const MAX_YAML_BYTES = 128 * 1024;
const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** What a body is expected to be. */
export interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
  /** Name of its fields in the schema. */
  readonly message: string;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Decoded {
  readonly object: AnyObject;
  readonly warnings: readonly string[];
}

/** Bodies of requests that are carried out again. */
const known = new WeakMap<IncomingMessage, Promise<Buffer>>();

/** The whole body; throws a 413 for one over the limit. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const reading = known.get(request) ?? readBody(request);
  known.set(request, reading);
  return await reading;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const gone = (): void => {
      reject(badRequest('unexpected EOF'));
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      // What is still to come is let through and dropped: the answer, and the next request, are read behind it.
      chunks.length = 0;
      reject(
        new StatusError(413, 'RequestEntityTooLarge', {
          message: `Request entity too large: limit is ${MAX_BODY_BYTES}`,
        }),
      );
    });
    request.on('end', () => {
      // Every request is closed in the end.
      request.off('close', gone);
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', gone).on('close', gone);
  });
}

/** The media type of a body; JSON where none is named. */
export function mediaTypeOf({ headers }: IncomingMessage): string {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? JSON_TYPE : type;
}

/** Reads the body as what is expected; throws a refusal. */
export function decodeBody(
  bytes: Buffer,
  type: string,
  { expected, validation }: { readonly expected: Expected; readonly validation: FieldValidation },
): Decoded {
  const { value, duplicates } = parseBody(bytes, type, expected);
  if (!isJsonObject(value)) {
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${value === null ? 'null' : kindOfJson(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  const { apiVersion = expected.apiVersion, kind = expected.kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${kindOfJson(typeof apiVersion === 'string' ? kind : apiVersion)} into Go struct field .${typeof apiVersion === 'string' ? 'kind' : 'apiVersion'} of type string`,
    );
  }
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
  const refuse = (why: string): StatusError =>
    badRequest(`${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${why}`);
  if (apiVersion !== expected.apiVersion && kind === expected.kind) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  if (kind !== expected.kind || apiVersion !== expected.apiVersion) {
    const isKnown = kindNamed(apiVersion, kind) !== undefined;
    throw refuse(
      isKnown
        ? `converting (${version}.${kind}) to (${internalOf(expected.message)}): unknown conversion`
        : `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  return { ...checkedFields(value, { expected, validation, duplicates, refuse }) };
}

/** The name of a message inside the server: `core.Pod`. */
const internalOf = (message: string): string => {
  const [group = '', , name = ''] = message.split('.');
  return `${group}.${name}`;
};

function checkedFields(
  value: { [key: string]: Json },
  at: {
    readonly expected: Expected;
    readonly validation: FieldValidation;
    readonly duplicates: readonly string[];
    readonly refuse: (why: string) => StatusError;
  },
): Decoded {
  const { expected, validation, duplicates, refuse } = at;
  const decoder = new Decoder();
  let object: { [key: string]: Json };
  try {
    object = decoder.message(value, expected.message, ['apiVersion', 'kind']);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  const faults = [
    ...decoder.unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
  ];
  if (faults.length > 0 && validation === 'Strict') {
    throw refuse(`strict decoding error: ${faults.join(', ')}`);
  }
  return {
    object: { ...object, apiVersion: expected.apiVersion, kind: expected.kind },
    warnings: validation === 'Warn' ? faults : [],
  };
}

interface Parsed {
  readonly value: Json;
  /** Paths of fields that stand there twice. */
  readonly duplicates: readonly string[];
}

function parseBody(bytes: Buffer, type: string, { message, kind }: Expected): Parsed {
  if (type === PROTOBUF_TYPE || isProtobuf(bytes)) {
    try {
      const envelope = readEnvelope(bytes);
      if (envelope.kind !== '' && envelope.kind !== kind) {
        return { value: { apiVersion: envelope.apiVersion, kind: envelope.kind }, duplicates: [] };
      }
      const { apiVersion } = envelope;
      const read = readProtobuf(envelope.raw, message);
      return { value: { ...read, ...(apiVersion === '' ? {} : { apiVersion }) }, duplicates: [] };
    } catch (error) {
      if (error instanceof ProtobufError) {
        throw badRequest(
          `the object provided is unrecognized (must be of type ${kind}): ${error.message}`,
        );
      }
      throw error;
    }
  }
  if (type === YAML_TYPE) return parseYaml(bytes.toString('utf8'));
  if (type !== JSON_TYPE) {
    throw new StatusError(415, 'UnsupportedMediaType', {
      message: `the body of the request was in an unknown format - accepted media types include: ${JSON_TYPE}, ${YAML_TYPE}, ${PROTOBUF_TYPE}`,
    });
  }
  return parseJson(bytes.toString('utf8'));
}

/** JSON, with the fields that stand there twice; throws a 400. */
function parseJson(text: string): Parsed {
  try {
    return parseNested(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${faultOf(text, error)}`);
  }
}

/** JSON or YAML, as an applied document is sent; throws a 400. */
export function parseDocument(bytes: Buffer): Json {
  const text = bytes.toString('utf8');
  const isJson = /^\s*[{[]/.test(text);
  try {
    if (isJson) return parseNested(text).value;
  } catch (error) {
    // What begins like JSON may be YAML all the same.
    if (!(error instanceof SyntaxError))
      throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
  return parseYaml(text, 'error decoding YAML').value;
}

/** What is wrong with a text that could not be read, as Go's decoder says it. */
export const faultOf = (text: string, error: unknown): string =>
  (error instanceof SyntaxError ? jsonFault(text) : undefined) ?? (error as Error).message;

/** JSON whose depth is bounded; throws a `SyntaxError` or a `NestingError`. */
export function parseNested(text: string): Parsed {
  const value = JSON.parse(text) as Json;
  return { value, duplicates: duplicatesIn(text, value) };
}

/** One YAML document; throws a 400 that begins with `what`. */
function parseYaml(text: string, what = 'error converting YAML to JSON'): Parsed {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    throw new StatusError(413, 'RequestEntityTooLarge', {
      message: `Request entity too large: limit of YAML is ${MAX_YAML_BYTES}; send JSON`,
    });
  }
  try {
    // Of several documents the real server reads the first one.
    const [first] = parseAllDocuments(text, { uniqueKeys: false });
    if (first === undefined) return { value: null, duplicates: [] };
    const [fault] = first.errors;
    if (fault !== undefined) throw badRequest(`${what}: ${fault.message}`);
    const json = JSON.stringify(first.toJS({ maxAliasCount: 100 })) as string | undefined;
    return parseNested(json ?? 'null');
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`${what}: ${(error as Error).message}`);
  }
}
