import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, days, minutes, plus } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const session = (machine: Machine, application: 'Powershell' | 'WAC', length = days(7)) =>
  ({ application, access: 'ReadWrite', expiresAt: plus(machine.now, length) }) as const;

test('at first, logs are collected and remote sessions are not enabled', () => {
  const machine = Machine.active();
  assert.deepEqual(machine.observed.support, { collectsLogs: true, sessions: [] });
  machine.do({ kind: 'setLogCollection', isEnabled: false });
  assert.equal(machine.observed.support.collectsLogs, false);
  machine.do({ kind: 'setLogCollection', isEnabled: false });
  assert.equal(
    machine.factKinds.filter((kind) => kind === 'support.logCollectionChanged').length,
    1,
  );
});

test('a setting replaces all sessions; a session that continues keeps its start', () => {
  const machine = Machine.active();
  const first = session(machine, 'Powershell');
  machine.do({ kind: 'setRemoteSupport', sessions: [first] });
  const begun = machine.now;
  machine.pass(days(1));
  const second = session(machine, 'WAC');
  machine.do({ kind: 'setRemoteSupport', sessions: [first, second] });
  assert.deepEqual(machine.observed.support.sessions, [first, second]);
  assert.equal(machine.state.support.sessions[0]!.enabledAt, begun);
  machine.do({ kind: 'setRemoteSupport', sessions: [] });
  assert.deepEqual(machine.observed.support.sessions, []);
  assert.deepEqual(machine.data('support.sessionsChanged'), { applications: [] });
});

test('a session ends by itself, and one that has ended already never begins', () => {
  const machine = Machine.active();
  const past = { ...session(machine, 'WAC'), expiresAt: plus(machine.now, minutes(-1)) };
  machine.do({ kind: 'setRemoteSupport', sessions: [session(machine, 'Powershell'), past] });
  assert.equal(machine.observed.support.sessions.length, 1);
  machine.pass(days(7));
  assert.deepEqual(machine.observed.support.sessions, []);
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

test('support commands are refused before activation, and a reset restores the defaults', () => {
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
  assert.deepEqual(machine.observed.support, { collectsLogs: true, sessions: [] });
});
