/** Moving a world between the engines: every row goes over, or nothing, and what has begun on one goes on on the other. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { hours, instant } from '#shared/instant.ts';
import { fact } from '#shared/facts.ts';
import { Database } from '#store/database.ts';
import { openExclusively } from '#store/dialects.ts';
import { appendFacts } from '#store/journal.ts';
import { copyWorld, WorldCopyError } from '#store/world-copy.ts';
import { worldValue } from '#store/world.ts';
import { migrateStore } from '#src/migrate-store.ts';
import { type ArmClient, DEVICE, propertiesOf } from '../support/arm-client.ts';
import { USER } from '../support/bodies.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { makeWorld, RUNNING_DEPLOYMENT, RUNNING_ROLE, THIRD } from '../releases/world.ts';

const postgres = await runningPostgres();
const withPostgres = 'skip' in postgres ? { skip: postgres.skip } : {};
const nothing = async (): Promise<void> => Promise.resolve();

/** A schema with nothing in it. */
async function emptySchema(t: TestContext): Promise<string> {
  assert.ok('url' in postgres);
  return await ownSchema(t, postgres.url);
}

/** All rows of all tables, with the numbers that were drawn last. */
async function rowsAt(place: string): Promise<Record<string, unknown>> {
  const store = await openExclusively(place, { isNew: false });
  const rows: Record<string, unknown> = {};
  for (const { name, key, identity } of await store.tables()) {
    if (name === 'leases') continue;
    let query = store.connection.selectFrom(name as 'world').selectAll();
    for (const column of key) query = query.orderBy(column as 'name');
    rows[name] = (await query.execute()).map((row) => ({ ...row }));
    if (identity !== undefined) rows[`${name} drawn`] = await store.lastDrawn(name, identity);
  }
  await store.close(true);
  return rows;
}

/** A small world: an id, and facts with numbers that the database has drawn, of which the last one is gone. */
async function smallWorld(place: string, facts = 1200): Promise<void> {
  const database = await Database.open(place);
  await worldValue(database, 'id', 'a world');
  await database.write(async (writer) => {
    const told = Array.from({ length: facts }, (_, index) =>
      fact(instant(index), 'told', { text: "Grüße, O'Neil 💾" }),
    );
    for (let start = 0; start < facts; start += 100) {
      const subject = { subscriptionId: 's', resourceKey: '/a', resourceId: '/A', cause: 'test' };
      await appendFacts(writer, subject, told.slice(start, start + 100));
    }
    await writer.deleteFrom('journal').where('sequence', '=', facts).execute();
    for (const name of ['B', 'a', 'á', 'b', 'Z']) {
      const values = ['1', '2'].map((value) => ({ resource: name, name: value, value }));
      await writer.insertInto('resource_tags').values(values).execute();
    }
  });
  await database.close();
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof WorldCopyError, String(error));
    assert.ok(!error.message.includes('\n'), 'one line');
    return error.message;
  }
  return assert.fail('it was not refused');
}

describe('every row', () => {
  for (const [name, hasServer, places] of [
    ['from SQLite to PostgreSQL and back', true, ['sqlite', 'postgresql', 'sqlite']],
    ['from one folder to another', false, ['sqlite', 'sqlite']],
    ['from one schema to another', true, ['postgresql', 'postgresql']],
  ] as const) {
    test(name, hasServer ? withPostgres : {}, async (t) => {
      let from: string | undefined;
      let rows: Record<string, unknown> = {};
      for (const engine of places) {
        const to =
          engine === 'sqlite' ? join(await temporaryFolder(t), 'new') : await emptySchema(t);
        if (from === undefined) {
          await smallWorld(to);
          rows = await rowsAt(to);
          assert.equal((rows.journal as unknown[]).length, 1199);
          assert.equal(rows['journal drawn'], 1200);
        } else {
          const copied = await copyWorld({ from, to, beforeCommit: nothing });
          assert.ok(copied.rows >= 1210, String(copied.rows));
          assert.deepEqual(await rowsAt(to), rows);
          assert.deepEqual(await rowsAt(from), rows, 'the source is as it was');
        }
        from = to;
      }
      const database = await Database.open(from ?? '');
      t.after(async () => database.close());
      const subject = { subscriptionId: 's', resourceKey: '/a', resourceId: '/A', cause: 'test' };
      await database.write(async (writer) =>
        appendFacts(writer, subject, [fact(instant(0), 'later', {})]),
      );
      const last = await database.reader
        .selectFrom('journal')
        .select('sequence')
        .where('kind', '=', 'later')
        .executeTakeFirstOrThrow();
      assert.equal(last.sequence, 1201, 'no number is drawn twice');
    });
  }
});

test('every table of a new world can be copied: it has a primary key', async (t) => {
  const folder = await temporaryFolder(t);
  const database = await Database.open(folder);
  await database.close();
  const store = await openExclusively(folder, { isNew: false });
  const tables = await store.tables();
  await store.close(true);
  assert.ok(tables.length > 20);
  assert.deepEqual(
    tables.filter(({ key }) => key.length === 0),
    [],
  );
});

test('a world that is moved into a folder is its owner’s alone', async (t) => {
  const from = await temporaryFolder(t);
  await smallWorld(from, 100);
  const to = join(await temporaryFolder(t), 'new');
  await copyWorld({ from, to, beforeCommit: nothing });
  for (const [path, mode] of [
    [to, 0o700],
    [join(to, 'edgetwin.sqlite'), 0o600],
  ] as const) {
    assert.equal((await stat(path)).mode & 0o777, mode, path);
  }
});

describe('refused', () => {
  test('a source that a process uses, and a target that one uses', async (t) => {
    const [folder, other] = [await temporaryFolder(t), await temporaryFolder(t)];
    await smallWorld(folder, 100);
    await smallWorld(other, 100);
    const user = await Database.open(folder);
    assert.equal(await user.problem(), undefined);
    const to = join(await temporaryFolder(t), 'new');
    const inUse = /^The source is in use/;
    assert.match(await refusal(copyWorld({ from: folder, to, beforeCommit: nothing })), inUse);
    assert.ok(!existsSync(to), 'nothing was made');
    const message = await refusal(copyWorld({ from: other, to: folder, beforeCommit: nothing }));
    assert.match(message, /^The target is in use/);
    await user.close();
    await copyWorld({ from: folder, to, beforeCommit: nothing });
  });

  test(
    'a schema that a process uses; while a world is moved no process begins',
    withPostgres,
    async (t) => {
      const place = await emptySchema(t);
      await smallWorld(place, 100);
      const user = await Database.open(place);
      const to = join(await temporaryFolder(t), 'new');
      assert.match(
        await refusal(copyWorld({ from: place, to, beforeCommit: nothing })),
        /^The source is in use/,
      );
      await user.close();
      const beforeCommit = async (): Promise<void> => {
        await assert.rejects(Database.open(place), /is being moved/);
      };
      await copyWorld({ from: place, to, beforeCommit });
      const again = await Database.open(place);
      await again.close();
    },
  );

  test('what holds no world, and what a newer release has written', async (t) => {
    const to = join(await temporaryFolder(t), 'new');
    const copy = async (from: string): Promise<string> =>
      refusal(copyWorld({ from, to, beforeCommit: nothing }));
    const folder = await temporaryFolder(t);
    assert.match(await copy(folder), /There is no edgetwin\.sqlite/);
    const database = await Database.open(folder);
    await database.close();
    assert.equal(await copy(folder), 'The source holds no world.');
    await smallWorld(folder, 100);
    const newer = await openExclusively(folder, { isNew: false });
    await newer.migrate([
      {
        name: '9999-later.sql',
        sql: 'create table later (id text primary key)',
      },
    ]);
    await newer.close(true);
    assert.match(await copy(folder), /newer release \(it has '9999-later\.sql'\)/);
    assert.ok(!existsSync(to));
  });

  test('a target that is not empty stays as it is', withPostgres, async (t) => {
    const from = await temporaryFolder(t);
    await smallWorld(from, 100);
    for (const to of [await temporaryFolder(t), await emptySchema(t)]) {
      await smallWorld(to, 200);
      const rows = await rowsAt(to);
      const message = await refusal(copyWorld({ from, to, beforeCommit: nothing }));
      assert.match(message, /^The target is not empty/);
      assert.deepEqual(await rowsAt(to), rows);
    }
  });

  test('what fails on the way leaves the target empty', withPostgres, async (t) => {
    const from = await temporaryFolder(t);
    await smallWorld(from);
    const folder = join(await temporaryFolder(t), 'new');
    for (const to of [folder, await emptySchema(t)]) {
      const beforeCommit = async (): Promise<void> => Promise.reject(new WorldCopyError('no'));
      assert.equal(await refusal(copyWorld({ from, to, beforeCommit })), 'no');
      await copyWorld({ from, to, beforeCommit: nothing });
    }
  });

  test(
    'a place in memory, a place onto itself, a key that is missing, a key of another world',
    withPostgres,
    async (t) => {
      const from = await temporaryFolder(t);
      await smallWorld(from, 100);
      const own = { data: from, masterKey: undefined };
      assert.match(
        await refusal(migrateStore(':memory:', from, own)),
        /source cannot be in memory/,
      );
      assert.match(
        await refusal(migrateStore(from, ':memory:', own)),
        /target cannot be in memory/,
      );
      assert.match(await refusal(migrateStore(from, `${from}/.`, own)), /are the same/);
      const to = join(await temporaryFolder(t), 'new');
      assert.match(await refusal(migrateStore(from, to, own)), /no vault\.key in .*EDGETWIN_DATA/);
      assert.ok(!existsSync(to), 'nothing was made');
      const key = (letter: string): string =>
        `${Buffer.from(letter.repeat(32)).toString('base64')}\n`;
      await writeFile(join(from, 'vault.key'), key('a'));
      const taken = await temporaryFolder(t);
      await writeFile(join(taken, 'vault.key'), key('b'));
      assert.match(await refusal(migrateStore(from, taken, own)), /vault\.key of another world/);
      assert.equal(await readFile(join(taken, 'vault.key'), 'utf8'), key('b'));
      await migrateStore(from, to, own);
      assert.equal(await readFile(join(to, 'vault.key'), 'utf8'), key('a'));
    },
  );
});

describe('a world with machines, operations that run, users and deployments', withPostgres, () => {
  const FROZEN = { EDGETWIN_SEED: 'release' };

  /** What was under way has come to its end, and new things can be made. */
  async function goesOn(arm: ArmClient): Promise<void> {
    await arm.advance(hours(2));
    assert.equal(propertiesOf(await arm.get(RUNNING_ROLE)).provisioningState, 'Created');
    assert.equal(propertiesOf(await arm.get(RUNNING_DEPLOYMENT)).provisioningState, 'Succeeded');
    await arm.get(`${DEVICE}/users/carl`);
  }

  test('goes on on PostgreSQL, and on SQLite after that', async (t) => {
    const folder = await temporaryFolder(t);
    const first = await startService(t, { ...FROZEN, EDGETWIN_DATA: folder });
    await makeWorld(first);
    const clock = await first.get('/_edgetwin/clock');
    await first.service.close();
    const rows = await rowsAt(folder);

    const server = await emptySchema(t);
    const own = { data: folder, masterKey: undefined };
    const told = await migrateStore(folder, server, own);
    assert.match(told, new RegExp(`EDGETWIN_DATA=${folder}`));
    assert.ok(!told.includes('search_path'), 'a URL is told without what may be secret');
    assert.deepEqual(await rowsAt(server), rows);

    const back = join(await temporaryFolder(t), 'back');
    await migrateStore(server, back, own);
    assert.deepEqual(await rowsAt(back), rows);

    const on = { ...FROZEN, EDGETWIN_DATA: folder, DATABASE_URL: server };
    const second = await startService(t, on);
    assert.deepEqual(await second.get('/_edgetwin/clock'), clock);
    await goesOn(second);
    await second.done('put', `${THIRD}/users/dora`, USER);
    await second.service.close();

    const again = join(await temporaryFolder(t), 'again');
    await migrateStore(server, again, own);
    const third = await startService(t, { ...FROZEN, EDGETWIN_DATA: again });
    await third.get(`${THIRD}/users/dora`);
    await third.done('put', `${THIRD}/users/emil`, USER);
    await third.activeDevice({}, DEVICE.replace(/edge1$/, 'edge9'));

    const fourth = await startService(t, { ...FROZEN, EDGETWIN_DATA: back });
    await goesOn(fourth);
  });
});
