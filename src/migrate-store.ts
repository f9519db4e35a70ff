/**
 * `edgetwin migrate-store`: moves a world between a SQLite folder and PostgreSQL, with the key that opens its secrets. Called by
 * `clients/cli.ts`; what it gives is for the person at the terminal.
 */
import { resolve } from 'node:path';
import { isPostgres } from '#store/dialects.ts';
import { copyWorld, WorldCopyError } from '#store/world-copy.ts';
import { copyMasterKey, MASTER_KEY_FILE } from '#vault/at-rest.ts';
import type { Config } from './config.ts';

/** Moves the world, and says what was done and how to go on. Throws a `WorldCopyError` of one line where that cannot be. */
export async function migrateStore(
  from: string,
  to: string,
  config: Pick<Config, 'data' | 'masterKey'>,
): Promise<string> {
  const [source, target] = [placeOf(from, 'source'), placeOf(to, 'target')];
  if (source === target) throw new WorldCopyError('Source and target are the same.');
  const keys = keysOf(source, target, config);
  const { tables, rows } = await copyWorld({
    from: source,
    to: target,
    beforeCommit: async () => {
      if (keys.to !== undefined) await moveKey(keys.from, keys.to);
    },
  });
  return (
    `Copied ${rows} rows of ${tables} tables from ${shown(source)} to ${shown(target)}. The source is as it was.\n` +
    keys.note
  );
}

function placeOf(given: string, is: 'source' | 'target'): string {
  if (given === ':memory:') throw new WorldCopyError(`The ${is} cannot be in memory.`);
  return isPostgres(given) ? given : resolve(given);
}

/** The place without its password. */
function shown(place: string): string {
  if (!isPostgres(place)) return place;
  const { protocol, host, pathname } = new URL(place);
  return `${protocol}//${host}${pathname}`;
}

interface Keys {
  /** The folder that has the master key. */
  readonly from: string;
  /** The folder that must have it as well; undefined: it stays where it is. */
  readonly to: string | undefined;
  /** How to start on the target. */
  readonly note: string;
}

/** With SQLite the key lies in the folder of the database; with PostgreSQL in `EDGETWIN_DATA`, unless a variable has it. */
function keysOf(
  source: string,
  target: string,
  { data, masterKey }: Pick<Config, 'data' | 'masterKey'>,
): Keys {
  const from = isPostgres(source) ? resolve(data) : source;
  if (masterKey !== undefined) {
    const note = 'Start on it with the same EDGETWIN_MASTER_KEY.';
    return { from, to: undefined, note };
  }
  if (isPostgres(target)) {
    const note = `Start on it with DATABASE_URL and EDGETWIN_DATA=${from}, where ${MASTER_KEY_FILE} stays.`;
    return { from, to: undefined, note };
  }
  const note = `Start on it with EDGETWIN_DATA=${target}, where ${MASTER_KEY_FILE} lies.`;
  return { from, to: target === from ? undefined : target, note };
}

async function moveKey(from: string, to: string): Promise<void> {
  switch (await copyMasterKey(from, to)) {
    case 'missing':
      throw new WorldCopyError(
        `There is no ${MASTER_KEY_FILE} in ${from}, without which the secrets of this world cannot be opened. ` +
          'Set EDGETWIN_DATA to the folder that has it, or EDGETWIN_MASTER_KEY.',
      );
    case 'another':
      throw new WorldCopyError(`The target has a ${MASTER_KEY_FILE} of another world.`);
    case 'there':
  }
}
