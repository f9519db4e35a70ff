import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  pollUrl,
  propertiesOf,
  SUBSCRIPTION,
  textOf,
} from '../../support/arm-client.ts';
import { LOCAL_SHARE, ORDER, SCHEDULE } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const DEVICES = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
const BODY = { location: 'eastus', sku: { name: 'EdgeP_Base' } };

/** The kinds of the timers, but the one that every world has. */
async function timerKinds({
  service,
}: Awaited<ReturnType<typeof startService>>): Promise<string[]> {
  const timers = service.database.reader.selectFrom('timers').select('kind');
  return (await timers.where('kind', '!=', 'retention').execute()).map(({ kind }) => kind);
}

const namesIn = (list: JsonObject): string[] =>
  (list.value as { name: string }[]).map(({ name }) => name);

describe('create', () => {
  test('200 at once, with the body as recorded, members in order [rec 1, 2]', async (t) => {
    const arm = await startService(t);
    const made = await arm.device();
    const { etag, ...rest } = made;
    assert.match(
      textOf(etag),
      /^W\/"datetime'2026-03-02T09%3A00%3A00\.\d{7}Z'"_W\/"datetime'.*Z'"$/,
    );
    assert.deepEqual(rest, {
      location: 'eastus',
      tags: {},
      sku: { name: 'EdgeP_Base', tier: 'Standard' },
      kind: 'AzureStackEdge',
      properties: {
        dataBoxEdgeDeviceStatus: 'ReadyToSetup',
        deviceType: 'DataBoxEdgeDevice',
        deviceLocalCapacity: 0,
        nodeCount: 0,
        edgeProfile: { subscription: { state: 'Registered' } },
        resourceMoveDetails: { operationInProgress: 'None' },
      },
      id: DEVICE,
      name: 'edge1',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
    });
    const order = ['location', 'tags', 'sku', 'etag', 'kind', 'properties', 'id', 'name', 'type'];
    assert.deepEqual(Object.keys(made), order);
  });

  test('SKU, tier and location in any casing come back in their own; Gateway has its own kind', async (t) => {
    const arm = await startService(t);
    const sku = { name: 'edgep_high', tier: 'standard' };
    const made = await arm.device({ location: 'East US 2 EUAP', sku });
    assert.equal(made.location, 'eastus2euap');
    assert.deepEqual(made.sku, { name: 'EdgeP_High', tier: 'Standard' });
    const gateway = await arm.put(`${DEVICES}/gateway1`, { ...BODY, sku: { name: 'Gateway' } });
    assert.equal(gateway.kind, 'AzureDataBoxGateway');
  });

  test('a system-assigned identity gets its ids at once, and keeps them [rec 4]', async (t) => {
    const arm = await startService(t);
    const { identity } = await arm.device({ identity: { type: 'systemassigned' } });
    const { type, principalId, tenantId } = identity as Record<string, string>;
    assert.equal(type, 'SystemAssigned');
    for (const id of [principalId, tenantId]) assert.match(id ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual((await arm.get(DEVICE)).identity, identity);
  });

  test('tags say what ARM cannot: the nodes and the release', async (t) => {
    const arm = await startService(t);
    const tags = { 'edgetwin-nodes': '2', 'edgetwin-release': '2301', mine: 'yes' };
    const active = await arm.activeDevice({ tags });
    assert.deepEqual(active.tags, tags);
    assert.equal(propertiesOf(active).nodeCount, 2);
    const summary = propertiesOf(await arm.get(`${DEVICE}/updateSummary/default`));
    assert.equal(summary.friendlyDeviceVersionName, 'Azure Stack Edge 2301');
  });
});

describe('read back', () => {
  test('a GET is the PUT’s answer without the move details [rec 3]', async (t) => {
    const arm = await startService(t);
    const made = await arm.device();
    const { resourceMoveDetails, ...properties } = propertiesOf(made);
    assert.deepEqual(resourceMoveDetails, { operationInProgress: 'None' });
    assert.deepEqual(await arm.get(DEVICE), { ...made, properties });
  });

  test('an activated one is Online, with the members recorded [rec 4]', async (t) => {
    const arm = await startService(t);
    const properties = propertiesOf(await arm.activeDevice());
    assert.equal(properties.dataBoxEdgeDeviceStatus, 'Online');
    assert.equal(properties.deviceModel, 'Azure Stack Edge Pro - 1 GPU');
    assert.equal(properties.nodeCount, 1);
    assert.deepEqual(properties.configuredRoleTypes, ['CloudEdgeManagement']);
    assert.deepEqual(properties.dataResidency, { type: 'GeoZoneReplication' });
    assert.ok(Number(properties.deviceLocalCapacity) > 1_000_000);
    for (const name of [
      'serialNumber',
      'friendlyName',
      'deviceSoftwareVersion',
      'deviceHcsVersion',
      'timeZone',
    ]) {
      assert.ok(textOf(properties[name] ?? '') !== '', name);
    }
  });

  test('each api-version has its own shape, and no answer has systemData [rec 8]', async (t) => {
    const arm = await startService(t);
    const residency = { dataResidency: { type: 'ZoneReplication' } };
    await arm.device({ identity: { type: 'SystemAssigned' }, properties: residency });
    const newest = await arm.get(DEVICE);
    assert.deepEqual(propertiesOf(newest).dataResidency, { type: 'ZoneReplication' });
    const oldest = await arm.get(`${DEVICE}?api-version=2019-08-01`);
    assert.deepEqual(Object.keys(oldest), [
      'location',
      'tags',
      'sku',
      'etag',
      'properties',
      'id',
      'name',
      'type',
    ]);
    assert.equal(propertiesOf(oldest).edgeProfile, undefined);
    const middle = await arm.get(`${DEVICE}?api-version=2020-12-01`);
    assert.deepEqual(
      [middle.kind, propertiesOf(middle).dataResidency],
      ['AzureStackEdge', undefined],
    );
    const cli = await arm.get(`${DEVICE}?api-version=2021-02-01-preview`);
    assert.deepEqual(propertiesOf(cli).dataResidency, { type: 'ZoneReplication' });
    assert.ok(![newest, oldest, middle, cli].some((shown) => 'systemData' in shown));
    assert.equal(propertiesOf(newest).resourceMoveDetails, undefined);
    const put = await arm.put(`${DEVICE}?api-version=2019-08-01`, BODY);
    assert.equal(propertiesOf(put).resourceMoveDetails, undefined);
  });

  test('three previews tell what runs on it, the newest versions how', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const shownIn = async (version: string): Promise<JsonObject> =>
      propertiesOf(await arm.get(`${DEVICE}?api-version=${version}`));
    const members = [
      'computeVersionInformation',
      'kubernetesPlatform',
      'kubernetesWorkloadProfile',
    ];
    const has = async (version: string): Promise<boolean[]> => {
      const shown = await shownIn(version);
      return members.map((member) => member in shown);
    };
    assert.deepEqual(await has('2022-03-01'), [false, false, false]);
    assert.deepEqual(await has('2023-01-01-preview'), [true, true, false]);
    assert.deepEqual(await has('2023-12-01'), [false, false, true]);
    const { computeVersionInformation } = await shownIn('2022-04-01-preview');
    assert.deepEqual(computeVersionInformation, { kubernetesVersion: 'v1.25.5' });
  });

  test('the edge profile’s subscription is what a PATCH says, and a PUT leaves it', async (t) => {
    const arm = await startService(t);
    await arm.device({ properties: { dataResidency: { type: 'ZoneReplication' } } });
    const id = `/subscriptions/${SUBSCRIPTION}/edge`;
    await arm.call('patch', DEVICE, { properties: { edgeProfile: { subscription: { id } } } });
    await arm.put(`${DEVICE}?api-version=2019-08-01`, BODY);
    const { edgeProfile, dataResidency } = propertiesOf(await arm.get(DEVICE));
    assert.deepEqual(edgeProfile, { subscription: { id, state: 'Registered' } });
    assert.deepEqual(dataResidency, { type: 'ZoneReplication' }, 'an older version cannot say it');
  });

  test('in the lists of its group and of its subscription, and in no other', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const other = GROUP.replace('GroupForEdgeAutomation', 'Other');
    await arm.device(
      {},
      DEVICE.replace('GroupForEdgeAutomation', 'Other').replace('edge1', 'edge2'),
    );
    assert.deepEqual(await arm.get(DEVICES), { value: [await arm.get(DEVICE)] });
    const below = 'providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices';
    assert.deepEqual(namesIn(await arm.get(`${other}/${below}`)), ['edge2']);
    const all = await arm.get(`/subscriptions/${SUBSCRIPTION}/${below}`);
    assert.deepEqual(namesIn(all).sort(), ['edge1', 'edge2']);
    const stranger = SUBSCRIPTION.replace('4385', '5385');
    assert.deepEqual(await arm.get(`/subscriptions/${stranger}/${below}`), { value: [] });
    await arm.refused('get', `${GROUP}X/${below}`, 404);
  });
});

describe('refuse', () => {
  test('a group that is not there, a location that is missing or unknown', async (t) => {
    const arm = await startService(t);
    assert.equal((await arm.refused('put', DEVICE, 404, BODY)).code, 'ResourceGroupNotFound');
    await arm.device();
    const url = `${DEVICES}/edge2`;
    const none = await arm.refused('put', url, 400, { sku: BODY.sku, location: ' ' });
    assert.equal(none.code, 'LocationRequired');
    const absent = await arm.refused('put', url, 400, { sku: BODY.sku });
    assert.equal(absent.code, 'LocationRequired');
    const nowhere = await arm.refused('put', url, 400, { ...BODY, location: 'mars' });
    assert.equal(nowhere.code, 'LocationNotAvailableForResourceType');
    assert.match(nowhere.message, /'Microsoft\.DataBoxEdge\/dataBoxEdgeDevices'.*eastus/);
  });

  test('unknown members at the top, in ARM’s words, together with every other fault', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const one = await arm.refused('put', DEVICE, 400, { ...BODY, colour: 'red' });
    assert.equal(
      one.message,
      "The request content was invalid and could not be deserialized: 'Could not find member 'colour' on object of type 'ResourceDefinition'. Path 'colour'.'.",
    );
    const wrong = { ...BODY, colour: 'red', toString: 1, sku: { name: 'EdgeP' }, tags: { a: 1 } };
    const { details } = await arm.refused('put', DEVICE, 400, wrong);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'colour',
      'sku.name',
      'tags.a',
      'toString',
    ]);
  });

  test('names that are too short, too long or not of letters, digits and hyphens [tf]', async (t) => {
    const arm = await startService(t);
    await arm.device();
    for (const name of ['a', 'a'.repeat(25), '-ab', 'ab-', 'a_b', 'a.b', 'ä1']) {
      const url = `${DEVICES}/${encodeURIComponent(name)}`;
      assert.equal((await arm.refused('put', url, 400, BODY)).code, 'InvalidResourceName', name);
    }
  });

  test('tags under our prefix that do not exist, or say what cannot be, all at once', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const tags = { 'edgetwin-nodes': '3', 'edgetwin-release': '1999', 'edgetwin-colour': 'red' };
    const { details } = await arm.refused('put', `${DEVICES}/edge2`, 400, { ...BODY, tags });
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'tags.edgetwin-colour',
      'tags.edgetwin-nodes',
      'tags.edgetwin-release',
    ]);
    const mini = { ...BODY, sku: { name: 'EdgeMR_Mini' }, tags: { 'edgetwin-nodes': '2' } };
    const single = await arm.refused('put', `${DEVICES}/edge2`, 400, mini);
    assert.equal(single.target, 'tags.edgetwin-nodes');
    for (const nodes of ['1.0', ' 1', '', '0x1']) {
      const odd = { ...BODY, tags: { 'edgetwin-nodes': nodes } };
      const { target } = await arm.refused('put', `${DEVICES}/edge2`, 400, odd);
      assert.equal(target, 'tags.edgetwin-nodes', nodes);
    }
  });

  test('tags as ARM limits them', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, '']));
    assert.equal((await arm.refused('put', DEVICE, 400, { ...BODY, tags: many })).target, 'tags');
    const odd = { 'a/b': '', ['k'.repeat(513)]: '', long: 'v'.repeat(257) };
    const { details } = await arm.refused('patch', DEVICE, 400, { tags: odd });
    assert.equal(details?.length, 3);
  });

  test('what is not there', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const gone = await arm.refused('get', `${DEVICES}/Nobody1`, 404);
    assert.equal(gone.code, 'ResourceNotFound');
    assert.equal(
      gone.message,
      "The Resource 'Microsoft.DataBoxEdge/DataBoxEdgeDevices/Nobody1' under resource group 'GroupForEdgeAutomation' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    );
    await arm.refused('patch', `${DEVICES}/Nobody1`, 404, { tags: {} });
  });
});

describe('change', () => {
  test('a PUT replaces tags, keeps id, casing and machine; each write has its own etag', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ tags: { a: '1', b: '2' } });
    const before = await arm.get(DEVICE);
    const after = await arm.put(DEVICE.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), {
      ...BODY,
      tags: { b: '3' },
    });
    assert.deepEqual([after.id, after.name, after.tags], [DEVICE, 'edge1', { b: '3' }]);
    assert.notEqual(after.etag, before.etag);
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
  });

  test('the body of a GET can be put back: `az resource tag` does that', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ identity: { type: 'SystemAssigned' } });
    const { etag, ...before } = await arm.get(DEVICE);
    await arm.put(DEVICE, { etag: etag ?? '', ...before });
    const { etag: later, ...after } = await arm.get(DEVICE);
    assert.deepEqual(after, before);
    assert.notEqual(later, etag);
  });

  test('a PATCH replaces tags whole and leaves all else; null and {} change nothing [rec 5, tf]', async (t) => {
    const arm = await startService(t);
    const sku = { name: 'EdgeP_High' };
    await arm.device({ sku, tags: { a: '1' }, identity: { type: 'SystemAssigned' } });
    const { identity } = await arm.get(DEVICE);
    const { status, body } = await arm.call('patch', DEVICE, { tags: { b: '2' } });
    assert.equal(status, 200);
    const patched = body as JsonObject;
    assert.deepEqual([patched.tags, patched.identity], [{ b: '2' }, identity]);
    assert.equal((patched.sku as JsonObject).name, 'EdgeP_High');
    for (const nothing of [
      { tags: null },
      {},
      { properties: { edgeProfile: { subscription: { id: 'x' } } } },
    ]) {
      await arm.call('patch', DEVICE, nothing);
      assert.deepEqual((await arm.get(DEVICE)).tags, { b: '2' });
    }
    await arm.call('patch', DEVICE, { identity: { type: 'None' } });
    assert.equal((await arm.get(DEVICE)).identity, undefined);
  });

  test('location, SKU and what the machine was made as do not change', async (t) => {
    const arm = await startService(t);
    await arm.device({ tags: { 'edgetwin-nodes': '2' } });
    const moved = await arm.refused('put', DEVICE, 409, { ...BODY, location: 'westeurope' });
    assert.equal(moved.code, 'InvalidResourceLocation');
    await arm.put(DEVICE, { ...BODY, location: 'East US', tags: { 'edgetwin-nodes': '2' } });
    const sku = await arm.refused('put', DEVICE, 400, { ...BODY, sku: { name: 'EdgeP_High' } });
    assert.equal(sku.target, 'sku.name');
    const nodes = await arm.refused('patch', DEVICE, 400, { tags: { 'edgetwin-nodes': '1' } });
    assert.equal(nodes.target, 'tags.edgetwin-nodes');
    await arm.put(DEVICE, BODY);
    assert.deepEqual((await arm.get(DEVICE)).tags, {}, 'an ordinary tag: it may go');
  });

  test('a PUT that says nothing of the SKU keeps the one that is there', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const after = await arm.put(DEVICE, { location: 'eastus' });
    assert.equal((after.sku as JsonObject).name, 'EdgeP_Base');
  });
});

describe('remove', () => {
  test('a fresh one goes at once, with an empty 200; then 204', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { status, headers, text } = await arm.call('delete', DEVICE);
    assert.deepEqual([status, headers['content-length'], text], [200, '0', '']);
    await arm.refused('get', DEVICE, 404);
    assert.equal((await arm.call('delete', DEVICE)).status, 204);
    assert.equal(
      (await arm.refused('delete', `${GROUP}X${DEVICE.slice(GROUP.length)}`, 404)).code,
      'ResourceGroupNotFound',
    );
  });

  test('an activated one: 202, readable until 204, and its children with it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/shares/local1`, LOCAL_SHARE);
    const poll = pollUrl(await arm.accepted('delete', DEVICE));
    await arm.get(DEVICE);
    assert.equal((await arm.refused('put', DEVICE, 409, BODY)).code, 'AnotherOperationInProgress');
    await arm.advance(minutes(10));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', DEVICE, 404);
    assert.equal(
      (await arm.refused('get', `${DEVICE}/shares/local1`, 404)).code,
      'ParentResourceNotFound',
    );
    assert.equal((await arm.device()).name, 'edge1');
    assert.deepEqual(await arm.get(`${DEVICE}/shares`), { value: [] });
  });

  test('nothing is left behind: no timer, no appliance, no secret', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.post(`${DEVICE}/getExtendedInformation`);
    await arm.done('delete', DEVICE);
    const { reader } = arm.service.database;
    for (const table of ['resources', 'appliances'] as const) {
      const rows = await reader.selectFrom(table).selectAll().execute();
      assert.deepEqual(rows, [], table);
    }
    const secrets = await reader.selectFrom('secrets').select('name').execute();
    assert.deepEqual(
      secrets.filter(({ name }) => !name.startsWith('service/')),
      [],
    );
    assert.deepEqual(await timerKinds(arm), []);
  });

  test('operations below it end with it, and their poll URLs say so', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const order = pollUrl(await arm.accepted('put', `${DEVICE}/orders/default`, ORDER));
    assert.equal((await arm.call('delete', DEVICE)).status, 200);
    const gone = await arm.call('get', order);
    assert.equal(gone.status, 400);
    assert.equal(
      (gone.body as { error: { code: string } }).error.code,
      'GatewayUserErrorOperationCanceled',
    );
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER, minutes(1));
    assert.deepEqual((await arm.call('get', order)).body, gone.body);
    assert.deepEqual(await timerKinds(arm), ['appliance']);
  });

  test('operations below one that is being reset end as well', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('put', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE));
    await arm.done('delete', DEVICE);
    const ended = await arm.call('get', poll);
    assert.equal(ended.status, 400);
    assert.deepEqual(await timerKinds(arm), []);
  });

  test('not while its billing runs, nor while its order is on the way (bill, return)', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(3));
    const early = await arm.refused('delete', DEVICE, 409);
    assert.equal(early.code, 'GatewayUserErrorDeviceOrderActive');
    await arm.advance(days(14));
    const { code, message } = await arm.refused('delete', DEVICE, 409);
    assert.equal(code, 'GatewayUserErrorDeviceBillingActive');
    assert.match(message, /return/);
    await arm.post('/_edgetwin/orders/return', { resource: DEVICE });
    assert.equal((await arm.call('delete', DEVICE)).status, 200);
  });
});

test('tried, B4: devices of every SKU are made where EDGETWIN_SKUS says so', async (t) => {
  const arm = await startService(t, { EDGETWIN_SKUS: 'all' });
  await arm.device({ sku: { name: 'Edge' } });
});

test('tried, B4: an SKU that the catalogue calls unavailable makes no device', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const { value } = await arm.get(
    `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/availableSkus`,
  );
  const skus = (value as JsonObject[]).map(({ name, availability }) => [
    name as string,
    availability,
  ]);
  assert.ok(skus.some(([, availability]) => availability === 'Unavailable'));
  for (const [at, [name, availability]] of skus.entries()) {
    const url = `${DEVICES}/one-of-${at}`;
    const body = { location: 'eastus', sku: { name: name as string } };
    if (availability === 'Available') {
      await arm.put(url, body);
      continue;
    }
    const { code, message } = await arm.refused('put', url, 400, body);
    assert.deepEqual(
      [code, message],
      [
        'GatewayUserErrorSkuDisabledRegion',
        `Sku '${name as string}' is not enabled in this region.`,
      ],
    );
  }
});
