/** What is thrown where the disk of the store is full: nothing of the transaction is kept, and the same write succeeds once there is room. */

/** SQLite [sqlite.org/rescode], the system, and PostgreSQL's `disk_full`. */
const CODES: readonly string[] = ['SQLITE_FULL', 'ENOSPC', '53100'];

export class StorageFullError extends Error {
  override readonly name = 'StorageFullError';

  constructor(place: string, cause: unknown) {
    super(`The disk of ${place} is full.`, { cause });
  }
}

/** Whether `error`, of an engine, says that its disk is full. */
export function isStorageFull(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    CODES.includes(String(error.code))
  );
}
