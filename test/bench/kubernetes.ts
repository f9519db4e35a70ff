/**
 * The clusters' API under load, over TLS with a client certificate: beside bare Fastify over TLS that sends the same bytes, and
 * beside what was measured of a real control plane on such a machine. A part of `bench.ts`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CannedAnswer } from './bare.ts';
import {
  addClusters,
  ask,
  type BenchCluster,
  makeClusters,
  openCluster,
  podNamed,
} from './cluster-world.ts';
import { type CountedLoad, type Measured, requestBytes, underCount } from './load.ts';
import { type Server, startServer } from './processes.ts';
import { firstCommandMs, idleMegabytes, runningPerSecond, watched } from './cluster-parts.ts';

const CLIENTS = 16;
const PODS = 2000;
const GETS = 8000;
const LISTS = 20;
const ROUNDS = 3;

/** How the bench starts a service, and where it prints. */
export interface BenchPlace {
  readonly folder: string;
  /** The words after `node` that start the service. */
  readonly words: readonly string[];
  readonly print: (text: string) => void;
  /** Settings of a world of that name. */
  readonly worldOf: (name: string) => Record<string, string>;
}

const PARTS = { calls, running, watchers, cold, idle } as const;

/** Measures and prints all of it, or what `wished` names of `calls`, `running`, `watchers`, `cold` and `idle`. */
export async function kubernetesRates(place: BenchPlace, wished: readonly string[]): Promise<void> {
  place.print(
    '\nKubernetes over TLS; "real" is a 1.20 control plane on such a machine [kubernetes-api.md 3.5]',
  );
  const isEach = !wished.some((name) => name in PARTS);
  for (const [name, part] of Object.entries(PARTS)) {
    if (isEach || wished.includes(name)) await part(place);
  }
}

/** Creates, gets and lists of pods by 16 clients. */
async function calls(place: BenchPlace): Promise<void> {
  const { print } = place;
  const ours = await serverOf(place, 'calls');
  await makeClusters(ours.origin, 'pods', 1);
  const cluster = await openCluster(ours.origin, 'pods', 0);
  for (let round = 0; round <= ROUNDS; round++) {
    await ask(cluster, 'POST', '/api/v1/namespaces', { metadata: { name: `n${round}` } });
  }
  await underCount(creates(cluster, ROUNDS, PODS / 4));
  const made: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    made.push(await costOf(ours, creates(cluster, round, PODS)));
  }
  const got = await inRounds(ours, gets(cluster, ONE_POD, { count: GETS }));
  const listed = await inRounds(ours, gets(cluster, ALL_PODS, { count: LISTS, connections: 1 }));
  const after = ours.residentMib();
  const server = await bareOf(place, cluster);
  await ours.stop();
  const bare = { ...cluster, origin: server.origin };
  print(`${CLIENTS} clients, the median of ${ROUNDS} rounds of ${PODS} creates, ${GETS} gets`);
  const bareMade = await inRounds(server, creates(bare, 0, PODS));
  const bareGot = await inRounds(server, gets(bare, ONE_POD, { count: GETS }));
  const bareListed = await inRounds(server, gets(bare, ALL_PODS, { count: LISTS, connections: 1 }));
  await server.stop();
  print(
    `pod create: ${rate(middle(made))}; aim 1,500/s, p99 25 ms; bare ${rate(bareMade)}; real 928/s, p99 45 ms`,
  );
  print(
    `pod get: ${rate(got)}; aim 6,000/s, p99 25 ms; bare ${rate(bareGot)}; real 2,583/s, p99 17 ms`,
  );
  print(
    `list of ${PODS.toLocaleString('en')} pods: ${listed.p50Ms.toFixed(1)} ms; aim 50 ms; bare ${bareListed.p50Ms.toFixed(1)} ms; real 107 ms`,
  );
  print(
    `resident with ${((ROUNDS + 0.25) * PODS).toLocaleString('en')} pods: ${Math.round(after.now)} MiB; real with 2,000 pods 719 MB`,
  );
}

const serverOf = async ({ words, worldOf }: BenchPlace, name: string): Promise<Server> =>
  await startServer(
    [...(process.argv.includes('--cpu-prof') ? ['--cpu-prof'] : []), ...words],
    // A real cluster's clock, since a real cluster is what it is compared with.
    { ...worldOf(`kubernetes-${name}`), EDGETWIN_CLOCK_RATE: '1' },
  );

const ALL_PODS = '/api/v1/namespaces/n0/pods';
const ONE_POD = `${ALL_PODS}/pod-7`;

/** Creates pods in the namespace of a round, one after another. */
function creates({ origin, base, tls }: BenchCluster, round: number, count: number): CountedLoad {
  let made = 0;
  const url = new URL(`${origin}${base}/api/v1/namespaces/n${round}/pods`);
  const next = (): Buffer => requestBytes('POST', url, podNamed(`pod-${made++}`));
  return { origin, tls, connections: CLIENTS, count, next, status: 201 };
}

function gets(
  { origin, base, tls }: BenchCluster,
  path: string,
  { count, connections = CLIENTS }: { readonly count: number; readonly connections?: number },
): CountedLoad {
  const bytes = requestBytes('GET', new URL(`${origin}${base}${path}`));
  return { origin, tls, connections, count, next: () => bytes, status: 200 };
}

interface Cost extends Measured {
  /** Processor time of the server a request: tells more than rates where others use the machine too. */
  readonly cpuMicros: number;
}

async function costOf(server: Server, load: CountedLoad): Promise<Cost> {
  const before = server.cpuMs();
  const measured = await underCount(load);
  return { ...measured, cpuMicros: ((server.cpuMs() - before) * 1000) / measured.count };
}

async function inRounds(server: Server, load: CountedLoad): Promise<Cost> {
  const rounds: Cost[] = [];
  await underCount({ ...load, count: Math.ceil(load.count / 4) });
  for (let round = 0; round < ROUNDS; round++) rounds.push(await costOf(server, load));
  return middle(rounds);
}

function middle(rounds: readonly Cost[]): Cost {
  const sorted = rounds.toSorted((a, b) => a.perSecond - b.perSecond);
  return sorted[Math.floor(sorted.length / 2)] as Cost;
}

const rate = ({ perSecond, p99Ms, cpuMicros }: Cost): string =>
  `${Math.round(perSecond).toLocaleString('en')}/s, p99 ${p99Ms.toFixed(1)} ms, ${cpuMicros.toFixed(0)} µs CPU`;

/** Bare Fastify over TLS, with what the cluster answers. Its certificate is the client's: nobody checks its name. */
async function bareOf({ folder }: BenchPlace, cluster: BenchCluster): Promise<Server> {
  const root = `${cluster.base}/api/v1/namespaces/:namespace/pods`;
  const pod = await ask(cluster, 'GET', ONE_POD);
  const answers: CannedAnswer[] = [
    { method: 'POST', path: root, status: 201, ...pod },
    { method: 'GET', path: `${root}/:name`, status: 200, ...pod },
    { method: 'GET', path: root, status: 200, ...(await ask(cluster, 'GET', ALL_PODS)) },
  ];
  const files = ['cluster-answers.json', 'cluster.crt', 'cluster.key'].map((name) =>
    join(folder, name),
  );
  const texts = [JSON.stringify(answers), cluster.tls.cert, cluster.tls.key];
  await Promise.all(files.map(async (file, index) => writeFile(file, texts[index] ?? '')));
  return await startServer(['test/bench/bare.ts', ...files], {});
}

async function running(place: BenchPlace): Promise<void> {
  const server = await serverOf(place, 'running');
  const { created, deployed } = await runningPerSecond(server);
  for (const [how, { clusters, pods, perSecond, cpuMicros }] of [
    ['each created by a client', created],
    ['by a Deployment in each', deployed],
  ] as const) {
    place.print(
      `${pods.toLocaleString('en')} pods of ${clusters} clusters, ${how}, from the first create to the last Running: ${Math.round(perSecond).toLocaleString('en')}/s, ${Math.round(cpuMicros)} µs CPU a pod; aim 1,500/s`,
    );
  }
  await server.stop();
}

async function watchers(place: BenchPlace): Promise<void> {
  const server = await serverOf(place, 'watchers');
  const { streams, changes, perSecond, isWhole, lateMs } = await watched(server);
  place.print(
    `${streams} watches of a namespace, ${changes.toLocaleString('en')} changes at ${Math.round(perSecond)}/s: ${isWhole ? 'every one told to each' : 'SOME WERE DROPPED'}, the last ${lateMs.toFixed(0)} ms after its change; aim 500/s without a drop`,
  );
  await server.stop();
}

async function cold(place: BenchPlace): Promise<void> {
  const server = await serverOf(place, 'cold');
  await makeClusters(server.origin, 'cold', 10);
  const {
    first,
    again,
    server: later,
  } = await firstCommandMs(server, async () => serverOf(place, 'cold'));
  place.print(
    `first command on a cold cluster, ms: ${first.toFixed(0)} with its birth, ${again.toFixed(0)} after a restart; aim 300`,
  );
  await later.stop();
}

async function idle(place: BenchPlace): Promise<void> {
  const server = await serverOf(place, 'idle');
  const { clusters, before, unopened, opened } = await idleMegabytes(server, addClusters);
  place.print(
    `${clusters.toLocaleString('en')} idle clusters: ${before.toFixed(0)} MB without, ${(unopened - before).toFixed(0)} MB more with clusters that nobody opened, ${(opened - before).toFixed(0)} MB more once each was used; aim 60 MB; one real control plane 463 MB`,
  );
  await server.stop();
}
