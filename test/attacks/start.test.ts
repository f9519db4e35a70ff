/** A start tells the truth: where something is wrong with its folder, its database, its port or its Redis, it says so in one line. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import SqliteDatabase from 'better-sqlite3';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Starts the process and waits for its end: its status and what it said. */
async function failedStart(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string; readonly lines: string[] }> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      EDGETWIN_PORT: '0',
      EDGETWIN_LOG_LEVEL: 'silent',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  assert.equal(out, '', 'it never says that it is ready');
  return { code, said: complaints, lines: complaints.trim().split('\n') };
}

/** Folder of a world that has been used. */
async function usedFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const service = await ServiceProcess.start({ EDGETWIN_DATA: folder });
  await service.end('SIGTERM');
  return folder;
}

async function refusesToStart(
  environment: Readonly<Record<string, string>>,
  ...patterns: readonly RegExp[]
): Promise<void> {
  const { code, said, lines } = await failedStart(environment);
  assert.equal(code, 1, said);
  assert.equal(lines.length, 1, said);
  for (const pattern of patterns) assert.match(said, pattern);
}

describe('issue 9, 23: a start tells the truth', () => {
  test('a lost vault.key', async (t) => {
    const folder = await usedFolder(t);
    await rm(join(folder, 'vault.key'));
    const asked = { EDGETWIN_DATA: folder };
    await refusesToStart(asked, /vault\.key is missing/, /restore the file from a backup/);
    await assert.rejects(stat(join(folder, 'vault.key')), 'no new key is made');
  });

  test('the vault.key of another world, and one that is no key', async (t) => {
    const [folder, other] = [await usedFolder(t), await usedFolder(t)];
    await writeFile(join(folder, 'vault.key'), await readFile(join(other, 'vault.key')));
    await refusesToStart({ EDGETWIN_DATA: folder }, /vault\.key is not the key/);
    await writeFile(join(folder, 'vault.key'), 'nonsense');
    await refusesToStart({ EDGETWIN_DATA: folder }, /vault\.key is not a master key/);
  });

  test('a database of a newer release', async (t) => {
    const folder = await usedFolder(t);
    const database = new SqliteDatabase(join(folder, 'edgetwin.sqlite'));
    database.prepare("insert into migrations values ('9999-future.sql')").run();
    database.close();
    await refusesToStart(
      { EDGETWIN_DATA: folder },
      /edgetwin\.sqlite was written by a newer release \(it has the migration 9999-future\.sql\)/,
    );
  });

  test('a broken database, one of another program, one that is no file', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'edgetwin.sqlite');
    await writeFile(file, 'this is no database, '.repeat(500));
    await refusesToStart(
      { EDGETWIN_DATA: folder },
      /edgetwin\.sqlite is not a database: name another folder/,
    );
    await rm(file);
    const database = new SqliteDatabase(file);
    database.exec('create table songs (name text)');
    database.close();
    await refusesToStart(
      { EDGETWIN_DATA: folder },
      /edgetwin\.sqlite is the database of another program/,
    );
    await rm(file);
    await mkdir(file);
    await refusesToStart({ EDGETWIN_DATA: folder }, /edgetwin\.sqlite/);
    const plain = join(folder, 'plain');
    await writeFile(plain, '');
    await refusesToStart({ EDGETWIN_DATA: plain }, /plain.* is not a folder: name another one/);
  });

  test('a database that may not be written', async (t) => {
    if (process.getuid?.() === 0) {
      t.skip('root may write everything');
      return;
    }
    const folder = await usedFolder(t);
    await chmod(join(folder, 'edgetwin.sqlite'), 0o400);
    await chmod(folder, 0o500);
    t.after(async () => chmod(folder, 0o700));
    await refusesToStart({ EDGETWIN_DATA: folder }, /cannot be written|cannot be opened/);
  });

  test('a port in use', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as { port: number };
    await refusesToStart(
      { EDGETWIN_DATA: ':memory:', EDGETWIN_PORT: String(port) },
      new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use; set EDGETWIN_PORT to another one`),
    );
  });

  test('a Redis and a PostgreSQL that nobody answers for', async () => {
    const memory = { EDGETWIN_DATA: ':memory:' };
    await refusesToStart(
      { ...memory, REDIS_URL: 'redis://:s3cret@127.0.0.1:1' },
      /Redis at 127\.0\.0\.1:1 cannot be reached: check that it runs and that REDIS_URL names it/,
    );
    const { said } = await failedStart({
      ...memory,
      DATABASE_URL: 'postgres://u:s3cret@127.0.0.1:1/x',
    });
    assert.match(said, /PostgreSQL at 127\.0\.0\.1:1\/x cannot be used .*DATABASE_URL/);
    assert.ok(!said.includes('s3cret'));
  });

  test('the data folder is its owner’s alone, also where an earlier release has made it', async (t) => {
    const folder = join(await temporaryFolder(t), 'data');
    const modes = async (): Promise<string[]> => {
      const names = ['.', 'edgetwin.sqlite', 'edgetwin.sqlite-wal', 'vault.key'];
      const found = await Promise.all(names.map(async (name) => stat(join(folder, name))));
      return found.map(({ mode }) => (mode & 0o777).toString(8));
    };
    const PRIVATE = ['700', '600', '600', '600'];
    const first = await ServiceProcess.start({ EDGETWIN_DATA: folder });
    assert.deepEqual(await modes(), PRIVATE);
    await first.end();
    await chmod(folder, 0o755);
    await chmod(join(folder, 'edgetwin.sqlite'), 0o644);
    const second = await ServiceProcess.start({ EDGETWIN_DATA: folder });
    t.after(async () => second.end());
    assert.deepEqual(await modes(), PRIVATE);
  });
});
