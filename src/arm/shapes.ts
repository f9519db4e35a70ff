/**
 * Members of a view as the contract types them: nested shapes, lists, dictionaries and enums that are only shown, and the
 * formats of its numbers and dates. Built on the marks of `schema.ts`; used by the resource types.
 */
import { type TObjectOptions, type TSchema, Type } from 'typebox';
import { type Mark, openEnum, readOnly } from './schema.ts';

/** Formats of the contract. Only `date-time` binds whoever writes. */
export const dateTime = { format: 'date-time' } as const;
/** Published as one, and other writings are taken too. */
export const looseDateTime = { 'x-format': 'date-time' } as const;
export const int32 = { format: 'int32' } as const;
export const int64 = { format: 'int64' } as const;
export const double = { format: 'double' } as const;

const marked = (marks: readonly Mark[]): TObjectOptions =>
  Object.assign({}, ...marks) as TObjectOptions;

/** Optional members that a client may write; marks may follow. */
export const mayText = (...marks: Mark[]) => Type.Optional(Type.String(marked(marks)));
export const mayInteger = (...marks: Mark[]) => Type.Optional(Type.Integer(marked(marks)));
export const mayNumber = (...marks: Mark[]) => Type.Optional(Type.Number(marked(marks)));
export const mayBe = <S extends TSchema>(schema: S, ...marks: Mark[]) =>
  Type.Optional({ ...schema, ...marked(marks) });
export const mayList = <S extends TSchema>(items: S, ...marks: Mark[]) =>
  Type.Optional(Type.Array(items, marked(marks)));
export const mayMap = <S extends TSchema>(entry: S, ...marks: Mark[]) =>
  Type.Optional(Type.Record(Type.String(), entry, marked(marks)));
/** Other values pass: every enum of the contract is open (databoxedge-contract §7). */
export const mayEnum = <const V extends string>(values: readonly V[], ...marks: Mark[]) =>
  Type.Optional(openEnum(values, marked(marks)));

/** The same, read-only. */
export const shownAs = <S extends TSchema>(schema: S, ...marks: Mark[]) =>
  mayBe(schema, readOnly, ...marks);
export const shownList = <S extends TSchema>(items: S, ...marks: Mark[]) =>
  mayList(items, readOnly, ...marks);
export const shownMap = <S extends TSchema>(entry: S, ...marks: Mark[]) =>
  mayMap(entry, readOnly, ...marks);
export const shownEnum = <const V extends string>(values: readonly V[], ...marks: Mark[]) =>
  mayEnum(values, readOnly, ...marks);
