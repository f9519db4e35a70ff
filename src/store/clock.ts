/**
 * The row that says how simulated time follows real time (schedule/clock.ts does the sums). Its version grows by one with each
 * change, and a change is a condition on the version it was made from, so that changes have an order in all processes.
 */
import type { Database, Reader, Writer } from './database.ts';
import { signalsOf } from './signals.ts';
import type { Tables } from './tables.ts';

/** What a clock is set to. */
export interface ClockSetting {
  readonly wallAnchorMs: number;
  readonly simulatedAnchorMs: number;
  /** Simulated milliseconds a millisecond; above 0. */
  readonly rate: number;
  readonly isFrozen: boolean;
}

export interface ClockRow extends ClockSetting {
  readonly version: number;
}

export async function readClock(reader: Reader): Promise<ClockRow | undefined> {
  const row = await reader.selectFrom('clock').selectAll().executeTakeFirst();
  return row && rowOf(row);
}

/** The committed row, read at once; undefined where the engine cannot. */
export function clockNow(database: Database): ClockRow | undefined {
  const row = database.clockNow();
  return row && rowOf(row);
}

/** Makes the clock of a new world, unless there is one. */
export async function addClock(writer: Writer, clock: ClockSetting): Promise<void> {
  await writer
    .insertInto('clock')
    .values({ id: 1, ...columnsOf(clock) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Sets the clock anew, and gives its row; undefined, and nothing is written, where `from` is not its present version. */
export async function changeClock(
  writer: Writer,
  clock: ClockSetting,
  from: number,
): Promise<ClockRow | undefined> {
  const version = from + 1;
  const changed = await writer
    .updateTable('clock')
    .set({ ...columnsOf(clock), version })
    .where('id', '=', 1)
    .where('version', '=', from)
    .executeTakeFirst();
  if (changed.numUpdatedRows !== 1n) return undefined;
  signalsOf(writer).setClock();
  return { ...clock, version };
}

const columnsOf = ({ wallAnchorMs, simulatedAnchorMs, rate, isFrozen }: ClockSetting) => ({
  wall_anchor_ms: wallAnchorMs,
  simulated_anchor_ms: simulatedAnchorMs,
  rate,
  frozen: isFrozen ? 1 : 0,
});

const rowOf = (row: { [Column in keyof Tables['clock']]: unknown }): ClockRow => ({
  wallAnchorMs: Number(row.wall_anchor_ms),
  simulatedAnchorMs: Number(row.simulated_anchor_ms),
  rate: Number(row.rate),
  isFrozen: Number(row.frozen) !== 0,
  version: Number(row.version),
});
