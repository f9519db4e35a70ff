/** The scan for updates that a machine makes by itself every day (upd), and that it costs nothing where nothing changes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advance, nextDueAt, observationOf, unchangedUntil } from '#appliance/appliance.ts';
import { lastScanMoment, nextScanMoment } from '#appliance/scan-times.ts';
import { days, hours, type Instant, instant, minutes, plus } from '#shared/instant.ts';
import { heal, inject } from './fault-commands.ts';
import { Machine, specOf } from './machine.ts';

const at = (date: string): Instant => instant(Date.parse(date));
const scans = (machine: Machine): string[] =>
  machine.facts.filter(({ cause }) => cause === 'clock').map(({ kind }) => kind);
const typesOf = (machine: Machine): string[] => machine.observed.alerts.map(({ type }) => type);
/** A machine of the newest release, which finds nothing. */
const upToDate = (): Machine => Machine.active({ release: '2607' });

test('once a day at a minute of its own, which is another one for another machine', () => {
  const moments = ['a', 'b', 'c'].map((seed) => {
    const spec = specOf({ seed });
    const first = nextScanMoment(spec, at('2026-11-24T00:00:00Z'));
    assert.equal(first % minutes(1), 0);
    assert.equal(nextScanMoment(spec, first), plus(first, days(1)));
    assert.equal(lastScanMoment(spec, first), first);
    assert.equal(lastScanMoment(spec, instant(first - 1)), plus(first, days(-1)));
    return first;
  });
  assert.equal(new Set(moments).size, 3);
});

test('the first one finds the update of a machine that nobody looks at, at its moment, with its alert', () => {
  const machine = Machine.active();
  const due = nextDueAt(machine.state);
  assert.equal(due, nextScanMoment(machine.state.spec, machine.now));
  machine.pass(days(3));
  assert.deepEqual(scans(machine), ['update.scanned']);
  assert.equal(machine.facts.at(-1)?.at, due);
  assert.deepEqual(machine.data('update.scanned'), { updatesAvailable: 2, release: '2403' });
  assert.deepEqual(typesOf(machine), ['UpdateAvailableCondition']);
  assert.equal(machine.observed.alerts[0]?.appearedAt, due);
  assert.equal(nextDueAt(machine.state), undefined, 'the others find the same');
});

test('where nothing is new nothing is due, and still the last scan is seen', () => {
  const machine = upToDate();
  assert.equal(machine.observed.updates.lastScanAt, undefined);
  const before = JSON.stringify({ ...machine.state, at: 0 });
  assert.equal(nextDueAt(machine.state), undefined);
  machine.pass(days(100));
  assert.deepEqual(scans(machine), []);
  assert.equal(JSON.stringify({ ...machine.state, at: 0 }), before, 'nothing was written');
  const last = lastScanMoment(machine.state.spec, machine.now);
  const { lastScanAt, lastSuccessfulScanAt } = machine.observed.updates;
  assert.deepEqual([lastScanAt, lastSuccessfulScanAt], [last, last]);
});

test('an observation holds until the next scan', () => {
  const { state } = upToDate();
  const until = unchangedUntil(state)!;
  assert.equal(until, nextScanMoment(state.spec, state.at));
  const seen = (moment: Instant): object => {
    const { at: _at, ...rest } = observationOf(advance(state, moment).state);
    return JSON.parse(JSON.stringify(rest)) as object;
  };
  assert.deepEqual(seen(instant(until - 1)), seen(state.at));
  assert.notDeepEqual(seen(until), seen(state.at));
});

test('a release is found by the first scan after it is published', () => {
  const machine = Machine.active({ release: '2510', createdAt: at('2026-02-10T00:00:00Z') });
  const first = nextScanMoment(machine.state.spec, at('2026-03-31T23:59:59Z'));
  assert.equal(nextDueAt(machine.state), first);
  machine.pass(days(80));
  assert.deepEqual(machine.data('update.scanned').release, '2604');
  assert.equal(machine.facts.findLast(({ kind }) => kind === 'update.scanned')?.at, first);
  machine.pass(days(90));
  assert.deepEqual(machine.data('update.scanned').release, '2607', 'a newer one takes its place');
  assert.equal(scans(machine).length, 2);
});

describe('a scan', () => {
  test('fails every day while the uplink is down and says so, and the next one after it clears that', () => {
    const machine = upToDate();
    machine.pass(days(5));
    const before = machine.observed.updates.lastSuccessfulScanAt;
    machine.do(inject('uplinkDown'));
    machine.pass(days(3));
    assert.deepEqual(scans(machine), Array(3).fill('update.failed'));
    const alert = machine.observed.alerts.find(({ type }) => type === 'UpdateScanFailedEvent');
    assert.equal(alert?.occurrences, 3);
    const { lastScanAt, lastSuccessfulScanAt } = machine.observed.updates;
    assert.equal(lastSuccessfulScanAt, before, 'the last one that succeeded');
    assert.equal(lastScanAt, lastScanMoment(machine.state.spec, machine.now));
    machine.do(heal('uplinkDown'));
    assert.deepEqual(typesOf(machine), ['UpdateScanFailedEvent'], 'until the next scan');
    machine.pass(days(1));
    assert.deepEqual([typesOf(machine), scans(machine).at(-1)], [[], 'update.scanned']);
    assert.equal(nextDueAt(machine.state), undefined);
  });

  test('fails where a fault has scans fail', () => {
    const machine = upToDate();
    machine.do(inject('updateFails', { stage: 'scan', for: hours(24) }));
    machine.pass(days(2));
    assert.deepEqual(scans(machine), ['update.failed', 'update.scanned']);
  });

  test('is left out while the machine is off or updates already', () => {
    const machine = upToDate();
    machine.pass(days(2));
    const before = machine.observed.updates.lastSuccessfulScanAt;
    machine.do(inject('powerLost'));
    machine.pass(days(2));
    assert.equal(machine.observed.updates.lastSuccessfulScanAt, before);
    assert.deepEqual(scans(machine), []);
    machine.do(heal('powerLost'));
    assert.equal(machine.observed.updates.lastSuccessfulScanAt, before, 'the device was off');
    machine.pass(days(1));
    assert.equal(
      machine.observed.updates.lastSuccessfulScanAt,
      lastScanMoment(machine.state.spec, machine.now),
    );
  });

  test('comes from an active machine only: a reset ends them, an activation begins them', () => {
    const machine = Machine.active();
    machine.do({ kind: 'reset' });
    machine.pass(days(3));
    assert.deepEqual([scans(machine), nextDueAt(machine.state)], [[], undefined]);
    machine.do({ kind: 'activate' });
    machine.pass(days(1));
    assert.deepEqual(scans(machine), ['update.scanned']);
  });
});
