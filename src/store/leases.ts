/**
 * Leases: what one process at a time does for all that share the database. A lease has a fence, a number that grows each time
 * that it passes to another process: whoever acts under a lease makes its fence a condition of what it reads or writes, so that
 * a process that was paused past the end of its lease does nothing. Used by `schedule/lease-keeper.ts`.
 *
 * No wall-clock time is stored, since the clocks of two machines differ: a holder counts its renewals up, and the others take the
 * lease over where they have not seen that count move for as long as the lease lasts.
 */
import type { Reader, Writer } from './database.ts';

export interface LeaseRow {
  readonly name: string;
  /** The process that holds it; empty: nobody does. */
  readonly holder: string;
  readonly fence: number;
  readonly renewals: number;
}

/** The lease as it is committed; undefined: nobody has ever held it. */
export async function readLease(reader: Reader, name: string): Promise<LeaseRow | undefined> {
  const row = await reader
    .selectFrom('leases')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return (
    row && {
      name: row.name,
      holder: row.holder,
      fence: Number(row.fence),
      renewals: Number(row.renewals),
    }
  );
}

/**
 * Takes the lease for `holder`, under a new fence, if it is still as it was `seen` (undefined: not there). Gives the lease, or
 * undefined where another process was faster.
 */
export async function takeLease(
  writer: Writer,
  holder: string,
  { name, seen }: { readonly name: string; readonly seen: LeaseRow | undefined },
): Promise<LeaseRow | undefined> {
  const present = await readLease(writer, name);
  if (present?.fence !== seen?.fence || present?.renewals !== seen?.renewals) return undefined;
  const taken: LeaseRow = { name, holder, fence: (present?.fence ?? 0) + 1, renewals: 0 };
  await writer
    .insertInto('leases')
    .values(taken)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ ...taken }))
    .execute();
  return taken;
}

/** Renews the lease; undefined where it has passed to another process. */
export async function renewLease(writer: Writer, lease: LeaseRow): Promise<LeaseRow | undefined> {
  const renewed = { ...lease, renewals: lease.renewals + 1 };
  return (await changeLease(writer, lease, renewed)) ? renewed : undefined;
}

/** Gives the lease back, if it is still held: the next process need not wait for its end. */
export async function giveLeaseBack(writer: Writer, lease: LeaseRow): Promise<void> {
  await changeLease(writer, lease, { ...lease, holder: '' });
}

/** Removes a lease that is no longer used, or whose holder is taken to be dead: if it lives after all, it finds that it has lost it. */
export async function removeLease(writer: Writer, name: string): Promise<void> {
  await writer.deleteFrom('leases').where('name', '=', name).execute();
}

async function changeLease(writer: Writer, lease: LeaseRow, to: LeaseRow): Promise<boolean> {
  const { numUpdatedRows } = await writer
    .updateTable('leases')
    .set({ holder: to.holder, renewals: to.renewals })
    .where('name', '=', lease.name)
    .where('fence', '=', lease.fence)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
