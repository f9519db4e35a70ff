/** The cluster witness of a device with two nodes: set over its local web interface, seen over ARM, and missed (wit, mclus). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, propertiesOf, textOf } from '../../support/arm-client.ts';
import { Box } from '../../support/box.ts';
import { startListening } from '../../support/listening.ts';

const WITNESS = '/api/DeviceConfiguration/witness';
const TWO_NODES = { tags: { 'edgetwin-nodes': '2' } };

test('is in the cloud at first, is set to a file share, and decides when a node is lost', async (t) => {
  const arm = await startListening(t);
  await arm.activeDevice(TWO_NODES);
  const box = new Box(arm.origin);
  await box.signIn('Password1', 'Local-Door-1');
  const shown = async (): Promise<JsonObject> =>
    Object.fromEntries(
      Object.entries(propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`))).filter(
        ([name]) => /witness/i.test(name),
      ),
    );
  const { clusterWitnessType, cloudWitnessStorageAccountName } = await shown();
  assert.equal(clusterWitnessType, 'Cloud');
  assert.match(textOf(cloudWitnessStorageAccountName), /^witness[0-9a-z]{7}$/);
  const share = { Type: 'FileShare', Location: String.raw`\\files\witness`, Username: 'anna' };
  const { status } = await box.call('POST', WITNESS, { ...share, Password: 'secret' });
  assert.equal(status, 200);
  await arm.advance(minutes(15));
  assert.deepEqual(await shown(), {
    clusterWitnessType: 'FileShare',
    fileShareWitnessLocation: '//files/witness',
    fileShareWitnessUsername: 'anna',
  });
  assert.deepEqual(await box.get(WITNESS), {
    type: 'FileShare',
    location: '//files/witness',
    username: 'anna',
  });
  const statusOf = async (): Promise<unknown> =>
    propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus;
  const fault = async (more: JsonObject): Promise<unknown> =>
    arm.post('/_edgetwin/faults', { resource: DEVICE, ...more }, 201);
  await fault({ kind: 'witnessOffline', for: 'PT1H' });
  const alerts = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
  assert.deepEqual(
    alerts.map((one) => propertiesOf(one).alertType),
    ['ClusterWitnessOfflineCondition'],
  );
  await arm.advance(minutes(30));
  const seen: unknown[] = [];
  for (const node of [1, 2]) {
    await fault({ kind: 'nodeDown', node, for: 'PT5M' });
    seen.push(await statusOf());
    await arm.advance(minutes(6));
  }
  assert.deepEqual(seen.toSorted(), ['NeedsAttention', 'Offline'], 'one node had the vote');
  await arm.advance(minutes(30));
  assert.equal(await statusOf(), 'Online');
});

test('is refused with all faults, and on a device with one node', async (t) => {
  const arm = await startListening(t);
  await arm.activeDevice(TWO_NODES);
  const box = new Box(arm.origin);
  await box.signIn('Password1', 'Local-Door-1');
  const targetsOf = async (body: JsonObject): Promise<unknown[]> => {
    const answer = await box.call('POST', WITNESS, body);
    assert.equal(answer.status, 400);
    const { target, details } = (
      answer.body as { error: { target: string; details?: JsonObject[] } }
    ).error;
    return details?.map((one) => one.target) ?? [target];
  };
  assert.deepEqual(await targetsOf({ Type: 'Quorum' }), ['Type']);
  assert.deepEqual(await targetsOf({ Type: 'Cloud', StorageAccountName: 'A' }), [
    'StorageAccountName',
    'ContainerName',
    'AccessKey',
  ]);
  assert.deepEqual(await targetsOf({ Type: 'FileShare', Location: 'files' }), [
    'Location',
    'Username',
    'Password',
  ]);
  const nodes = (await arm.get(`${DEVICE}/nodes`)).value as JsonObject[];
  const own = { Type: 'FileShare', Location: `//${textOf(nodes[0]?.name)}.local/w` };
  assert.deepEqual(await targetsOf({ ...own, Username: 'a', Password: 'b' }), ['Location']);
  await arm.device({}, `${DEVICE}2`);
  const single = new Box(arm.origin, `${DEVICE}2`);
  await single.signIn('Password1', 'Local-Door-1');
  assert.equal((await single.call('GET', WITNESS)).status, 400);
});
