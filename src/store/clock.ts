/** The row that says how simulated time follows the wall (schedule/clock.ts does the sums). */
import type { Database } from './database.ts';
import { signalsOf } from './signals.ts';

export interface ClockRow {
  readonly wallAnchorMs: number;
  readonly simulatedAnchorMs: number;
  /** Simulated milliseconds a wall millisecond; above 0. */
  readonly rate: number;
  readonly isFrozen: boolean;
}

export async function readClock(database: Database): Promise<ClockRow | undefined> {
  const row = await database.reader.selectFrom('clock').selectAll().executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    wallAnchorMs: Number(row.wall_anchor_ms),
    simulatedAnchorMs: Number(row.simulated_anchor_ms),
    rate: row.rate,
    isFrozen: row.frozen !== 0,
  };
}

export async function writeClock(database: Database, clock: ClockRow): Promise<void> {
  const row = {
    wall_anchor_ms: clock.wallAnchorMs,
    simulated_anchor_ms: clock.simulatedAnchorMs,
    rate: clock.rate,
    frozen: clock.isFrozen ? 1 : 0,
  };
  await database.write(async (writer) => {
    await writer
      .insertInto('clock')
      .values({ id: 1, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    signalsOf(writer).setClock();
  });
}
