/**
 * The published `@azure/arm-databoxedge` 2.1.0 plays the story of the product with its own pollers, over http, against a
 * listening service. What it does not cover is done by hand: Arc's Azure side, support, billing, the return.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { ArcAddon, KubernetesRole, Order, Share } from '@azure/arm-databoxedge';
import { days, hours, minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, propertiesOf, SUBSCRIPTION } from '../support/arm-client.ts';
import { startListening } from '../support/listening.ts';
import { encryptedFor, jobWatch, listed, sdkClient, waitingClient } from '../support/sdk.ts';

const RG = 'GroupForEdgeAutomation';
const EDGE = 'edge1';
const CONNECTED = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters`;
const ARC_VERSION = 'api-version=2021-10-01';

const ORDER: Order = {
  contactInformation: {
    contactPerson: 'John Mcclane',
    companyName: 'Microsoft',
    phone: '(800) 426-9400',
    emailList: ['john@microsoft.com'],
  },
  shippingAddress: { addressLine1: 'Microsoft Corporation', postalCode: '98052', country: 'USA' },
};
const ROLE: KubernetesRole = {
  kind: 'Kubernetes',
  hostPlatform: 'Linux',
  kubernetesClusterInfo: { version: 'v1.17.3' },
  kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile: 'DS1_v2' } },
  roleStatus: 'Enabled',
};
const ADDON: ArcAddon = {
  kind: 'ArcForKubernetes',
  subscriptionId: SUBSCRIPTION,
  resourceGroupName: RG,
  resourceName: 'arc1',
  resourceLocation: 'eastus',
};
const SCHEDULE = { start: '0:0:0', stop: '13:59:0', rateInMbps: 100, days: ['Sunday', 'Monday'] };
const SHARE: Share = {
  shareStatus: 'OK',
  monitoringStatus: 'Enabled',
  accessProtocol: 'SMB',
  dataPolicy: 'Cloud',
  azureContainerInfo: {
    storageAccountCredentialId: `${DEVICE}/storageAccountCredentials/sac1`,
    containerName: 'container1',
    dataFormat: 'BlockBlob',
  },
  userAccessRights: [{ userId: `${DEVICE}/users/holly`, accessType: 'Change' }],
};

/** What the client throws for a refusal. */
const restError = (statusCode: number, code: string) => ({ name: 'RestError', statusCode, code });

const valuesOf = (body: JsonObject): JsonObject[] => body.value as JsonObject[];

const namesOf = (resources: { name?: string }[]) => resources.map(({ name }) => name);

test('the published SDK plays the story with its own pollers', async (t) => {
  const arm = await startListening(t);
  const { azure, waiting } = waitingClient(arm);
  /** Its waiting moves nothing: for a look at what still runs. */
  const patient = sdkClient(arm.origin);
  await arm.put(`${GROUP}?api-version=2021-04-01`, { location: 'eastus' }, 201);

  await t.test('a device: created, read, tagged, listed', async () => {
    const created = await azure.devices.createOrUpdate(EDGE, RG, {
      location: 'eastus',
      sku: { name: 'EdgeP_Base', tier: 'Standard' },
    });
    assert.equal(created.dataBoxEdgeDeviceStatus, 'ReadyToSetup');
    assert.equal(created.kind, 'AzureStackEdge');
    assert.deepEqual(created.tags, {});
    const updated = await azure.devices.update(EDGE, RG, { tags: { site: 'Nakatomi' } });
    assert.deepEqual(updated.tags, { site: 'Nakatomi' });
    const read = await azure.devices.get(EDGE, RG);
    assert.equal(read.id, DEVICE);
    assert.equal(read.etag, updated.etag);
    assert.notEqual(read.etag, created.etag);
    assert.deepEqual(namesOf(await listed(azure.devices.listBySubscription())), [EDGE]);
    assert.deepEqual(namesOf(await listed(azure.devices.listByResourceGroup(RG))), [EDGE]);
  });

  await t.test('refusals come as RestError with status and code', async () => {
    const slow = { ...SCHEDULE, rateInMbps: 1 };
    await assert.rejects(azure.devices.get('nowhere', RG), restError(404, 'ResourceNotFound'));
    await assert.rejects(
      azure.shares.get(EDGE, 'nothing', RG),
      restError(404, 'GatewayUserErrorEntityNotFound'),
    );
    await assert.rejects(
      azure.bandwidthSchedules.beginCreateOrUpdateAndWait(EDGE, 'slow', RG, slow),
      restError(400, 'InvalidRequestContent'),
    );
    await assert.rejects(
      azure.devices.createOrUpdate(EDGE, RG, { location: 'westeurope' }),
      restError(409, 'InvalidResourceLocation'),
    );
  });

  await t.test('the order travels to Delivered', async () => {
    const placed = await azure.orders.beginCreateOrUpdateAndWait(EDGE, RG, ORDER);
    assert.equal(placed.orderHistory?.[0]?.status, 'Untracked');
    await arm.advance(days(14));
    const order = await azure.orders.get(EDGE, RG);
    assert.equal(order.currentStatus?.status, 'Delivered');
    assert.deepEqual(order.contactInformation, ORDER.contactInformation);
    assert.equal(order.deliveryTrackingInfo?.length, 1);
    const orders = await listed(azure.orders.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(namesOf(orders), ['default']);
    assert.deepEqual(orders[0]?.orderHistory, order.orderHistory);
  });

  await t.test('certificates activate the machine', async () => {
    const { publicKey = '', privateKey } = await azure.devices.generateCertificate(EDGE, RG);
    const certificate = new X509Certificate(Buffer.from(publicKey, 'base64'));
    assert.match(certificate.subject, /^CN=CB_Portal_\d+$/);
    assert.notEqual(privateKey ?? '', '');
    const uploaded = await azure.devices.uploadCertificate(EDGE, RG, { certificate: publicKey });
    assert.equal(uploaded.authType, 'AzureActiveDirectory');
    await arm.advance(minutes(6));
    const device = await azure.devices.get(EDGE, RG);
    assert.equal(device.dataBoxEdgeDeviceStatus, 'Online');
    assert.equal(device.nodeCount, 1);
    assert.ok(device.deviceLocalCapacity! > 0);
    for (const text of [device.serialNumber, device.deviceModel, device.deviceSoftwareVersion]) {
      assert.notEqual(text ?? '', '');
    }
  });

  await t.test('a user: the password travels encrypted and never comes back', async () => {
    const info = await azure.devices.getExtendedInformation(EDGE, RG);
    const key = await arm.get(`/_edgetwin/appliances/channelIntegrityKey?resource=${DEVICE}`);
    const secret = encryptedFor(info, key.channelIntegrityKey as string, 'Pässword-1!');
    const user = { userType: 'Share', encryptedPassword: secret };
    const made = await azure.users.beginCreateOrUpdateAndWait(EDGE, 'holly', RG, user);
    assert.equal(made.userType, 'Share');
    assert.equal(made.encryptedPassword, undefined);
    const users = await listed(azure.users.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(namesOf(users), ['holly']);
    assert.equal(users[0]?.encryptedPassword, undefined);
    const garbled = { ...secret, value: secret.value.replace(/^.{8}/, 'AAAAAAAA') };
    await assert.rejects(
      azure.users.beginCreateOrUpdateAndWait(EDGE, 'hans', RG, {
        ...user,
        encryptedPassword: garbled,
      }),
      restError(400, 'InvalidRequestContent'),
    );
  });

  await t.test(
    'a storage account credential, and an Edge storage account with a container',
    async () => {
      const made = await azure.storageAccountCredentials.beginCreateOrUpdateAndWait(
        EDGE,
        'sac1',
        RG,
        {
          alias: 'sac1',
          userName: 'cameras',
          accountKey: { value: 'Plain-Account-Key', encryptionAlgorithm: 'None' },
          sslStatus: 'Enabled',
          accountType: 'BlobStorage',
        },
      );
      assert.deepEqual([made.userName, made.accountKey], ['cameras', undefined]);
      const account = await azure.storageAccounts.beginCreateOrUpdateAndWait(EDGE, 'acc1', RG, {
        dataPolicy: 'Cloud',
        storageAccountCredentialId: `${DEVICE}/storageAccountCredentials/sac1`,
      });
      assert.deepEqual([account.storageAccountStatus, account.containerCount], ['OK', 0]);
      const container = { dataFormat: 'BlockBlob' };
      await azure.containers.beginCreateOrUpdateAndWait(EDGE, 'acc1', 'blobs', RG, container);
      const containers = await listed(azure.containers.listByStorageAccount(EDGE, 'acc1', RG));
      assert.deepEqual(namesOf(containers), ['blobs']);
      await azure.containers.beginRefreshAndWait(EDGE, 'acc1', 'blobs', RG);
      const { refreshDetails } = await azure.containers.get(EDGE, 'acc1', 'blobs', RG);
      assert.notEqual(refreshDetails?.lastJob, undefined);
      await assert.rejects(
        azure.storageAccountCredentials.beginDeleteAndWait(EDGE, 'sac1', RG),
        restError(409, 'GatewayUserErrorEntityInUse'),
      );
      await azure.storageAccounts.beginDeleteAndWait(EDGE, 'acc1', RG);
    },
  );

  await t.test('bandwidth schedules: created, changed, listed in pages', async () => {
    const { bandwidthSchedules } = azure;
    const statuses: number[] = [];
    waiting.perWait = seconds(8);
    const made = await bandwidthSchedules.beginCreateOrUpdateAndWait(EDGE, 'a', RG, SCHEDULE, {
      onResponse: ({ status }) => statuses.push(status),
    });
    waiting.perWait = minutes(10);
    // Accepted, running at least once, done (a 202 that points at the resource), and the resource itself [rec 9, 10].
    assert.ok(statuses.length >= 4, String(statuses));
    assert.deepEqual([...new Set(statuses.slice(0, -1)), statuses.at(-1)], [202, 200]);
    assert.deepEqual([made.start, made.stop, made.days], ['00:00:00', '13:59:00', SCHEDULE.days]);
    for (const name of ['b', 'c']) {
      await bandwidthSchedules.beginCreateOrUpdateAndWait(EDGE, name, RG, SCHEDULE);
    }
    const faster = { ...SCHEDULE, rateInMbps: 200 };
    const changed = await bandwidthSchedules.beginCreateOrUpdateAndWait(EDGE, 'b', RG, faster);
    assert.equal(changed.rateInMbps, 200);
    const all = await listed(bandwidthSchedules.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(namesOf(all), ['a', 'b', 'c']);
    // The client has no $top of its own, but it goes on from any nextLink of the service.
    const first = await arm.get(`${DEVICE}/bandwidthSchedules?$top=1`);
    const rest = bandwidthSchedules
      .listByDataBoxEdgeDevice(EDGE, RG)
      .byPage({ continuationToken: first.nextLink as string });
    assert.deepEqual((await listed(rest)).map(namesOf), [['b'], ['c']]);
  });

  await t.test('a share: a second write while the first runs is refused', async () => {
    const poller = await patient.shares.beginCreateOrUpdate(EDGE, 'share1', RG, SHARE);
    await assert.rejects(
      azure.shares.beginCreateOrUpdateAndWait(EDGE, 'share1', RG, SHARE),
      restError(409, 'AnotherOperationInProgress'),
    );
    await arm.advance(minutes(1));
    const made = await poller.pollUntilDone();
    assert.equal(made.shareStatus, 'OK');
    assert.equal(made.dataPolicy, 'Cloud');
    const shares = await listed(azure.shares.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(namesOf(shares), ['share1']);
  });

  await t.test('a share: its refresh is a job', async () => {
    const { job, onResponse } = jobWatch();
    const poller = await patient.shares.beginRefresh(EDGE, 'share1', RG, { onResponse });
    const running = await azure.jobs.get(EDGE, job.name, RG);
    assert.deepEqual([running.status, running.jobType], ['Running', 'RefreshShare']);
    const refreshing = await azure.shares.get(EDGE, 'share1', RG);
    assert.equal(refreshing.refreshDetails?.inProgressRefreshJobId, running.id);
    await arm.advance(minutes(5));
    await poller.pollUntilDone();
    const ended = await azure.jobs.get(EDGE, job.name, RG);
    assert.deepEqual([ended.status, ended.percentComplete], ['Succeeded', 100]);
    assert.equal(ended.refreshedEntityId, `${DEVICE}/shares/share1`);
    assert.ok(ended.startTime! < ended.endTime!);
    const { refreshDetails } = await azure.shares.get(EDGE, 'share1', RG);
    assert.deepEqual(refreshDetails?.lastCompletedRefreshJobTimeInUTC, ended.endTime);
  });

  await t.test('the Kubernetes role: Creating, then Created with its nodes', async () => {
    const poller = await azure.roles.beginCreateOrUpdate(EDGE, 'kubernetes', RG, ROLE);
    const early = (await azure.roles.get(EDGE, 'kubernetes', RG)) as KubernetesRole;
    assert.equal(early.provisioningState, 'Creating');
    assert.equal(poller.isDone(), false);
    const role = (await poller.pollUntilDone()) as KubernetesRole;
    assert.equal(role.provisioningState, 'Created');
    const nodes = role.kubernetesClusterInfo?.nodes?.map(({ type }) => type);
    assert.deepEqual(nodes, ['Master', 'Worker']);
    // The version was a wish: the machine installs what its release brings.
    assert.notEqual(role.kubernetesClusterInfo?.version, 'v1.17.3');
    assert.ok(role.kubernetesRoleResources!.compute.processorCount! > 0);
    const roles = await listed(azure.roles.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(
      roles.map(({ name, kind }) => [name, kind]),
      [
        ['CloudEdgeManagementRole', 'CloudEdgeManagement'],
        ['kubernetes', 'Kubernetes'],
      ],
    );
  });

  await t.test('the Arc addon: Connecting, then Connected', async () => {
    waiting.perWait = minutes(1);
    const poller = await azure.addons.beginCreateOrUpdate(EDGE, 'kubernetes', 'arc', RG, ADDON);
    waiting.perWait = minutes(10);
    const connecting = propertiesOf(await arm.get(`${CONNECTED}/arc1?${ARC_VERSION}`));
    assert.equal(connecting.connectivityStatus, 'Connecting');
    const addon = (await poller.pollUntilDone()) as ArcAddon;
    assert.equal(addon.provisioningState, 'Created');
    assert.notEqual(addon.version ?? '', '');
    const connected = propertiesOf(await arm.get(`${CONNECTED}/arc1?${ARC_VERSION}`));
    assert.equal(connected.connectivityStatus, 'Connected');
    assert.equal(connected.agentVersion, addon.version);
    const addons = await listed(azure.addons.listByRole(EDGE, 'kubernetes', RG));
    assert.deepEqual(
      addons.map(({ name, kind }) => [name, kind]),
      [['arc', 'ArcForKubernetes']],
    );
  });

  await t.test('billing: under the preview offer Arc is metered and free', async () => {
    const read = async (what: string) =>
      valuesOf(await arm.get(`/_edgetwin/billing/${what}?subscription=${SUBSCRIPTION}`));
    await arm.advance(days(2));
    const request = {
      issueType: 'Billing',
      subscription: SUBSCRIPTION,
      service: 'Azure Stack Edge',
      resource: DEVICE,
      summary: 'Arc was in preview when we began',
      problemType: 'Unexpected Charges',
      problemSubtype: 'Help me understand charges on my free trial',
    };
    const answer = await arm.post('/_edgetwin/supportRequests', request, 201);
    assert.equal(answer.status, 'Closed');
    assert.equal((await read('offers'))[0]?.arc, 'previewNoCharge');
    await arm.advance(days(2));
    const usage = await read('usage');
    const device = usage.filter(({ meter }) => meter === 'device').at(-1);
    assert.ok(Number(device?.quantity) > 0 && Number(device?.cost) > 0);
    const arc = usage.filter(({ meter }) => meter === 'arc-vcpu');
    assert.deepEqual(
      arc.map(({ offer, quantity, cost }) => [offer, Number(quantity) > 0, Number(cost) > 0]),
      [
        ['standard', true, true],
        ['previewNoCharge', true, false],
      ],
    );
    assert.equal((await read('invoices')).length, 1);
  });

  await t.test('updates: scanned, downloaded, installed, each a job', async () => {
    const cluster = (await azure.roles.get(EDGE, 'kubernetes', RG)) as KubernetesRole;
    await azure.devices.beginScanForUpdatesAndWait(EDGE, RG);
    const scanned = await azure.devices.getUpdateSummary(EDGE, RG);
    assert.ok(scanned.totalNumberOfUpdatesPendingDownload! > 0);
    const download = jobWatch();
    await azure.devices.beginDownloadUpdatesAndWait(EDGE, RG, { onResponse: download.onResponse });
    const downloaded = await azure.jobs.get(EDGE, download.job.name, RG);
    assert.deepEqual([downloaded.status, downloaded.jobType], ['Succeeded', 'DownloadUpdates']);

    const { job, onResponse } = jobWatch();
    const install = await patient.devices.beginInstallUpdates(EDGE, RG, { onResponse });
    const running = await azure.jobs.get(EDGE, job.name, RG);
    assert.deepEqual([running.status, running.jobType], ['Running', 'InstallUpdates']);
    const ongoing = await azure.devices.getUpdateSummary(EDGE, RG);
    assert.equal(ongoing.ongoingUpdateOperation, 'Install');
    assert.equal(ongoing.inProgressInstallJobId, running.id);
    await arm.advance(hours(4));
    await install.pollUntilDone();
    // How the poller ended is one thing, the truth is in the job (arm-protocol §0.2, 15).
    const ended = await azure.jobs.get(EDGE, job.name, RG);
    assert.deepEqual([ended.status, ended.percentComplete], ['Succeeded', 100]);
    const status = await azure.operationsStatus.get(EDGE, job.name, RG);
    assert.deepEqual([status.status, status.endTime], [ended.status, ended.endTime]);

    const summary = await azure.devices.getUpdateSummary(EDGE, RG);
    assert.equal(summary.lastInstallJobStatus, 'Succeeded');
    assert.equal(summary.ongoingUpdateOperation, 'None');
    const device = await azure.devices.get(EDGE, RG);
    assert.equal(device.dataBoxEdgeDeviceStatus, 'Online');
    const software = scanned.updates?.find(({ updateType }) => updateType === 'Software');
    assert.notEqual(scanned.deviceVersionNumber, software?.targetVersion);
    assert.equal(device.deviceSoftwareVersion, software?.targetVersion);
    const updated = (await azure.roles.get(EDGE, 'kubernetes', RG)) as KubernetesRole;
    assert.notEqual(updated.kubernetesClusterInfo?.version, cluster.kubernetesClusterInfo?.version);
  });

  await t.test('everything goes, and nothing is left behind', async () => {
    await assert.rejects(
      azure.devices.beginDeleteAndWait(EDGE, RG),
      restError(409, 'GatewayUserErrorDeviceBillingActive'),
    );
    await azure.addons.beginDeleteAndWait(EDGE, 'kubernetes', 'arc', RG);
    await arm.refused('get', `${CONNECTED}/arc1?${ARC_VERSION}`, 404);
    assert.deepEqual(await listed(azure.addons.listByRole(EDGE, 'kubernetes', RG)), []);
    await azure.roles.beginDeleteAndWait(EDGE, 'kubernetes', RG);
    await azure.shares.beginDeleteAndWait(EDGE, 'share1', RG);
    await azure.storageAccountCredentials.beginDeleteAndWait(EDGE, 'sac1', RG);
    await azure.users.beginDeleteAndWait(EDGE, 'holly', RG);
    for (const name of ['a', 'b', 'c']) {
      await azure.bandwidthSchedules.beginDeleteAndWait(EDGE, name, RG);
    }
    const roles = await listed(azure.roles.listByDataBoxEdgeDevice(EDGE, RG));
    assert.deepEqual(namesOf(roles), ['CloudEdgeManagementRole'], 'built in');
    for (const list of [
      azure.storageAccountCredentials.listByDataBoxEdgeDevice(EDGE, RG),
      azure.shares.listByDataBoxEdgeDevice(EDGE, RG),
      azure.users.listByDataBoxEdgeDevice(EDGE, RG),
      azure.bandwidthSchedules.listByDataBoxEdgeDevice(EDGE, RG),
    ]) {
      assert.deepEqual(await listed<object>(list), []);
    }
    await arm.post('/_edgetwin/orders/return', { resource: DEVICE });
    await azure.devices.beginDeleteAndWait(EDGE, RG);
    await assert.rejects(azure.devices.get(EDGE, RG), restError(404, 'ResourceNotFound'));
    await assert.rejects(azure.orders.get(EDGE, RG), restError(404, 'ParentResourceNotFound'));
    assert.deepEqual(await listed(azure.devices.listBySubscription()), []);
    assert.deepEqual(await arm.get(`${CONNECTED}?${ARC_VERSION}`), { value: [] });
    // Deleting what is gone is no error.
    await azure.devices.beginDeleteAndWait(EDGE, RG);
  });
});

test('with azure-async, and the clock running by itself, the pollers end on the operation', async (t) => {
  const arm = await startListening(t, {
    EDGETWIN_LRO_STYLE: 'azure-async',
    EDGETWIN_CLOCK: 'running',
    EDGETWIN_CLOCK_RATE: '5000',
  });
  const azure = sdkClient(arm.origin);
  await arm.activeDevice();
  const schedule = await azure.bandwidthSchedules.beginCreateOrUpdateAndWait(
    EDGE,
    'a',
    RG,
    SCHEDULE,
  );
  assert.equal(schedule.start, '00:00:00');
  const role = (await azure.roles.beginCreateOrUpdateAndWait(
    EDGE,
    'k8s',
    RG,
    ROLE,
  )) as KubernetesRole;
  assert.equal(role.provisioningState, 'Created');
  const addon = (await azure.addons.beginCreateOrUpdateAndWait(
    EDGE,
    'k8s',
    'arc',
    RG,
    ADDON,
  )) as ArcAddon;
  assert.equal(addon.provisioningState, 'Created');
  const { job, onResponse } = jobWatch();
  await azure.devices.beginScanForUpdatesAndWait(EDGE, RG, { onResponse });
  assert.equal((await azure.jobs.get(EDGE, job.name, RG)).status, 'Succeeded');
  await azure.addons.beginDeleteAndWait(EDGE, 'k8s', 'arc', RG);
  await arm.refused('get', `${CONNECTED}/arc1?${ARC_VERSION}`, 404);
  await azure.bandwidthSchedules.beginDeleteAndWait(EDGE, 'a', RG);
  await azure.devices.beginDeleteAndWait(EDGE, RG);
  await assert.rejects(azure.devices.get(EDGE, RG), restError(404, 'ResourceNotFound'));
});
