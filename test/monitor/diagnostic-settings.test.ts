/** Diagnostic settings of a device: what a setting may say, that it is kept and shown, and that it goes with its device. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  DEVICE,
  GROUP,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';

const VERSION = 'api-version=2021-05-01-preview';
const INSIGHTS = `${DEVICE}/providers/Microsoft.Insights`;
const LIST = `${INSIGHTS}/diagnosticSettings?${VERSION}`;
const setting = (name: string): string => `${INSIGHTS}/diagnosticSettings/${name}?${VERSION}`;
const workspace = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/${name}`;
const METRICS = [{ category: 'AllMetrics', enabled: true }];
const to = (name: string, more: JsonObject = {}): JsonObject => ({
  properties: { workspaceId: workspace(name), metrics: METRICS, ...more },
});

async function listed(arm: ArmClient): Promise<unknown[]> {
  return ((await arm.get(LIST)).value as JsonObject[]).map(({ name }) => name);
}

test('a setting is made, shown, replaced and deleted, and outlives the process', async (t) => {
  const place = { EDGETWIN_DATA: await temporaryFolder(t) };
  const arm = await startService(t, place);
  await arm.device();
  assert.deepEqual(await listed(arm), []);
  await arm.refused('get', setting('all'), 404);
  const made = await arm.call('put', setting('all'), to('one'));
  assert.equal(made.status, 200);
  const shown = await arm.get(setting('ALL'));
  assert.deepEqual(shown, made.body);
  assert.equal(shown.type, 'Microsoft.Insights/diagnosticSettings');
  assert.deepEqual(propertiesOf(shown).metrics, [
    {
      ...{ timeGrain: null, category: 'AllMetrics', enabled: true },
      retentionPolicy: { enabled: false, days: 0 },
    },
  ]);
  await arm.call('put', setting('all'), to('two', { logAnalyticsDestinationType: 'Dedicated' }));
  await arm.service.close();
  const again = await startService(t, place);
  const replaced = propertiesOf(await again.get(setting('all')));
  assert.deepEqual(
    [replaced.workspaceId, replaced.logAnalyticsDestinationType],
    [workspace('two'), 'Dedicated'],
  );
  assert.equal((await again.call('delete', setting('all'))).status, 200);
  assert.equal((await again.call('delete', setting('all'))).status, 204);
  assert.deepEqual(await listed(again), []);
});

test('what a setting cannot say is refused with all faults at once', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const wrong = {
    properties: {
      storageAccountId: workspace('one'),
      workspaceId: 'somewhere',
      metrics: [{ category: 'Colours', enabled: 'yes', retentionPolicy: { days: 1000 } }],
      logs: [{ category: 'AuditEvent', enabled: true }],
      logAnalyticsDestinationType: 'Shared',
    },
  };
  const { details } = await arm.refused('put', setting('a'), 400, wrong);
  assert.deepEqual(
    (details ?? []).map(({ target }) => target?.replace('properties.', '')),
    [
      ...['storageAccountId', 'workspaceId', 'metrics[0].category', 'metrics[0].enabled'],
      ...['metrics[0].retentionPolicy.days', 'logs[0].category', 'logAnalyticsDestinationType'],
    ],
  );
  const nowhere = { properties: { metrics: METRICS } };
  const { message } = await arm.refused('put', setting('a'), 400, nowhere);
  assert.match(message, /At least one data sink/);
  await arm.refused('put', setting('a'), 400, to('one', { metrics: [] }));
  await arm.refused('put', setting('a'), 400, {});
  await arm.refused('put', setting('a').replace('edge1', 'edge2'), 404, to('one'));
  assert.deepEqual(await listed(arm), []);
});

test('five settings at most, none of them to the destination of another', async (t) => {
  const arm = await startService(t);
  await arm.device();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await arm.call('put', setting(name), to(name));
  const { message } = await arm.refused('put', setting('a'), 409, to('B'));
  assert.match(message, /is already used in diagnostic setting 'b'/);
  await arm.refused('put', setting('f'), 409, to('f'));
  assert.equal((await arm.call('put', setting('e'), to('other'))).status, 200);
  assert.deepEqual(await listed(arm), ['a', 'b', 'c', 'd', 'e']);
});

test('settings go with their device, and a new one of its name has none', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.call('put', setting('a'), to('a'));
  await arm.call('delete', DEVICE);
  await arm.refused('get', LIST, 404);
  await arm.device();
  assert.deepEqual(await listed(arm), []);
  await arm.call('put', setting('a'), to('a'));
  await arm.done('delete', `${GROUP}?api-version=2021-04-01`);
  const { database } = arm.service;
  assert.deepEqual(
    await database.reader.selectFrom('diagnostic_settings').select('key').execute(),
    [],
  );
});

test('the categories of a device are its metrics', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const url = `${INSIGHTS}/diagnosticSettingsCategories`;
  const [only, ...others] = (await arm.get(`${url}?${VERSION}`)).value as JsonObject[];
  assert.deepEqual(others, []);
  assert.deepEqual(await arm.get(`${url}/allmetrics?${VERSION}`), only);
  assert.equal(propertiesOf(only!).categoryType, 'Metrics');
  await arm.refused('get', `${url}/AuditEvent?${VERSION}`, 404);
});
