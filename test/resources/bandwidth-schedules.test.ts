import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seconds } from '#shared/instant.ts';
import { DEVICE, pollUrl, propertiesOf } from '../support/arm-client.ts';
import { changed, SCHEDULE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/bandwidthSchedules/nights`;

describe('create', () => {
  test('a PUT is accepted with a Location alone and an empty body [rec 9]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { headers, text } = await arm.accepted('put', URL, SCHEDULE);
    assert.match(headers.location ?? '', new RegExp(`${URL}/operationResults/[0-9a-f-]{36}\\?api`));
    assert.equal(headers['azure-asyncoperation'], undefined);
    assert.equal(headers['content-length'], '0');
    assert.equal(headers['retry-after'], '1');
    assert.equal(text, '');
  });

  test('it is 404 and unlisted until its operation is done (arm-protocol §4.1)', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', URL, SCHEDULE);
    await arm.refused('get', URL, 404);
    assert.deepEqual(await arm.get(`${DEVICE}/bandwidthSchedules`), { value: [] });
    await arm.advance(seconds(60));
    await arm.get(URL);
  });
});

describe('read back', () => {
  test('as recorded: members in order, times normalised, days in their proper spelling', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, changed(SCHEDULE, { stop: '13:5', days: ['sunday', 'MONDAY'] }));
    const shown = await arm.get(URL);
    assert.deepEqual(shown, {
      properties: {
        start: '00:00:00',
        stop: '13:05:00',
        rateInMbps: 100,
        days: ['Sunday', 'Monday'],
      },
      id: URL,
      name: 'nights',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules',
    });
    assert.deepEqual(Object.keys(shown), ['properties', 'id', 'name', 'type']);
    assert.deepEqual(await arm.get(`${DEVICE}/bandwidthSchedules`), { value: [shown] });
  });

  test('a rate of 0 stands for no limit', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, changed(SCHEDULE, { rateInMbps: 0 }));
    assert.equal(propertiesOf(await arm.get(URL)).rateInMbps, 0);
  });
});

describe('refuse', () => {
  test('everything required, all at once and by path', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { code, details } = await arm.refused('put', URL, 400, { properties: {} });
    assert.equal(code, 'InvalidRequestContent');
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.days',
      'properties.rateInMbps',
      'properties.start',
      'properties.stop',
    ]);
  });

  test('times, rates and days that are none, all at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const wrong = { start: '24:00:00', stop: 'noon', rateInMbps: 19, days: [] };
    const { details } = await arm.refused('put', URL, 400, { properties: wrong });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.days',
      'properties.rateInMbps',
      'properties.start',
      'properties.stop',
    ]);
    const days = changed(SCHEDULE, { days: ['Monday', 'Someday', 'monday'] });
    const unknown = await arm.refused('put', URL, 400, days);
    assert.equal(unknown.target, 'properties.days[1]');
    const twice = changed(SCHEDULE, { days: ['Monday', 'monday'] });
    assert.equal((await arm.refused('put', URL, 400, twice)).target, 'properties.days');
    const fast = changed(SCHEDULE, { rateInMbps: 2_147_483_648 });
    assert.equal((await arm.refused('put', URL, 400, fast)).target, 'properties.rateInMbps');
  });

  test('a device that is not activated, and one that is not there', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { code } = await arm.refused('put', URL, 400, SCHEDULE);
    assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
    const orphan = URL.replace('edge1', 'edge2');
    const { code: parent } = await arm.refused('put', orphan, 404, SCHEDULE);
    assert.equal(parent, 'ParentResourceNotFound');
  });
});

describe('change', () => {
  test('a second PUT replaces it; the first shows until the change is done', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, SCHEDULE);
    const poll = pollUrl(await arm.accepted('put', URL, changed(SCHEDULE, { rateInMbps: 500 })));
    assert.equal(propertiesOf(await arm.get(URL)).rateInMbps, 100);
    assert.equal((await arm.call('get', poll)).headers['retry-after'], '1');
    await arm.advance(seconds(60));
    assert.equal(propertiesOf(await arm.get(URL)).rateInMbps, 500);
  });

  test('the casing of the first writing stays, whatever a later one says', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, SCHEDULE);
    const upper = `${DEVICE}/BANDWIDTHSCHEDULES/NIGHTS`;
    await arm.done('put', upper, changed(SCHEDULE, { rateInMbps: 500 }));
    const shown = await arm.get(upper);
    assert.deepEqual([shown.id, shown.name], [URL, 'nights']);
    assert.equal(((await arm.get(`${DEVICE}/bandwidthSchedules`)).value as object[]).length, 1);
  });

  test('the body of a GET can be put back', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, SCHEDULE);
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
  });
});

describe('remove', () => {
  test('202 with a Location that ends in 204; it stays readable until then', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, SCHEDULE);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.get(URL);
    assert.equal((await arm.call('get', poll)).status, 202);
    await arm.advance(seconds(60));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('get', poll)).status, 204, 'readable after the resource is gone');
  });

  test('what is not there answers 204', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    assert.equal((await arm.call('delete', URL)).status, 204);
  });

  test('a new one of the same name is a new life with its own casing', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', URL, SCHEDULE);
    await arm.done('delete', URL);
    await arm.done('put', `${DEVICE}/bandwidthSchedules/NIGHTS`, SCHEDULE);
    assert.equal((await arm.get(URL)).name, 'NIGHTS');
  });
});
