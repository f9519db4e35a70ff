/**
 * Makes a release's world: run with the sources of that release, once, before the next one changes anything that is stored.
 * `node test/releases/make-world.ts test/releases/<release>` writes there the database (packed), its master key, and what that
 * release showed of it. Never run again for a release that has a folder: what it wrote is the point of it.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import SqliteDatabase from 'better-sqlite3';
import { startService } from '../support/service.ts';
import { makeWorld, readsOf, seenAt } from './world.ts';

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('Name the folder of the release.');
const folder = mkdtempSync(join(tmpdir(), 'edgetwin-'));
const atEnd: (() => unknown)[] = [];
const arm = await startService(
  { after: (action: () => unknown) => atEnd.push(action) },
  {
    EDGETWIN_DATA: folder,
    EDGETWIN_SEED: 'release',
  },
);
await makeWorld(arm);
const seen = await seenAt(arm, await readsOf(arm));
for (const action of atEnd) await action();

const path = join(folder, 'edgetwin.sqlite');
const sqlite = new SqliteDatabase(path);
sqlite.pragma('wal_checkpoint(TRUNCATE)');
sqlite.pragma('journal_mode = DELETE');
sqlite.exec('vacuum');
sqlite.close();
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'edgetwin.sqlite.gz'), gzipSync(readFileSync(path), { level: 9 }));
copyFileSync(join(folder, 'vault.key'), join(target, 'vault.key'));
writeFileSync(join(target, 'seen.json'), `${JSON.stringify(seen, undefined, 1)}\n`);
rmSync(folder, { recursive: true });
