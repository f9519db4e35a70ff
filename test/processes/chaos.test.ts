/**
 * The topology of docker-compose.yml without containers: PostgreSQL, Redis, two processes that serve and two that work. The story
 * is told to it again and again while one process of each kind in turn is killed every few seconds: each time it ends in the state of a story
 * that nobody disturbed, and nothing that was acknowledged is lost. `CHAOS_SECONDS` says for how long, `SEED` draws other deaths.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
// eslint-disable-next-line no-restricted-syntax -- processes die by the wall clock
import { setTimeout as wait } from 'node:timers/promises';
import { monotonicNow } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import { type Host, type SeenByAct, Teller, WORLD } from '../simulation/teller.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { runningRedis } from '../support/redis.ts';
import { variable } from '../support/surroundings.ts';

const postgres = await runningPostgres();
const redis = await runningRedis();

const SEED = variable('SEED') ?? randomUUID();
const IS_CI = /^(true|1)$/i.test(variable('CI') ?? '');
const SECONDS = Number(variable('CHAOS_SECONDS') ?? (IS_CI ? 180 : 15));
/** From one death to the next, milliseconds. */
const SHORTEST_MS = 1500;
const LONGEST_MS = 4000;
/** How long a process that was killed stays away, milliseconds at most. */
const LONGEST_AWAY_MS = 1500;

const ROLES = ['api', 'worker', 'api', 'worker'] as const;

/** One process of the topology, and the next one where that was killed. */
class Member {
  readonly #settings: Settings;
  running: ServiceProcess | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async start(): Promise<void> {
    this.running = await ServiceProcess.start(this.#settings, ['src/main.ts']);
  }

  async kill(signal: NodeJS.Signals, awayMs: number): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.end(signal);
    await wait(awayMs);
    await this.start();
  }
}

class Topology implements Host {
  readonly #members: readonly Member[];
  #turn = 0;
  #isHurt = false;
  deaths = 0;

  constructor(place: Settings) {
    this.#members = ROLES.map((role) => new Member({ ...place, ...WORLD, EDGETWIN_ROLE: role }));
  }

  static async start(t: TestContext, place: Settings): Promise<Topology> {
    const topology = new Topology(place);
    t.after(async () => topology.close());
    for (const member of topology.#members) await member.start();
    return topology;
  }

  /** Of those that serve, one after another. */
  origin(): string {
    const serving = this.#members.filter((_member, index) => ROLES[index] === 'api');
    const alive = serving.flatMap(({ running }) => (running === undefined ? [] : [running.origin]));
    return alive[this.#turn++ % Math.max(1, alive.length)] ?? 'http://127.0.0.1:9';
  }

  async recover(error: unknown): Promise<void> {
    assert.ok(this.#isHurt, `nobody was killed yet: ${String(error)}`);
    assert.match(String(error), /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up|ServiceUnavailable/);
    await wait(50);
  }

  /** Kills one after another until `isOver`. */
  async suffer(isOver: () => boolean): Promise<void> {
    this.#isHurt = true;
    for (let death = 0; !isOver(); death++) {
      const draw = (least: number, most: number, what: string): number =>
        wholeNumber(least, most, SEED, String(death), what);
      await wait(draw(SHORTEST_MS, LONGEST_MS, 'pause'));
      // Some are asked to go, and drain; most are not.
      const signal = draw(0, 3, 'signal') === 0 ? 'SIGTERM' : 'SIGKILL';
      await this.#members[death % ROLES.length]?.kill(signal, draw(0, LONGEST_AWAY_MS, 'away'));
      this.deaths++;
    }
  }

  async reset(): Promise<void> {
    for (;;) {
      try {
        const response = await fetch(`${this.origin()}/_edgetwin/reset`, { method: 'POST' });
        assert.equal(response.status, 200, await response.text());
        return;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await wait(50);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(async ({ running }) => running?.end()));
  }
}

const both = 'skip' in postgres ? postgres : redis;

test(`the story ends well while processes die for ${SECONDS} s (SEED='${SEED}')`, {
  ...('skip' in both ? { skip: both.skip } : {}),
  timeout: (SECONDS + 240) * 1000,
}, async (t) => {
  assert.ok('url' in postgres && 'url' in redis);
  const topology = await Topology.start(t, {
    DATABASE_URL: await ownSchema(t, postgres.url),
    REDIS_URL: redis.url,
    EDGETWIN_DATA: await temporaryFolder(t),
  });
  const undisturbed: SeenByAct = await new Teller(topology).tell();
  const until = monotonicNow() + SECONDS * 1000;
  let isOver = false;
  const suffering = topology.suffer(() => isOver);
  let tellings = 0;
  try {
    for (; monotonicNow() < until || tellings === 0; tellings++) {
      await topology.reset();
      const seen = await new Teller(topology).tell();
      for (const [act, what] of undisturbed) {
        assert.deepEqual(seen.get(act), what, `what is seen at "${act}"`);
      }
    }
  } finally {
    isOver = true;
    await suffering;
  }
  t.diagnostic(`${tellings} stories, ${topology.deaths} deaths, SEED='${SEED}'`);
  assert.ok(topology.deaths > 0);
});
