/** What a world was born with (its seed, say): written once at its first start, read ever after. */
import type { Database } from './database.ts';

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
