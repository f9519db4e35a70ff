import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { DEVICE, pathIn, pollUrl, propertiesOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/diagnosticProactiveLogCollectionSettings/default`;
const consent = (userConsent: string) => ({ properties: { userConsent } });

describe('read back', () => {
  test('Enabled without anybody’s PUT (plog), with the type of the examples', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), {
      properties: { userConsent: 'Enabled' },
      id: URL,
      name: 'default',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/diagnosticProactiveLogCollectionSettings',
    });
  });
});

describe('change', () => {
  test('by a long-running PUT, there and back, in whatever casing', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, consent('disabled'));
    assert.equal(propertiesOf(await arm.get(URL)).userConsent, 'Enabled');
    await arm.advance(minutes(1));
    const done = await arm.call('get', pollUrl(accepted));
    assert.equal(pathIn(done.headers.location ?? '').split('?')[0], URL);
    assert.equal(propertiesOf(await arm.get(URL)).userConsent, 'Disabled');
    await arm.done('put', URL, consent('Enabled'));
    assert.equal(propertiesOf(await arm.get(URL)).userConsent, 'Enabled');
    await arm.done('put', URL, await arm.get(URL));
  });

  test('with poll headers for every poller it ends with the settings', async (t) => {
    const arm = await startService(t, { EDGETWIN_LRO_STYLE: 'azure-async' });
    await arm.activeDevice();
    const accepted = await arm.accepted('put', URL, consent('Disabled'));
    await arm.advance(minutes(1));
    const done = await arm.get(accepted.headers.location ?? '');
    assert.deepEqual(propertiesOf(done), { userConsent: 'Disabled' });
  });

  test('a device that is deleted and made anew has the default again', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, consent('Disabled'));
    await arm.done('delete', DEVICE);
    await arm.activeDevice();
    assert.equal(propertiesOf(await arm.get(URL)).userConsent, 'Enabled');
  });
});

describe('refuse', () => {
  test('other words, no consent, a device that is not active, a second change', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('put', URL, 400, consent('Disabled'));
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    const { target } = await arm.refused('put', URL, 400, consent('Perhaps'));
    assert.equal(target, 'properties.userConsent');
    assert.equal((await arm.refused('put', URL, 400, {})).target, 'properties');
    await arm.accepted('put', URL, consent('Disabled'));
    await arm.refused('put', URL, 409, consent('Enabled'));
    await arm.refused('delete', URL, 405);
    await arm.refused('get', `${DEVICE}/diagnosticProactiveLogCollectionSettings/x`, 404);
    await arm.refused('get', `${URL}?api-version=2020-12-01`, 404);
  });
});
