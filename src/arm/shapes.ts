/**
 * The members of a resource's schema: what each holds, whether a client must, may or cannot write it, and more marks behind
 * that (`schema.ts`). The compiler reads the same from them (`schema-types.ts`).
 */
import {
  type TArray,
  type TInteger,
  type TNumber,
  type TOptional,
  type TRecord,
  type TSchema,
  type TString,
  type TUnsafe,
  Type,
} from 'typebox';
import type { JsonObject } from '#shared/json.ts';
import { type Mark, openEnum } from './schema.ts';
import type { OpenEnum, ReadOnly, RequiredExceptIn, WriteOnly } from './schema-types.ts';
import type { Span } from './versions.ts';

/** Formats of the contract. Only `date-time` is checked in what a client sends. */
export const dateTime = { format: 'date-time' } as const;
/** Published as `date-time`, and other spellings are accepted too. */
export const looseDateTime = { 'x-format': 'date-time' } as const;
export const int32 = { format: 'int32' } as const;
export const int64 = { format: 'int64' } as const;
export const double = { format: 'double' } as const;

const marked = <S extends TSchema>(schema: S, marks: readonly Mark[]): S =>
  Object.assign({}, schema, ...marks) as S;

/** A member that a client may send. */
export const optional = <S extends TSchema>(schema: S, ...marks: Mark[]): TOptional<S> =>
  Type.Optional(marked(schema, marks)) as TOptional<S>;
export const optionalString = (...marks: Mark[]): TOptional<TString> =>
  optional(Type.String(), ...marks);
export const optionalInteger = (...marks: Mark[]): TOptional<TInteger> =>
  optional(Type.Integer(), ...marks);
export const optionalNumber = (...marks: Mark[]): TOptional<TNumber> =>
  optional(Type.Number(), ...marks);
export const optionalList = <S extends TSchema>(items: S, ...marks: Mark[]): TOptional<TArray<S>> =>
  optional(Type.Array(items), ...marks);
export const optionalMap = <S extends TSchema>(
  entry: S,
  ...marks: Mark[]
): TOptional<TRecord<string, S>> => optional(Type.Record(Type.String(), entry), ...marks);
/** Other values pass: every enum of the contract is open (databoxedge-contract §7). */
export const optionalEnum = <const V extends string>(
  values: readonly V[],
  ...marks: Mark[]
): TOptional<OpenEnum<V>> => optional(openEnum(values), ...marks);

/** A member that is shown; a client may send it, and it is ignored. */
export const readOnly = <S extends TSchema>(schema: S, ...marks: Mark[]): TOptional<ReadOnly<S>> =>
  optional(schema as ReadOnly<S>, { readOnly: true }, ...marks);
export const readOnlyString = (...marks: Mark[]): TOptional<ReadOnly<TString>> =>
  readOnly(Type.String(), ...marks);
export const readOnlyInteger = (...marks: Mark[]): TOptional<ReadOnly<TInteger>> =>
  readOnly(Type.Integer(), ...marks);
export const readOnlyNumber = (...marks: Mark[]): TOptional<ReadOnly<TNumber>> =>
  readOnly(Type.Number(), ...marks);
export const readOnlyList = <S extends TSchema>(
  items: S,
  ...marks: Mark[]
): TOptional<ReadOnly<TArray<S>>> => readOnly(Type.Array(items), ...marks);
export const readOnlyStrings = (...marks: Mark[]): TOptional<ReadOnly<TArray<TString>>> =>
  readOnlyList(Type.String(), ...marks);
export const readOnlyMap = <S extends TSchema>(
  entry: S,
  ...marks: Mark[]
): TOptional<ReadOnly<TRecord<string, S>>> => readOnly(Type.Record(Type.String(), entry), ...marks);
export const readOnlyEnum = <const V extends string>(
  values: readonly V[],
  ...marks: Mark[]
): TOptional<ReadOnly<OpenEnum<V>>> => readOnly(openEnum(values), ...marks);
/** An object whose members are not declared. */
export const readOnlyObject = (...marks: Mark[]): TOptional<ReadOnly<TUnsafe<JsonObject>>> =>
  readOnly(Type.Unsafe<JsonObject>(Type.Object({})), ...marks);

/** A required member that may be left out in the api-versions of `span`. */
export const requiredExceptIn = <S extends TSchema>(span: Span, schema: S): RequiredExceptIn<S> =>
  marked(schema as RequiredExceptIn<S>, [{ 'x-optional-in': span }]);

/** A member that is in bodies and in no view. Whether the contract calls it a secret is for other marks to say. */
export const writeOnly = <S extends TSchema>(schema: S): WriteOnly<S> =>
  marked(schema as WriteOnly<S>, [{ 'x-write-only': true }]);
