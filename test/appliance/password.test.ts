import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { Machine } from './machine.ts';

test('a change takes seconds and is reported without the password', () => {
  const machine = Machine.active();
  assert.ok(machine.do({ kind: 'changePassword' }) < minutes(1));
  assert.equal(machine.factKinds.at(-1), 'machine.passwordChanged');
  assert.deepEqual(machine.data('machine.passwordChanged'), {});
});

test('a change is refused before activation and while another one runs', () => {
  const { code } = new Machine().refusal({ kind: 'changePassword' });
  assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
  const machine = Machine.active();
  machine.start({ kind: 'changePassword' });
  assert.match(machine.refusal({ kind: 'changePassword' }).message, /being changed/);
});
