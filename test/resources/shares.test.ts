import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import { DEVICE, pathIn, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  changed,
  CLOUD_SHARE,
  CREDENTIAL,
  LOCAL_SHARE,
} from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/shares/cameras`;

describe('create', () => {
  test('a local and a cloud share, each unseen until its operation is done', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.accepted('put', URL, CLOUD_SHARE);
    await arm.accepted('put', `${DEVICE}/shares/Local-1`, LOCAL_SHARE);
    assert.deepEqual(await arm.get(`${DEVICE}/shares`), { value: [] });
    await arm.advance(minutes(2));
    const { value } = await arm.get(`${DEVICE}/shares`);
    const names = (value as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names, ['cameras', 'Local-1']);
  });

  test('without a data policy it is a cloud share [rec]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, changed(CLOUD_SHARE, { dataPolicy: undefined }));
    assert.equal(propertiesOf(await arm.get(URL)).dataPolicy, 'Cloud');
  });
});

describe('read back', () => {
  test('with the defaults recorded, the status being the machine’s', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    assert.deepEqual(await arm.get(URL), {
      properties: {
        description: 'Cameras',
        shareStatus: 'OK',
        monitoringStatus: 'Enabled',
        azureContainerInfo: CLOUD_SHARE.properties.azureContainerInfo,
        accessProtocol: 'SMB',
        userAccessRights: CLOUD_SHARE.properties.userAccessRights,
        clientAccessRights: [],
        refreshDetails: {},
        shareMappings: [],
        dataPolicy: 'Cloud',
      },
      id: URL,
      name: 'cameras',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares',
    });
  });

  test('a name that every object inherits is a name like any other', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const odd = `${DEVICE}/shares/constructor`;
    await arm.done('put', odd, LOCAL_SHARE);
    assert.equal(propertiesOf(await arm.get(odd)).shareStatus, 'OK');
  });
});

describe('refuse', () => {
  test('what its protocol and policy need and was not sent, all at once', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const bare = changed(CLOUD_SHARE, { azureContainerInfo: undefined, userAccessRights: [] });
    const smb = await arm.refused('put', `${DEVICE}/shares/Cameras`, 400, bare);
    assert.deepEqual(smb.details?.map(({ target }) => target).sort(), [
      'name',
      'properties.azureContainerInfo',
      'properties.userAccessRights',
    ]);
    const nfs = changed(LOCAL_SHARE, { clientAccessRights: undefined });
    assert.equal((await arm.refused('put', URL, 400, nfs)).target, 'properties.clientAccessRights');
  });

  test('fields of a wrong type inside lists, by their index', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const wrong = changed(LOCAL_SHARE, {
      description: 1,
      clientAccessRights: [{ client: '10.0.0.1', accessPermission: 'All' }, { client: 2 }],
    });
    const { details } = await arm.refused('put', URL, 400, wrong);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.clientAccessRights[0].accessPermission',
      'properties.clientAccessRights[1].accessPermission',
      'properties.clientAccessRights[1].client',
      'properties.description',
    ]);
  });

  test('users and credentials that are not there; a credential of another device may be', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    const info = CLOUD_SHARE.properties.azureContainerInfo;
    const lost = changed(CLOUD_SHARE, {
      azureContainerInfo: { ...info, storageAccountCredentialId: `${DEVICE}/users/anna` },
      userAccessRights: [
        ...CLOUD_SHARE.properties.userAccessRights,
        { userId: `${DEVICE}/users/nobody`, accessType: 'Read' },
      ],
    });
    const { details } = await arm.refused('put', URL, 400, lost);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.azureContainerInfo.storageAccountCredentialId',
      'properties.userAccessRights[1].userId',
    ]);
    const other = DEVICE.replace('edge1', 'edge2');
    await arm.activeDevice({}, other);
    const storageAccountCredentialId = `${other}/storageAccountCredentials/sac2`;
    await arm.done('put', storageAccountCredentialId, CREDENTIAL);
    const far = changed(CLOUD_SHARE, {
      azureContainerInfo: { ...info, storageAccountCredentialId },
    });
    await arm.done('put', URL, far);
  });

  test('a container that another share has (limits)', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const { target } = await arm.refused('put', `${DEVICE}/shares/doors`, 400, CLOUD_SHARE);
    assert.equal(target, 'properties.azureContainerInfo.containerName');
    await arm.done('put', URL, CLOUD_SHARE);
  });

  test('names that no share may have', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const name of ['ab', '-ab', 'ab-', 'a--b', 'a_b', 'a.b', 'a'.repeat(64)]) {
      const { code } = await arm.refused('put', `${DEVICE}/shares/${name}`, 400, LOCAL_SHARE);
      assert.equal(code, 'InvalidResourceName', name);
    }
  });

  test('the twenty-fifth, and any on a machine that is not activated', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('put', URL, 400, LOCAL_SHARE);
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    for (let index = 1; index <= 24; index++) {
      await arm.accepted('put', `${DEVICE}/shares/share${index}`, LOCAL_SHARE);
    }
    await arm.advance(minutes(2));
    const { code } = await arm.refused('put', URL, 400, LOCAL_SHARE);
    assert.equal(code, 'GatewayUserErrorLimitReached');
  });
});

describe('change', () => {
  test('description and rights change; the status says so meanwhile', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const rights = [{ userId: `${DEVICE}/users/anna`, accessType: 'read' }];
    const body = changed(CLOUD_SHARE, { description: 'Doors', userAccessRights: rights });
    await arm.accepted('put', URL, body);
    await arm.advance(seconds(1));
    const during = propertiesOf(await arm.get(URL));
    assert.deepEqual([during.shareStatus, during.description], ['Updating', 'Cameras']);
    await arm.advance(minutes(1));
    const after = propertiesOf(await arm.get(URL));
    assert.deepEqual([after.shareStatus, after.description], ['OK', 'Doors']);
    assert.deepEqual(after.userAccessRights, [{ ...rights[0], accessType: 'Read' }]);
  });

  test('protocol and data policy are fixed at creation', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, LOCAL_SHARE);
    const { details } = await arm.refused('put', URL, 400, CLOUD_SHARE);
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['properties.accessProtocol', 'properties.dataPolicy'],
    );
  });

  test('the body of a GET can be put back', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
  });
});

describe('remove', () => {
  test('202, then 204 and gone; the status says Updating meanwhile', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(seconds(1));
    assert.equal(propertiesOf(await arm.get(URL)).shareStatus, 'Updating');
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
  });
});

const WEEK = ['sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

describe('refresh', () => {
  const refresh = `${URL}/refresh`;

  test('is a job: Location first, both headers while it runs, 204 with the status URL [rec 14]', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const accepted = await arm.accepted('post', refresh);
    assert.equal(accepted.headers['azure-asyncoperation'], undefined);
    const poll = pollUrl(accepted);
    assert.match(poll, new RegExp(`${URL}/operationResults/`));
    await arm.advance(seconds(1));
    const running = await arm.call('get', poll);
    assert.equal(running.status, 202);
    assert.equal(pathIn(running.headers.location ?? ''), pathIn(poll));
    const status = running.headers['azure-asyncoperation'] ?? '';
    assert.match(status, new RegExp(`${DEVICE}/operationsStatus/[0-9a-f-]{36}\\?api-version=2019`));
    const job = await arm.get(status);
    assert.equal(job.status, 'Running');
    assert.equal(propertiesOf(job).jobType, 'RefreshShare');
    assert.equal(propertiesOf(job).refreshedEntityId, URL);
    const during = propertiesOf(await arm.get(URL)).refreshDetails;
    assert.deepEqual(during, { inProgressRefreshJobId: `${DEVICE}/jobs/${textOf(job.name)}` });
    await arm.advance(minutes(4));
    const done = await arm.call('get', poll);
    assert.equal(done.status, 204);
    assert.equal(pathIn(done.headers['azure-asyncoperation'] ?? ''), pathIn(status));
    assert.equal((await arm.get(status)).status, 'Succeeded');
    const after = propertiesOf(await arm.get(URL)).refreshDetails as Record<string, string>;
    assert.equal(after.lastJob, `${DEVICE}/jobs/${textOf(job.name)}`);
    assert.match(after.lastCompletedRefreshJobTimeInUTC ?? '', /^2026-03-02T10:/);
  });

  test('takes as much longer as a bandwidth schedule leaves less (bw): at 20 Mbps five times', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    const always = { start: '0:0', stop: '0:0:0', rateInMbps: 20, days: WEEK };
    await arm.done('put', `${DEVICE}/bandwidthSchedules/always`, { properties: always });
    const poll = pollUrl(await arm.accepted('post', refresh));
    // Without a schedule it takes 60 to 180 seconds, of which at least 30 are the transfer.
    await arm.advance(seconds(180));
    assert.equal((await arm.call('get', poll)).status, 202);
    await arm.advance(seconds(90 + 5 * 90 - 180));
    assert.equal((await arm.call('get', poll)).status, 204);
  });

  test('local shares have nothing in the cloud to refresh; a second waits for the first', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', URL, CLOUD_SHARE);
    await arm.done('put', `${DEVICE}/shares/local1`, LOCAL_SHARE);
    const { code } = await arm.refused('post', `${DEVICE}/shares/local1/refresh`, 400);
    assert.equal(code, 'GatewayUserErrorNotSupported');
    await arm.accepted('post', refresh);
    const busy = 'GatewayUserErrorOperationInProgress';
    assert.equal((await arm.refused('post', refresh, 409)).code, busy);
    assert.equal((await arm.refused('put', URL, 409, CLOUD_SHARE)).code, busy);
    await arm.refused('post', `${DEVICE}/shares/nobody/refresh`, 404);
  });
});
