import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, propertiesOf, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/nodes`;

const nodesOf = async (arm: ArmClient): Promise<JsonObject[]> =>
  (await arm.get(URL)).value as JsonObject[];

describe('read back', () => {
  test('none before activation; then by serial number, as the example has it', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), { value: [] });
    const { serialNumber, deviceHcsVersion } = propertiesOf(await arm.activeDevice());
    const [node, ...others] = await nodesOf(arm);
    assert.equal(others.length, 0);
    const { nodeInstanceId, ...properties } = propertiesOf(node!);
    assert.match(textOf(nodeInstanceId), /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      { ...node, properties },
      {
        properties: {
          nodeStatus: 'Up',
          nodeChassisSerialNumber: serialNumber,
          nodeSerialNumber: serialNumber,
          nodeDisplayName: 'Controller 1',
          nodeFriendlySoftwareVersion: 'Azure Stack Edge 2309',
          nodeHcsVersion: deviceHcsVersion,
        },
        id: `${URL}/${textOf(serialNumber)}`,
        name: serialNumber,
        type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/nodes',
      },
    );
  });

  test('of two nodes one restarts at a time while an update is installed (upd)', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ tags: { 'edgetwin-nodes': '2' } });
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    await arm.done('post', `${DEVICE}/downloadUpdates`, undefined, minutes(180));
    await arm.accepted('post', `${DEVICE}/installUpdates`);
    const seen = new Set<string>();
    for (let look = 0; look < 60; look++) {
      await arm.advance(minutes(5));
      const nodes = await nodesOf(arm);
      seen.add(nodes.map((node) => textOf(propertiesOf(node).nodeStatus)).join(' '));
    }
    assert.deepEqual([...seen], ['Up Up', 'Rebooting Up', 'Up Rebooting']);
  });
});

describe('refuse', () => {
  test('one alone: the contract has only the list', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const [node] = await nodesOf(arm);
    await arm.refused('get', textOf(node!.id), 405);
    const missing = await arm.refused('get', URL.replace('edge1', 'edge2'), 404);
    assert.equal(missing.code, 'ParentResourceNotFound');
  });
});
