/** The simulated clock: how it follows the wall, stands still, jumps, and outlives the process. The wall is the test's. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Clock, type InitialClock, slowingMarginMs } from '#schedule/clock.ts';
import {
  type Duration,
  hours,
  instant,
  type Instant,
  later,
  milliseconds,
  minutes,
  plus,
  seconds,
} from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import { databaseOf, type NewPlace, sharedPlace, testOnEachStore } from '../support/database.ts';

const WALL = instant(1_800_000_000_000);
const START = instant(1_700_000_000_000);
const FROZEN: InitialClock = { startAt: START, rate: 60, isFrozen: true };
const RUNNING: InitialClock = { ...FROZEN, isFrozen: false };

/** A wall that stands still until the test moves it. */
function wallOf(t: TestContext): { move: (length: Duration) => void } {
  let now = WALL;
  t.mock.timers.enable({ apis: ['Date'], now });
  return {
    move: (length) => {
      now = plus(now, length);
      t.mock.timers.setTime(now);
    },
  };
}

/** The clock of a database, as one process has it. */
async function clockOf(
  t: TestContext,
  database: Database,
  initial: InitialClock = FROZEN,
): Promise<Clock> {
  const clock = await Clock.open(database, initial);
  t.after(() => {
    clock.close();
  });
  return clock;
}

/** How far a clock is set ahead where it is slowed down: by so much of each millisecond that it loses. */
const aheadBy = (database: Database, lost: number): Duration =>
  milliseconds(slowingMarginMs(database) * lost);

testOnEachStore('begins where it is told, or with the wall', async (t, newPlace) => {
  wallOf(t);
  const told = await clockOf(t, await databaseOf(t, await newPlace()));
  assert.equal(told.now(), START);
  const other = { ...FROZEN, startAt: undefined };
  assert.equal((await clockOf(t, await databaseOf(t, await newPlace()), other)).now(), WALL);
});

testOnEachStore('runs at its rate, and says how long the wall has to wait', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await clockOf(t, await databaseOf(t, await newPlace()), RUNNING);
  wall.move(seconds(2));
  assert.equal(clock.now(), plus(START, minutes(2)));
  assert.equal(clock.wallUntil(plus(START, minutes(5))), seconds(3));
  assert.equal(clock.wallUntil(START), 0, 'what is past is not waited for');
});

testOnEachStore('stands still while it is frozen, and goes on from there', async (t, newPlace) => {
  const wall = wallOf(t);
  const database = await databaseOf(t, await newPlace());
  const clock = await clockOf(t, database, FROZEN);
  wall.move(hours(1));
  assert.equal(clock.now(), START);
  assert.equal(clock.wallUntil(plus(START, minutes(5))), undefined);
  await clock.set({ isFrozen: false });
  wall.move(seconds(1));
  assert.equal(clock.now(), plus(START, minutes(1)));
  await clock.set({ isFrozen: true });
  const frozenAt = plus(plus(START, minutes(1)), aheadBy(database, 60));
  assert.equal(clock.now(), frozenAt);
  wall.move(hours(1));
  assert.equal(clock.now(), frozenAt);
});

testOnEachStore('changes its rate from now on, not for what has passed', async (t, newPlace) => {
  const wall = wallOf(t);
  const database = await databaseOf(t, await newPlace());
  const clock = await clockOf(t, database, RUNNING);
  wall.move(seconds(1));
  await clock.set({ rate: 1 });
  assert.equal(clock.rate, 1);
  wall.move(seconds(1));
  const slowed = plus(plus(START, seconds(61)), aheadBy(database, 59));
  assert.equal(clock.now(), slowed);
  await clock.set({ rate: 60 });
  wall.move(seconds(1));
  assert.equal(clock.now(), plus(slowed, seconds(60)));
});

testOnEachStore('jumps ahead and never back', async (t, newPlace) => {
  wallOf(t);
  const clock = await clockOf(t, await databaseOf(t, await newPlace()), FROZEN);
  await clock.set({ now: plus(START, hours(2)) });
  assert.equal(clock.now(), plus(START, hours(2)));
  await clock.set({ now: START });
  assert.equal(clock.now(), plus(START, hours(2)));
});

testOnEachStore('does not go back where the wall does', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await clockOf(t, await databaseOf(t, await newPlace()), RUNNING);
  wall.move(seconds(2));
  assert.equal(clock.now(), plus(START, minutes(2)));
  wall.move(seconds(-1));
  assert.equal(clock.now(), plus(START, minutes(2)));
});

testOnEachStore(
  'takes changes that come at once one after another, so that none takes it back',
  async (t, newPlace) => {
    wallOf(t);
    const database = await databaseOf(t, await newPlace());
    const clock = await clockOf(t, database, FROZEN);
    await Promise.all([
      clock.set({ now: plus(START, hours(1)) }),
      clock.set({ rate: 2 }),
      clock.set({ now: plus(START, minutes(1)) }),
    ]);
    const reopened = await clockOf(t, database, FROZEN);
    assert.equal(reopened.now(), plus(START, hours(1)));
    assert.equal(reopened.rate, 2);
  },
);

testOnEachStore(
  'is the stored one when the world is opened again, whatever the settings say then',
  async (t, newPlace) => {
    const wall = wallOf(t);
    const database = await databaseOf(t, await newPlace());
    const clock = await clockOf(t, database, RUNNING);
    await clock.set({ rate: 10, now: plus(START, hours(1)) });
    wall.move(seconds(6));
    const reopened = await clockOf(t, database, { startAt: WALL, rate: 1, isFrozen: true });
    assert.equal(reopened.isFrozen, false);
    assert.equal(reopened.rate, 10);
    assert.equal(reopened.now(), plus(START, minutes(61)), 'it ran on while nobody was there');
  },
);

testOnEachStore('begins again after a reset', async (t, newPlace) => {
  wallOf(t);
  const database = await databaseOf(t, await newPlace());
  const clock = await clockOf(t, database, FROZEN);
  await clock.set({ now: plus(START, hours(1)), rate: 5 });
  await database.write(async (writer) => clock.restart(writer, FROZEN));
  assert.equal(clock.now(), START);
  assert.equal(clock.rate, 60);
  assert.equal((await clockOf(t, database, RUNNING)).now(), START);
});

/** Two processes on one world, as far as one process can be two. */
async function twoClocks(t: TestContext, newPlace: NewPlace, initial: InitialClock) {
  const place = await sharedPlace(t, newPlace);
  const database = await databaseOf(t, place);
  const ours = await clockOf(t, database, initial);
  const theirs = await clockOf(t, await databaseOf(t, place), initial);
  return { ours, theirs, database };
}

/** Waits until `clock` shows `moment`; longer than a quarter of a second it may not take. */
async function reaches(clock: Clock, moment: Instant): Promise<void> {
  const beganAt = performance.now();
  while (clock.now() !== moment) {
    assert.ok(performance.now() - beganAt < 250, `it shows ${clock.now()} in place of ${moment}`);
    await new Promise(setImmediate);
  }
}

testOnEachStore('a change reaches every process', async (t, newPlace) => {
  const { ours, theirs } = await twoClocks(t, newPlace, FROZEN);
  let changes = 0;
  theirs.onChange(() => changes++);
  for (let hour = 1; hour < 5; hour++) {
    const moment = plus(START, hours(hour));
    await (hour % 2 === 0 ? ours : theirs).set({ now: moment });
    await Promise.all([reaches(ours, moment), reaches(theirs, moment)]);
  }
  assert.equal(changes, 4, 'whoever listens is told of each, once');
});

testOnEachStore('a new beginning reaches every process', async (t, newPlace) => {
  const { ours, theirs, database } = await twoClocks(t, newPlace, FROZEN);
  await ours.set({ now: plus(START, hours(1)) });
  await reaches(theirs, plus(START, hours(1)));
  await database.write(async (writer) => ours.restart(writer, FROZEN));
  await reaches(theirs, START);
});

testOnEachStore(
  'who has not heard of a new beginning does not undo it as it ends',
  async (t, newPlace) => {
    const { ours, theirs, database } = await twoClocks(t, newPlace, FROZEN);
    await ours.set({ now: plus(START, hours(1)) });
    await reaches(theirs, plus(START, hours(1)));
    await database.write(async (writer) => ours.restart(writer, FROZEN));
    await theirs.keepMoment();
    assert.equal((await clockOf(t, database, FROZEN)).now(), START);
  },
);

testOnEachStore('changes of two processes at once are all made', async (t, newPlace) => {
  const { ours, theirs, database } = await twoClocks(t, newPlace, FROZEN);
  await Promise.all(
    Array.from({ length: 20 }, async (_none, index) => {
      const clock = index % 2 === 0 ? ours : theirs;
      await clock.set(index === 7 ? { rate: 7 } : { now: plus(START, minutes(index)) });
    }),
  );
  await Promise.all([ours.refresh(), theirs.refresh()]);
  assert.deepEqual([ours.now(), theirs.now()], Array(2).fill(plus(START, minutes(19))));
  assert.deepEqual([ours.rate, theirs.rate], [7, 7]);
  const row = await database.reader.selectFrom('clock').select('version').executeTakeFirst();
  assert.equal(row?.version, 21, 'none was made from a row that another had changed');
});

testOnEachStore('a frozen clock stands where no process has been past it', async (t, newPlace) => {
  const { ours, theirs } = await twoClocks(t, newPlace, RUNNING);
  for (let round = 0; round < 10; round++) {
    let latest = START;
    const frozen = (round % 2 === 0 ? ours : theirs).set({ isFrozen: true });
    const looking = setInterval(() => {
      latest = later(latest, later(ours.now(), theirs.now()));
    }, 1);
    await frozen;
    clearInterval(looking);
    await theirs.refresh();
    await ours.refresh();
    assert.equal(ours.now(), theirs.now());
    assert.ok(ours.now() >= latest, `${latest - ours.now()} ms past it`);
    await ours.set({ isFrozen: false });
    await theirs.refresh();
  }
});

testOnEachStore(
  'a process that was paused does not run past the row, and catches up',
  async (t, newPlace) => {
    const wall = wallOf(t);
    const { ours, theirs, database } = await twoClocks(t, newPlace, RUNNING);
    let pause = 0;
    const now = performance.now.bind(performance);
    t.mock.method(performance, 'now', () => now() + pause);
    // Nothing can be read or heard in a pause, and right after it the time is told before anything is.
    await ours.set({ isFrozen: true });
    pause = 10_000;
    wall.move(seconds(10));
    assert.ok(theirs.now() <= ours.now(), `${theirs.now() - ours.now()} ms past it`);
    await theirs.refresh();
    assert.equal(theirs.now(), ours.now());

    await ours.set({ isFrozen: false });
    await theirs.refresh();
    const before = theirs.now();
    pause = 20_000;
    wall.move(seconds(10));
    const capped = database.engine === 'postgresql' ? seconds(60 * 0.25) : minutes(10);
    assert.ok(theirs.now() <= plus(before, capped));
    await theirs.refresh();
    assert.equal(theirs.now(), plus(before, minutes(10)));
  },
);

testOnEachStore(
  'a process that asks for the newest time is told none that another one has replaced',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const one = await clockOf(t, await databaseOf(t, place));
    const other = await clockOf(t, await databaseOf(t, place));
    for (let hour = 1; hour <= 20; hour++) {
      const asked = other.upToDate();
      await one.set({ now: plus(START, hours(hour)) });
      await Promise.all([asked, other.upToDate(), other.upToDate()]);
      assert.equal(other.now(), plus(START, hours(hour)));
    }
  },
);
