/**
 * One pump for all processes of a database: where the one that holds it is killed, another one goes on within seconds, and
 * all processes show one simulated time.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import supertest from 'supertest';
import { type Duration, minutes, monotonicNow, parseInstant } from '#shared/instant.ts';
import { ArmClient, DEVICE } from '../support/arm-client.ts';
import { LOCAL_SHARE } from '../support/bodies.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { runningRedis } from '../support/redis.ts';

const postgres = await runningPostgres();
const redis = await runningRedis();

/** How long the pump may take to move to another process, and news of the clock to reach one, milliseconds. */
const LONGEST_MOVE_MS = 5000;
const LONGEST_NEWS_MS = 250;

const clientOf = ({ origin }: ServiceProcess): ArmClient => {
  const client = new ArmClient(supertest.agent(origin), async (length: Duration) => {
    await client.post('/_edgetwin/clock/advance', { duration: `PT${length / 1000}S` });
  });
  return client;
};

async function start(
  t: TestContext,
  place: Settings,
  roles: readonly string[],
): Promise<ServiceProcess[]> {
  const processes: ServiceProcess[] = [];
  for (const role of roles) {
    const settings = { EDGETWIN_CLOCK: 'frozen', EDGETWIN_LOG_LEVEL: 'error', ...place };
    const running = await ServiceProcess.start({ ...settings, EDGETWIN_ROLE: role }, [
      'src/main.ts',
    ]);
    t.after(async () => running.end());
    processes.push(running);
  }
  return processes;
}

async function isElected({ origin }: ServiceProcess): Promise<boolean> {
  const response = await fetch(`${origin}/health/ready`);
  const { details } = (await response.json()) as { details: { pump: { isElected: boolean } } };
  return details.pump.isElected;
}

/** The one that holds the pump; waits until there is one. */
async function electedOf(processes: readonly ServiceProcess[]): Promise<ServiceProcess> {
  for (;;) {
    for (const one of processes) if (await isElected(one)) return one;
  }
}

function suite(placeOf: (t: TestContext) => Promise<Settings>): void {
  test('it moves when its holder is killed, and what was accepted is done', async (t) => {
    const processes = await start(t, await placeOf(t), ['all', 'all', 'all']);
    const holder = await electedOf(processes);
    assert.deepEqual(
      (await Promise.all(processes.map(isElected))).filter(Boolean),
      [true],
      'one process holds it',
    );
    const others = processes.filter((one) => one !== holder);
    const arm = clientOf(others[0]!);
    await arm.activeDevice();
    const share = `${DEVICE}/shares/local1`;
    await arm.accepted('put', share, LOCAL_SHARE);
    const killedAt = monotonicNow();
    await holder.end();
    await arm.advance(minutes(60));
    const took = monotonicNow() - killedAt;
    assert.ok(took < LONGEST_MOVE_MS, `it took ${took} ms`);
    await arm.get(share);
    await electedOf(others);
  });

  test('a holder that ends in order hands it over', async (t) => {
    const processes = await start(t, await placeOf(t), ['all', 'worker']);
    const holder = await electedOf(processes);
    assert.equal(holder, processes[0]);
    const endedAt = monotonicNow();
    await holder.end('SIGTERM');
    await electedOf(processes.slice(1));
    const took = monotonicNow() - endedAt;
    assert.ok(took < LONGEST_MOVE_MS, `it took ${took} ms`);
  });

  test('all show one time, as soon as an advance is answered', async (t) => {
    const processes = await start(t, await placeOf(t), ['all', 'all', 'api', 'api']);
    const clients = processes.map(clientOf);
    const timeOf = async (client: ArmClient): Promise<number> =>
      parseInstant((await client.get('/_edgetwin/clock')).now as string) ?? 0;
    for (let round = 0; round < 8; round++) {
      const advancing = clients[round % clients.length]!;
      await advancing.advance(minutes(10));
      const answeredAt = monotonicNow();
      const now = await timeOf(advancing);
      for (const client of clients) {
        while ((await timeOf(client)) < now) {
          const late = monotonicNow() - answeredAt;
          assert.ok(late < LONGEST_NEWS_MS, `${late} ms after the advance another time is shown`);
        }
        assert.equal(await timeOf(client), now);
      }
    }
    // Running at sixty times the speed, they differ by what passes between two questions.
    await clients[0]!.call('put', '/_edgetwin/clock', { frozen: false });
    for (let round = 0; round < 20; round++) {
      const beganAt = monotonicNow();
      const times = await Promise.all(clients.map(timeOf));
      const apart = Math.max(...times) - Math.min(...times);
      const may = (monotonicNow() - beganAt + LONGEST_NEWS_MS) * 60;
      assert.ok(apart <= may, `they are ${apart} ms apart, and may be ${may}`);
    }
  });
}

describe('the pump of processes on one SQLite folder', () => {
  suite(async (t) => ({ EDGETWIN_DATA: await temporaryFolder(t) }));
});

describe('the pump of processes on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  suite(async (t) => {
    assert.ok('url' in postgres);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
    };
  });
});

const both = 'skip' in postgres ? postgres : redis;

describe('the pump of processes on PostgreSQL and Redis', 'skip' in both ? both : {}, () => {
  suite(async (t) => {
    assert.ok('url' in postgres && 'url' in redis);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
      REDIS_URL: redis.url,
    };
  });
});
