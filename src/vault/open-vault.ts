/** Opens the vault of a world with the master key that its secrets are sealed with. Called by `app.ts` before anything is served. */
import { join } from 'node:path';
import type { Instant } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import { anySecret } from '#store/secrets.ts';
import { loadMasterKey, type MasterKey, openAtRest, UnusableKeyError } from './at-rest.ts';
import { Vault } from './vault.ts';

/** A secret of the service that says nothing: it is there so that every world has one which tells its key from others. */
const CHECK = 'key-check';

export interface VaultPlace {
  /** Of the key's file; undefined: the key is in memory, like the database. */
  readonly folder: string | undefined;
  /** A key that was handed in instead. */
  readonly masterKey: MasterKey | undefined;
  /** Simulated time. */
  readonly now: () => Instant;
}

/**
 * The vault of the world in `database`. Rejects with an `UnusableKeyError` where the key is lost or another
 * world's: a service with it could not serve HTTPS, nor open a single secret.
 */
export async function openVault(
  database: Database,
  { folder, masterKey: given, now }: VaultPlace,
): Promise<Vault> {
  const sealed = await anySecret(database.reader);
  const masterKey = given ?? (await loadMasterKey(folder, sealed !== undefined));
  if (sealed !== undefined && 'fault' in openAtRest(sealed.sealed, masterKey, sealed.name)) {
    const what = given === undefined ? join(folder ?? '', 'vault.key') : 'EDGETWIN_MASTER_KEY';
    throw new UnusableKeyError(
      `${what} is not the key that the secrets of the database are sealed with: restore the one that belongs to it.`,
    );
  }
  const vault = new Vault(database, masterKey, now);
  await vault.ownSecret(CHECK, async () => Promise.resolve(CHECK));
  return vault;
}
