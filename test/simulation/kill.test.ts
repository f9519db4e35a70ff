/**
 * The process dies at ten moments of the story, is started again on the same folder, and the story goes on: it ends in
 * the state of a story that nobody interrupted, and nothing that was acknowledged is lost. `KILLS=all` tries every
 * commit of the story in place of the ten; `SEED` draws other moments.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { wholeNumber } from '#shared/random.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { type Host, type SeenByAct, Teller, WORLD } from './teller.ts';

const postgres = await runningPostgres();

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
  readonly seen: SeenByAct;
  /** Commits from each act to the next. */
  readonly commits: ReadonlyMap<string, number>;
  readonly deaths: number;
  /** Commits from the last act of which they were counted to the end of the story; 0 where it died. */
  readonly commitsLived: number;
}

/** One process, and the next one where that dies. */
class Mortal implements Host {
  readonly #settings: Settings;
  readonly #commits = new Map<string, number>();
  #process: ServiceProcess | undefined;
  #deaths = 0;

  constructor(place: Settings) {
    this.#settings = { ...place, ...WORLD };
  }

  /** Tells it all of the story. `moment` undefined: nobody dies. */
  async hears(moment?: Moment): Promise<Telling> {
    this.#process = await ServiceProcess.start(this.#settings);
    let commitsBefore = 0;
    const seen = await new Teller(this).tell({
      before: async (act) => {
        const isTheOne = act === moment?.act;
        if (!isTheOne && moment !== undefined) return;
        const commit = isTheOne ? moment.commit : 0;
        commitsBefore = await this.#running.dieAt({ side: 'before', ...moment, commit });
        this.#commits.set(act, commitsBefore);
      },
      after: async (act) => {
        if (act === moment?.act && moment.commit === 0) await this.#running.end();
      },
    });
    const commitsLived =
      this.#deaths > 0
        ? 0
        : (await this.#running.dieAt({ side: 'before', commit: 0 })) - commitsBefore;
    return { seen, commits: this.#counted(), deaths: this.#deaths, commitsLived };
  }

  origin(): string {
    return this.#running.origin;
  }

  /** Starts it again after its death; anything else that broke a call is thrown. */
  async recover(error: unknown): Promise<void> {
    assert.match(String(error), /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/);
    const end = await this.#running.ended;
    assert.equal(end.signal, 'SIGKILL', `it died by itself: ${JSON.stringify(end)}`);
    this.#deaths++;
    this.#process = await ServiceProcess.start(this.#settings);
  }

  async close(): Promise<void> {
    await this.#process?.end();
  }

  get #running(): ServiceProcess {
    assert.ok(this.#process !== undefined, 'the story has begun');
    return this.#process;
  }

  /** From commits since the beginning to commits of each act. */
  #counted(): Map<string, number> {
    const names = [...this.#commits.keys()];
    const at = (index: number): number => this.#commits.get(names[index] ?? '') ?? 0;
    return new Map(names.slice(0, -1).map((name, index) => [name, at(index + 1) - at(index)]));
  }
}

type PlaceOf = (test: TestContext) => Promise<Settings>;

async function tellIn(test: TestContext, placeOf: PlaceOf, moment?: Moment): Promise<Telling> {
  const mortal = new Mortal(await placeOf(test));
  test.after(async () => mortal.close());
  return await mortal.hears(moment);
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
        let telling = await tellIn(sub, placeOf, moment);
        // Which works share a commit depends on the wall's clock. Where the last act has fewer of them this time, it dies at the last one.
        for (let left = telling.commitsLived; left > 0 && left < moment.commit; ) {
          telling = await tellIn(sub, placeOf, { ...moment, commit: left });
          left = telling.commitsLived;
        }
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
