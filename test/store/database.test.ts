/** The database as such: migrations, transactions that are shared, retried and taken back, the cache, and what commits tell. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { instant } from '#shared/instant.ts';
import { Database, type Writer } from '#store/database.ts';
import { meanwhile } from '#store/sending.ts';
import { signalsOf, type Commit } from '#store/signals.ts';
import { addTimer, addWaitingTimer, readTimer, wakeWaiting } from '#store/timers.ts';
import { databaseOf, sharedPlace, testOnEachStore } from '../support/database.ts';
import { temporaryFolder } from '../support/process.ts';

const put = async (writer: Writer, name: string, value = 'v'): Promise<void> => {
  await writer
    .insertInto('world')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
  signalsOf(writer).touch(`value ${name}`);
};

const read = async (reader: Database['reader'], name: string): Promise<string | undefined> => {
  const row = await reader
    .selectFrom('world')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
};

const names = async (database: Database): Promise<string[]> => {
  const rows = await database.reader.selectFrom('world').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
};

const cachedValue = async (database: Database, name: string): Promise<string | undefined> =>
  database.cached(`value ${name}`, async (reader) => read(reader, name));

const nextTurn = async (): Promise<void> => {
  await new Promise(setImmediate);
};

testOnEachStore(
  'migrations run once, each of them, and keep what is there',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    // Two that start at once: one of them migrates, the other waits for it.
    const [first, second] = await Promise.all([databaseOf(t, place), databaseOf(t, place)]);
    await first.write(async (writer) => put(writer, 'a'));
    assert.deepEqual(await names(second), ['a']);
    const third = await databaseOf(t, place);
    assert.deepEqual(await names(third), ['a']);
    const tables = await third.reader.introspection.getTables();
    assert.ok(tables.some(({ name }) => name === 'waits'));
  },
);

test('every migration is on record', async (t) => {
  const database = await databaseOf(t, await temporaryFolder(t));
  const rows = await database.reader
    // The table of the migrations is the store's own, and in no type.
    .selectFrom('migrations' as 'world')
    .select('name')
    .orderBy('name')
    .execute();
  const files = readdirSync(new URL('../../migrations', import.meta.url)).sort();
  assert.deepEqual(
    rows.map(({ name }) => name),
    files,
  );
});

testOnEachStore('a transaction is there whole or not at all', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await assert.rejects(
    database.write(async (writer) => {
      await put(writer, 'a');
      throw new Error('second thoughts');
    }),
    /second thoughts/,
  );
  assert.deepEqual(await names(database), []);
  await database.write(async (writer) => put(writer, 'b'));
  assert.deepEqual(await names(database), ['b']);
});

testOnEachStore('works of one turn are each whole or not at all', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await database.write(async (writer) => put(writer, 'taken'));
  const works = ['a', 'b', 'c', 'd'].map(async (name) =>
    database.write(async (writer) => {
      await put(writer, name);
      if (name === 'b') throw new Error('not b');
      // A statement that fails spoils only its own work.
      if (name === 'c')
        await writer.insertInto('world').values({ name: 'taken', value: 'x' }).execute();
      return name;
    }),
  );
  const outcomes = await Promise.allSettled(works);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await names(database), ['a', 'd', 'taken']);
});

testOnEachStore('a write that nobody waits for fails its own work alone', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  const timer = { kind: 'bell', target: 'a', dueAt: instant(1) };
  const [twice, once] = await Promise.allSettled([
    database.write(async (writer) => {
      await put(writer, 'lost');
      await addTimer(writer, timer);
      await addTimer(writer, timer);
      return 'not told';
    }),
    database.write(async (writer) => put(writer, 'kept')),
  ]);
  assert.deepEqual([twice.status, once.status], ['rejected', 'fulfilled']);
  assert.match(String(twice.status === 'rejected' && twice.reason), /unique/i);
  assert.deepEqual(await names(database), ['kept']);
  assert.equal(await readTimer(database.reader, 'bell', 'a'), undefined);
});

testOnEachStore(
  'what is told of a failed transaction is why, not what came of it',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => put(writer, 'taken'));
    const failing = database.write(async (writer) => {
      await meanwhile(writer, async () => {
        await read(writer, 'taken');
        // Where nothing waits, this is carried out after the insert below has failed.
        await addTimer(writer, { kind: 'bell', target: 'a', dueAt: instant(1) });
      });
      await writer.insertInto('world').values({ name: 'taken', value: 'x' }).execute();
    });
    await assert.rejects(failing, /unique/i);
    assert.equal(await readTimer(database.reader, 'bell', 'a'), undefined);
  },
);

testOnEachStore(
  'what a work brings about besides is kept when the next one is taken back',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    const waiting = { kind: 'bell', target: 'a' };
    await database.write(async (writer) => addWaitingTimer(writer, waiting, ['the end']));
    const outcomes = await Promise.allSettled([
      database.write(async (writer) => wakeWaiting(writer, ['the end'], instant(5))),
      database.write(async (writer) => {
        await put(writer, 'lost');
        throw new Error('second thoughts');
      }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal((await readTimer(database.reader, 'bell', 'a'))?.dueAt, 5);
    assert.deepEqual(await names(database), []);
  },
);

testOnEachStore('works of one turn share a commit', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  let commits = 0;
  database.onCommit(() => commits++);
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => database.write(async (writer) => put(writer, name))),
  );
  assert.equal(commits, 1);
});

testOnEachStore('a read never sees what is not committed', async (t, newPlace) => {
  const database = await databaseOf(t, await sharedPlace(t, newPlace));
  const inside = Promise.withResolvers<undefined>();
  const mayEnd = Promise.withResolvers<undefined>();
  const written = database.write(async (writer) => {
    await put(writer, 'a');
    inside.resolve(undefined);
    await mayEnd.promise;
    throw new Error('never');
  });
  await inside.promise;
  assert.equal(await cachedValue(database, 'a'), undefined);
  assert.deepEqual(await names(database), []);
  mayEnd.resolve(undefined);
  await assert.rejects(written, /never/);
  assert.equal(await cachedValue(database, 'a'), undefined);
});

testOnEachStore('no change is lost that is made from what was read', async (t, newPlace) => {
  const place = await sharedPlace(t, newPlace);
  const databases = [await databaseOf(t, place), await databaseOf(t, place)];
  await databases[0]!.write(async (writer) => put(writer, 'count', '0'));
  const add = async (database: Database): Promise<void> =>
    database.write(async (writer) => {
      const count = Number(await read(writer, 'count'));
      // Both databases are in the middle of it at the same time.
      await nextTurn();
      await put(writer, 'count', String(count + 1));
    });
  await Promise.all(
    Array.from({ length: 40 }, async (_none, index) => {
      for (let turn = 0; turn < index % 5; turn++) await nextTurn();
      await add(databases[index % 2]!);
    }),
  );
  assert.equal(await read(databases[1]!.reader, 'count'), '40');
});

testOnEachStore(
  'two that insert the same key at once find out about each other',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const databases = [await databaseOf(t, place), await databaseOf(t, place)];
    const claim = async (database: Database, by: string): Promise<string> =>
      database.write(async (writer) => {
        const holder = await read(writer, 'claimed');
        if (holder !== undefined) return holder;
        await nextTurn();
        await writer.insertInto('world').values({ name: 'claimed', value: by }).execute();
        return by;
      });
    const [one, other] = await Promise.all([
      claim(databases[0]!, 'one'),
      claim(databases[1]!, 'two'),
    ]);
    assert.equal(one, other);
  },
);

testOnEachStore('what is cached is dropped by the commit that changes it', async (t, newPlace) => {
  const place = await sharedPlace(t, newPlace);
  const ours = await databaseOf(t, place);
  const theirs = await databaseOf(t, place);
  const set = async (database: Database, value: string): Promise<void> =>
    database.write(async (writer) => put(writer, 'a', value));
  await set(ours, '1');
  assert.equal(await cachedValue(ours, 'a'), '1');
  await set(ours, '2');
  assert.equal(await cachedValue(ours, 'a'), '2');
  await set(theirs, '3');
  // Another process's commit is looked for once a turn of the event loop.
  await nextTurn();
  assert.equal(await cachedValue(ours, 'a'), '3');
});

test('a commit drops what it touches and leaves the rest', async (t) => {
  const database = await databaseOf(t, await temporaryFolder(t));
  for (const name of ['a', 'b', 'b/1']) {
    await database.write(async (writer) => put(writer, name));
    await cachedValue(database, name);
  }
  await database.write(async (writer) => put(writer, 'a', 'new'));
  assert.deepEqual(
    ['a', 'b', 'b/1'].map((name) => database.peek(`value ${name}`)),
    [undefined, 'v', 'v'],
  );
  await database.write(async (writer) => {
    await put(writer, 'a');
    signalsOf(writer).touchPrefix('value b/');
  });
  assert.deepEqual(
    ['b', 'b/1'].map((name) => database.peek(`value ${name}`)),
    ['v', undefined],
  );
});

test('a read that a commit overtakes is not cached', async (t) => {
  const database = await databaseOf(t, await temporaryFolder(t));
  await database.write(async (writer) => put(writer, 'a', 'old'));
  const mayEnd = Promise.withResolvers<undefined>();
  const overtaken = database.cached('value a', async (reader) => {
    const value = await read(reader, 'a');
    await mayEnd.promise;
    return value;
  });
  await database.write(async (writer) => put(writer, 'a', 'new'));
  mayEnd.resolve(undefined);
  assert.equal(await overtaken, 'old');
  assert.equal(await cachedValue(database, 'a'), 'new');
});

testOnEachStore(
  'listeners hear of each commit, once it is there, and of no other',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    const heard: Promise<string[]>[] = [];
    database.onCommit(({ isExternal }) => {
      if (!isExternal) heard.push(names(database));
    });
    await database.write(async (writer) => put(writer, 'a'));
    await assert.rejects(
      database.write(async (writer) => {
        await put(writer, 'x');
        throw new Error('no');
      }),
    );
    await database.write(async (writer) => put(writer, 'b'));
    const seen = await Promise.all(heard);
    assert.deepEqual(seen.at(0), ['a']);
    assert.deepEqual(seen.at(-1), ['a', 'b']);
  },
);

testOnEachStore(
  'a commit tells when the next timer is due, here and elsewhere',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const ours = await databaseOf(t, place);
    const theirs = await databaseOf(t, place);
    const own: Commit[] = [];
    ours.onCommit((commit) => own.push(commit));
    const told = Promise.withResolvers<Commit>();
    theirs.onCommit((commit) => {
      told.resolve(commit);
    });
    await ours.write(async (writer) => {
      await put(writer, 'a');
      signalsOf(writer).wake(instant(2000));
      signalsOf(writer).wake(instant(1000));
    });
    assert.deepEqual(own[0], { wakeAt: 1000, isClockSet: false, isExternal: false });
    const commit = await told.promise;
    assert.equal(commit.isExternal, true);
    assert.ok((commit.wakeAt ?? Infinity) <= 1000, 'what may be due is looked for');
  },
);

test('a place that cannot be opened is refused with its reason', async () => {
  await assert.rejects(Database.open('/dev/null/nowhere'), /not a folder/);
  await assert.rejects(Database.open('postgres://nobody@127.0.0.1:1/none'), /ECONNREFUSED/);
});
