import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, days, minutes, plus } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const session = (machine: Machine, application: 'Powershell' | 'WAC', length = days(7)) =>
  ({ application, access: 'ReadWrite', expiresAt: plus(machine.now, length) }) as const;

test('logs are collected and nobody may come in, until somebody says otherwise', () => {
  const machine = Machine.active();
  assert.deepEqual(machine.seen.support, { collectsLogs: true, sessions: [] });
  machine.do({ kind: 'setLogCollection', isEnabled: false });
  assert.equal(machine.seen.support.collectsLogs, false);
  machine.do({ kind: 'setLogCollection', isEnabled: false });
  assert.equal(machine.told.filter((kind) => kind === 'support.logCollectionChanged').length, 1);
});

test('sessions are replaced whole; one that goes on keeps its beginning', () => {
  const machine = Machine.active();
  const first = session(machine, 'Powershell');
  machine.do({ kind: 'setRemoteSupport', sessions: [first] });
  const begun = machine.now;
  machine.pass(days(1));
  const second = session(machine, 'WAC');
  machine.do({ kind: 'setRemoteSupport', sessions: [first, second] });
  assert.deepEqual(machine.seen.support.sessions, [first, second]);
  assert.equal(machine.state.support.sessions[0]!.enabledAt, begun);
  machine.do({ kind: 'setRemoteSupport', sessions: [] });
  assert.deepEqual(machine.seen.support.sessions, []);
  assert.deepEqual(machine.data('support.sessionsChanged'), { applications: [] });
});

test('a session ends by itself, and one that has ended never begins', () => {
  const machine = Machine.active();
  const past = { ...session(machine, 'WAC'), expiresAt: plus(machine.now, minutes(-1)) };
  machine.do({ kind: 'setRemoteSupport', sessions: [session(machine, 'Powershell'), past] });
  assert.equal(machine.seen.support.sessions.length, 1);
  machine.pass(days(7));
  assert.deepEqual(machine.seen.support.sessions, []);
});

test('a support package is a job of several minutes, one at a time (tshoot)', () => {
  const machine = Machine.active();
  const id = machine.start({ kind: 'triggerSupportPackage', job: 'package' });
  const { code } = machine.refusal({ kind: 'triggerSupportPackage', job: 'other' });
  assert.equal(code, 'GatewayUserErrorOperationInProgress');
  const running = machine.job('package')!;
  assert.deepEqual([running.kind, running.status], ['TriggerSupportPackage', 'Running']);
  assert.equal(running.stage, undefined);
  const begun = machine.now;
  machine.end(id);
  assertMinutes(between(begun, machine.now), 4, 8);
  const ended = machine.job('package')!;
  assert.deepEqual(
    [ended.status, ended.percentComplete, ended.stage],
    ['Succeeded', 100, undefined],
  );
});

test('nothing of it before activation; a reset forgets it', () => {
  const fresh = new Machine();
  for (const command of [
    { kind: 'setLogCollection', isEnabled: false },
    { kind: 'setRemoteSupport', sessions: [] },
    { kind: 'triggerSupportPackage', job: 'package' },
  ] as const) {
    assert.equal(fresh.refusal(command).code, 'GatewayUserErrorDeviceNotActivated', command.kind);
  }
  const machine = Machine.active();
  machine.do({ kind: 'setLogCollection', isEnabled: false });
  machine.do({ kind: 'setRemoteSupport', sessions: [session(machine, 'WAC')] });
  machine.do({ kind: 'reset' });
  assert.deepEqual(machine.seen.support, { collectsLogs: true, sessions: [] });
});
