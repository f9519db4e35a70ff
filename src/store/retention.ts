/**
 * Removes what has ended long ago: operations, and the tasks and jobs of machines. A piece takes a bounded number of rows that have
 * expired. Those that something still needs are looked at again later. Used by `operations/retention.ts`.
 */
import { earlier, instant, type Instant } from '#shared/instant.ts';
import type { Reader, Writer } from './database.ts';
import { expiryOf, KEPT_FOR } from './expiry.ts';
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

/** When a row expires next, or a moment before that which is later than `now`; undefined: nothing has ended that is still there. */
export async function nextExpiry(reader: Reader, now: Instant): Promise<Instant | undefined> {
  const moments = await nextOperationExpiries(reader, now);
  for (const table of ['appliance_tasks', 'appliance_jobs'] as const) {
    const row = await reader
      .selectFrom(table)
      .select('expires_at')
      .where('expires_at', 'is not', null)
      .orderBy('expires_at')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) moments.push(instant(Number(row.expires_at)));
  }
  return moments.length === 0 ? undefined : moments.reduce(earlier);
}

/**
 * When operations expire next, of those that began so long ago that they could have expired, and no later than the first of the others:
 * when they expire stands in no index (docs/decisions/0026).
 */
async function nextOperationExpiries(reader: Reader, now: Instant): Promise<Instant[]> {
  const old = await reader
    .selectFrom('operations')
    .select('expires_at')
    .where('started_at', '<=', beganToExpireBy(now))
    .where('expires_at', 'is not', null)
    .orderBy('expires_at')
    .limit(1)
    .executeTakeFirst();
  const first = await reader
    .selectFrom('operations')
    .select('started_at')
    .where('started_at', '>', beganToExpireBy(now))
    .where('expires_at', 'is not', null)
    .orderBy('started_at')
    .limit(1)
    .executeTakeFirst();
  return [
    ...(old === undefined ? [] : [instant(Number(old.expires_at))]),
    ...(first === undefined ? [] : [expiryOf(instant(Number(first.started_at)))]),
  ];
}

/** What has expired by `now` ended by then, so it began by then too. */
const beganToExpireBy = (now: Instant): Instant => instant(now - KEPT_FOR);

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
    .where('started_at', '<=', beganToExpireBy(now))
    .where('expires_at', '<=', now)
    .orderBy('started_at')
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
