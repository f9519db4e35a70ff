/** `systemData`: hidden as in every recording, or shown: who made a resource, who changed it last, and when they asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { actorOf } from '#arm/system-data.ts';
import { DEVICE, GROUP, propertiesOf, textOf } from '../support/arm-client.ts';
import { changed, SCHEDULE } from '../support/bodies.ts';
import { type ListeningService, startListening } from '../support/listening.ts';
import { startService } from '../support/service.ts';

const tokenOf = (claims: JsonObject): string =>
  `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const ANNA = tokenOf({ upn: 'anna@example.com', appid: 'an-app', oid: 'o1' });
const ROBOT = tokenOf({ appid: '11111111-0000-4000-8000-000000000000', oid: 'o2' });

async function sent(
  arm: ListeningService,
  authorization: string | undefined,
  { method, url, body }: { method: string; url: string; body?: object },
): Promise<JsonObject> {
  const query = url.includes('?') ? '' : '?api-version=2023-12-01';
  const headers = {
    'content-type': 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const answer = await fetch(arm.origin + url + query, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return text === '' ? {} : (JSON.parse(text) as JsonObject);
}

test('is hidden unless it is asked for', async (t) => {
  const arm = await startService(t);
  await arm.device();
  assert.equal((await arm.get(DEVICE)).systemData, undefined);
});

test('tells who made and who last changed a resource, and when that was asked for', async (t) => {
  const arm = await startListening(t, { EDGETWIN_SYSTEM_DATA: 'shown' });
  const group = { method: 'PUT', url: `${GROUP}?api-version=2021-04-01` };
  await sent(arm, ANNA, { ...group, body: { location: 'eastus' } });
  const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
  const put = { method: 'PUT', url: DEVICE, body };
  const made = await sent(arm, ANNA, put);
  const created = {
    createdBy: 'anna@example.com',
    createdByType: 'User',
    createdAt: '2026-03-02T09:00:00.000Z',
  };
  assert.deepEqual(made.systemData, {
    ...created,
    lastModifiedBy: 'anna@example.com',
    lastModifiedByType: 'User',
    lastModifiedAt: '2026-03-02T09:00:00.000Z',
  });
  await arm.advance(minutes(10));
  const patched = await sent(arm, ROBOT, { ...put, method: 'PATCH', body: { tags: { a: '1' } } });
  const changedBy = {
    ...created,
    lastModifiedBy: '11111111-0000-4000-8000-000000000000',
    lastModifiedByType: 'Application',
    lastModifiedAt: '2026-03-02T09:10:00.000Z',
  };
  assert.deepEqual(patched.systemData, changedBy);
  await arm.advance(minutes(10));
  // Refused, so nothing changes; the read-only member of a body is not looked at.
  await sent(arm, ANNA, { ...put, body: { ...body, sku: { name: 'EdgeP_High' } } });
  assert.deepEqual((await arm.get(DEVICE)).systemData, changedBy);
  await sent(arm, undefined, { ...put, body: { ...patched, systemData: { createdBy: 'me' } } });
  const after = (await arm.get(DEVICE)).systemData as JsonObject;
  assert.deepEqual([after.createdBy, after.lastModifiedBy], ['anna@example.com', 'anonymous']);
  // An api-version that has no such member shows none; lists show it as a GET does.
  assert.equal((await arm.get(`${DEVICE}?api-version=2019-08-01`)).systemData, undefined);
  const list = await arm.get(`${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`);
  assert.deepEqual((list.value as JsonObject[])[0]?.systemData, after);
});

test('keeps the moment of the request, whatever time its operation takes', async (t) => {
  const arm = await startListening(t, { EDGETWIN_SYSTEM_DATA: 'shown' });
  await arm.activeDevice();
  const { now } = await arm.get('/_edgetwin/clock');
  const url = `${DEVICE}/bandwidthSchedules/s1`;
  await sent(arm, ANNA, { method: 'PUT', url, body: SCHEDULE });
  await arm.advance(minutes(5));
  const made = await arm.get(url);
  const { createdAt, lastModifiedAt } = made.systemData as JsonObject;
  assert.deepEqual([createdAt, lastModifiedAt], [now, now]);
  await sent(arm, ROBOT, { method: 'PUT', url, body: changed(SCHEDULE, { rateInMbps: 200 }) });
  await arm.advance(minutes(5));
  const again = await arm.get(url);
  assert.equal(propertiesOf(again).rateInMbps, 200);
  assert.deepEqual((again.systemData as JsonObject).createdBy, 'anna@example.com');
  assert.notEqual((again.systemData as JsonObject).lastModifiedAt, now);
  // A child's write does not touch its parent [rpc].
  const { lastModifiedAt: ofDevice } = (await arm.get(DEVICE)).systemData as JsonObject;
  assert.ok(textOf(ofDevice) < textOf(now));
});

test('names who deploys a template, and who tags', async (t) => {
  const arm = await startListening(t, { EDGETWIN_SYSTEM_DATA: 'shown' });
  await arm.put(`${GROUP}?api-version=2021-04-01`, { location: 'eastus' }, 201);
  const device = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    resources: [
      {
        type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
        apiVersion: '2023-12-01',
        name: 'edge1',
        ...device,
      },
    ],
  };
  const url = `${GROUP}/providers/Microsoft.Resources/deployments/main?api-version=2021-04-01`;
  const body = { properties: { mode: 'Incremental', template } };
  await sent(arm, ANNA, { method: 'PUT', url, body });
  await arm.advance(minutes(1));
  const made = (await arm.get(DEVICE)).systemData as JsonObject;
  assert.deepEqual([made.createdBy, made.createdByType], ['anna@example.com', 'User']);
  const tags = `${DEVICE}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01`;
  const replaced = { properties: { tags: { a: '1' } } };
  await sent(arm, ROBOT, { method: 'PUT', url: tags, body: replaced });
  const tagged = (await arm.get(DEVICE)).systemData as JsonObject;
  assert.deepEqual([tagged.createdBy, tagged.lastModifiedByType], [made.createdBy, 'Application']);
});

test('a row from before it was kept tells when it was made', async (t) => {
  const arm = await startListening(t, { EDGETWIN_SYSTEM_DATA: 'shown' });
  await arm.device();
  await arm.service.database.write(async (writer) => {
    await writer.updateTable('resources').set({ system_data: null }).execute();
  });
  assert.equal((await arm.get(DEVICE)).systemData, undefined);
  await arm.advance(minutes(10));
  await sent(arm, ANNA, { method: 'PATCH', url: DEVICE, body: { tags: { a: '1' } } });
  const { createdBy, createdAt, lastModifiedAt } = (await arm.get(DEVICE)).systemData as JsonObject;
  assert.equal(createdBy, 'anna@example.com');
  assert.deepEqual(
    [createdAt, lastModifiedAt],
    ['2026-03-02T09:00:00.000Z', '2026-03-02T09:10:00.000Z'],
  );
});

test('an actor is a user, an application, or nobody who says so', () => {
  assert.deepEqual(actorOf(ANNA), { name: 'anna@example.com', type: 'User' });
  assert.equal(actorOf(ROBOT).type, 'Application');
  assert.deepEqual(actorOf(tokenOf({ oid: 'o3' })), { name: 'o3', type: 'Application' });
  for (const nobody of [undefined, 'Bearer x.y.z', 'Basic AAAA', tokenOf({}), 'Bearer a.W10.b']) {
    assert.deepEqual(actorOf(nobody), { name: 'anonymous', type: 'User' });
  }
});
