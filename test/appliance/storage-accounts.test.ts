import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '#appliance/commands.ts';
import { seconds } from '#shared/instant.ts';
import { assertMinutes, Machine } from './machine.ts';

const ACCOUNT = { kind: 'putStorageAccount', account: 'readings', dataPolicy: 'Cloud' } as const;
const container = (name: string, account = 'readings'): Command => ({
  kind: 'putContainer',
  account,
  container: name,
});
const refresh = (job: string): Command => ({
  kind: 'refreshContainer',
  account: 'readings',
  container: 'blobs',
  job,
});

test('an account is created in about half a minute, and has its endpoint on the device', () => {
  const machine = Machine.active();
  const begun = machine.now;
  const id = machine.start(ACCOUNT);
  assert.equal(machine.observed.storageAccounts.readings!.status, 'Updating');
  machine.end(id);
  assertMinutes((machine.now - begun) as never, 0.25, 0.7);
  const device = machine.observed.hardware!.friendlyName.toLowerCase();
  assert.deepEqual(JSON.parse(JSON.stringify(machine.observed.storageAccounts)), {
    readings: {
      dataPolicy: 'Cloud',
      status: 'OK',
      blobEndpoint: `https://readings.blob.${device}.microsoftdatabox.com/`,
      containers: {},
    },
  });
  assert.equal(machine.factKinds.at(-1), 'storageAccount.created');
});

test('changing an account keeps its containers; deleting it deletes them', () => {
  const machine = Machine.active();
  machine.do(ACCOUNT);
  machine.do(container('blobs'));
  machine.do(ACCOUNT);
  assert.equal(machine.factKinds.at(-1), 'storageAccount.changed');
  assert.deepEqual(Object.keys(machine.observed.storageAccounts.readings!.containers), ['blobs']);
  machine.do({ kind: 'deleteStorageAccount', account: 'readings' });
  assert.deepEqual(Object.keys(machine.observed.storageAccounts), []);
  assert.equal(machine.factKinds.at(-1), 'storageAccount.deleted');
  assert.equal(machine.do({ kind: 'deleteStorageAccount', account: 'readings' }), 0);
});

test('a container needs its account, and is Updating while it is being created', () => {
  const machine = Machine.active();
  assert.equal(machine.refusal(container('blobs')).code, 'GatewayUserErrorEntityNotFound');
  machine.do(ACCOUNT);
  const createdAt = machine.now;
  const id = machine.start(container('blobs'));
  const seen = () => machine.observed.storageAccounts.readings!.containers.blobs;
  assert.deepEqual(seen(), { status: 'Updating', createdAt });
  assert.equal(machine.refusal(container('blobs')).code, 'GatewayUserErrorOperationInProgress');
  machine.end(id);
  assert.deepEqual(seen(), { status: 'OK', createdAt });
  machine.do({ kind: 'deleteContainer', account: 'readings', container: 'blobs' });
  assert.equal(seen(), undefined);
  assert.deepEqual(machine.factKinds.slice(-2), ['container.created', 'container.deleted']);
});

test('a refresh is a job of one to three minutes; the account can’t be deleted meanwhile', () => {
  const machine = Machine.active();
  machine.do(ACCOUNT);
  machine.do(container('blobs'));
  const begun = machine.now;
  const id = machine.start(refresh('job-1'));
  assert.deepEqual(machine.job('job-1'), {
    kind: 'RefreshContainer',
    status: 'Running',
    startedAt: begun,
    percentComplete: 0,
    container: { account: 'readings', container: 'blobs' },
    refreshErrors: 0,
  });
  const seen = () => machine.observed.storageAccounts.readings!.containers.blobs!;
  assert.deepEqual([seen().status, seen().refreshJob], ['OK', 'job-1']);
  assert.equal(machine.refusal(refresh('x')).code, 'GatewayUserErrorOperationInProgress');
  machine.refusal({ kind: 'deleteStorageAccount', account: 'readings' });
  machine.end(id);
  assertMinutes((machine.now - begun) as never, 1, 3);
  assert.equal(machine.job('job-1')!.status, 'Succeeded');
  assert.deepEqual([seen().refreshJob, seen().lastRefreshJob], [undefined, 'job-1']);
  assert.equal(seen().lastRefreshAt, machine.now);
});

test('containers of local accounts, and unknown ones, are not refreshed', () => {
  const machine = Machine.active();
  machine.do({ ...ACCOUNT, dataPolicy: 'Local' });
  assert.equal(machine.refusal(refresh('x')).code, 'GatewayUserErrorEntityNotFound');
  machine.do(container('blobs'));
  assert.equal(machine.refusal(refresh('x')).code, 'GatewayUserErrorNotSupported');
});

test('nothing is provisioned before activation or during an update', () => {
  const fresh = new Machine();
  assert.equal(fresh.refusal(ACCOUNT).code, 'GatewayUserErrorDeviceNotActivated');
  const machine = Machine.active();
  machine.do(ACCOUNT);
  for (const kind of ['scanForUpdates', 'downloadUpdates'] as const)
    machine.do({ kind, job: kind });
  machine.start({ kind: 'installUpdates', job: 'install' });
  machine.pass(seconds(1));
  for (const command of [
    ACCOUNT,
    container('blobs'),
    { kind: 'deleteStorageAccount', account: 'readings' },
  ] as const) {
    assert.equal(machine.refusal(command).code, 'GatewayUserErrorOperationInProgress');
  }
});

test('names of inherited members of objects are names like any other', () => {
  const machine = Machine.active();
  for (const name of ['constructor', '__proto__']) {
    assert.equal(machine.observed.storageAccounts[name], undefined);
    machine.do({ ...ACCOUNT, account: name });
    machine.do(container(name, name));
    assert.equal(machine.observed.storageAccounts[name]!.containers[name]!.status, 'OK');
  }
});
