import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  KUBERNETES_ROLE,
  pathIn,
  pollUrl,
  propertiesOf,
} from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  CLOUD_SHARE,
  LOCAL_SHARE,
  ORDER,
  SCHEDULE,
  USER,
} from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const SHARE = `${DEVICE}/shares/local1`;
const ROLE = `${DEVICE}/roles/k8s`;
const AZURE_ASYNC = { EDGETWIN_LRO_STYLE: 'azure-async' };

/** Status, where to look next and when, of one poll. */
async function poll(arm: ArmClient, url: string) {
  const { status, headers, body, text } = await arm.call('get', url);
  const header = (name: string): string | undefined => {
    const value = (headers as Record<string, string>)[name];
    return value === undefined ? undefined : pathIn(value);
  };
  return {
    status,
    text,
    body: body as { status?: string; error?: { code: string; message: string } },
    location: header('location'),
    async: header('azure-asyncoperation'),
    retryAfter: header('retry-after'),
  };
}

describe('recorded style', () => {
  const children: [path: string, body: Json][] = [
    ['bandwidthSchedules/s1', SCHEDULE],
    ['shares/local1', LOCAL_SHARE],
    ['users/anna', USER],
    ['orders/default', ORDER],
  ];
  for (const [path, body] of children) {
    test(`${path}: Location alone; the end is a 202 that leads to the resource [rec 9, 10]`, async (t) => {
      const arm = await startService(t);
      await arm.activeDevice();
      const url = `${DEVICE}/${path}`;
      const first = pathIn(pollUrl(await arm.accepted('put', url, body)));
      assert.ok(first.startsWith(`${url}/operationResults/`), first);
      const running = await poll(arm, first);
      assert.deepEqual(
        [running.status, running.location, running.retryAfter, running.async, running.text],
        [202, first, '1', undefined, ''],
      );
      await arm.advance(minutes(2));
      const done = await poll(arm, first);
      assert.deepEqual(
        [done.status, done.location, done.retryAfter, done.text],
        [202, `${url}?api-version=2023-12-01`, '1', ''],
      );
      await arm.get(done.location ?? '');
      await arm.done('delete', url);
      assert.equal((await poll(arm, first)).status, 202, 'the end stays readable');
    });
  }

  test('the request’s own version is in the URLs that go back', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const version = '?api-version=2021-02-01-preview';
    const first = pathIn(pollUrl(await arm.accepted('put', `${SHARE}${version}`, LOCAL_SHARE)));
    assert.ok(first.endsWith(version));
    await arm.advance(minutes(2));
    assert.equal((await poll(arm, first)).location, `${SHARE}${version}`);
    const other = first.replace(version, '?api-version=2019-07-01');
    assert.equal((await poll(arm, other)).status, 202, 'any version that the service issues');
  });

  test('waits follow the rate of the clock: whole seconds, at least one', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.put('/_edgetwin/clock', { rate: 0.5, frozen: false });
    const accepted = await arm.accepted('put', SHARE, LOCAL_SHARE);
    assert.equal(accepted.headers['retry-after'], '10');
    await arm.put('/_edgetwin/clock', { rate: 7 });
    const running = await poll(arm, pollUrl(accepted));
    assert.ok(running.retryAfter === undefined || running.retryAfter === '2');
  });

  test('a status URL that still runs says when to look again', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const url = pollUrl(await arm.accepted('put', ROLE, KUBERNETES_ROLE));
    const running = await poll(arm, url);
    assert.deepEqual(
      [running.status, running.body, running.retryAfter],
      [200, { status: 'InProgress' }, '1'],
    );
    await arm.advance(minutes(40));
    const done = await poll(arm, url);
    assert.deepEqual(
      [done.status, done.body, done.retryAfter],
      [200, { status: 'Succeeded' }, undefined],
    );
  });
});

describe('a style for every poller (§4.6)', () => {
  test('a PUT answers both headers; the status is 200, the result ends in the resource', async (t) => {
    const arm = await startService(t, AZURE_ASYNC);
    await arm.activeDevice();
    for (const [url, body] of [
      [SHARE, LOCAL_SHARE],
      [ROLE, KUBERNETES_ROLE],
    ] as const) {
      const { headers } = await arm.accepted('put', url, body);
      const status = pathIn(headers['azure-asyncoperation'] ?? '');
      const result = pathIn(headers.location ?? '');
      assert.ok(status.startsWith(`${DEVICE}/operationsStatus/`), status);
      assert.ok(result.startsWith(`${url}/operationResults/`), result);
      assert.equal((await poll(arm, result)).status, 202);
      const running = await poll(arm, status);
      assert.deepEqual([running.status, running.body.status], [200, 'Running']);
      await arm.advance(minutes(40));
      assert.equal((await poll(arm, status)).body.status, 'Succeeded');
      const done = await poll(arm, result);
      assert.equal(done.status, 200);
      assert.deepEqual(done.body, await arm.get(url));
    }
  });

  test('DELETE and actions end in 204; a job’s status is the job', async (t) => {
    const arm = await startService(t, AZURE_ASYNC);
    await activeDeviceForClouds(arm);
    await arm.done('put', `${DEVICE}/shares/cloud1`, CLOUD_SHARE);
    const refresh = await arm.accepted('post', `${DEVICE}/shares/cloud1/refresh`);
    await arm.advance(seconds(1));
    const status = refresh.headers['azure-asyncoperation'] ?? '';
    assert.equal(propertiesOf(await arm.get(status)).jobType, 'RefreshShare');
    await arm.advance(minutes(10));
    assert.equal((await poll(arm, refresh.headers.location ?? '')).status, 204);
    const removal = await arm.accepted('delete', `${DEVICE}/shares/cloud1`);
    await arm.advance(minutes(10));
    assert.equal((await poll(arm, removal.headers.location ?? '')).status, 204);
    assert.equal(
      (await poll(arm, removal.headers['azure-asyncoperation'] ?? '')).body.status,
      'Succeeded',
    );
  });
});

describe('a failure', () => {
  /** An addon whose cluster vanishes while it connects, and a share whose machine is wiped. */
  async function failing(arm: ArmClient): Promise<{ addon: string; share: string }> {
    await arm.activeDevice();
    await arm.done('put', ROLE, KUBERNETES_ROLE);
    const addon = pollUrl(await arm.accepted('put', `${ROLE}/addons/arc`, arcAddon('arc1')));
    const share = pollUrl(await arm.accepted('put', SHARE, LOCAL_SHARE));
    await arm.advance(seconds(5));
    await arm.done('delete', DEVICE);
    return { addon, share };
  }

  test('of a Location is the error that the call would have given; of a status URL a 200', async (t) => {
    const arm = await startService(t);
    const { addon, share } = await failing(arm);
    const result = await poll(arm, share);
    assert.equal(result.status, 400);
    assert.equal(result.body.error?.code, 'GatewayUserErrorOperationCanceled');
    assert.equal(result.retryAfter, undefined, 'clients retry what has one');
    const status = await poll(arm, addon);
    assert.deepEqual([status.status, status.body.status], [200, 'Failed']);
    assert.notEqual(status.body.error?.message, '');
  });
});

describe('refused polls', () => {
  test('ids that are unknown, none, or of something else', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.activeDevice({}, `${DEVICE}0`);
    const own = pathIn(pollUrl(await arm.accepted('put', SHARE, LOCAL_SHARE)));
    const id = /operationResults\/([^?]+)/.exec(own)?.[1] ?? '';
    const elsewhere = [
      `${DEVICE}0/operationResults/${id}`,
      `${DEVICE}0/shares/local1/operationResults/${id}`,
      `${DEVICE}/shares/local10/operationResults/${id}`,
      `${DEVICE}/shares/local/operationResults/${id}`,
      `${DEVICE.replace('4385', '5385')}/shares/local1/operationResults/${id}`,
      `${SHARE}/operationResults/${id.replace(/./, 'x')}`,
      `${SHARE}/operationResults/4385cf00-2d3a-425a-832f-f4285b1c9dce`,
    ];
    for (const url of elsewhere) {
      const { code, message } = await arm.refused('get', url, 404);
      assert.deepEqual([code, message], ['NotFound', 'The entity was not found.'], url);
    }
    assert.equal((await poll(arm, own.replace(id, id.toUpperCase()))).status, 202);
    assert.equal((await poll(arm, own.toLowerCase())).status, 202);
  });

  test('versions that neither the contract nor the service knows', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const own = pathIn(pollUrl(await arm.accepted('put', SHARE, LOCAL_SHARE)));
    await arm.refused('get', own.replace('2023-12-01', '2018-01-01'), 404);
    const bare = own.split('?')[0] ?? '';
    assert.equal(
      (await arm.refused('get', `${bare}?api-version=`, 400)).code,
      'MissingApiVersionParameter',
    );
  });
});
