import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, Need } from '#appliance/commands.ts';
import { seconds } from '#shared/instant.ts';
import { Machine } from './machine.ts';

const share = (name: string, ...needs: Need[]): Command => ({
  kind: 'putShare',
  share: name,
  protocol: 'SMB',
  dataPolicy: 'Cloud',
  needs,
});
const USER: Command = { kind: 'putUser', user: 'ann', userType: 'Share' };
const CREDENTIAL: Command = { kind: 'putCredential', credential: 'sac' };
const IOT: Command = { kind: 'putRole', role: 'iot', roleKind: 'IOT' };
const TRIGGER: Command = { kind: 'putTrigger', trigger: 't', needs: ['share/data', 'role/iot'] };

const MISSING = 'GatewayUserErrorEntityNotFound';
const NEEDED = 'GatewayUserErrorEntityInUse';

test('a share is not created without its user and credential, and these can’t be deleted before it', () => {
  const machine = Machine.active();
  const wanted = share('data', 'user/ann', 'credential/sac');
  assert.equal(machine.refusal(wanted).code, MISSING);
  machine.do(USER);
  assert.match(machine.refusal(wanted).message, /sac/);
  machine.do(CREDENTIAL);
  machine.start(wanted);
  // This holds from the start: what is being created must not lose what it needs.
  const { code, message } = machine.refusal({ kind: 'deleteUser', user: 'ann' });
  assert.equal(code, NEEDED);
  assert.match(message, /user ann is used by the share data/);
  machine.pass(seconds(60));
  assert.equal(machine.refusal({ kind: 'deleteCredential', credential: 'sac' }).code, NEEDED);
  machine.do(share('data'));
  machine.do({ kind: 'deleteUser', user: 'ann' });
  machine.do({ kind: 'deleteCredential', credential: 'sac' });
});

test('a credential can’t be deleted before its storage account', () => {
  const machine = Machine.active();
  const needs: readonly Need[] = ['credential/sac'];
  const account = {
    kind: 'putStorageAccount',
    account: 'acc',
    dataPolicy: 'Cloud',
    needs,
  } as const;
  assert.equal(machine.refusal(account).code, MISSING);
  machine.do(CREDENTIAL);
  machine.do(account);
  const removal: Command = { kind: 'deleteCredential', credential: 'sac' };
  assert.match(machine.refusal(removal).message, /the storage account acc/);
  machine.do({ kind: 'deleteStorageAccount', account: 'acc' });
  machine.do(removal);
  assert.deepEqual(machine.observed.credentials, []);
});

test('share and role can’t be deleted before their trigger', () => {
  const machine = Machine.active();
  machine.do(share('data'));
  assert.equal(machine.refusal(TRIGGER).code, MISSING);
  machine.do(IOT);
  machine.do(TRIGGER);
  assert.deepEqual(machine.observed.triggers, ['t']);
  assert.equal(machine.refusal({ kind: 'deleteShare', share: 'data' }).code, NEEDED);
  assert.equal(machine.refusal({ kind: 'deleteRole', role: 'iot' }).code, NEEDED);
  machine.do({ kind: 'deleteTrigger', trigger: 't' });
  machine.do({ kind: 'deleteRole', role: 'iot' });
  machine.do({ kind: 'deleteShare', share: 'data' });
  assert.equal(machine.do({ kind: 'deleteTrigger', trigger: 't' }), 0);
});

test('shares can’t be deleted while a cluster mounts them or is about to', () => {
  const machine = Machine.withCluster();
  const mount = { kind: 'configureCluster', role: 'k8s', mounts: ['data'] } as const;
  assert.equal(machine.refusal(mount).code, MISSING);
  machine.do(share('data'));
  const id = machine.start(mount);
  assert.deepEqual(machine.observed.cluster!.mounts, []);
  const removal: Command = { kind: 'deleteShare', share: 'data' };
  assert.equal(machine.refusal(removal).code, NEEDED);
  machine.end(id);
  assert.deepEqual(machine.observed.cluster!.mounts, [
    { share: 'data', mountPoint: 'data', type: 'Volume' },
  ]);
  assert.match(machine.refusal(removal).message, /the role k8s/);
  machine.do({ kind: 'deleteCluster', role: 'k8s' });
  machine.do(removal);
});

test('a cluster can’t be deleted while a trigger uses its role', () => {
  const machine = Machine.withCluster();
  machine.do({ kind: 'putTrigger', trigger: 't', needs: ['role/k8s'] });
  const removal: Command = { kind: 'deleteCluster', role: 'k8s' };
  assert.equal(machine.refusal(removal).code, NEEDED);
  machine.do({ kind: 'deleteTrigger', trigger: 't' });
  machine.do(removal);
});
