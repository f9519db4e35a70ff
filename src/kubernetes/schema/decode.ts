/**
 * Reads a JSON value as the message of its kind: types are checked, unknown fields reported by path, nulls and the zero values
 * that Go leaves out dropped. A value in which nothing is to be changed is given back itself, with all that it holds.
 * Sources: apimachinery runtime/serializer/json; kubernetes-facts.md 7.4.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { canonicalQuantity, QUANTITY_ERROR } from './quantity.ts';
import { type Field, type FieldType, isPointer, type Message, messageOf } from './schema.ts';

/** The text of what cannot be decoded, as Go's decoder has it. */
export class DecodeError extends Error {}

/** Where a value stands: put into words only where something is wrong with it. */
interface Place {
  /** What is around it; undefined: the message that is read. */
  readonly within: Place | undefined;
  /** Its field, its key in a map, or its index in a list. */
  readonly step: string | number;
  readonly isField: boolean;
}

/** Dotted, with indexes and keys of maps: for unknown fields. */
function pathOf(place: Place | undefined): string {
  if (place === undefined) return '';
  const { within, step } = place;
  if (typeof step === 'number') return `${pathOf(within)}[${step}]`;
  return within === undefined ? step : `${pathOf(within)}.${step}`;
}

/** Dotted, fields alone: for type errors. */
function goFieldOf(place: Place | undefined): string {
  if (place === undefined) return '';
  const { within, step, isField } = place;
  if (!isField) return goFieldOf(within);
  return within === undefined ? String(step) : `${goFieldOf(within)}.${step}`;
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

/** Decodes values, and collects the paths of unknown fields. */
export class Decoder {
  readonly unknown: string[] = [];

  /** `value` as a message of that name; throws `DecodeError`. `top` are members that every object has. */
  message(value: Json, name: string, top: readonly string[] = []): JsonObject {
    const message = messageOf(name);
    if (!isJsonObject(value)) {
      throw new DecodeError(
        `json: cannot unmarshal ${kindOfJson(value)} into Go value of type v1.${message.shortName}`,
      );
    }
    return this.#object(value, message, { top });
  }

  #object(
    value: JsonObject,
    message: Message,
    { within, top = [] }: { readonly within?: Place; readonly top?: readonly string[] },
  ): JsonObject {
    const names = Object.keys(value);
    let changed: JsonObject | undefined;
    for (const [index, name] of names.entries()) {
      const member = value[name] as Json;
      const read = top.includes(name)
        ? (member ?? undefined)
        : this.#member(name, member, { message, within });
      if (changed === undefined) {
        if (read === member) continue;
        changed = {};
        for (const before of names.slice(0, index)) changed[before] = value[before] as Json;
      }
      if (read !== undefined) changed[name] = read;
    }
    for (const field of requiredOf(message)) {
      if (Object.hasOwn(changed ?? value, field.name)) continue;
      const zero = zeroOf(field);
      if (zero !== undefined) (changed ??= { ...value })[field.name] = zero;
    }
    return changed ?? value;
  }

  /** Undefined: it is left out. */
  #member(
    name: string,
    value: Json,
    { message, within }: { readonly message: Message; readonly within: Place | undefined },
  ): Json | undefined {
    const field = message.fields.get(name);
    if (field === undefined) {
      this.unknown.push(pathOf({ within, step: name, isField: true }));
      return undefined;
    }
    if (value === null) return undefined;
    const read = this.#field(value, field, { message, within });
    return isLeftOut(read, field, message) ? undefined : read;
  }

  #field(
    value: Json,
    { name, type }: Field,
    { message, within }: { readonly message: Message; readonly within: Place | undefined },
  ): Json {
    const place = { within, step: name, isField: true };
    const at = { message, place };
    if (type.shape === 'one') return this.#value(value, type, at);
    if (type.shape === 'list') {
      if (Array.isArray(value)) return this.#list(value, type, at);
    } else if (isJsonObject(value)) {
      if (type.shape === 'map') return this.#map(value, type, at);
      const lists = Object.entries(value);
      if (lists.every((entry): entry is [string, Json[]] => Array.isArray(entry[1]))) {
        return Object.fromEntries(
          lists.map(([key, list]) => [key, this.#list(list, type, below(at, key))]),
        );
      }
    }
    throw mismatch(value, type, at);
  }

  #list(list: readonly Json[], type: FieldType, at: At): Json {
    const read = list.map((item, index) => this.#value(item, type, below(at, index)));
    return read.every((item, index) => item === list[index]) ? (list as Json[]) : read;
  }

  #map(map: JsonObject, type: FieldType, at: At): Json {
    const read = Object.entries(map).map(
      ([key, value]) => [key, this.#value(value, type, below(at, key))] as const,
    );
    return read.every(([key, value]) => value === map[key]) ? map : Object.fromEntries(read);
  }

  /** A value of a field, or one in its list or map. */
  #value(value: Json, type: FieldType, at: At): Json {
    if (type.code === '@') {
      const inner = messageOf(type.message);
      if (inner.isList) return value;
      if (value === null) return {};
      if (isJsonObject(value)) return this.#object(value, inner, { within: at.place });
    } else {
      const read = scalar(value, type.code);
      if (read !== undefined) return read;
    }
    throw mismatch(value, { ...type, shape: 'one' }, at);
  }
}

/** A value, and the message that its field belongs to. */
interface At {
  readonly message: Message;
  readonly place: Place;
}

const below = ({ message, place }: At, step: string | number): At => ({
  message,
  place: { within: place, step, isField: false },
});

/** The fields that a message always has. */
const required = new WeakMap<Message, readonly Field[]>();

function requiredOf(message: Message): readonly Field[] {
  const known = required.get(message);
  if (known !== undefined) return known;
  const found = [...message.fields.values()].filter(({ isRequired }) => isRequired);
  required.set(message, found);
  return found;
}

function mismatch(value: Json, type: FieldType, { message, place }: At): DecodeError {
  const what = typeof value === 'number' ? `number ${value}` : kindOfJson(value);
  const goField = `${message.shortName}.${goFieldOf(place)}`;
  return new DecodeError(
    `json: cannot unmarshal ${what} into Go struct field ${goField} of type ${goTypeOf(type)}`,
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
