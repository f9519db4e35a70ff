import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { Machine } from './machine.ts';

test('a change takes seconds, is told, and carries no password', () => {
  const machine = Machine.active();
  assert.ok(machine.do({ kind: 'changePassword' }) < minutes(1));
  assert.equal(machine.told.at(-1), 'machine.passwordChanged');
  assert.deepEqual(machine.data('machine.passwordChanged'), {});
});

test('not before activation, and not twice at once', () => {
  const { code } = new Machine().refusal({ kind: 'changePassword' });
  assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
  const machine = Machine.active();
  machine.start({ kind: 'changePassword' });
  assert.match(machine.refusal({ kind: 'changePassword' }).message, /being changed/);
});
