/** Numbers that only grow: the order of timers and of the journal. Drawn inside the transaction that uses them. */
import type { Writer } from './database.ts';

/** The next `count` numbers of `name`, of which the first is returned; the first one ever is 1. */
export async function nextNumbers(
  writer: Writer,
  name: 'timers' | 'journal' | 'operations' | 'support-requests',
  count = 1,
): Promise<number> {
  const row = await writer
    .insertInto('counters')
    .values({ name, value: count })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ value: eb('counters.value', '+', count) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(row.value) - count + 1;
}
