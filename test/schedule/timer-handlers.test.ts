/** What is done with one job: whether its timer is due is decided by the clock of the world that the timer stands in. */
import assert from 'node:assert/strict';
import { Clock, type InitialClock } from '#schedule/clock.ts';
import { TimerHandlers } from '#schedule/timer-handlers.ts';
import { days, hours, instant, plus } from '#shared/instant.ts';
import { emptyWorld } from '#store/reset.ts';
import { readTimer, setTimer } from '#store/timers.ts';
import { databaseOf, sharedPlace, testOnEachStore } from '../support/database.ts';
import { keptLog } from '../support/log.ts';

const START = instant(1_700_000_000_000);
const FROZEN: InitialClock = { startAt: START, rate: 60, isFrozen: true };
const BELL = { kind: 'bell', target: 'a' } as const;

testOnEachStore(
  'a process that has not heard yet that the world began anew does nothing of it too early',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const [ours, theirs] = [await databaseOf(t, place), await databaseOf(t, place)];
    const clock = await Clock.open(ours, FROZEN);
    const late = await Clock.open(theirs, FROZEN);
    t.after(() => {
      clock.close();
      late.close();
    });
    await clock.set({ now: plus(START, days(100)) });
    await late.refresh();
    const rung: number[] = [];
    const handlers = new TimerHandlers({ database: theirs, clock: late, log: keptLog() });
    handlers.on(BELL.kind, async () => void rung.push(late.now()));

    const dueAt = plus(START, hours(6));
    const { sequence } = await ours.write(async (writer) => {
      await emptyWorld(writer);
      await clock.restart(writer, FROZEN);
      await setTimer(writer, { ...BELL, dueAt });
      return { ...(await readTimer(writer, BELL.kind, BELL.target)) };
    });
    const job = { ...BELL, sequence: Number(sequence), isBackground: false };
    await handlers.handle(job);
    assert.deepEqual(rung, [], 'by the time of the former world it was due');

    await clock.set({ now: dueAt });
    await handlers.handle(job);
    assert.deepEqual(rung, [dueAt]);
  },
);
