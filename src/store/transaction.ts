/** What the table files read from and write to. Given out by `database.ts`. */
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Reads: the database itself, or a transaction that is under way. */
export type Reader = Kysely<Tables>;

declare const inTransaction: unique symbol;
/** A transaction: what is written in it is there together or not at all. Only `Database.write` gives one out. */
export type Writer = Reader & { readonly [inTransaction]: true };
