import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { DEVICE, pathIn, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import { SCHEDULE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

/** The operation's id, which is also its job's name. */
const idIn = (url: string): string => /operationResults\/([^?]+)/.exec(url)?.[1] ?? '';

describe('read back', () => {
  test('a scan: Running with its stage, then Succeeded with its end', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    const url = `${DEVICE}/jobs/${idIn(poll)}`;
    const accepted = await arm.get(url);
    assert.equal(accepted.status, 'Running', 'readable from the 202 on');
    await arm.advance(seconds(20));
    const running = await arm.get(url);
    assert.deepEqual([running.id, running.name], [url, idIn(poll)]);
    assert.equal(running.type, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/jobs');
    assert.equal(running.status, 'Running');
    assert.equal(running.endTime, undefined);
    assert.equal(propertiesOf(running).jobType, 'ScanForUpdates');
    assert.equal(propertiesOf(running).currentStage, 'ScanStarted');
    await arm.advance(minutes(30));
    const ended = await arm.get(url);
    assert.equal(ended.status, 'Succeeded');
    assert.equal(ended.percentComplete, 100);
    assert.ok(textOf(ended.endTime) > textOf(ended.startTime));
    assert.equal(propertiesOf(ended).totalRefreshErrors, 0);
  });

  test('a download shows bytes and updates that only grow', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/downloadUpdates`));
    const seen: number[] = [];
    for (let look = 0; look < 8; look++) {
      await arm.advance(minutes(3));
      const job = propertiesOf(await arm.get(`${DEVICE}/jobs/${idIn(poll)}`));
      const { totalBytesDownloaded, totalBytesToDownload } = job.downloadProgress as {
        totalBytesDownloaded: number;
        totalBytesToDownload: number;
      };
      assert.ok(totalBytesDownloaded <= totalBytesToDownload);
      seen.push(totalBytesDownloaded);
    }
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    assert.ok(new Set(seen).size > 2);
  });

  test('a name compares without case, like every name', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    await arm.advance(minutes(30));
    const upper = await arm.get(`${DEVICE}/jobs/${idIn(poll).toUpperCase()}`);
    assert.deepEqual(upper, await arm.get(`${DEVICE}/jobs/${idIn(poll)}`));
  });
});

describe('refuse', () => {
  test('an unknown name, an inherited one, and an operation that is no job', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('put', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE));
    for (const name of ['nobody', 'constructor', '__proto__', 'toString', idIn(poll)]) {
      const { code } = await arm.refused('get', `${DEVICE}/jobs/${name}`, 404);
      assert.equal(code, 'GatewayUserErrorEntityNotFound', name);
    }
  });

  test('a job of another device, also where one name begins with the other', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.activeDevice({}, `${DEVICE}0`);
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}0/scanForUpdates`));
    await arm.refused('get', `${DEVICE}/jobs/${idIn(poll)}`, 404);
    await arm.advance(minutes(30));
    await arm.refused('get', `${DEVICE}/jobs/${idIn(poll)}`, 404);
    await arm.get(`${DEVICE}0/jobs/${idIn(poll)}`);
  });

  test('a list: the contract has none; and writing', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.equal((await arm.refused('get', `${DEVICE}/jobs`, 405)).code, 'MethodNotAllowed');
    await arm.refused('put', `${DEVICE}/jobs/j1`, 405, {});
  });
});

describe('a job whose device is gone', () => {
  test('goes with it, while its poll URL stays', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    await arm.advance(minutes(30));
    await arm.done('delete', DEVICE);
    await arm.refused('get', `${DEVICE}/jobs/${idIn(poll)}`, 404);
    assert.equal((await arm.call('get', pathIn(poll))).status, 204);
  });
});
