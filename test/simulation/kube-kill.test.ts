/**
 * The process dies at drawn commits of a story in a cluster (apply, scale, roll, delete), is started again on the same data, and the story
 * goes on: nothing that was acknowledged is lost, nothing that a watch has told is taken back, and it ends as a story that
 * nobody interrupted [issue 10 line 4]. `KILLS=all` tries every commit in place of ten; `SEED` draws other ones.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import supertest from 'supertest';
import { type Instant, minutes, parseInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { wholeNumber } from '#shared/random.ts';
import { ArmClient, DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { KubeHttps, type Watch, type WatchEvent } from '../support/kube-https.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { WORLD } from './teller.ts';

const postgres = await runningPostgres();
const SEED = process.env.SEED ?? 'ten deaths';
const MOMENTS = 10;

const HOME = '/apis/apps/v1/namespaces/default/deployments';
const WEB = `${HOME}/web`;
const CORE = '/api/v1/namespaces/default';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] },
};
const deployment = {
  metadata: { name: 'web' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template },
};
const service = {
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

/** What a client does next: something that he asks for, or time that passes. */
type Act =
  | {
      readonly name: string;
      readonly ask: (kube: KubeHttps) => Promise<unknown>;
      readonly isDone: (kube: KubeHttps) => Promise<boolean>;
    }
  | { readonly name: string; readonly pass: number };

/** As client-go reads: it asks again, ten times at most, where the server says that it cannot answer yet. */
async function read(kube: KubeHttps, path: string): Promise<{ status: number; body: string }> {
  for (let left = 10; ; left--) {
    const answer = await kube.call('GET', path);
    if (answer.status !== 503 || left === 0) return answer;
  }
}

const isThere =
  (path: string) =>
  async (kube: KubeHttps): Promise<boolean> => {
    const { status, body } = await read(kube, path);
    assert.ok(status === 200 || status === 404, `GET ${path}: ${status} ${body}`);
    return status === 200;
  };

const specIs =
  (look: (spec: JsonObject) => unknown, wanted: unknown) =>
  async (kube: KubeHttps): Promise<boolean> => {
    const { status, body } = await read(kube, WEB);
    return status === 200 && look((JSON.parse(body) as { spec: JsonObject }).spec) === wanted;
  };

const imageOf = (spec: JsonObject): unknown =>
  (spec.template as { spec: { containers: [{ image: string }] } }).spec.containers[0].image;

const STORY: readonly Act[] = [
  {
    name: 'a config map',
    ask: async (kube) =>
      kube.done('POST', `${CORE}/configmaps`, {
        body: { metadata: { name: 'kept' }, data: { a: 'b' } },
      }),
    isDone: isThere(`${CORE}/configmaps/kept`),
  },
  {
    name: 'apply',
    ask: async (kube) => kube.done('POST', HOME, { body: deployment }),
    isDone: isThere(WEB),
  },
  {
    name: 'a service',
    ask: async (kube) => kube.done('POST', `${CORE}/services`, { body: service }),
    isDone: isThere(`${CORE}/services/web`),
  },
  { name: 'the pods start', pass: 2 },
  {
    name: 'scale',
    ask: async (kube) =>
      kube.done('PATCH', `${WEB}/scale`, {
        body: { spec: { replicas: 5 } },
        type: 'application/merge-patch+json',
      }),
    isDone: specIs((spec) => spec.replicas, 5),
  },
  { name: 'more pods start', pass: 2 },
  {
    name: 'roll',
    ask: async (kube) =>
      kube.done('PATCH', WEB, {
        body: {
          spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:1.26' }] } } },
        },
        type: 'application/strategic-merge-patch+json',
      }),
    isDone: specIs(imageOf, 'nginx:1.26'),
  },
  { name: 'the pods are replaced', pass: 5 },
  {
    name: 'delete',
    ask: async (kube) => kube.done('DELETE', WEB),
    isDone: async (kube) => !(await isThere(WEB)(kube)),
  },
  { name: 'the pods go', pass: 3 },
];

interface Moment {
  readonly act: string;
  readonly commit: number;
  readonly side: 'before' | 'after';
}

/** What was to be seen at the end of each act. */
type SeenByAct = ReadonlyMap<string, unknown>;

/** Objects of a story without what another number of writes makes another one: events, and who wrote when. */
async function seenIn(kube: KubeHttps): Promise<unknown> {
  const lists = [
    `${CORE}/pods`,
    HOME,
    '/apis/apps/v1/namespaces/default/replicasets',
    `${CORE}/configmaps`,
    `${CORE}/services`,
    `${CORE}/endpoints`,
  ];
  const seen: unknown[] = [];
  for (const path of lists) {
    const { items } = (await kube.done('GET', path)) as { items: JsonObject[] };
    seen.push(
      JSON.parse(
        JSON.stringify(items, (name, value: unknown) =>
          name === 'resourceVersion' || name === 'managedFields'
            ? undefined
            : name === 'ca.crt'
              ? 'a key'
              : value,
        ),
      ),
    );
  }
  return seen;
}

const WATCHED = [`${CORE}/configmaps`, HOME, `${CORE}/pods`];

class Teller {
  readonly seen = new Map<string, unknown>();
  readonly #settings: Settings;
  readonly #test: TestContext;
  readonly #commits = new Map<string, number>();
  #process: ServiceProcess | undefined;
  #kubeconfig = '';
  #now = 0 as Instant;
  #acknowledged: (Act & { ask: unknown })[] = [];
  #watches: Watch[] = [];
  deaths = 0;

  constructor(t: TestContext, place: Settings) {
    this.#test = t;
    this.#settings = { ...place, ...WORLD };
    t.after(async () => this.#process?.end());
  }

  async tell(moment?: Moment): Promise<ReadonlyMap<string, number>> {
    this.#process = await ServiceProcess.start(this.#settings);
    const arm = this.#arm();
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
    const response = await fetch(
      `${this.#process.origin}/_edgetwin/appliances/kubeconfig?resource=${DEVICE}`,
    );
    this.#kubeconfig = await response.text();
    this.#now = parseInstant((await arm.get('/_edgetwin/clock')).now as string) as Instant;
    await this.#kube().done('GET', `${CORE}/pods`);
    await this.#watch();
    for (const act of STORY) {
      const commit = act.name === moment?.act ? moment.commit : 0;
      if (commit > 0 || moment === undefined) {
        this.#commits.set(
          act.name,
          await this.#process.dieAt({ side: moment?.side ?? 'before', commit }),
        );
      }
      if ('pass' in act) this.#now = (this.#now + minutes(act.pass)) as Instant;
      for (let isFirst = true; ; isFirst = false) {
        try {
          await this.#try(act, isFirst);
          break;
        } catch (error) {
          await this.#recover(error, act);
        }
      }
      this.seen.set(act.name, await this.#look());
    }
    const ends = [
      ...this.#commits.values(),
      await this.#process.dieAt({ side: 'before', commit: 0 }),
    ];
    return new Map(
      [...this.#commits.keys()].map((name, index) => [
        name,
        (ends[index + 1] ?? 0) - (ends[index] ?? 0),
      ]),
    );
  }

  /** All that can be seen; a process that dies of it is replaced. */
  async #look(): Promise<unknown> {
    for (;;) {
      try {
        return await seenIn(this.#kube());
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #try(act: Act, isFirst: boolean): Promise<void> {
    const kube = this.#kube();
    if ('pass' in act) {
      const arm = this.#arm();
      const now = parseInstant((await arm.get('/_edgetwin/clock')).now as string) as Instant;
      if (this.#now > now)
        await arm.post('/_edgetwin/clock/advance', { duration: `PT${(this.#now - now) / 1000}S` });
      return;
    }
    if (!isFirst && (await act.isDone(kube))) return;
    await act.ask(kube);
    this.#acknowledged.push(act);
  }

  /**
   * Starts it again after its death, and looks whether anything is missing that somebody was told. `underWay` is the act during which it
   * died: it may be done, although nobody was told.
   */
  async #recover(error: unknown, underWay?: Act): Promise<void> {
    if (error instanceof assert.AssertionError) throw error;
    assert.match(String(error), /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/);
    const end = await this.#process?.ended;
    assert.equal(end?.signal, 'SIGKILL', `it died by itself: ${JSON.stringify(end)}`);
    this.deaths++;
    this.#process = await ServiceProcess.start(this.#settings);
    const kube = this.#kube();
    const isDone = underWay !== undefined && 'ask' in underWay && (await underWay.isDone(kube));
    const last = isDone ? underWay : this.#acknowledged.at(-1);
    for (const act of this.#acknowledged) {
      // What a later act has undone on purpose is no loss.
      if (act !== last && act.name !== 'a config map' && act.name !== 'a service') continue;
      assert.ok(
        !('isDone' in act) || (await act.isDone(kube)),
        `"${act.name}" was acknowledged and is lost`,
      );
    }
    for (const [index, watch] of this.#watches.entries()) {
      await watch.ended;
      await this.#checkTold(kube, WATCHED[index] ?? '', watch.events);
    }
    await this.#watch();
  }

  /** Nothing of what a watch has told is taken back. */
  async #checkTold(kube: KubeHttps, path: string, events: readonly WatchEvent[]): Promise<void> {
    const { items, metadata } = (await kube.done('GET', path)) as unknown as {
      items: WatchEvent['object'][];
      metadata: { resourceVersion: string };
    };
    const there = new Map(items.map((item) => [item.metadata.name, item]));
    for (const { type, object } of events) {
      const { name, resourceVersion, uid } = object.metadata as {
        name?: string;
        resourceVersion: string;
        uid?: string;
      };
      assert.ok(Number(metadata.resourceVersion) >= Number(resourceVersion), `${path} goes back`);
      const now = there.get(name);
      const isSame = (now?.metadata as { uid?: string } | undefined)?.uid === uid;
      if (type === 'DELETED') assert.ok(!isSame || now === undefined, `${name} was gone`);
      else if (type !== 'BOOKMARK' && now !== undefined && isSame) {
        const version = Number(now.metadata.resourceVersion);
        assert.ok(version >= Number(resourceVersion), `${name} goes back`);
        if (version === Number(resourceVersion)) assert.deepEqual(now, object);
      }
    }
  }

  async #watch(): Promise<void> {
    const kube = this.#kube();
    this.#watches = [];
    for (const path of WATCHED) {
      const { metadata } = (await kube.done('GET', path)) as {
        metadata: { resourceVersion: string };
      };
      this.#watches.push(await kube.watch(path, metadata.resourceVersion));
    }
  }

  #arm(): ArmClient {
    const client = new ArmClient(supertest.agent(this.#process?.origin ?? ''), async (length) => {
      await client.post('/_edgetwin/clock/advance', { duration: `PT${length / 1000}S` });
    });
    return client;
  }

  #kube(): KubeHttps {
    return new KubeHttps(this.#test, this.#kubeconfig, this.#process?.origin);
  }
}

const SIDES = ['before', 'after'] as const;

/** Ten moments drawn from the seed, or every one that there is. */
function momentsIn(commits: ReadonlyMap<string, number>): Moment[] {
  const all = [...commits].flatMap(([act, count]) =>
    Array.from({ length: count }, (_, index) => index + 1).flatMap((commit) =>
      SIDES.map((side) => ({ act, commit, side })),
    ),
  );
  if (process.env.KILLS === 'all') return all;
  return Array.from({ length: MOMENTS }, (_, index) => {
    // From all along the story, so that every act has its turn.
    const least = Math.floor((all.length * index) / MOMENTS);
    const most = Math.floor((all.length * (index + 1)) / MOMENTS) - 1;
    return all[wholeNumber(least, Math.max(least, most), SEED, 'moment', index)] as Moment;
  });
}

function suite(placeOf: (t: TestContext) => Promise<Settings>): void {
  test('a cluster whose process is killed ends where one that lived does', {
    concurrency: 2,
  }, async (t) => {
    const undisturbed = new Teller(t, await placeOf(t));
    const commits = await undisturbed.tell();
    const ends: SeenByAct = undisturbed.seen;
    await Promise.all(
      momentsIn(commits).map((moment) =>
        t.test(
          `killed ${moment.side} commit ${moment.commit} of "${moment.act}" (SEED='${SEED}')`,
          async (sub) => {
            const teller = new Teller(sub, await placeOf(sub));
            await teller.tell(moment);
            assert.equal(teller.deaths, 1, 'it died');
            for (const [act, seen] of ends) {
              assert.deepEqual(teller.seen.get(act), seen, `what is seen after "${act}"`);
            }
          },
        ),
      ),
    );
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
