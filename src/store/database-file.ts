/** The file of an SQLite database: who may read it, and what its errors mean. Used by `dialects.ts`. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { unusableFile } from './unusable.ts';

/** Runs `open` on the database file at `path`; what goes wrong is told with that path. */
export function inWords<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw unusableFile(path, error) ?? error;
  }
}

/**
 * Makes the folder and the file their owner's alone: what is stored is not all sealed. SQLite gives its other files the mode of
 * this one. A folder that is there already is changed only if it holds a world: it may have another purpose besides.
 */
export function makePrivate(folder: string, path: string): void {
  const isWorld = existsSync(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  if (!isWorld) return;
  try {
    chmodSync(folder, 0o700);
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(file)) chmodSync(file, 0o600);
  } catch {
    // Another owner's: it is usable all the same, and its owner has chosen its mode.
  }
}
