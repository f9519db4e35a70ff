/** What a world was born with (its seed, say): written once at its first start, read ever after. */
import type { Database, Reader, Writer } from './database.ts';

/** The stored value of `name`; the first call stores `initial`. */
export async function worldValue(
  database: Database,
  name: string,
  initial: string,
): Promise<string> {
  return await database.write(async (writer) => {
    await writer
      .insertInto('world')
      .values({ name, value: initial })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const row = await writer
      .selectFrom('world')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return row.value;
  });
}

/** The stored value of `name`, undefined where there is none. */
export async function findWorldValue(reader: Reader, name: string): Promise<string | undefined> {
  const row = await reader
    .selectFrom('world')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

/** Stores the value of `name`, in place of any other. */
export async function setWorldValue(writer: Writer, name: string, value: string): Promise<void> {
  await writer
    .insertInto('world')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
