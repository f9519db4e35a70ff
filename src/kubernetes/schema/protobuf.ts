/**
 * Reads bodies in Kubernetes' protobuf: the envelope, and the message inside it as JSON. Zero values come out as they stand on the
 * wire; `decode.ts` drops those that JSON leaves out.
 * Sources: apimachinery runtime/serializer/protobuf; protobuf encoding (kubernetes-api.md 1.3).
 */
import type { Json } from '#shared/json.ts';
import { instant } from '#shared/instant.ts';
import { timeOf } from '../objects/object.ts';
import { duplicateFields } from './duplicates.ts';
import { type Field, type Message, messageOf } from './schema.ts';

/** Bytes that are no protobuf of that message. */
export class ProtobufError extends Error {}

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const MAX_DEPTH = 100;

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  fixed(length: number): DataView {
    const end = this.at + length;
    if (end > this.bytes.length) throw new ProtobufError('unexpected EOF');
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
    this.at = end;
    return view;
  }

  chunk(): Uint8Array {
    const length = Number(this.varint());
    const end = this.at + length;
    if (end > this.bytes.length) throw new ProtobufError('unexpected EOF');
    const chunk = this.bytes.subarray(this.at, end);
    this.at = end;
    return chunk;
  }
}

type WireValue = bigint | Uint8Array | DataView;

function* fieldsIn(bytes: Uint8Array): Generator<readonly [number: number, value: WireValue]> {
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield [number, reader.varint()];
        break;
      case 1:
        yield [number, reader.fixed(8)];
        break;
      case 2:
        yield [number, reader.chunk()];
        break;
      case 5:
        yield [number, reader.fixed(4)];
        break;
      default:
        throw new ProtobufError(`proto: illegal wireType ${tag & 7}`);
    }
  }
}

const texts = new TextDecoder();
const textOf = (value: WireValue | undefined): string =>
  value instanceof Uint8Array ? texts.decode(value) : '';

function chunkOf(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ProtobufError('proto: wrong wireType');
}

export const isProtobuf = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, index) => bytes[index] === byte);

/** Opens the envelope. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (!isProtobuf(bytes)) {
    throw new ProtobufError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  let [apiVersion, kind] = ['', ''];
  let raw: Uint8Array = new Uint8Array();
  for (const [number, value] of fieldsIn(bytes.subarray(MAGIC.length))) {
    if (number === 1) {
      for (const [inner, text] of fieldsIn(chunkOf(value))) {
        if (inner === 1) apiVersion = textOf(text);
        if (inner === 2) kind = textOf(text);
      }
    } else if (number === 2) raw = chunkOf(value);
  }
  return { apiVersion, kind, raw };
}

/** The message of that name as JSON. */
export const readProtobuf = (bytes: Uint8Array, name: string): { [key: string]: Json } =>
  readMessage(bytes, messageOf(name), 0);

function readMessage(bytes: Uint8Array, message: Message, depth: number): { [key: string]: Json } {
  if (depth > MAX_DEPTH) throw new ProtobufError('proto: nested too deeply');
  const object: { [key: string]: Json } = {};
  for (const [number, value] of fieldsIn(bytes)) {
    const field = message.byNumber.get(number);
    // A field of a newer client.
    if (field === undefined) continue;
    if (field.isInline) {
      Object.assign(object, readMessage(chunkOf(value), messageOf(field.type.message), depth + 1));
    } else putField(object, field, { value, depth });
  }
  return object;
}

function putField(
  object: { [key: string]: Json },
  field: Field,
  { value, depth }: { readonly value: WireValue; readonly depth: number },
): void {
  const { name, type } = field;
  if (type.shape === 'one') {
    const read = readValue(value, field, depth);
    if (read !== undefined) object[name] = read;
    return;
  }
  if (type.shape === 'list') {
    const list = (object[name] as Json[] | undefined) ?? [];
    list.push(readValue(value, field, depth) ?? null);
    object[name] = list;
    return;
  }
  const map = (object[name] as { [key: string]: Json } | undefined) ?? {};
  let key = '';
  let inner: Json = type.code === '@' ? {} : type.code === 's' || type.code === 'y' ? '' : 0;
  for (const [number, part] of fieldsIn(chunkOf(value))) {
    if (number === 1) key = textOf(part);
    if (number === 2) inner = readValue(part, field, depth) ?? inner;
  }
  // Defined, as a key may be called __proto__.
  Object.defineProperty(map, key, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  object[name] = map;
}

function readValue(value: WireValue, { type }: Field, depth: number): Json | undefined {
  switch (type.code) {
    case '@': {
      const message = messageOf(type.message);
      const read = readMessage(chunkOf(value), message, depth + 1);
      return message.isList ? (read['items'] ?? []) : read;
    }
    case 's':
      return textOf(value);
    case 'b':
      return value === 1n;
    case 'i':
    case 'l':
      if (typeof value !== 'bigint') throw new ProtobufError('proto: wrong wireType');
      return Number(BigInt.asIntN(64, value));
    case 'f':
      if (!(value instanceof DataView)) throw new ProtobufError('proto: wrong wireType');
      return value.byteLength === 8 ? value.getFloat64(0, true) : value.getFloat32(0, true);
    case 'y':
      return Buffer.from(chunkOf(value)).toString('base64');
    default:
      return readSpecial(chunkOf(value), type.code);
  }
}

/** Values that are messages on the wire and something plainer in JSON. */
function readSpecial(bytes: Uint8Array, code: 'Q' | 'I' | 'T' | 'M' | 'R'): Json | undefined {
  const fields = new Map(fieldsIn(bytes));
  const number = (index: number): number => {
    const value = fields.get(index);
    return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
  };
  switch (code) {
    case 'Q':
      return textOf(fields.get(1));
    case 'I':
      return number(1) === 0 ? number(2) : textOf(fields.get(3));
    case 'T':
    case 'M': {
      // An empty message is no time at all.
      if (fields.size === 0) return undefined;
      const second = timeOf(instant(number(1) * 1000));
      const micros = String(Math.floor(number(2) / 1000)).padStart(6, '0');
      return code === 'T' ? second : `${second.slice(0, -1)}.${micros}Z`;
    }
    case 'R': {
      const text = textOf(fields.get(1));
      if (text === '') return undefined;
      try {
        const read = JSON.parse(text) as Json;
        duplicateFields(text);
        return read;
      } catch {
        throw new ProtobufError('invalid JSON inside a raw field');
      }
    }
  }
}
