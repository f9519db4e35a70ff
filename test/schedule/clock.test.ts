/** The simulated clock: how it follows the wall, stands still, jumps, and outlives the process. The wall is the test's. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Clock, type ClockBirth } from '#schedule/clock.ts';
import { type Duration, hours, instant, minutes, plus, seconds } from '#shared/instant.ts';
import { databaseOf, testOnEachStore } from '../support/database.ts';

const WALL = instant(1_800_000_000_000);
const START = instant(1_700_000_000_000);
const FROZEN: ClockBirth = { startAt: START, rate: 60, isFrozen: true };
const RUNNING: ClockBirth = { ...FROZEN, isFrozen: false };

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

testOnEachStore('begins where it is told, or with the wall', async (t, newPlace) => {
  wallOf(t);
  assert.equal((await Clock.open(await databaseOf(t, await newPlace()), FROZEN)).now(), START);
  assert.equal(
    (
      await Clock.open(await databaseOf(t, await newPlace()), { ...FROZEN, startAt: undefined })
    ).now(),
    WALL,
  );
});

testOnEachStore('runs at its rate, and says how long the wall has to wait', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await Clock.open(await databaseOf(t, await newPlace()), RUNNING);
  wall.move(seconds(2));
  assert.equal(clock.now(), plus(START, minutes(2)));
  assert.equal(clock.wallUntil(plus(START, minutes(5))), seconds(3));
  assert.equal(clock.wallUntil(START), 0, 'what is past is not waited for');
});

testOnEachStore('stands still while it is frozen, and goes on from there', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await Clock.open(await databaseOf(t, await newPlace()), FROZEN);
  wall.move(hours(1));
  assert.equal(clock.now(), START);
  assert.equal(clock.wallUntil(plus(START, minutes(5))), undefined);
  await clock.set({ isFrozen: false });
  wall.move(seconds(1));
  assert.equal(clock.now(), plus(START, minutes(1)));
  await clock.set({ isFrozen: true });
  wall.move(hours(1));
  assert.equal(clock.now(), plus(START, minutes(1)));
});

testOnEachStore('changes its rate from now on, not for what has passed', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await Clock.open(await databaseOf(t, await newPlace()), RUNNING);
  wall.move(seconds(1));
  await clock.set({ rate: 1 });
  assert.equal(clock.rate, 1);
  wall.move(seconds(1));
  assert.equal(clock.now(), plus(START, seconds(61)));
});

testOnEachStore('jumps ahead and never back', async (t, newPlace) => {
  wallOf(t);
  const clock = await Clock.open(await databaseOf(t, await newPlace()), FROZEN);
  await clock.set({ now: plus(START, hours(2)) });
  assert.equal(clock.now(), plus(START, hours(2)));
  await clock.set({ now: START });
  assert.equal(clock.now(), plus(START, hours(2)));
});

testOnEachStore('does not go back where the wall does', async (t, newPlace) => {
  const wall = wallOf(t);
  const clock = await Clock.open(await databaseOf(t, await newPlace()), RUNNING);
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
    const clock = await Clock.open(database, FROZEN);
    await Promise.all([
      clock.set({ now: plus(START, hours(1)) }),
      clock.set({ rate: 2 }),
      clock.set({ now: plus(START, minutes(1)) }),
    ]);
    const reopened = await Clock.open(database, FROZEN);
    assert.equal(reopened.now(), plus(START, hours(1)));
    assert.equal(reopened.rate, 2);
  },
);

testOnEachStore(
  'is the stored one when the world is opened again, whatever the settings say then',
  async (t, newPlace) => {
    const wall = wallOf(t);
    const database = await databaseOf(t, await newPlace());
    const clock = await Clock.open(database, RUNNING);
    await clock.set({ rate: 10, now: plus(START, hours(1)) });
    wall.move(seconds(6));
    const reopened = await Clock.open(database, { startAt: WALL, rate: 1, isFrozen: true });
    assert.equal(reopened.isFrozen, false);
    assert.equal(reopened.rate, 10);
    assert.equal(reopened.now(), plus(START, minutes(61)), 'it ran on while nobody was there');
  },
);

testOnEachStore('begins again after a reset', async (t, newPlace) => {
  wallOf(t);
  const database = await databaseOf(t, await newPlace());
  const clock = await Clock.open(database, FROZEN);
  await clock.set({ now: plus(START, hours(1)), rate: 5 });
  await clock.restart(FROZEN);
  assert.equal(clock.now(), START);
  assert.equal(clock.rate, 60);
  assert.equal((await Clock.open(database, RUNNING)).now(), START);
});
