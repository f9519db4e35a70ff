/**
 * Reads a JSON value as the message of its kind: types are checked, unknown fields reported by path, nulls and the zero values
 * that Go leaves out dropped. What is given back is new.
 * Sources: apimachinery runtime/serializer/json; kubernetes-facts.md 7.4.
 */
import type { Json } from '#shared/json.ts';
import { canonicalQuantity, QUANTITY_ERROR } from './quantity.ts';
import { type Field, type FieldType, isPointer, type Message, messageOf } from './schema.ts';

/** The text of what cannot be decoded, as Go's decoder has it. */
export class DecodeError extends Error {}

interface Place {
  /** Dotted, with indexes: for unknown fields. */
  readonly path: string;
  /** Dotted, without indexes, and the struct around it: for type errors. */
  readonly goField: string;
}

const GO_SCALARS: Readonly<Record<string, string>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  b: 'bool',
  f: 'float64',
  y: '[]uint8',
};

function goTypeOf({ shape, code, message }: FieldType): string {
  const [, version = 'v1', name = ''] = message.split('.');
  const one = code === '@' ? `${version}.${name}` : (GO_SCALARS[code] ?? 'string');
  if (shape === 'list') return `[]${one}`;
  return shape === 'one' ? one : `map[string]${shape === 'map' ? '' : '[]'}${one}`;
}

/** What Go's decoder calls a JSON value that is of the wrong kind (encoding/json UnmarshalTypeError). */
export function kindOfJson(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Decodes values, and collects the paths of unknown fields. */
export class Decoder {
  readonly unknown: string[] = [];

  /** `value` as a message of that name; throws `DecodeError`. `top` are members that every object has. */
  message(value: Json, name: string, top: readonly string[] = []): { [key: string]: Json } {
    const message = messageOf(name);
    if (!isObject(value)) {
      throw new DecodeError(
        `json: cannot unmarshal ${kindOfJson(value)} into Go value of type v1.${message.shortName}`,
      );
    }
    return this.#object(value, message, { place: { path: '', goField: '' }, top });
  }

  #object(
    value: { [key: string]: Json },
    message: Message,
    { place, top = [] }: { readonly place: Place; readonly top?: readonly string[] },
  ): { [key: string]: Json } {
    const decoded: { [key: string]: Json } = {};
    for (const [key, member] of Object.entries(value)) {
      if (top.includes(key)) {
        if (member !== null) decoded[key] = member;
        continue;
      }
      const field = message.fields.get(key);
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (field === undefined) {
        this.unknown.push(path);
        continue;
      }
      if (member === null) continue;
      const goField = place.goField === '' ? key : `${place.goField}.${key}`;
      const read = this.#field(member, field, { message, place: { path, goField } });
      if (!isLeftOut(read, field, message)) decoded[key] = read;
    }
    for (const field of message.fields.values()) {
      const zero =
        field.isRequired && !Object.hasOwn(decoded, field.name) ? zeroOf(field) : undefined;
      if (zero !== undefined) decoded[field.name] = zero;
    }
    return decoded;
  }

  #field(
    value: Json,
    { type }: Field,
    at: { readonly message: Message; readonly place: Place },
  ): Json {
    const { place, message } = at;
    const fail = (shape = type): never => {
      throw mismatch(value, goTypeOf(shape), `${message.shortName}.${place.goField}`);
    };
    const one: FieldType = { ...type, shape: 'one' };
    const item = (inner: Json, path: string): Json =>
      this.#value(inner, one, { message, place: { path, goField: place.goField } });
    if (type.shape === 'one') return this.#value(value, type, at);
    if (type.shape === 'list') {
      if (!Array.isArray(value)) return fail();
      return value.map((inner, index) => item(inner, `${place.path}[${index}]`));
    }
    if (!isObject(value)) return fail();
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const path = `${place.path}.${key}`;
        if (type.shape === 'map') return [key, item(inner, path)];
        if (!Array.isArray(inner)) return fail();
        return [key, inner.map((each, index) => item(each, `${path}[${index}]`))];
      }),
    );
  }

  #value(
    value: Json,
    type: FieldType,
    { message, place }: { readonly message: Message; readonly place: Place },
  ): Json {
    if (type.code === '@') {
      const inner = messageOf(type.message);
      if (inner.isList) return value;
      if (value === null) return {};
      if (isObject(value)) return this.#object(value, inner, { place });
    } else {
      const read = scalar(value, type.code);
      if (read !== undefined) return read;
    }
    throw mismatch(value, goTypeOf(type), `${message.shortName}.${place.goField}`);
  }
}

function mismatch(value: Json, goType: string, goField: string): DecodeError {
  const what = typeof value === 'number' ? `number ${value}` : kindOfJson(value);
  return new DecodeError(
    `json: cannot unmarshal ${what} into Go struct field ${goField} of type ${goType}`,
  );
}

const INTEGER_LIMITS = { i: 2 ** 31, l: 2 ** 63 };

/** The value of a scalar; undefined where it is none of that type. */
function scalar(value: Json, code: Exclude<FieldType['code'], '@'>): Json | undefined {
  switch (code) {
    case 'R':
      return value;
    case 's':
      return value === null ? '' : typeof value === 'string' ? value : undefined;
    case 'b':
      return typeof value === 'boolean' ? value : undefined;
    case 'f':
      return typeof value === 'number' ? value : undefined;
    case 'i':
    case 'l':
      return typeof value === 'number' &&
        Number.isInteger(value) &&
        value < INTEGER_LIMITS[code] &&
        value >= -INTEGER_LIMITS[code]
        ? value
        : undefined;
    case 'y':
      return typeof value === 'string' ? base64(value) : undefined;
    case 'I':
      return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))
        ? value
        : undefined;
    case 'Q':
      return quantity(value);
    case 'T':
    case 'M':
      return time(value);
  }
}

function quantity(value: Json): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const canonical = canonicalQuantity(value);
  if (canonical === undefined) throw new DecodeError(QUANTITY_ERROR);
  return canonical;
}

/** Go's decoder knows standard base64 with padding, and line ends inside it. */
function base64(value: string): string {
  const text = value.replace(/[\r\n]/g, '');
  const fault = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? -1;
  if (fault !== -1 || text.length % 4 !== 0 || !/^[^=]*={0,2}$/.test(text)) {
    throw new DecodeError(
      `illegal base64 data at input byte ${fault === -1 ? text.length : fault}`,
    );
  }
  return text;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function time(value: Json): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!RFC_3339.test(value)) {
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  return value;
}

/** What Go has where a body lacks a required field; undefined for those that are objects. */
function zeroOf({ type }: Field): Json | undefined {
  if (type.shape === 'list') return [];
  if (type.shape !== 'one') return undefined;
  const zeros: Readonly<Record<string, Json>> = { s: '', i: 0, l: 0, b: false };
  return zeros[type.code];
}

/** Whether Go leaves the value out: a zero value of an optional field that is no pointer. */
function isLeftOut(value: Json, { name, type, isRequired }: Field, message: Message): boolean {
  if (type.shape !== 'one') {
    return (
      !isRequired &&
      (Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0)
    );
  }
  if (isRequired || type.code === '@' || type.code === 'R') return false;
  if (type.code === 'I' || type.code === 'Q') return false;
  return (value === '' || value === 0 || value === false) && !isPointer(message, name);
}
