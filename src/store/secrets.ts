/** Sealed secrets by name. Written by `vault/` alone; what stands here is ciphertext. */
import type { Reader, Writer } from './database.ts';
import { inParts, isBelow } from './ranges.ts';

/** Secrets of the service itself begin so; the others belong to the world, and go with it. */
export const OWN_SECRETS = 'service/';

export async function findSecret(reader: Reader, name: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('secrets')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.sealed;
}

/** One of the secrets, with its name; undefined where there is none. */
export async function anySecret(
  reader: Reader,
): Promise<{ readonly name: string; readonly sealed: string } | undefined> {
  return await reader.selectFrom('secrets').selectAll().orderBy('name').limit(1).executeTakeFirst();
}

/** Those of `names` that are there, by name. */
export async function findSecrets(
  reader: Reader,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const part of inParts(names)) {
    const rows = await reader.selectFrom('secrets').selectAll().where('name', 'in', part).execute();
    for (const { name, sealed } of rows) found.set(name, sealed);
  }
  return found;
}

export async function putSecret(writer: Writer, name: string, sealed: string): Promise<void> {
  await writer
    .insertInto('secrets')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed }))
    .execute();
}

/** Stores the secret unless one of that name is there. */
export async function addSecret(writer: Writer, name: string, sealed: string): Promise<void> {
  await writer
    .insertInto('secrets')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

/** Removes every secret of the world. */
export async function removeSecretsOfWorld(writer: Writer): Promise<void> {
  await writer.deleteFrom('secrets').where('name', 'not like', `${OWN_SECRETS}%`).execute();
}

/** Removes every secret whose name begins with `above` and a slash. */
export async function removeSecretsBelow(writer: Writer, above: string): Promise<void> {
  await writer
    .deleteFrom('secrets')
    .where((eb) => isBelow(eb, 'name', above))
    .execute();
}
