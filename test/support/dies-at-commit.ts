/**
 * Loaded with `--import` before `src/main.ts` into a process that shall die: told "die at the nth commit from now", it
 * kills itself with SIGKILL right before that commit of the database, or right after it. Between two commits there is
 * nothing that a crash could leave behind, so these are all the moments there are. Replaces nothing; it counts. Commits that
 * change nothing but a lease are left out: they come by the wall clock, and would make the count another one each time.
 */
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';

/** What the test sends. */
export interface Death {
  /** The nth commit from now, from 1; 0: live on. */
  readonly commit: number;
  readonly side: 'before' | 'after';
}

/** What comes back as soon as it is heeded. */
export interface Heeded {
  /** Commits since the process began. */
  readonly commits: number;
}

let commits = 0;
let death: Death = { commit: 0, side: 'before' };

process.on('message', (asked: Death) => {
  death = { ...asked, commit: asked.commit === 0 ? 0 : commits + asked.commit };
  process.send?.({ commits } satisfies Heeded);
});

function dieAt(side: Death['side']): void {
  if (commits === death.commit && side === death.side) process.kill(process.pid, 'SIGKILL');
}

/** Whether the statement changes more than a lease. */
const changesWorld = (sql: string): boolean =>
  /^(insert|update|delete)/i.test(sql) && !/^\w+ (into |from )?"leases"/i.test(sql);

// --- SQLite: one connection writes

type Run = (...parameters: unknown[]) => unknown;
interface Statement {
  run: Run;
  all: Run;
}
type Prepare = (this: unknown, sql: string) => Statement;

let hasChanged = false;

const prototype = SqliteDatabase.prototype as { prepare: Prepare };
const { prepare } = prototype;
prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (sql === 'commit') {
    const commit = statement.run.bind(statement);
    statement.run = (...parameters) => {
      if (!hasChanged) return commit(...parameters);
      hasChanged = false;
      commits++;
      dieAt('before');
      const result = commit(...parameters);
      dieAt('after');
      return result;
    };
  } else if (sql === 'rollback') {
    const rollBack = statement.run.bind(statement);
    statement.run = (...parameters) => {
      hasChanged = false;
      return rollBack(...parameters);
    };
  } else if (changesWorld(sql)) {
    for (const name of ['run', 'all'] as const) {
      const run = statement[name].bind(statement);
      statement[name] = (...parameters) => {
        hasChanged = true;
        return run(...parameters);
      };
    }
  }
  return statement;
};

// --- PostgreSQL: several connections write

/** A query of pg that answers by a callback, as `store/postgres-connections.ts` makes them. */
interface Answered {
  readonly text: string;
  callback: (error: Error | null, result: unknown) => void;
}
type Send = (
  this: object,
  query: string | { readonly text: string },
  ...rest: unknown[]
) => unknown;

const changed = new WeakSet<object>();

const isAnswered = (query: string | { readonly text: string }): query is Answered =>
  typeof query === 'object' && 'callback' in query;

const client = pg.Client.prototype as unknown as { query: Send };
const { query: send } = client;
client.query = function (query, ...rest) {
  const text = typeof query === 'string' ? query : query.text;
  if (changesWorld(text)) changed.add(this);
  if (text === 'rollback') changed.delete(this);
  if (isAnswered(query) && text === 'commit' && changed.delete(this)) {
    commits++;
    dieAt('before');
    const { callback } = query;
    query.callback = (error, result) => {
      dieAt('after');
      callback(error, result);
    };
  }
  return send.call(this, query, ...rest);
};
