/** Activity log and resource health: what Azure Monitor shows of a device that breaks and heals. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hours, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  DEVICE,
  GROUP,
  propertiesOf,
  SUBSCRIPTION,
  textOf,
} from '../support/arm-client.ts';
import { activeDeviceForClouds, CLOUD_SHARE, USER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const FAULTS = '/_edgetwin/faults';
const HEALTH = '/providers/Microsoft.ResourceHealth/availabilityStatuses';
const logUrl = (filter = ''): string =>
  `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values` +
  `?api-version=2015-04-01${filter === '' ? '' : `&$filter=${encodeURIComponent(filter)}`}`;

const valuesOf = (answer: JsonObject): JsonObject[] => answer.value as JsonObject[];
const named = (event: JsonObject, member: string): string =>
  textOf((event[member] as JsonObject).value);

describe('resource health', () => {
  const healthOf = async (arm: ArmClient): Promise<string> =>
    textOf(propertiesOf(await arm.get(`${DEVICE}${HEALTH}/current`)).availabilityState);

  test('follows the device: since when, and planned or not', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.equal(await healthOf(arm), 'Unknown');
    await arm.activeDevice();
    assert.equal(await healthOf(arm), 'Available');
    await arm.advance(hours(1));
    const { now } = await arm.get('/_edgetwin/clock');
    await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown', for: 'PT1H' }, 201);
    await arm.advance(minutes(10));
    const down = propertiesOf(await arm.get(`${DEVICE}${HEALTH}/current`));
    assert.deepEqual(
      [down.availabilityState, down.reasonType, down.occuredTime],
      ['Unavailable', 'Unplanned', now],
    );
    const all = valuesOf(await arm.get(`/subscriptions/${SUBSCRIPTION}${HEALTH}`));
    assert.deepEqual(
      all.map((one) => [one.id, propertiesOf(one).availabilityState]),
      [[`${DEVICE}${HEALTH}/current`, 'Unavailable']],
    );
    await arm.advance(minutes(60));
    assert.equal(await healthOf(arm), 'Available');
    await arm.post(FAULTS, { resource: DEVICE, kind: 'diskFailed', disk: 1 }, 201);
    assert.equal(await healthOf(arm), 'Degraded');
    assert.equal(valuesOf(await arm.get(`${DEVICE}${HEALTH}`)).length, 1);
    await arm.refused('get', `${DEVICE}2${HEALTH}/current`, 404);
  });
});

describe('the activity log', () => {
  test('tells what was asked for and what became of it, the newest first, with the health of devices', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/users/anna`, USER);
    await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown' }, 201);
    const events = valuesOf(await arm.get(logUrl()));
    const shown = events.map(
      (event) => `${named(event, 'operationName')} ${named(event, 'status')}`,
    );
    assert.equal(shown[0], 'Microsoft.Resourcehealth/healthevent/Updated/action Updated');
    const user = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users/write';
    assert.ok(shown.indexOf(`${user} Succeeded`) < shown.indexOf(`${user} Accepted`));
    assert.ok(shown.includes('Microsoft.DataBoxEdge/dataBoxEdgeDevices/write Succeeded'));
    const health = events[0]?.properties as JsonObject;
    assert.equal(health.currentHealthStatus, 'Disconnected');
    assert.match(textOf(health.cause), /^fault\//);
    const times = events.map(({ eventTimestamp }) => textOf(eventTimestamp));
    assert.deepEqual(times, times.toSorted().reverse());
  });

  test('is filtered by time, group, resource and correlation id, and read in pages', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/users/anna`, USER);
    const all = valuesOf(await arm.get(logUrl()));
    assert.ok(all.length > 3);
    const middle = textOf(all[1]?.eventTimestamp);
    const since = valuesOf(await arm.get(logUrl(`eventTimestamp ge '${middle}'`)));
    assert.deepEqual(
      since,
      all.filter(({ eventTimestamp }) => textOf(eventTimestamp) >= middle),
    );
    const group = GROUP.split('/').at(-1) ?? '';
    const inGroup = `eventTimestamp ge '2026-01-01' and resourceGroupName eq '${group}'`;
    await arm.refused('get', logUrl(`${inGroup}x y`), 400);
    for (const moment of ["'2026-01-01'", "'2026-01-01T00:00:00'", '2026-01-01T00:00:00Z']) {
      const ofGroup = valuesOf(await arm.get(logUrl(inGroup.replace("'2026-01-01'", moment))));
      assert.equal(ofGroup.length, all.length, moment);
    }
    assert.deepEqual(valuesOf(await arm.get(logUrl(`resourceGroupName eq 'another'`))), []);
    const ofUser = valuesOf(await arm.get(logUrl(`resourceUri eq '${DEVICE}/users/anna'`)));
    assert.ok(
      ofUser.length >= 2 && ofUser.every(({ resourceId }) => resourceId === `${DEVICE}/users/anna`),
    );
    const accepted = ofUser.find((event) => named(event, 'status') === 'Accepted');
    const byRequest = valuesOf(
      await arm.get(logUrl(`correlationId eq '${textOf(accepted?.correlationId)}'`)),
    );
    assert.deepEqual(byRequest, [accepted]);
    const paged = await arm.all(`${logUrl()}&$top=2`);
    assert.deepEqual(paged, all);
  });

  test('is filtered as the documents write it, by level, status and caller, and shows what is selected', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/users/anna`, USER);
    await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown' }, 201);
    // The missing blank is the documents' own.
    const documented = `eventTimestamp ge '2026-01-01'and eventChannels eq 'Admin, Operation'`;
    const all = valuesOf(await arm.get(logUrl(documented)));
    assert.ok(all.length > 3);
    const levels = `${documented} and levels eq 'Critical,Error,Warning'`;
    const warnings = await arm.all(`${logUrl(levels)}&$top=1`);
    assert.deepEqual(
      warnings,
      all.filter(({ level }) => level === 'Warning'),
    );
    assert.equal(warnings.length, 1);
    const accepted = valuesOf(await arm.get(logUrl(`${documented} and status eq 'accepted'`)));
    assert.deepEqual(
      accepted,
      all.filter((event) => named(event, 'status') === 'Accepted'),
    );
    const byHealth = `${documented} and caller eq 'Microsoft.ResourceHealth'`;
    const [newest] = valuesOf(
      await arm.get(`${logUrl(byHealth)}&$select=eventTimestamp,category,nothing`),
    );
    assert.deepEqual(Object.keys(newest ?? {}), ['category', 'eventTimestamp']);
  });
});

describe('metrics', () => {
  const INSIGHTS = `${DEVICE}/providers/Microsoft.Insights`;
  type Point = { timeStamp: string; average?: number; minimum?: number; maximum?: number };
  async function series(arm: ArmClient, query: string): Promise<Record<string, Point[]>> {
    const { value } = await arm.get(`${INSIGHTS}/metrics?api-version=2018-01-01&${query}`);
    return Object.fromEntries(
      (value as JsonObject[]).map((metric) => {
        const [one] = metric.timeseries as JsonObject[];
        return [named(metric, 'name'), one?.data as unknown as Point[]];
      }),
    );
  }

  test('are defined as the operations list has them', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const definitions = valuesOf(await arm.get(`${INSIGHTS}/metricDefinitions`));
    assert.deepEqual(definitions.map((one) => named(one, 'name')).slice(5, 7), [
      'TotalCapacity',
      'AvailableCapacity',
    ]);
    assert.equal(definitions.length, 10);
  });

  test('show what filled the volume, what was downloaded, and nothing while the device was not heard', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.advance(hours(1));
    await arm.post(FAULTS, { resource: DEVICE, kind: 'storageFull', for: 'PT30M' }, 201);
    await arm.advance(hours(1));
    await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown', for: 'PT1H' }, 201);
    await arm.advance(hours(1));
    const span = 'timespan=2026-03-02T09:06:00Z/2026-03-02T12:06:00Z&interval=PT15M';
    const { AvailableCapacity: free, TotalCapacity: all } = await series(
      arm,
      `metricnames=AvailableCapacity,TotalCapacity&${span}&aggregation=average,minimum,maximum`,
    );
    assert.equal(free!.length, 13);
    const at = (time: string) => free!.find(({ timeStamp }) => timeStamp.includes(`T${time}`));
    const usual = at('09:30')?.average ?? 0;
    assert.ok(usual > 3e12 && usual < (all?.[2]?.average ?? 0));
    assert.deepEqual([at('10:15')?.average, at('10:15')?.maximum], [0, 0]);
    assert.deepEqual([at('10:30')?.minimum, at('10:30')?.maximum], [0, usual]);
    assert.deepEqual(Object.keys(at('11:30') ?? {}), ['timeStamp']);
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    await arm.done('post', `${DEVICE}/downloadUpdates`);
    const { CloudReadThroughput: read } = await series(
      arm,
      'metricnames=CloudReadThroughput&timespan=2026-03-02T13:00:00Z/2026-03-02T15:00:00Z&interval=PT1M',
    );
    const bytes = (read ?? []).reduce((sum, { average = 0 }) => sum + average * 60, 0);
    assert.ok(Math.abs(bytes - 7_195_010_448) < 7_195_010_448 / 100, String(bytes));
  });

  test('of throughput follow the bandwidth schedule of a refresh (bw)', async (t) => {
    const arm = await startService(t);
    await activeDeviceForClouds(arm);
    await arm.done('put', `${DEVICE}/shares/data`, CLOUD_SHARE);
    const metrics = 'metricnames=CloudReadThroughput,CloudReadThroughputPerShare,NICReadThroughput';
    const most = async (): Promise<number[]> => {
      const { now: before } = await arm.get('/_edgetwin/clock');
      await arm.done('post', `${DEVICE}/shares/data/refresh`);
      const { now: after } = await arm.get('/_edgetwin/clock');
      const span = `timespan=${textOf(before)}/${textOf(after)}&interval=PT1M&aggregation=Maximum`;
      const seen = await series(arm, `${metrics}&${span}`);
      return Object.values(seen).map((one) => Math.max(...one.map(({ maximum = 0 }) => maximum)));
    };
    assert.deepEqual(await most(), [12_500_000, 12_500_000, 12_500_000], '100 Mbps');
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
    await arm.done('put', `${DEVICE}/bandwidthSchedules/always`, {
      properties: { start: '00:00', stop: '00:00', rateInMbps: 20, days },
    });
    assert.deepEqual(await most(), [2_500_000, 2_500_000, 2_500_000], '20 Mbps');
  });

  test('of a past day show the values of then, however much happened since', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.post(FAULTS, { resource: DEVICE, kind: 'storageFull', for: 'PT3H' }, 201);
    await arm.advance(hours(1));
    const query = 'metricnames=AvailableCapacity,CloudReadThroughput&timespan=';
    const then = `${query}2026-03-02T09:30:00Z/2026-03-02T10:00:00Z&interval=PT15M`;
    const before = await series(arm, then);
    assert.deepEqual(
      before.AvailableCapacity?.map(({ average }) => average),
      [0, 0],
    );
    for (let count = 0; count < 40; count++) {
      await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown', for: 'PT5M' }, 201);
      await arm.advance(minutes(10));
    }
    assert.deepEqual(await series(arm, then), before);
    // A download shows the same rate in a span that ends before it does.
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    const { now } = await arm.get('/_edgetwin/clock');
    await arm.done('post', `${DEVICE}/downloadUpdates`);
    const at = Date.parse(textOf(now));
    const spanOf = (length: number): string =>
      `${query}${new Date(at).toISOString()}/${new Date(at + length).toISOString()}&interval=PT1M`;
    const short = await series(arm, spanOf(180_000));
    const long = await series(arm, spanOf(1_800_000));
    const middle = short.CloudReadThroughput?.[2];
    assert.ok((middle?.average ?? 0) > 0);
    assert.deepEqual(middle, long.CloudReadThroughput?.[2]);
  });

  test('are read as az asks for them: encoded twice, and without a zone', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.advance(hours(1));
    const span = '2026-03-02T09:30:00.123456/2026-03-02T10:00:00.123456';
    const asked = (timespan: string): string =>
      `metricnames=AvailableCapacity&interval=PT15M&timespan=${timespan}`;
    const twice = await series(arm, asked(encodeURIComponent(encodeURIComponent(span))));
    const once = await series(arm, asked(encodeURIComponent(span.replaceAll('.123456', 'Z'))));
    assert.equal(twice.AvailableCapacity?.length, 3);
    assert.deepEqual(twice.AvailableCapacity.slice(0, 2), once.AvailableCapacity);
  });

  test('are refused where the query cannot be read', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const query of [
      'metricnames=Colour',
      'timespan=today',
      'interval=PT1S',
      'aggregation=sum',
      'metricnamespace=Microsoft.Compute/virtualMachines',
      `$filter=${encodeURIComponent("InstanceName eq '*'")}`,
    ]) {
      await arm.refused('get', `${INSIGHTS}/metrics?api-version=2018-01-01&${query}`, 400);
    }
    await arm.refused('get', `${INSIGHTS.replace('edge1', 'edge2')}/metricDefinitions`, 404);
  });
});
