/**
 * Removes what has ended long ago: operations, and the tasks and jobs of machines. A piece takes a bounded number of rows that have
 * expired. Those that something still needs are looked at again later. Used by `operations/retention.ts`.
 */
import { earlier, instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { operationEnd } from './operations.ts';
import { contains } from './ranges.ts';
import { clearTimer } from './timers.ts';

export interface ExpiredPiece {
  readonly now: Instant;
  /** When those that are still needed are looked at again; later than `now`. */
  readonly nextLook: Instant;
  /** Rows of each kind at most. */
  readonly limit: number;
}

/** Removes a piece of what has expired, in the caller's transaction; whether there may be more. */
export async function removeExpired(writer: Writer, piece: ExpiredPiece): Promise<boolean> {
  const counts = [
    await removeOperations(writer, piece),
    await removeTasks(writer, piece),
    await removeJobs(writer, piece),
  ];
  return counts.some((count) => count >= piece.limit);
}

/** When the next row expires; undefined: nothing has ended that is still there. */
export async function nextExpiry(reader: Reader): Promise<Instant | undefined> {
  let next: Instant | undefined;
  for (const table of ['operations', 'appliance_tasks', 'appliance_jobs'] as const) {
    const row = await reader
      .selectFrom(table)
      .select('expires_at')
      .where('expires_at', 'is not', null)
      .orderBy('expires_at')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) continue;
    const at = instant(Number(row.expires_at));
    next = next === undefined ? at : earlier(next, at);
  }
  return next;
}

/** An operation is needed as long as it is the run of a deployment, or one has not seen yet how it ended. */
async function removeOperations(
  writer: Writer,
  { now, nextLook, limit }: ExpiredPiece,
): Promise<number> {
  const rows = await writer
    .selectFrom('operations')
    .select(['id', 'expires_at'])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('deployments')
            .select('deployments.key')
            .whereRef('deployments.operation_id', '=', 'operations.id'),
        )
        .as('isRun'),
    )
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('deployment_operations')
            .select('deployment')
            .whereRef('deployment_operations.operation_id', '=', 'operations.id')
            .where('deployment_operations.status', '=', 'Running'),
        )
        .as('isAwaited'),
    )
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  for (const { id, isRun, isAwaited } of rows) {
    // SQLite tells truth as a number.
    if (Boolean(isRun) || Boolean(isAwaited)) {
      await writer
        .updateTable('operations')
        .set({ expires_at: nextLook })
        .where('id', '=', id)
        .execute();
      continue;
    }
    await writer.deleteFrom('operations').where('id', '=', id).execute();
    // Of one whose timer was put away, or that something waited for which is gone.
    await clearTimer(writer, 'operation', id);
    await writer.deleteFrom('waits').where('awaited', '=', operationEnd(id)).execute();
  }
  return rows.length;
}

/** Of a command's id, `{operation}/{step}`. */
const OPERATION_ID_LENGTH = 36;

/** How a command came out is needed as long as its operation runs. */
async function removeTasks(
  writer: Writer,
  { now, nextLook, limit }: ExpiredPiece,
): Promise<number> {
  const rows = await writer
    .selectFrom('appliance_tasks')
    .select(['appliance', 'id'])
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  for (const { appliance, id } of rows) {
    const running = await writer
      .selectFrom('operations')
      .select('id')
      .where('id', '=', id.slice(0, OPERATION_ID_LENGTH))
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    const own = { appliance, id };
    await (running === undefined
      ? writer.deleteFrom('appliance_tasks').where((eb) => eb.and(own))
      : writer
          .updateTable('appliance_tasks')
          .set({ expires_at: nextLook })
          .where((eb) => eb.and(own))
    ).execute();
  }
  return rows.length;
}

/** A job is needed as long as its machine names it: the last refresh of a share, the last scan for updates. */
async function removeJobs(writer: Writer, { now, nextLook, limit }: ExpiredPiece): Promise<number> {
  const rows = await writer
    .selectFrom('appliance_jobs')
    .select(['appliance', 'name'])
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  for (const { appliance, name } of rows) {
    const naming = await writer
      .selectFrom('appliances')
      .select('id')
      .where('id', '=', appliance)
      .where((eb) => contains(eb, eb.ref('state'), name))
      .executeTakeFirst();
    const own = { appliance, name };
    await (naming === undefined
      ? writer.deleteFrom('appliance_jobs').where((eb) => eb.and(own))
      : writer
          .updateTable('appliance_jobs')
          .set({ expires_at: nextLook })
          .where((eb) => eb.and(own))
    ).execute();
  }
  return rows.length;
}
