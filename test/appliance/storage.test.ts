import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '#appliance/commands.ts';
import { minutes, seconds } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const put = (share: string, more: { dataPolicy?: 'Cloud' | 'Local' } = {}): Command => ({
  kind: 'putShare',
  share,
  protocol: 'SMB',
  dataPolicy: 'Cloud',
  ...more,
});
const refresh = (share: string, job = `refresh-${share}`): Command => ({
  kind: 'refreshShare',
  share,
  job,
});

test('a share is created in about half a minute', () => {
  const machine = Machine.active();
  const begun = machine.now;
  const id = machine.start(put('data'));
  assert.equal(machine.observed.shares.data!.status, 'Updating');
  machine.end(id);
  assertMinutes((machine.now - begun) as never, 0.25, 0.7);
  assert.deepEqual(machine.observed.shares.data, {
    protocol: 'SMB',
    dataPolicy: 'Cloud',
    status: 'OK',
  });
  assert.equal(machine.factKinds.at(-1), 'share.created');
});

test('changing a share keeps the record of its refresh', () => {
  const machine = Machine.active();
  machine.do(put('data'));
  machine.do(refresh('data'));
  machine.do({ kind: 'putShare', share: 'data', protocol: 'NFS', dataPolicy: 'Cloud' });
  const { protocol, lastRefreshJob } = machine.observed.shares.data!;
  assert.deepEqual([protocol, lastRefreshJob], ['NFS', 'refresh-data']);
  assert.equal(machine.factKinds.at(-1), 'share.changed');
});

test('a machine has 24 shares at most, those being created included', () => {
  const machine = Machine.active();
  for (let index = 1; index <= 24; index++) machine.start(put(`s${index}`));
  const { code, message } = machine.refusal(put('s25'));
  assert.equal(code, 'GatewayUserErrorLimitReached');
  assert.match(message, /24/);
  machine.pass(minutes(1));
  machine.refusal(put('s25'));
  machine.do(put('s24'));
  machine.do({ kind: 'deleteShare', share: 's1' });
  machine.do(put('s25'));
  assert.equal(Object.keys(machine.observed.shares).length, 24);
});

test('a refresh is a job of one to three minutes', () => {
  const machine = Machine.active();
  machine.do(put('data'));
  const begun = machine.now;
  const id = machine.start(refresh('data', 'job-1'));
  assert.deepEqual(machine.job('job-1'), {
    kind: 'RefreshShare',
    status: 'Running',
    startedAt: begun,
    percentComplete: 0,
    share: 'data',
    refreshErrors: 0,
  });
  assert.equal(machine.observed.shares.data!.refreshJob, 'job-1');
  assert.equal(machine.observed.shares.data!.status, 'OK');
  assert.equal(machine.refusal(refresh('data', 'x')).code, 'GatewayUserErrorOperationInProgress');
  machine.refusal({ kind: 'deleteShare', share: 'data' });
  machine.end(id);
  assertMinutes((machine.now - begun) as never, 1, 3);
  const job = machine.job('job-1')!;
  assert.deepEqual([job.status, job.percentComplete, job.endedAt], ['Succeeded', 100, machine.now]);
  assert.deepEqual(machine.observed.shares.data, {
    protocol: 'SMB',
    dataPolicy: 'Cloud',
    status: 'OK',
    lastRefreshJob: 'job-1',
    lastRefreshAt: machine.now,
  });
});

test('local and unknown shares are not refreshed', () => {
  const machine = Machine.active();
  machine.do(put('here', { dataPolicy: 'Local' }));
  assert.equal(machine.refusal(refresh('here')).code, 'GatewayUserErrorNotSupported');
  assert.equal(machine.refusal(refresh('nowhere')).code, 'GatewayUserErrorEntityNotFound');
});

test('a deleted share exists until its task ends', () => {
  const machine = Machine.active();
  machine.do(put('data'));
  const id = machine.start({ kind: 'deleteShare', share: 'data' });
  assert.equal(machine.observed.shares.data!.status, 'Updating');
  machine.end(id);
  assert.equal(machine.observed.shares.data, undefined);
  assert.equal(machine.factKinds.at(-1), 'share.deleted');
});

test('names of inherited members of objects are names like any other', () => {
  const machine = Machine.active();
  for (const share of ['constructor', '__proto__', 'tostring', '42']) {
    assert.equal(machine.observed.shares[share], undefined);
    assert.ok(!machine.knows(share));
    machine.do(put(share), share);
    assert.equal(machine.observed.shares[share]!.status, 'OK');
    assert.equal(machine.task(share).state, 'succeeded');
  }
});

test('users: created, changed, deleted, and reserved names refused in any casing', () => {
  const machine = Machine.active();
  const user = (name: string): Command => ({ kind: 'putUser', user: name, userType: 'Share' });
  assertMinutes(machine.do(user('ann')), 0, 0.5);
  assert.deepEqual({ ...machine.observed.users }, { ann: { userType: 'Share' } });
  machine.do({ kind: 'putUser', user: 'ann', userType: 'ARM' });
  assert.equal(machine.observed.users.ann!.userType, 'ARM');
  machine.do({ kind: 'deleteUser', user: 'ann' });
  assert.deepEqual({ ...machine.observed.users }, {});
  assert.deepEqual(machine.factKinds.slice(-3), ['user.created', 'user.changed', 'user.deleted']);
  for (const name of ['Administrator', 'edgeuser', 'GUEST', 'CLIUSR']) {
    assert.equal(machine.refusal(user(name)).code, 'GatewayUserErrorReservedName');
  }
  const id = machine.start(user('bob'));
  machine.refusal(user('bob'));
  machine.start(user('eve'));
  machine.end(id);
});

test('bandwidth schedules: created, changed, deleted', () => {
  const machine = Machine.active();
  const schedule = { schedule: 'nights' };
  const begun = machine.now;
  const id = machine.start({ kind: 'putBandwidthSchedule', ...schedule });
  assert.deepEqual(machine.observed.bandwidthSchedules, []);
  machine.refusal({ kind: 'deleteBandwidthSchedule', ...schedule });
  machine.end(id);
  assert.ok(machine.now - begun <= seconds(30));
  machine.do({ kind: 'putBandwidthSchedule', ...schedule });
  assert.deepEqual(machine.observed.bandwidthSchedules, ['nights']);
  machine.do({ kind: 'deleteBandwidthSchedule', ...schedule });
  assert.deepEqual(machine.observed.bandwidthSchedules, []);
  assert.deepEqual(machine.factKinds.slice(-3), [
    'bandwidthSchedule.created',
    'bandwidthSchedule.changed',
    'bandwidthSchedule.deleted',
  ]);
});
