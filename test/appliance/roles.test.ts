import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, PlainRoleKind } from '#appliance/commands.ts';
import { minutes, seconds } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const role = (name: string, roleKind: PlainRoleKind, ...mounts: string[]): Command => ({
  kind: 'putRole',
  role: name,
  roleKind,
  mounts,
});
const kindsOf = (machine: Machine): Record<string, string> =>
  Object.fromEntries(
    Object.entries(machine.observed.roles).map(([name, { kind }]) => [name, kind]),
  );

test('the role for managing virtual machines exists from activation on and can’t be deleted [rec]', () => {
  assert.deepEqual(kindsOf(new Machine()), {});
  const machine = Machine.active();
  const builtIn = { CloudEdgeManagementRole: 'CloudEdgeManagement' };
  assert.deepEqual(kindsOf(machine), builtIn);
  machine.do(role('CloudEdgeManagementRole', 'CloudEdgeManagement'));
  assert.equal(machine.factKinds.at(-1), 'role.changed');
  const { code } = machine.refusal({ kind: 'deleteRole', role: 'CloudEdgeManagementRole' });
  assert.equal(code, 'GatewayUserErrorNotSupported');
  machine.do({ kind: 'reset' });
  assert.deepEqual(kindsOf(machine), {});
});

test('an IoT Edge role takes two to four minutes, and is changed without a new installation', () => {
  const machine = Machine.active();
  assertMinutes(machine.do(role('iot', 'IOT')), 2, 4);
  assert.equal(machine.factKinds.at(-1), 'role.created');
  assert.ok(machine.do(role('iot', 'IOT')) < minutes(1));
  assert.equal(machine.factKinds.at(-1), 'role.changed');
  machine.do({ kind: 'deleteRole', role: 'iot' });
  assert.equal(machine.factKinds.at(-1), 'role.deleted');
  assert.equal(machine.do({ kind: 'deleteRole', role: 'iot' }), 0);
});

test('mounting shares takes some minutes more, and the role shows them afterwards', () => {
  const machine = Machine.active();
  machine.do({ kind: 'putShare', share: 'data', protocol: 'NFS', dataPolicy: 'Local' });
  machine.do(role('iot', 'IOT'));
  const id = machine.start(role('iot', 'IOT', 'data'));
  machine.pass(seconds(100));
  assert.deepEqual(machine.observed.roles.iot!.mounts, []);
  machine.end(id);
  assert.deepEqual(machine.observed.roles.iot!.mounts, [
    { share: 'data', mountPoint: '/home/hcsshares/data', type: 'HostPath' },
  ]);
  assert.ok(machine.do(role('iot', 'IOT', 'data')) < minutes(1), 'nothing to mount');
  assert.ok(machine.do(role('iot', 'IOT')) > minutes(2), 'unmounting takes its time too');
});

test('a machine has one role of each kind, and one kind for each name', () => {
  const machine = Machine.withCluster();
  machine.do(role('iot', 'IOT'));
  for (const command of [
    role('iot2', 'IOT'),
    role('iot', 'MEC'),
    role('k8s', 'MEC'),
    { kind: 'createCluster', role: 'iot' },
  ] as const) {
    assert.equal(machine.refusal(command).code, 'GatewayUserErrorEntityAlreadyExists');
  }
  machine.do(role('mec', 'MEC'));
});

test('virtual devices have no compute; network functions need the machine Online', () => {
  const gateway = Machine.active({ sku: 'Gateway' });
  assert.equal(gateway.refusal(role('iot', 'IOT')).code, 'GatewayUserErrorNotSupported');
  assert.equal(gateway.refusal(role('mec', 'MEC')).code, 'GatewayUserErrorNotSupported');
  Machine.active({ sku: 'Edge' }).do(role('iot', 'IOT'));
  const machine = Machine.active();
  machine.do({ kind: 'injectFault', fault: 'cable', faultKind: 'uplinkDown' });
  assert.equal(machine.refusal(role('mec', 'MEC')).code, 'GatewayUserErrorInvalidState');
  machine.do({ kind: 'healFault', fault: 'cable' });
  machine.do(role('iot', 'IOT'));
});

test('metrics are collected of existing roles, until these are deleted', () => {
  const machine = Machine.active();
  const put = (name: string): Command => ({ kind: 'putMonitoring', role: name });
  assert.equal(machine.refusal(put('iot')).code, 'GatewayUserErrorEntityNotFound');
  machine.do(role('iot', 'IOT'));
  machine.do(put('iot'));
  machine.do(put('CloudEdgeManagementRole'));
  assert.deepEqual(machine.state.monitoredRoles, ['iot', 'CloudEdgeManagementRole']);
  machine.do({ kind: 'deleteRole', role: 'iot' });
  assert.deepEqual(machine.state.monitoredRoles, ['CloudEdgeManagementRole']);
  machine.do({ kind: 'deleteMonitoring', role: 'CloudEdgeManagementRole' });
  assert.deepEqual(machine.state.monitoredRoles, []);
});
