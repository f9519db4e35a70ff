import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '#appliance/commands.ts';
import { seconds } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const INSTALL: Command = { kind: 'installIotEdge', addon: 'iot', role: 'k8s' };
const REMOVE: Command = { kind: 'removeIotEdge', addon: 'iot' };

test('the runtime is installed in two to four minutes, and once only', () => {
  const machine = Machine.withCluster();
  const begun = machine.now;
  const id = machine.start(INSTALL);
  assert.equal(machine.observed.iotEdge!.state, 'Creating');
  assert.equal(machine.refusal(INSTALL).code, 'GatewayUserErrorOperationInProgress');
  machine.end(id);
  assertMinutes((machine.now - begun) as never, 2, 4);
  assert.deepEqual(machine.observed.iotEdge, {
    addon: 'iot',
    state: 'Created',
    version: '0.1.0-beta10',
  });
  assert.equal(machine.do(INSTALL), 0);
  assert.deepEqual(machine.factKinds.slice(-2), ['iotEdge.installed', 'iotEdge.changed']);
  const other = machine.refusal({ ...INSTALL, addon: 'other' });
  assert.equal(other.code, 'GatewayUserErrorEntityAlreadyExists');
});

test('the runtime needs the finished cluster of its role', () => {
  const machine = Machine.active();
  assert.equal(machine.refusal(INSTALL).code, 'GatewayUserErrorEntityNotFound');
  machine.start({ kind: 'createCluster', role: 'k8s' });
  assert.equal(machine.refusal(INSTALL).code, 'GatewayUserErrorInvalidState');
});

test('the runtime has to be removed before the cluster, and triggers before the runtime', () => {
  const machine = Machine.withCluster();
  machine.do(INSTALL);
  const cluster: Command = { kind: 'deleteCluster', role: 'k8s' };
  assert.match(machine.refusal(cluster).message, /addon iot/);
  machine.do({ kind: 'putTrigger', trigger: 't', needs: ['role/k8s'] });
  assert.equal(machine.refusal(REMOVE).code, 'GatewayUserErrorEntityInUse');
  machine.do({ kind: 'deleteTrigger', trigger: 't' });
  const id = machine.start(REMOVE);
  assert.equal(machine.observed.iotEdge!.state, 'Deleting');
  machine.end(id);
  assert.equal(machine.observed.iotEdge, undefined);
  assert.equal(machine.do(REMOVE), 0);
  machine.do(cluster);
});

test('a reset removes the runtime, roles, accounts, credentials and triggers', () => {
  const machine = Machine.withCluster();
  machine.do(INSTALL);
  machine.do({ kind: 'putCredential', credential: 'sac' });
  machine.do({ kind: 'putStorageAccount', account: 'acc', dataPolicy: 'Local' });
  machine.do({ kind: 'putTrigger', trigger: 't', needs: ['role/k8s'] });
  const mec = machine.start({ kind: 'putRole', role: 'mec', roleKind: 'MEC' });
  machine.pass(seconds(1));
  machine.start({ kind: 'reset' });
  assert.equal(machine.task(mec).state, 'failed');
  machine.pass(seconds(600));
  const { iotEdge, credentials, storageAccounts, triggers, roles } = machine.observed;
  assert.deepEqual([iotEdge, credentials, triggers], [undefined, [], []]);
  assert.deepEqual([Object.keys(storageAccounts), Object.keys(roles)], [[], []]);
  assert.ok(machine.factKinds.includes('iotEdge.removed'));
});
