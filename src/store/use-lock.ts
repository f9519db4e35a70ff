/**
 * The lock on PostgreSQL that every process shares which uses the schema, and that whoever moves its world has alone. Used by
 * `dialect-postgres.ts` and `listening.ts`.
 */
import type { PoolClient } from 'pg';
import { StoreInUseError } from './unusable.ts';

const USE_LOCK = `7340114, hashtext(current_schema())`;

/** As long as the connection lasts. */
export const LOCK_SHARED = `select pg_try_advisory_lock_shared(${USE_LOCK}) as taken`;
export const LOCK_ALONE = `select pg_try_advisory_lock(${USE_LOCK}) as taken`;
/** Until the transaction ends. */
export const LOCK_SHARED_IN_TRANSACTION = `select pg_try_advisory_xact_lock_shared(${USE_LOCK}) as taken`;

/** Throws where another process has the lock in a way that excludes this one. */
export async function takeLock(
  client: Pick<PoolClient, 'query'>,
  statement: string,
): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>(statement);
  if (rows[0]?.taken !== true) {
    throw new StoreInUseError(
      'The world of this schema is being moved: start when `edgetwin migrate-store` has ended.',
    );
  }
}
