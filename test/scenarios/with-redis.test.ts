/**
 * The story with BullMQ in place of the inline queue: it ends alike. A Redis that goes away takes nothing with it: what was
 * acknowledged is done once it is back, empty as it may be.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import supertest from 'supertest';
import { present } from '#shared/assert.ts';
import { between, hours, type Instant, minutes, parseInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { worldValue } from '#store/world.ts';
import {
  type ArmClient,
  DEVICE,
  KUBERNETES_ROLE,
  propertiesOf,
  textOf,
} from '../support/arm-client.ts';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';
import { OwnRedis, redisProgram, removeKeys, runningRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { ROLE, SCHEDULE, tell } from './story.ts';

const redis = await runningRedis();

test('the story passes on BullMQ', 'skip' in redis ? redis : {}, async (t) => {
  assert.ok('url' in redis);
  const arm = await startService(t, { REDIS_URL: redis.url });
  assert.equal(arm.service.queueName, 'bullmq');
  const prefix = `edgetwin-${await worldValue(arm.service.database, 'id', 'none')}`;
  t.after(async () => removeKeys(redis.url, prefix));
  await tell(arm);
});

/** What `/health/ready` says: its status, and the queue's line. */
async function health(arm: ArmClient): Promise<[number, string]> {
  const { status, body } = await arm.call('get', '/health/ready');
  return [status, (body as { checks: { queue: string } }).checks.queue];
}

const AWAY: [number, string] = [503, 'the queue cannot be reached'];
const THERE: [number, string] = [200, 'ok'];

const NIGHTS = {
  properties: { start: '0:0:0', stop: '6:0:0', rateInMbps: 100, days: ['Sunday'] },
} as const satisfies JsonObject;

describe('a Redis that goes away', redisProgram(), () => {
  test('takes nothing with it: what was accepted before and meanwhile is done', async (t) => {
    const own = await OwnRedis.start(t);
    const arm = await startService(t, { REDIS_URL: own.url });
    await arm.activeDevice();
    await arm.accepted('put', ROLE, KUBERNETES_ROLE);
    assert.deepEqual(await health(arm), THERE);

    await own.kill();
    assert.deepEqual(await health(arm), AWAY);
    await arm.accepted('put', SCHEDULE, NIGHTS);
    assert.equal(propertiesOf(await arm.get(ROLE)).provisioningState, 'Creating');
    const advanced = arm.advance(hours(1));

    await own.rise();
    await advanced;
    assert.deepEqual(await health(arm), THERE);
    assert.equal(propertiesOf(await arm.get(ROLE)).provisioningState, 'Created');
    await arm.get(SCHEDULE);
  });

  test('may be missing when the service ends', async (t: TestContext) => {
    const own = await OwnRedis.start(t);
    const running = await ServiceProcess.start({
      EDGETWIN_DATA: await temporaryFolder(t),
      REDIS_URL: own.url,
      EDGETWIN_LOG_LEVEL: 'silent',
    });
    t.after(async () => running.end());
    await own.kill();
    const { status } = await supertest(running.origin).get('/health/ready');
    assert.equal(status, 503);
    assert.deepEqual(await running.end('SIGTERM'), { code: 0, signal: null });
  });

  test('issue 9, 24: makes one line in the log an outage', async (t) => {
    const own = await OwnRedis.start(t);
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const arm = await startService(
      t,
      { REDIS_URL: own.url, EDGETWIN_LOG_LEVEL: 'error' },
      { lines: { write } },
    );
    await arm.activeDevice();
    await own.kill();
    await arm.accepted('put', SCHEDULE, NIGHTS);
    assert.deepEqual(await health(arm), AWAY);
    assert.deepEqual(await health(arm), AWAY);
    await own.rise();
    await arm.advance(minutes(10));
    await arm.get(SCHEDULE);
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg).toSorted();
    assert.deepEqual(messages, [...new Set(messages)], 'nothing is told twice');
    assert.ok(
      messages.includes('Redis cannot be reached') && messages.length <= 2,
      messages.join(),
    );
  });

  test('issue 9, 24: an advance says after five seconds what it could not do, and goes on later', async (t) => {
    const own = await OwnRedis.start(t);
    const arm = await startService(t, { REDIS_URL: own.url });
    await arm.activeDevice();
    const clock = '/_edgetwin/clock';
    const now = async (): Promise<Instant> =>
      present(parseInstant(textOf((await arm.get(clock)).now)), 'the time');
    const before = await now();
    await own.kill();
    await arm.accepted('put', SCHEDULE, NIGHTS);
    const refusal = await arm.refused('post', `${clock}/advance`, 503, { duration: 'PT10M' });
    assert.equal(refusal.code, 'ServiceUnavailable');
    assert.match(refusal.message, /Nothing is lost/);
    const passed = between(before, await now());
    assert.ok(passed < minutes(1), 'the clock stands where something is due');
    assert.equal((await arm.call('get', SCHEDULE)).status, 404, 'and it is not done');
    await own.rise();
    await arm.post(`${clock}/advance`, { duration: 'PT10M' });
    await arm.get(SCHEDULE);
  });

  test('may be reached only later: the service does then what it was asked before', async (t) => {
    const own = await OwnRedis.start(t);
    await own.kill();
    const arm = await startService(t, { REDIS_URL: own.url });
    await arm.device();
    const { publicKey } = await arm.post(`${DEVICE}/generateCertificate`);
    const properties = { certificate: publicKey as string };
    await arm.post(`${DEVICE}/uploadCertificate`, { properties });
    const advanced = arm.advance(minutes(6));
    await own.rise();
    await advanced;
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
  });
});
