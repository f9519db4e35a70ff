/**
 * Why a store cannot be opened, in one line for the person at the terminal: which file or server it is, and what to do. Made where
 * an engine's own errors are known (`dialects.ts`); told by `server.ts`.
 */

/** A store that this service cannot open, and must not change. */
export class UnusableStoreError extends Error {
  override readonly name = 'UnusableStoreError';
}

/** A store that another process uses, or moves. */
export class StoreInUseError extends UnusableStoreError {}

/** What SQLite's codes mean to the owner of the file [sqlite.org/rescode]. */
const SQLITE_REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [
    /^SQLITE_NOTADB/,
    'is not a database: name another folder in EDGETWIN_DATA, or move the file away',
  ],
  [
    /^SQLITE_CORRUPT/,
    'is damaged: restore it from a backup, or move it away to begin with a new world',
  ],
  [
    /^SQLITE_READONLY/,
    'cannot be written: give its folder and its files to the user that runs the service',
  ],
  [
    /^SQLITE_(CANTOPEN|PERM)/,
    'cannot be opened: the user that runs the service needs its folder and its files',
  ],
  [/^SQLITE_FULL/, 'cannot grow: its disk is full; make room and start again'],
  [/^SQLITE_IOERR/, 'cannot be read or written: its disk is full or broken'],
  [
    /^SQLITE_BUSY/,
    'is locked by another program: end that program, or name another folder in EDGETWIN_DATA',
  ],
];

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES:
    'is not for the user that runs the service: change its owner, or name another folder in EDGETWIN_DATA',
  EPERM:
    'is not for the user that runs the service: change its owner, or name another folder in EDGETWIN_DATA',
  EROFS: 'is on a disk that is read-only: name another folder in EDGETWIN_DATA',
  ENOSPC: 'is on a disk that is full: make room and start again',
  ENOTDIR: 'is not a folder: name another one in EDGETWIN_DATA',
  EEXIST: 'is not a folder: name another one in EDGETWIN_DATA',
};

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** `error` of the database file at `path`, in words; undefined where there are none for it. */
export function unusableFile(path: string, error: unknown): UnusableStoreError | undefined {
  const code = codeOf(error);
  const reason =
    SQLITE_REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? SYSTEM_REASONS[code];
  return reason === undefined
    ? undefined
    : new UnusableStoreError(`${path} ${reason}.`, { cause: error });
}

/** `error` of the server at `url`, in words; of the URL its host alone, since the rest may be secret. */
export function unusableServer(url: string, error: unknown): UnusableStoreError {
  const { host, pathname } = new URL(url);
  const told = error instanceof Error ? error.message : String(error);
  const reason = told === '' ? codeOf(error) : told;
  return new UnusableStoreError(
    `PostgreSQL at ${host}${pathname} cannot be used (${reason}): check that it runs and that DATABASE_URL names it.`,
    { cause: error },
  );
}

/** Refuses a store that a newer release has written: what it has put there is not known here. */
export function checkMigrations(
  place: string,
  { seen, known }: { readonly seen: Iterable<unknown>; readonly known: readonly string[] },
): void {
  const unknown = [...seen].map(String).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UnusableStoreError(
    `${place} was written by a newer release (it has the migration ${unknown[0] ?? ''}): start that release, or use another store.`,
  );
}

/** Refuses a database of another program: it has tables, and none of ours. */
export function foreignStore(place: string): UnusableStoreError {
  return new UnusableStoreError(
    `${place} is the database of another program: name another folder in EDGETWIN_DATA, or move the file away.`,
  );
}
