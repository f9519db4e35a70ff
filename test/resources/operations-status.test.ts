import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import {
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  pollUrl,
  propertiesOf,
  textOf,
} from '../support/arm-client.ts';
import { SCHEDULE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const idIn = (url: string): string => /operation\w+\/([^?]+)/i.exec(url)?.[1] ?? '';
const statusUrl = (poll: string, version = '2023-12-01'): string =>
  `${DEVICE}/operationsStatus/${idIn(poll)}?api-version=${version}`;

describe('read back', () => {
  test('any operation below the device, from the 202 to after its end', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const url = `${DEVICE}/bandwidthSchedules/nights`;
    const poll = pollUrl(await arm.accepted('put', url, SCHEDULE));
    const running = await arm.get(statusUrl(poll));
    assert.equal(running.id, statusUrl(poll).split('?')[0]);
    assert.deepEqual(
      [running.name, running.status, running.percentComplete],
      [idIn(poll), 'Running', 0],
    );
    await arm.advance(seconds(60));
    const ended = await arm.get(statusUrl(poll));
    assert.deepEqual([ended.status, ended.percentComplete], ['Succeeded', 100]);
    assert.ok(textOf(ended.endTime) > textOf(ended.startTime));
    await arm.done('delete', url);
    assert.equal(
      (await arm.get(statusUrl(poll))).status,
      'Succeeded',
      'after the resource is gone',
    );
  });

  test('a job of the machine is shown as the job [rec 13]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    await arm.advance(seconds(1));
    const shown = await arm.get(statusUrl(poll));
    assert.equal(shown.type, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/jobs');
    assert.equal(propertiesOf(shown).jobType, 'ScanForUpdates');
  });

  test('the service’s own old versions are taken on poll URLs, and no unknown one [rec 14]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    for (const version of ['2019-03-01', '2019-07-01', '2019-08-01', '2023-07-01']) {
      assert.equal((await arm.get(statusUrl(poll, version))).status, 'Running', version);
    }
    await arm.refused('get', statusUrl(poll, '2018-01-01'), 404);
    await arm.refused('get', `${DEVICE}?api-version=2018-01-01`, 400);
  });

  test('a failed operation says why, always with 200', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const addon = `${DEVICE}/roles/k8s/addons/arc`;
    const poll = pollUrl(await arm.accepted('put', addon, arcAddon('arc1')));
    await arm.advance(seconds(30));
    await arm.done('delete', DEVICE);
    await arm.device();
    const { status, error } = await arm.get(statusUrl(poll));
    assert.equal(status, 'Failed');
    assert.notEqual((error as { code?: string }).code, undefined);
  });
});

describe('refuse', () => {
  test('unknown ids, and those of another device, also where one name begins with the other', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.activeDevice({}, `${DEVICE}0`);
    const other = `${DEVICE}0/bandwidthSchedules/nights`;
    const poll = pollUrl(await arm.accepted('put', other, SCHEDULE));
    await arm.refused('get', statusUrl(poll), 404);
    for (const name of ['nobody', 'constructor', '4385cf00-2d3a-425a-832f-f4285b1c9dce']) {
      await arm.refused('get', `${DEVICE}/operationsStatus/${name}`, 404);
    }
    await arm.advance(minutes(1));
    await arm.refused('get', statusUrl(poll), 404);
    await arm.get(statusUrl(poll).replace('edge1/', 'edge10/'));
  });
});
