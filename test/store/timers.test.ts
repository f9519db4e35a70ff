/** Timers: one a kind and target, due in order of time and of setting. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { instant, minutes, plus } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import {
  bringBackTimers,
  clearTimer,
  lookAtTimers,
  readTimer,
  setTimer,
  setTimerAside,
  addWaitingTimer,
  wakeWaiting,
} from '#store/timers.ts';
import { databaseOf, type NewPlace, testOnEachStore } from '../support/database.ts';

const START = instant(1_700_000_000_000);
const at = (minute: number) => plus(START, minutes(minute));

/** Sets timers one after another, by target and minute. */
async function set(database: Database, ...timers: [target: string, minute: number][]) {
  await database.write(async (writer) => {
    for (const [target, minute] of timers) {
      await setTimer(writer, { kind: 'bell', target, dueAt: at(minute) });
    }
  });
}

async function dueAt(database: Database, minute: number, limit = 100): Promise<string[]> {
  const { due } = await lookAtTimers(database.reader, at(minute), limit);
  return due.map(({ target }) => target);
}

const nextAfter = async (database: Database, minute: number) =>
  (await lookAtTimers(database.reader, at(minute), 100)).nextAt;

async function beltOf(t: TestContext, newPlace: NewPlace): Promise<Database> {
  const database = await databaseOf(t, await newPlace());
  await set(database, ['c', 3], ['b', 2], ['a', 2], ['now', 0]);
  return database;
}

testOnEachStore('timers are due at their moment, the earlier set first', async (t, newPlace) => {
  const database = await beltOf(t, newPlace);
  assert.deepEqual(await dueAt(database, -1), []);
  assert.deepEqual(await dueAt(database, 0), ['now']);
  assert.deepEqual(await dueAt(database, 2), ['now', 'b', 'a']);
  assert.deepEqual(await dueAt(database, 9, 2), ['now', 'b']);
});

testOnEachStore('the next one is the first after a moment, not at it', async (t, newPlace) => {
  const database = await beltOf(t, newPlace);
  assert.equal(await nextAfter(database, 0), at(2));
  assert.equal(await nextAfter(database, 2), at(3));
  assert.equal(await nextAfter(database, 3), undefined);
});

testOnEachStore(
  'setting again moves the timer behind its equals, with no attempts',
  async (t, newPlace) => {
    const database = await beltOf(t, newPlace);
    await database.write(async (writer) => {
      await setTimer(writer, { kind: 'bell', target: 'b', dueAt: at(2) }, 3);
    });
    assert.equal((await readTimer(database.reader, 'bell', 'b'))?.attempts, 3);
    assert.deepEqual(await dueAt(database, 2), ['now', 'a', 'b']);
    const before = await readTimer(database.reader, 'bell', 'b');
    await set(database, ['b', 1]);
    const after = await readTimer(database.reader, 'bell', 'b');
    assert.equal(after?.attempts, 0);
    assert.ok(
      after.sequence > (before?.sequence ?? 0),
      'an older wake-up is told from a newer one',
    );
    assert.deepEqual(await dueAt(database, 2), ['now', 'b', 'a']);
  },
);

testOnEachStore('a cleared timer is gone, and only that one', async (t, newPlace) => {
  const database = await beltOf(t, newPlace);
  await database.write(async (writer) => {
    await setTimer(writer, { kind: 'other', target: 'a', dueAt: at(0) });
    await clearTimer(writer, 'bell', 'a');
    await clearTimer(writer, 'bell', 'nobody');
  });
  assert.equal(await readTimer(database.reader, 'bell', 'a'), undefined);
  assert.equal((await readTimer(database.reader, 'other', 'a'))?.target, 'a');
});

testOnEachStore(
  'a timer that is set in a transaction that fails was never set',
  async (t, newPlace) => {
    const database = await beltOf(t, newPlace);
    await assert.rejects(
      database.write(async (writer) => {
        await setTimer(writer, { kind: 'bell', target: 'ghost', dueAt: at(0) });
        throw new Error('no');
      }),
    );
    assert.deepEqual(await dueAt(database, 0), ['now']);
  },
);

testOnEachStore(
  'a timer that waits is due once one of what it waits for has ended',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => {
      await addWaitingTimer(writer, { kind: 'bell', target: 'a' }, ['x', 'y', 'x']);
      await addWaitingTimer(writer, { kind: 'bell', target: 'b' }, ['y']);
      await addWaitingTimer(writer, { kind: 'bell', target: 'c' }, ['z']);
    });
    assert.deepEqual(await dueAt(database, 1_000_000), []);
    assert.equal(await nextAfter(database, 0), undefined, 'it is due at no moment');
    await database.write(async (writer) => wakeWaiting(writer, ['y', 'nobody'], at(1)));
    assert.deepEqual(await dueAt(database, 1), ['a', 'b']);
    // It waits for nothing any more: another end moves it no further.
    await database.write(async (writer) => wakeWaiting(writer, ['x', 'z'], at(5)));
    assert.deepEqual(await dueAt(database, 5), ['a', 'b', 'c']);
    assert.equal((await readTimer(database.reader, 'bell', 'a'))?.dueAt, at(1));
  },
);

testOnEachStore('one look shows what is due and when the next is', async (t, newPlace) => {
  const database = await beltOf(t, newPlace);
  const { due, nextAt } = await lookAtTimers(database.reader, at(2), 2);
  assert.deepEqual(
    due.map(({ target }) => target),
    ['now', 'b'],
  );
  assert.equal(nextAt, at(3), 'the next one after the moment, however many are due');
});

testOnEachStore(
  'a timer that is set aside is not due, until its kind is brought back; one that waits stays',
  async (t, newPlace) => {
    const database = await beltOf(t, newPlace);
    await database.write(async (writer) => {
      const timer = await readTimer(writer, 'bell', 'now');
      assert.ok(timer !== undefined);
      await setTimerAside(writer, timer);
      await addWaitingTimer(writer, { kind: 'bell', target: 'waits' }, ['the end of something']);
    });
    assert.deepEqual(await dueAt(database, 9), ['b', 'a', 'c']);
    assert.equal(await nextAfter(database, 3), undefined);
    await database.write(async (writer) => bringBackTimers(writer, 'other', at(1)));
    assert.deepEqual(await dueAt(database, 1), []);
    await database.write(async (writer) => bringBackTimers(writer, 'bell', at(1)));
    assert.deepEqual(await dueAt(database, 1), ['now']);
    assert.deepEqual(await dueAt(database, 9), ['now', 'b', 'a', 'c']);
  },
);
