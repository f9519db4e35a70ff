import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, propertiesOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/diagnosticRemoteSupportSettings/default`;

const settings = (...remoteSupportSettingsList: JsonObject[]) => ({
  properties: { remoteSupportSettingsList },
});
const POWERSHELL = {
  remoteApplicationType: 'Powershell',
  accessLevel: 'ReadWrite',
  expirationTimeStampInUTC: '2026-03-17T09:00:00.000Z',
};

const listOf = async (arm: ArmClient): Promise<JsonObject[]> =>
  propertiesOf(await arm.get(URL)).remoteSupportSettingsList as JsonObject[];

describe('read back', () => {
  test('nobody may come in without anybody’s PUT (rsup)', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), {
      ...settings(),
      id: URL,
      name: 'default',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/diagnosticRemoteSupportSettings',
    });
  });
});

describe('change', () => {
  test('a session is shown, alerts, ends by itself, and its alert with it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, settings(POWERSHELL), minutes(1));
    assert.deepEqual(await listOf(arm), [POWERSHELL]);
    const [alert] = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
    const { alertType, severity, detailedInformation } = propertiesOf(alert!);
    assert.deepEqual([alertType, severity], ['SupportSessionEnabledCondition', 'Informational']);
    assert.deepEqual(detailedInformation, { applications: 'Powershell' });
    await arm.advance(days(14));
    assert.equal((await listOf(arm)).length, 1);
    await arm.advance(days(2));
    assert.deepEqual(await listOf(arm), []);
    const left = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
    assert.deepEqual(
      left.map((alert) => propertiesOf(alert).alertType),
      ['UpdateAvailableCondition'],
      'what a daily scan has found meanwhile',
    );
  });

  test('defaults: all applications, seven days; access None and an empty list revoke', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, settings({ accessLevel: 'readonly' }), minutes(1));
    assert.deepEqual(await listOf(arm), [
      {
        remoteApplicationType: 'AllApplications',
        accessLevel: 'ReadOnly',
        expirationTimeStampInUTC: '2026-03-09T09:06:00.000Z',
      },
    ]);
    await arm.done('put', URL, settings({ ...POWERSHELL, accessLevel: 'None' }), minutes(1));
    assert.deepEqual(await listOf(arm), []);
    await arm.done('put', URL, settings(POWERSHELL), minutes(1));
    await arm.done('put', URL, settings(), minutes(1));
    assert.deepEqual(await listOf(arm), []);
    await arm.done('put', URL, { properties: {} }, minutes(1));
  });

  test('an end that is past is taken, as in the example, and is no session [S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const past = { ...POWERSHELL, expirationTimeStampInUTC: '2021-07-07T00:00:00+00:00' };
    await arm.done('put', URL, settings(past), minutes(1));
    assert.deepEqual(await listOf(arm), []);
  });
});

describe('refuse', () => {
  test('more than 30 days, an application twice, other words, no moment: all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const late = { ...POWERSHELL, expirationTimeStampInUTC: '2026-04-02T09:00:00Z' };
    const { details } = await arm.refused('put', URL, 400, settings(POWERSHELL, late));
    assert.deepEqual(details?.map(({ target }) => target?.split('[1].')[1]).sort(), [
      'expirationTimeStampInUTC',
      'remoteApplicationType',
    ]);
    const odd = { remoteApplicationType: 'Telnet', accessLevel: 7, expirationTimeStampInUTC: 'x' };
    const shapes = await arm.refused('put', URL, 400, settings(odd));
    assert.ok((shapes.details?.length ?? 0) >= 3);
    await arm.refused('put', URL, 400, {});
  });
});
