import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, propertiesOf, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/updateSummary/default`;

describe('read back', () => {
  test('of a device that is not activated: nothing known, nothing offered', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const shown = await arm.get(URL);
    assert.deepEqual([shown.id, shown.name], [URL, 'default']);
    assert.equal(shown.type, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/updateSummary');
    const properties = propertiesOf(shown);
    assert.equal(properties.deviceVersionNumber, undefined);
    assert.equal(properties.ongoingUpdateOperation, 'None');
    assert.equal(properties.rebootBehavior, 'NeverReboots');
    assert.deepEqual(properties.updateTitles, []);
  });

  test('each step of an update shows: scan, download, install, and then nothing more to do', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const before = propertiesOf(await arm.get(URL));
    assert.equal(before.friendlyDeviceVersionName, 'Azure Stack Edge 2309');

    await arm.accepted('post', `${DEVICE}/scanForUpdates`);
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).ongoingUpdateOperation, 'Scan');
    await arm.advance(minutes(30));
    const scanned = propertiesOf(await arm.get(URL));
    assert.equal(scanned.ongoingUpdateOperation, 'None');
    assert.equal(scanned.totalNumberOfUpdatesAvailable, 2);
    assert.equal(scanned.totalNumberOfUpdatesPendingDownload, 2);
    assert.equal(scanned.rebootBehavior, 'RequiresReboot');
    assert.match(textOf(scanned.lastSuccessfulScanJobTime), /^2026-03-02T09:/);
    const updates = scanned.updates as { updateType: string; status: string; updateSize: number }[];
    assert.deepEqual(
      updates.map(({ updateType, status }) => [updateType, status]),
      [
        ['Software', 'DownloadPending'],
        ['Kubernetes', 'DownloadPending'],
      ],
    );
    const bytes = updates.reduce((sum, { updateSize }) => sum + updateSize, 0);
    assert.equal(scanned.totalUpdateSizeInBytes, bytes);
    assert.equal((scanned.updateTitles as string[]).length, 2);

    await arm.accepted('post', `${DEVICE}/downloadUpdates`);
    await arm.advance(seconds(1));
    const downloading = propertiesOf(await arm.get(URL));
    assert.equal(downloading.ongoingUpdateOperation, 'Download');
    const job = textOf(downloading.inProgressDownloadJobId);
    assert.ok(job.startsWith(`${DEVICE}/jobs/`));
    assert.equal((await arm.get(job)).status, 'Running');
    await arm.advance(minutes(120));
    const downloaded = propertiesOf(await arm.get(URL));
    assert.equal(downloaded.totalNumberOfUpdatesPendingDownload, 0);
    assert.equal(downloaded.lastDownloadJobStatus, 'Succeeded');
    assert.equal(downloaded.inProgressDownloadJobId, undefined);

    await arm.accepted('post', `${DEVICE}/installUpdates`);
    await arm.advance(minutes(10));
    const installing = propertiesOf(await arm.get(URL));
    assert.equal(installing.ongoingUpdateOperation, 'Install');
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Maintenance');
    await arm.advance(minutes(600));
    const installed = propertiesOf(await arm.get(URL));
    assert.equal(installed.lastInstallJobStatus, 'Succeeded');
    assert.notEqual(installed.friendlyDeviceVersionName, before.friendlyDeviceVersionName);
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
  });

  test('a device finds its update by itself within a day, with an alert, and shows the scan of every day', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const shown = async () => propertiesOf(await arm.get(URL));
    const { deviceLastScannedDateTime, totalNumberOfUpdatesAvailable } = await shown();
    assert.deepEqual([deviceLastScannedDateTime, totalNumberOfUpdatesAvailable], [undefined, 0]);
    await arm.advance(days(1));
    const first = await shown();
    assert.equal(first.totalNumberOfUpdatesAvailable, 2);
    assert.equal(first.lastSuccessfulScanJobTime, first.deviceLastScannedDateTime);
    assert.equal(first.lastCompletedScanJobDateTime, undefined, 'nobody asked for a job');
    const alerts = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
    assert.deepEqual(
      alerts.map((alert) => propertiesOf(alert).alertType),
      ['UpdateAvailableCondition'],
    );
    const facts = async (): Promise<unknown[]> =>
      ((await arm.get(`/_edgetwin/journal?resource=${DEVICE}`)).value as JsonObject[]).filter(
        ({ kind }) => kind === 'update.scanned',
      );
    assert.equal((await facts()).length, 1);
    await arm.advance(days(2));
    const later = await shown();
    const passed =
      Date.parse(textOf(later.deviceLastScannedDateTime)) -
      Date.parse(textOf(first.deviceLastScannedDateTime));
    assert.equal(passed, days(2));
    assert.equal((await facts()).length, 1, 'a scan that changes nothing writes nothing');
  });

  test('2020-12-01 has neither details nor minutes yet, and 2021-02-01 has', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const old = propertiesOf(await arm.get(`${URL}?api-version=2020-12-01`));
    assert.equal(old.totalNumberOfUpdatesAvailable, 2);
    for (const member of ['updates', 'totalTimeInMinutes', 'lastInstallJobStatus']) {
      assert.equal(old[member], undefined, member);
    }
    const later = propertiesOf(await arm.get(`${URL}?api-version=2021-02-01`));
    assert.equal((later.updates as object[]).length, 2);
  });
});

describe('refuse', () => {
  test('a missing device, another name, and writing', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const missing = await arm.refused('get', URL.replace('edge1', 'edge2'), 404);
    assert.equal(missing.code, 'ParentResourceNotFound');
    await arm.refused('get', `${DEVICE}/updateSummary/other`, 404);
    assert.equal((await arm.refused('put', URL, 405, {})).code, 'MethodNotAllowed');
    assert.equal((await arm.refused('delete', URL, 405)).code, 'MethodNotAllowed');
  });
});
