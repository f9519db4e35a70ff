import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { ORDER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const GROUPS = `/subscriptions/${SUBSCRIPTION}/resourceGroups`;
const VERSION = '?api-version=2021-04-01';
const URL = `${GROUP}${VERSION}`;
const named = (name: string): string => `${GROUPS}/${encodeURIComponent(name)}${VERSION}`;

describe('create', () => {
  test('201 for the first PUT, 200 for later ones, with the whole group', async (t) => {
    const arm = await startService(t);
    const body = { location: 'West Europe', tags: { a: '1' }, managedBy: '/x', name: 'ignored' };
    const made = await arm.put(URL, body, 201);
    assert.deepEqual(made, {
      id: GROUP,
      name: 'GroupForEdgeAutomation',
      type: 'Microsoft.Resources/resourceGroups',
      location: 'westeurope',
      tags: { a: '1' },
      managedBy: '/x',
      properties: { provisioningState: 'Succeeded' },
    });
    assert.deepEqual(await arm.put(URL, body, 200), made);
  });

  test('every api-version in the form of a date is accepted', async (t) => {
    const arm = await startService(t);
    for (const version of ['2016-02-01', '2019-05-01', '2024-11-01', '2025-03-01-preview']) {
      await arm.call('put', `${GROUP}?api-version=${version}`, { location: 'eastus' });
      await arm.get(`${GROUP}?api-version=${version}`);
    }
  });
});

describe('read back', () => {
  test('one, all, and whether one exists, in any casing of the path', async (t) => {
    const arm = await startService(t);
    const made = await arm.put(URL, { location: 'eastus' }, 201);
    assert.deepEqual(await arm.get(URL.toLowerCase()), made);
    assert.deepEqual(await arm.get(`${GROUPS.toLowerCase()}${VERSION}`), { value: [made] });
    assert.equal((await arm.call('head', URL)).status, 204);
    const missing = await arm.call('head', named('Other'));
    assert.equal(missing.status, 404);
    const stranger = GROUPS.replace('4385', '5385');
    assert.deepEqual(await arm.get(`${stranger}${VERSION}`), { value: [] });
  });
});

describe('list', () => {
  test('in pages, and those with a tag, without regard to case', async (t) => {
    const arm = await startService(t);
    for (const [name, env] of [
      ['g1', 'test'],
      ['g2', 'prod'],
      ['g3', 'Test'],
    ] as const) {
      await arm.put(named(name), { location: 'eastus', tags: { env } }, 201);
    }
    const names = async (query: string): Promise<unknown[]> =>
      (await arm.all(`${GROUPS}${VERSION}${query}`)).map(({ name }) => name);
    const filtered = (filter: string): string => `&$filter=${encodeURIComponent(filter)}`;
    const first = await arm.get(`${GROUPS}${VERSION}&$top=2`);
    assert.equal((first.value as Json[]).length, 2);
    assert.deepEqual(await names('&$top=2'), ['g1', 'g2', 'g3']);
    const tagged = "tagName eq 'ENV' and tagValue eq 'TEST'";
    assert.deepEqual(await names(`${filtered(tagged)}&$top=1`), ['g1', 'g3']);
    assert.deepEqual(await names(filtered("tagName eq 'other'")), []);
    await arm.call('patch', named('g3'), { tags: {} });
    assert.deepEqual(await names(filtered(tagged)), ['g1']);
    for (const filter of ["name eq 'g1'", "tagName ne 'env'", 'tagName']) {
      const { code } = await arm.refused('get', GROUPS + VERSION + filtered(filter), 400);
      assert.equal(code, 'InvalidQueryParameter', filter);
    }
    await arm.refused('get', `${GROUPS}${VERSION}&$top=0`, 400);
    await arm.refused('get', `${GROUPS}${VERSION}&$skipToken=x`, 400);
  });
});

describe('refuse', () => {
  test('an unknown group', async (t) => {
    const arm = await startService(t);
    const { code, message } = await arm.refused('get', URL, 404);
    assert.equal(code, 'ResourceGroupNotFound');
    assert.equal(message, "Resource group 'GroupForEdgeAutomation' could not be found.");
    await arm.refused('patch', URL, 404, { tags: {} });
    await arm.refused('delete', URL, 404);
  });

  test('a body without a location, with an empty one, or with wrong types, all at once', async (t) => {
    const arm = await startService(t);
    for (const body of [{}, { location: '' }, { location: '  ' }, { location: null }]) {
      const { code } = await arm.refused('put', URL, 400, body);
      assert.equal(code, 'LocationRequired', JSON.stringify(body));
    }
    const wrong = { location: 1, managedBy: 2, tags: { a: 3, b: null } };
    const { details } = await arm.refused('put', URL, 400, wrong);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'location',
      'managedBy',
      'tags.a',
      'tags.b',
    ]);
    for (const body of [null, [], 'text', 7] as Json[]) {
      assert.equal((await arm.refused('put', URL, 400, body)).code, 'InvalidRequestContent');
    }
    await arm.refused('get', URL, 404);
  });

  test('invalid names; Unicode letters are valid', async (t) => {
    const arm = await startService(t);
    for (const name of ['a.', 'a'.repeat(91), 'a b', 'a:b', 'a%b', 'a\u0000b', '..', 'a/b']) {
      const { code } = await arm.refused('put', named(name), 400, { location: 'eastus' });
      assert.equal(code, 'InvalidResourceName', name);
    }
    const made = await arm.put(named('Grüße_(1).x'), { location: 'eastus' }, 201);
    assert.equal(made.name, 'Grüße_(1).x');
    assert.deepEqual(await arm.get(named('Grüße_(1).x')), made);
  });

  test('missing and invalid api-versions', async (t) => {
    const arm = await startService(t);
    const none = await arm.refused('get', `${GROUP}?api-version=`, 400);
    assert.equal(none.code, 'MissingApiVersionParameter');
    for (const version of ['latest', '2021-4-1', '2021-04-01-preview-2']) {
      const { code } = await arm.refused('get', `${GROUP}?api-version=${version}`, 400);
      assert.equal(code, 'InvalidApiVersionParameter', version);
    }
  });
});

describe('change', () => {
  test('tags by PUT or PATCH, replaced whole; null changes nothing in a PATCH', async (t) => {
    const arm = await startService(t);
    await arm.put(URL, { location: 'eastus', tags: { a: '1' } }, 201);
    const patched = await arm.call('patch', URL, { tags: { b: '2' } });
    assert.deepEqual((patched.body as { tags: object }).tags, { b: '2' });
    await arm.call('patch', URL, { tags: null });
    assert.deepEqual((await arm.get(URL)).tags, { b: '2' });
    assert.deepEqual((await arm.put(URL, { location: 'East US' })).tags, {});
  });

  test('the location stays, and the casing of the first PUT', async (t) => {
    const arm = await startService(t);
    await arm.put(URL, { location: 'eastus' }, 201);
    const { code } = await arm.refused('put', URL, 409, { location: 'westus' });
    assert.equal(code, 'InvalidResourceGroupLocation');
    const again = await arm.put(named('GROUPFOREDGEAUTOMATION'), { location: 'eastus' });
    assert.equal(again.name, 'GroupForEdgeAutomation');
  });

  test('the body of a GET can be put back', async (t) => {
    const arm = await startService(t);
    const made = await arm.put(URL, { location: 'eastus', tags: { a: '1' } }, 201);
    assert.deepEqual(await arm.put(URL, made), made);
  });
});

describe('remove', () => {
  test('its resources are deleted with it, and the poll ends with 200', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const accepted = await arm.accepted('delete', URL);
    const poll = accepted.headers.location as string;
    assert.match(poll, /\/operationresults\/[0-9a-f-]{36}\?api-version=/);
    assert.equal((await arm.call('get', poll)).status, 202);
    await arm.advance(minutes(2));
    assert.equal((await arm.call('get', poll)).status, 200);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.refused('get', DEVICE, 404)).code, 'ResourceGroupNotFound');
  });

  test('meanwhile it is Deleting, and nothing can be created in it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('delete', URL);
    await arm.advance(minutes(1));
    const { properties } = await arm.get(URL);
    assert.deepEqual(properties, { provisioningState: 'Deleting' });
    const other = DEVICE.replace('edge1', 'edge2');
    const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
    assert.equal((await arm.refused('put', other, 409, body)).code, 'ResourceGroupBeingDeleted');
    assert.equal((await arm.refused('delete', URL, 409)).code, 'ResourceGroupBeingDeleted');
  });

  test('fails for a group with a billed device, which stays', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(14));
    const poll = (await arm.accepted('delete', URL)).headers.location as string;
    await arm.advance(minutes(2));
    const { code } = await arm.refused('get', poll, 409);
    assert.equal(code, 'ResourceGroupDeletionBlocked');
    const { properties } = await arm.get(URL);
    assert.deepEqual(properties, { provisioningState: 'Succeeded' });
  });

  test('a device that is created during the deletion is not left without a group', async (t) => {
    const arm = await startService(t);
    for (let round = 0; round < 20; round++) {
      await arm.call('put', URL, { location: 'eastus' });
      const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
      await Promise.all([arm.call('put', DEVICE, body), arm.call('delete', URL)]);
      const { reader } = arm.service.database;
      const groups = await reader.selectFrom('resource_groups').select('key').execute();
      const devices = await reader.selectFrom('resources').select('key').execute();
      assert.ok(groups.length === 1 || devices.length === 0, 'an orphan');
      await arm.call('delete', DEVICE);
    }
  });
});
