/**
 * The process dies at ten moments of the story, is started again on the same folder, and the story goes on: it ends in
 * the state of a story that nobody interrupted, and nothing that was acknowledged is lost. `KILLS=all` tries every
 * commit of the story in place of the ten; `SEED` draws other moments.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import supertest from 'supertest';
import { formatInstant, type Instant, parseInstant, plus } from '#shared/instant.ts';
import { guid, wholeNumber } from '#shared/random.ts';
import { type Act, checkEnded, type Entry, send, STORY, type Told } from '../scenarios/story.ts';
import { ArmClient, DEVICE, SUBSCRIPTION } from '../support/arm-client.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { type Seen, worldSeenBy } from './world.ts';

const postgres = await runningPostgres();

const START = '2026-03-02T09:00:00Z';
const SEED = process.env.SEED ?? 'ten deaths';

/** When it dies: as soon as the act's answer is there, or at a commit of the database from the act's beginning. */
interface Moment {
  readonly act: string;
  /** 0: at the answer. */
  readonly commit: number;
  readonly side: 'before' | 'after';
}

const show = ({ act, commit, side }: Moment): string =>
  commit === 0 ? `at the answer of "${act}"` : `${side} commit ${commit} of "${act}"`;

/** What a whole telling came to. */
interface Telling {
  /** What was to be seen at each look of the story. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** Commits from each act to the next. */
  readonly commits: ReadonlyMap<string, number>;
  readonly deaths: number;
}

/** Tells the story to a process, and to the next one where that dies. */
class Teller {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #told: Told = new Map();
  readonly #acknowledged: (Act & { kind: 'ask' })[] = [];
  readonly #seen = new Map<string, Seen>();
  readonly #commits = new Map<string, number>();
  #process: ServiceProcess | undefined;
  #now: Instant = parseInstant(START) as Instant;
  #deaths = 0;
  #integrityKey: string | undefined;

  constructor(place: Settings) {
    this.#settings = {
      ...place,
      EDGETWIN_CLOCK: 'frozen',
      EDGETWIN_CLOCK_START: START,
      EDGETWIN_SEED: 'kill',
      EDGETWIN_LOG_LEVEL: 'error',
    };
  }

  /** Tells all of it. `moment` undefined: nobody dies. */
  async tell(moment?: Moment): Promise<Telling> {
    this.#process = await ServiceProcess.start(this.#settings);
    for (const act of STORY) {
      const isTheOne = act.name === moment?.act;
      const commit = isTheOne ? moment.commit : 0;
      if (isTheOne || moment === undefined) {
        this.#commits.set(
          act.name,
          await this.#running.dieAt({ side: 'before', ...moment, commit }),
        );
      }
      await this.#tellAct(act);
      if (isTheOne && commit === 0) await this.#running.end();
    }
    return { seen: this.#seen, commits: this.#counted(), deaths: this.#deaths };
  }

  async close(): Promise<void> {
    await this.#process?.end();
  }

  get #running(): ServiceProcess {
    assert.ok(this.#process !== undefined, 'the story has begun');
    return this.#process;
  }

  async #tellAct(act: Act): Promise<void> {
    if (act.kind === 'pass') this.#now = plus(this.#now, act.length);
    for (let isFirst = true; ; isFirst = false) {
      try {
        await this.#try(act, isFirst);
        return;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await this.#rise(error);
      }
    }
  }

  /** Sends again only what was not acknowledged and is not to be seen in the journal. */
  async #try(act: Act, isFirst: boolean): Promise<void> {
    const correlationId = correlationOf(act.name);
    const arm = this.#client(correlationId);
    switch (act.kind) {
      case 'ask':
        if (!isFirst && act.taken?.(await journalOf(arm), correlationId) === true) return;
        await send(act, arm, this.#told);
        this.#acknowledged.push(act);
        break;
      case 'pass':
        if (isFirst) await arm.advance(act.length);
        else await arm.call('put', '/_edgetwin/clock', { now: formatInstant(this.#now) });
        assert.equal((await arm.get('/_edgetwin/clock')).now, formatInstant(this.#now));
        break;
      case 'end':
        await checkEnded(act, arm, this.#told);
        break;
      case 'see':
        await act.look(arm);
        this.#seen.set(act.name, await worldSeenBy(arm));
        await this.#checkKey(arm);
        break;
    }
  }

  /** Starts it again after its death; anything else that broke a call is thrown. */
  async #rise(error: unknown): Promise<void> {
    assert.match(String(error), /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/);
    const end = await this.#running.ended;
    assert.equal(end.signal, 'SIGKILL', `it died by itself: ${JSON.stringify(end)}`);
    this.#deaths++;
    this.#process = await ServiceProcess.start(this.#settings);
    await this.#checkNothingLost();
  }

  async #checkNothingLost(): Promise<void> {
    const journal = await journalOf(this.#client(correlationOf('a check')));
    for (const { name, taken = () => true } of this.#acknowledged) {
      assert.ok(taken(journal, correlationOf(name)), `"${name}" was acknowledged and is lost`);
    }
  }

  /** Key material differs from telling to telling, but not within one. */
  async #checkKey(arm: ArmClient): Promise<void> {
    const answer = await arm.call(
      'get',
      `/_edgetwin/appliances/channelIntegrityKey?resource=${DEVICE}`,
    );
    const { channelIntegrityKey } = answer.body as { channelIntegrityKey?: string };
    if (channelIntegrityKey === undefined) return;
    this.#integrityKey ??= channelIntegrityKey;
    assert.equal(channelIntegrityKey, this.#integrityKey, 'the key is the same after the restart');
  }

  #client(correlationId: string): ArmClient {
    const agent = supertest.agent(this.#running.origin);
    agent.set('x-ms-correlation-request-id', correlationId);
    const client = new ArmClient(agent, async (length) => {
      await client.post('/_edgetwin/clock/advance', { duration: `PT${length / 1000}S` });
    });
    return client;
  }

  /** From commits since the beginning to commits of each act. */
  #counted(): Map<string, number> {
    const names = [...this.#commits.keys()];
    const at = (index: number): number => this.#commits.get(names[index] ?? '') ?? 0;
    return new Map(names.slice(0, -1).map((name, index) => [name, at(index + 1) - at(index)]));
  }
}

/** The same for an act in every telling. */
const correlationOf = (act: string): string => guid('correlation', act);

async function journalOf(arm: ArmClient): Promise<Entry[]> {
  const entries = await arm.all(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`);
  return entries as unknown as Entry[];
}

type PlaceOf = (test: TestContext) => Promise<Settings>;

async function tellIn(test: TestContext, placeOf: PlaceOf, moment?: Moment): Promise<Telling> {
  const teller = new Teller(await placeOf(test));
  test.after(async () => teller.close());
  return await teller.tell(moment);
}

/** Where it dies: the acts that matter, each with what is under way then. */
const PLACES: readonly (readonly [act: string, where: 'answer' | 'commit'])[] = [
  ['an order', 'answer'],
  ['shipping', 'commit'],
  ['the activation', 'commit'],
  ['a cluster', 'commit'],
  ['the cluster comes up', 'commit'],
  ['Arc', 'answer'],
  ['the agents come up', 'commit'],
  ['installUpdates', 'commit'],
  ['installUpdates goes on', 'commit'],
  ['the device is wiped', 'commit'],
];

const SIDES = ['before', 'after'] as const;

/** Ten moments drawn from the seed, or every one that there is. */
function momentsIn(commits: ReadonlyMap<string, number>): Moment[] {
  if (process.env.KILLS === 'all') {
    return [...commits].flatMap(([act, count]) =>
      Array.from({ length: count }, (_, index) => index + 1).flatMap((commit) =>
        SIDES.map((side) => ({ act, commit, side })),
      ),
    );
  }
  return PLACES.map(([act, where]) => ({
    act,
    commit: where === 'answer' ? 0 : wholeNumber(1, commits.get(act) ?? 1, SEED, act, 'commit'),
    side: SIDES[wholeNumber(0, 1, SEED, act, 'side')] ?? 'before',
  }));
}

/** The test at a place. */
function suite(placeOf: PlaceOf): void {
  test('a process that is killed and started again ends where one that lived does', {
    concurrency: 2,
  }, async (t) => {
    const undisturbed = await tellIn(t, placeOf);
    const moments = momentsIn(undisturbed.commits);
    const deaths = moments.map((moment) =>
      t.test(`killed ${show(moment)} (SEED='${SEED}')`, async (sub) => {
        const telling = await tellIn(sub, placeOf, moment);
        assert.equal(telling.deaths, 1, 'it died');
        for (const [act, seen] of undisturbed.seen) {
          assert.deepEqual(telling.seen.get(act), seen, `what is seen at "${act}"`);
        }
      }),
    );
    await Promise.all(deaths);
  });
}

describe('on SQLite', () => {
  suite(async (t) => ({ EDGETWIN_DATA: await temporaryFolder(t) }));
});

describe('on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  suite(async (t) => {
    assert.ok('url' in postgres);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
    };
  });
});
