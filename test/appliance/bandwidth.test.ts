/** Bandwidth schedules: what a refresh transfers has the rate of the schedule on its days and at its times (bw). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advance,
  type ApplianceState,
  nextDueAt,
  readState,
  request,
  unchangedUntil,
  writeState,
} from '#appliance/appliance.ts';
import type { BandwidthLimit } from '#appliance/commands.ts';
import {
  type Duration,
  earlier,
  hours,
  type Instant,
  instant,
  milliseconds,
  minutes,
  plus,
  seconds,
} from '#shared/instant.ts';
import { fraction, wholeNumber } from '#shared/random.ts';
import { Machine } from './machine.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const at = (hour: number, minute = 0): number => (hour * 60 + minute) * 60;

/** A limit of 20 Mbps, a fifth of what a transfer has otherwise. */
const limit = (change: Partial<BandwidthLimit> = {}): BandwidthLimit => ({
  weekdays: EVERY_DAY,
  startSecond: 0,
  stopSecond: 0,
  rateInMbps: 20,
  ...change,
});

/** A machine with two cloud shares. It is Tuesday, 24 November 2026, some minutes past 18:00 in UTC. */
function machineWith(...limits: readonly BandwidthLimit[]): Machine {
  const machine = Machine.active();
  for (const share of ['one', 'two']) {
    machine.do({ kind: 'putShare', share, protocol: 'SMB', dataPolicy: 'Cloud' });
  }
  for (const [index, one] of limits.entries()) {
    machine.do({ kind: 'putBandwidthSchedule', schedule: `schedule-${index}`, limit: one });
  }
  return machine;
}

const passUntil = (machine: Machine, moment: Instant): void =>
  machine.pass((moment - machine.now) as Duration);

const evening = (hour: number, minute = 0): Instant =>
  instant(Date.UTC(2026, 10, 24, hour, minute));

/** How long the stages of a refresh of the share `one` that begins at 19:00 take when nothing limits it. */
function usual(): { readonly scan: number; readonly fetch: number } {
  const machine = machineWith();
  passUntil(machine, evening(19));
  machine.start({ kind: 'refreshShare', share: 'one', job: 'job' });
  const [scanEnd = 0, fetchEnd = 0] = machine.state.activities[0]?.schedule.endsAt ?? [];
  return { scan: scanEnd - machine.now, fetch: fetchEnd - scanEnd };
}

/** How long a refresh of the share `one` takes that begins at that time. */
function refreshed(machine: Machine, from: Instant = evening(19)): number {
  passUntil(machine, from);
  return machine.do({ kind: 'refreshShare', share: 'one', job: 'job' });
}

test('a transfer takes as much longer as the rate of the schedule is lower; the scan before it does not', () => {
  const { scan, fetch } = usual();
  assert.equal(refreshed(machineWith(limit())), scan + 5 * fetch);
  assert.equal(refreshed(machineWith(limit({ rateInMbps: 50 }))), scan + 2 * fetch);
});

test('no limit and a rate above what a transfer has change nothing', () => {
  const { scan, fetch } = usual();
  for (const rateInMbps of [0, 100, 2_147_483_647]) {
    assert.equal(refreshed(machineWith(limit({ rateInMbps }))), scan + fetch, `${rateInMbps}`);
  }
});

test('of schedules that overlap the lowest rate holds', () => {
  const { scan, fetch } = usual();
  const unlimited = limit({ rateInMbps: 0 });
  assert.equal(
    refreshed(machineWith(limit({ rateInMbps: 50 }), limit(), unlimited)),
    scan + 5 * fetch,
  );
});

test('days and times are in UTC: Tuesday 19:00 is in a schedule from 18:30 to 20:00, and in none of other days and times', () => {
  const { scan, fetch } = usual();
  const holds: readonly [change: Partial<BandwidthLimit>, isOn: boolean][] = [
    [{ weekdays: [2], startSecond: at(18, 30), stopSecond: at(20) }, true],
    [{ weekdays: [1, 3], startSecond: at(18, 30), stopSecond: at(20) }, false],
    [{ weekdays: [2], startSecond: at(10), stopSecond: at(19) }, false],
    // Beyond midnight: it belongs to the day on which it starts.
    [{ weekdays: [2], startSecond: at(18), stopSecond: at(6) }, true],
    [{ weekdays: [1], startSecond: at(23), stopSecond: at(20) }, true],
    [{ weekdays: [2], startSecond: at(23), stopSecond: at(20) }, false],
  ];
  for (const [change, isOn] of holds) {
    const took = refreshed(machineWith(limit(change)));
    assert.equal(took, scan + (isOn ? 5 : 1) * fetch, JSON.stringify(change));
  }
});

test('a transfer that runs when a schedule begins is stretched, and one that runs when it ends is shrunk, for what is left', () => {
  const { scan, fetch } = usual();
  const half = Math.floor(fetch / 2);
  // The transfer runs from scan to scan + fetch after its begin, and the schedule begins or ends in the middle of it.
  const from = instant(evening(19) - scan - half);
  const begins = machineWith(limit({ startSecond: at(19), stopSecond: at(23) }));
  const stretched = refreshed(begins, from);
  assert.equal(stretched, scan + half + 5 * (fetch - half));
  const ends = machineWith(limit({ startSecond: at(12), stopSecond: at(19) }));
  // At a fifth of its rate a fifth of half of it is done by then.
  const shrunk = refreshed(ends, from);
  assert.ok(Math.abs(shrunk - (scan + half + fetch - half / 5)) <= 2, `${shrunk}`);
});

test('two transfers share the rate, and the second has all of it when the first is done', () => {
  const { scan, fetch } = usual();
  const machine = machineWith(limit());
  passUntil(machine, evening(19));
  const [one, two] = ['one', 'two'].map((share) =>
    machine.start({ kind: 'refreshShare', share, job: share }),
  );
  const ends = machine.state.activities.map(({ schedule }) => schedule.endsAt.at(-1) ?? 0);
  assert.equal(ends[0], machine.now + scan + 10 * fetch);
  machine.end(ends[0] < ends[1]! ? one! : two!);
  const [left] = machine.state.activities;
  assert.ok(left!.schedule.endsAt.at(-1)! < Math.max(...ends), 'the rest goes faster');
  assert.equal(left!.throttledBy, 5);
});

test('over a slow connection the slower of the two counts', () => {
  const { scan, fetch } = usual();
  const slow = { kind: 'injectFault', fault: 'slow', faultKind: 'uplinkSlow' } as const;
  const machine = machineWith(limit());
  machine.do(slow);
  assert.equal(refreshed(machine), 8 * (scan + fetch));
  const halved = machineWith(limit());
  passUntil(halved, evening(19));
  const id = halved.start({ kind: 'refreshShare', share: 'one', job: 'job' });
  halved.do(slow);
  halved.do({ kind: 'healFault', fault: 'slow' });
  halved.end(id);
  assert.equal(halved.now - evening(19), scan + 5 * fetch, 'as before once it is healed');
});

test('a transfer that is held while the connection is down takes the rate that holds when it goes on', () => {
  const { scan, fetch } = usual();
  const machine = machineWith(limit({ startSecond: at(19), stopSecond: at(20) }));
  const begun = evening(19);
  passUntil(machine, begun);
  const id = machine.start({ kind: 'refreshShare', share: 'one', job: 'job' });
  machine.do({ kind: 'injectFault', fault: 'cut', faultKind: 'uplinkDown', for: hours(2) });
  machine.end(id);
  assert.equal(machine.now - begun, hours(2) + scan + fetch);
});

test('a schedule that is put or deleted while data is transferred counts from then on', () => {
  const { scan, fetch } = usual();
  const machine = machineWith(limit());
  passUntil(machine, evening(19));
  const id = machine.start({ kind: 'refreshShare', share: 'one', job: 'job' });
  const took = machine.do({ kind: 'deleteBandwidthSchedule', schedule: 'schedule-0' });
  assert.ok(took < scan, 'it is gone before the transfer begins');
  machine.end(id);
  assert.equal(machine.now - evening(19), scan + fetch);
});

test('downloads of updates have no schedule: it is for data', () => {
  const download = (...limits: readonly BandwidthLimit[]): number => {
    const machine = machineWith(...limits);
    machine.do({ kind: 'scanForUpdates', job: 'scan' });
    return machine.do({ kind: 'downloadUpdates', job: 'download' });
  };
  assert.equal(download(limit()), download());
});

test('the rate of the transfers is told whenever it changes, from the begin of the first to the end of the last', () => {
  const machine = machineWith(limit({ startSecond: at(19), stopSecond: at(20) }));
  const { scan, fetch } = usual();
  machine.do({ kind: 'putStorageAccount', account: 'edge', dataPolicy: 'Cloud' });
  machine.do({ kind: 'putContainer', account: 'edge', container: 'blobs' });
  const from = machine.facts.length;
  passUntil(machine, instant(evening(19) - scan - Math.floor(fetch / 2)));
  const id = machine.start({ kind: 'refreshShare', share: 'one', job: 'job' });
  machine.end(id);
  const told = machine.facts.slice(from).filter(({ kind }) => kind === 'transfer.rateChanged');
  assert.deepEqual(
    told.map(({ at: moment, data, cause }) => [moment - evening(19), data, cause]),
    [
      [
        -Math.floor(fetch / 2),
        { bytesPerSecond: 12_500_000, ofShares: 12_500_000 },
        `command/${id}`,
      ],
      [0, { bytesPerSecond: 2_500_000, ofShares: 2_500_000 }, 'clock'],
      [machine.now - evening(19), { bytesPerSecond: 0, ofShares: 0 }, `command/${id}`],
    ],
  );
  machine.do({ kind: 'refreshContainer', account: 'edge', container: 'blobs', job: 'other' });
  const rates = machine.facts
    .filter(({ kind }) => kind === 'transfer.rateChanged')
    .slice(3)
    .map(({ data }) => data);
  assert.deepEqual(rates, [
    { bytesPerSecond: 2_500_000, ofShares: 0 },
    { bytesPerSecond: 0, ofShares: 0 },
  ]);
});

test('schedules set no timer where nothing is transferred', () => {
  const idle = machineWith();
  const scheduled = machineWith(limit({ startSecond: at(19), stopSecond: at(20) }));
  assert.equal(nextDueAt(scheduled.state), nextDueAt(idle.state));
  const { at: _at, ...before } = scheduled.state;
  const { at: _later, ...after } = advance(scheduled.state, plus(scheduled.now, hours(4))).state;
  assert.deepEqual(after, before);
  assert.ok(unchangedUntil(scheduled.state)! > plus(scheduled.now, minutes(1)));
});

type Reach = (state: ApplianceState, to: Instant) => ApplianceState;

const inOneJump: Reach = (state, to) => advance(state, to).state;

/** From one due moment to the next; each of them changes what is stored. */
const byTimers: Reach = (state, to) => {
  let current = state;
  for (let due = nextDueAt(current); due !== undefined && due <= to; due = nextDueAt(current)) {
    const reached = advance(current, due).state;
    assert.notDeepEqual({ ...reached, at: current.at }, current, 'what is due is stored');
    current = reached;
  }
  return advance(current, to).state;
};

/** In random steps, stored and read after each. */
const inSmallSteps =
  (seed: string): Reach =>
  (state, to) => {
    let current = state;
    for (let step = 0; current.at < to; step++) {
      const next = plus(current.at, milliseconds(1 + fraction(seed, step) * minutes(5)));
      current = readState(writeState(advance(current, earlier(next, to)).state)).state;
    }
    return current;
  };

test('however time is cut, transfers under many short schedules end at the same moments', () => {
  let throttled = 0;
  for (let seed = 0; seed < 40; seed++) {
    const limits = Array.from({ length: wholeNumber(1, 8, seed, 'count') }, (_, index) => {
      const startSecond = wholeNumber(at(18), at(20), seed, index, 'start');
      const stopSecond = startSecond + wholeNumber(1, 600, seed, index, 'length');
      const rateInMbps = wholeNumber(20, 120, seed, index, 'rate');
      return limit({ startSecond, stopSecond, rateInMbps });
    });
    const played = (reach: Reach): ApplianceState => {
      let { state } = machineWith(...limits);
      for (let index = 0; index < 12; index++) {
        state = reach(state, plus(state.at, seconds(wholeNumber(10, 600, seed, index, 'wait'))));
        const share = fraction(seed, index, 'share') < 0.5 ? 'one' : 'two';
        const id = `${index}`;
        const answer = request(
          state,
          index === 6
            ? {
                ...{ id },
                command: {
                  ...{ kind: 'injectFault', fault: 'slow', faultKind: 'uplinkSlow' },
                  for: minutes(7),
                },
              }
            : { id, command: { kind: 'refreshShare', share, job: id } },
          state.at,
        );
        if ('refused' in answer) continue;
        state = answer.state;
        throttled += state.activities.filter((one) => one.throttledBy !== undefined).length;
      }
      return reach(state, plus(state.at, hours(3)));
    };
    const whole = played(inOneJump);
    assert.deepEqual(played(byTimers), whole, `${seed}`);
    assert.deepEqual(played(inSmallSteps(`${seed}`)), whole, `${seed}`);
    assert.ok(whole.activities.every(({ command }) => command.kind !== 'refreshShare'));
  }
  assert.ok(throttled > 100, `${throttled} transfers were throttled`);
});
