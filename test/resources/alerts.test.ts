import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, propertiesOf, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/alerts`;

const alertsOf = async (arm: ArmClient): Promise<JsonObject[]> =>
  (await arm.get(URL)).value as JsonObject[];

describe('read back', () => {
  test('none of a new device, and none of one that was just activated', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), { value: [] });
    await arm.activeDevice();
    // The technician has seen to the key vault.
    assert.deepEqual(await arm.get(URL), { value: [] });
  });

  test('available updates, in the shape of the example, alone as in the list', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const [alert] = await alertsOf(arm);
    const { name, id, type } = alert!;
    assert.match(textOf(name), /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      [id, type],
      [`${URL}/${textOf(name)}`, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/alerts'],
    );
    const { appearedAtDateTime, recommendation, ...properties } = propertiesOf(alert!);
    assert.deepEqual(properties, {
      title: '2 updates are available.',
      alertType: 'UpdateAvailableCondition',
      severity: 'Informational',
      errorDetails: { errorCode: '', errorMessage: '', occurrences: 1 },
      detailedInformation: { release: '2403' },
    });
    assert.match(textOf(appearedAtDateTime), /^2026-03-02T09:/);
    assert.notEqual(recommendation, '');
    assert.deepEqual(await arm.get(`${URL}/${textOf(name)}`), alert);
    assert.deepEqual(await arm.get(`${URL}/${textOf(name).toUpperCase()}`), alert);
  });

  test('the lost heartbeat of a restart comes and goes with it (upd)', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    await arm.done('post', `${DEVICE}/downloadUpdates`, undefined, minutes(180));
    await arm.accepted('post', `${DEVICE}/installUpdates`);
    const seen: string[] = [];
    for (let look = 0; look < 30; look++) {
      await arm.advance(minutes(5));
      for (const alert of await alertsOf(arm)) {
        const { severity, alertType } = propertiesOf(alert);
        if (severity === 'Critical') seen.push(textOf(alertType));
      }
    }
    assert.deepEqual([...new Set(seen)], ['HeartbeatLostCondition']);
    assert.ok(seen.length < 10, 'not for the whole update');
  });

  test('in every version alike', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const newest = await arm.get(URL);
    assert.deepEqual(await arm.get(`${URL}?api-version=2019-08-01`), newest);
  });
});

describe('refuse', () => {
  test('an unknown name, a missing device, and writing', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const name of ['159a00c7-8543-4343-9435-263ac87df3bb', 'constructor']) {
      const { code } = await arm.refused('get', `${URL}/${name}`, 404);
      assert.equal(code, 'GatewayUserErrorEntityNotFound');
    }
    const missing = await arm.refused('get', URL.replace('edge1', 'edge2'), 404);
    assert.equal(missing.code, 'ParentResourceNotFound');
    await arm.refused('put', `${URL}/mine`, 405, {});
    await arm.refused('delete', `${URL}/mine`, 405);
  });
});
