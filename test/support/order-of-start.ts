/**
 * Loaded with `--import` before `src/main.ts`: tells the process that started this one when the door listens, and when the pump first
 * looks for timers that are due. Replaces nothing; it only tells.
 */
import SqliteDatabase from 'better-sqlite3';
import { Server } from 'node:net';

const told = new Set<string>();
function tell(what: string): void {
  if (told.has(what)) return;
  told.add(what);
  process.send?.(what);
}

type Emit = (this: Server, event: string | symbol, ...rest: unknown[]) => boolean;
const server = Server.prototype as unknown as { emit: Emit };
const { emit } = server;
server.emit = function (event, ...rest) {
  if (event === 'listening') tell('the door listens');
  return emit.call(this, event, ...rest);
};

type Prepare = (this: unknown, sql: string) => unknown;
const database = SqliteDatabase.prototype as unknown as { prepare: Prepare };
const { prepare } = database;
database.prepare = function (sql) {
  // What is due and what comes next, in one query: nobody else asks for that.
  if (/"timers"[^]* union /i.test(sql)) tell('the pump looks');
  return prepare.call(this, sql);
};
