/**
 * Loaded with `--import` before `src/main.ts` into a process that shall die: told "die at the nth commit from now", it
 * kills itself with SIGKILL right before that commit of the database, or right after it. Between two commits there is
 * nothing that a crash could leave behind, so these are all the moments there are. Replaces nothing; it counts.
 */
import SqliteDatabase from 'better-sqlite3';

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

type Prepare = (this: unknown, sql: string) => { run: (...parameters: unknown[]) => unknown };

let commits = 0;
let death: Death = { commit: 0, side: 'before' };

process.on('message', (asked: Death) => {
  death = { ...asked, commit: asked.commit === 0 ? 0 : commits + asked.commit };
  process.send?.({ commits } satisfies Heeded);
});

function dieAt(side: Death['side']): void {
  if (commits === death.commit && side === death.side) process.kill(process.pid, 'SIGKILL');
}

const prototype = SqliteDatabase.prototype as { prepare: Prepare };
const { prepare } = prototype;
prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (sql !== 'commit') return statement;
  const commit = statement.run.bind(statement);
  statement.run = (...parameters) => {
    commits++;
    dieAt('before');
    const result = commit(...parameters);
    dieAt('after');
    return result;
  };
  return statement;
};
