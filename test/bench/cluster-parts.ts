/** What a cluster does besides answering calls: pods that come to run, watches, the first command, and rest. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  type BenchCluster,
  deploymentNamed,
  makeClusters,
  openCluster,
  podNamed,
} from './cluster-world.ts';
import { dial, requestBytes, underCount } from './load.ts';
import type { Server } from './processes.ts';
import { forEach, makeGroup, send } from './world.ts';

/** Reads a stream of changes over TLS, and only counts them: by the ends of their lines. */
class Stream {
  count = 0;
  isOpen = true;
  readonly #socket: Socket;
  readonly #wanted: { readonly count: number; readonly reached: () => void }[] = [];

  constructor({ origin, base, tls }: BenchCluster, path: string) {
    this.#socket = dial(origin, tls);
    this.#socket.on('secureConnect', () => {
      this.#socket.write(requestBytes('GET', new URL(`${origin}${base}${path}`)));
    });
    let last = 0;
    this.#socket.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
        // Line ends of the chunks of HTTP have a carriage return before them.
        if ((at === 0 ? last : chunk[at - 1]) !== 13) this.count++;
      }
      last = chunk.at(-1) ?? last;
      for (const { count, reached } of this.#wanted) if (this.count >= count) reached();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isOpen = false;
      for (const { reached } of this.#wanted) reached();
    });
  }

  /** Resolves once so many changes were told, or the stream has ended. */
  async reaches(count: number): Promise<void> {
    if (this.count >= count || !this.isOpen) return;
    await new Promise<void>((reached) => {
      this.#wanted.push({ count, reached });
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

const RUN_CLUSTERS = 20;
const PODS_EACH = 90;
/** Simulated seconds a second: what a pod waits for an image is not what is measured, and no event of an hour ago expires meanwhile. */
const FAST = 200;

/** Clusters whose pods come to run before anything is measured, as the other parts warm up too. */
const WARM_UP_CLUSTERS = 10;

/** How pods come to run. */
export interface Running {
  readonly clusters: number;
  readonly pods: number;
  /** From the first create to the last pod that runs. */
  readonly perSecond: number;
  /** Processor time of the server, a pod. */
  readonly cpuMicros: number;
}

/** Pods of twenty clusters: each created by a client, and then, in other clusters, by a Deployment in each. */
export async function runningPerSecond(
  server: Server,
): Promise<{ readonly created: Running; readonly deployed: Running }> {
  const { origin } = server;
  const count = 2 * (WARM_UP_CLUSTERS + RUN_CLUSTERS);
  await makeClusters(origin, 'run', count);
  const clusters: BenchCluster[] = [];
  for (let index = 0; index < count; index++) {
    clusters.push(await openCluster(origin, 'run', index));
  }
  await send('PUT', `${origin}/_edgetwin/clock`, { rate: FAST, frozen: false });
  for (const make of [createPods, deployPods]) {
    await runPods(clusters.splice(0, WARM_UP_CLUSTERS), make);
  }
  const measured = async (make: typeof createPods): Promise<Running> => {
    const [beganAt, cpuBefore] = [performance.now(), server.cpuMs()];
    const pods = await runPods(clusters.splice(0, RUN_CLUSTERS), make);
    const perSecond = (pods * 1000) / (performance.now() - beganAt);
    const cpuMicros = ((server.cpuMs() - cpuBefore) * 1000) / pods;
    return { clusters: RUN_CLUSTERS, pods, perSecond, cpuMicros };
  };
  return { created: await measured(createPods), deployed: await measured(deployPods) };
}

/** Makes pods in each of these clusters, and waits until watches have told that all of them run; gives how many do. */
async function runPods(
  clusters: readonly BenchCluster[],
  make: (cluster: BenchCluster) => Promise<unknown>,
): Promise<number> {
  const running = '/api/v1/namespaces/default/pods?watch=1&fieldSelector=status.phase%3DRunning';
  const streams = clusters.map((cluster) => new Stream(cluster, running));
  // A connection of TLS belongs to one cluster's client, so each client makes the pods of one cluster.
  await Promise.all([
    ...clusters.map(async (cluster) => make(cluster)),
    ...streams.map(async (stream) => stream.reaches(PODS_EACH)),
  ]);
  for (const stream of streams) stream.close();
  return streams.reduce((sum, { count }) => sum + Math.min(count, PODS_EACH), 0);
}

/** A client that creates one pod after another. */
async function createPods({ origin, tls, base }: BenchCluster): Promise<unknown> {
  const url = new URL(`${origin}${base}/api/v1/namespaces/default/pods`);
  let made = 0;
  const next = (): Buffer => requestBytes('POST', url, podNamed(`pod-${made++}`));
  return await underCount({ origin, tls, connections: 1, count: PODS_EACH, next, status: 201 });
}

/** A client that deploys them with one request. */
async function deployPods({ origin, tls, base }: BenchCluster): Promise<unknown> {
  const url = new URL(`${origin}${base}/apis/apps/v1/namespaces/default/deployments`);
  const next = (): Buffer => requestBytes('POST', url, deploymentNamed('web', PODS_EACH));
  return await underCount({ origin, tls, connections: 1, count: 1, next, status: 201 });
}

const STREAMS = 100;
const CHANGES = 2500;
/** A little more than the aim, since the last of them take their time. */
const CHANGES_PER_SECOND = 550;
const TICK_MS = 50;
const OBJECTS = 50;

/** Watches of one namespace, while its objects change at a given pace. */
export async function watched(server: Server): Promise<{
  readonly streams: number;
  readonly changes: number;
  readonly perSecond: number;
  /** Each watch was told of each change. */
  readonly isWhole: boolean;
  /** From the answer to the last change to the moment at which the last watch had heard of it. */
  readonly lateMs: number;
}> {
  const { origin } = server;
  await makeClusters(origin, 'watch', 1);
  const cluster = await openCluster(origin, 'watch', 0);
  const path = '/api/v1/namespaces/default/configmaps';
  for (let index = 0; index < OBJECTS; index++) {
    await ask(cluster, 'POST', path, { metadata: { name: `c${index}` }, data: { n: '0' } });
  }
  const { body } = await ask(cluster, 'GET', `${path}?limit=1`);
  const { resourceVersion } = (JSON.parse(body) as { metadata: { resourceVersion: string } })
    .metadata;
  const streams = Array.from(
    { length: STREAMS },
    () => new Stream(cluster, `${path}?watch=1&resourceVersion=${resourceVersion}`),
  );
  // So that each is there when it begins; what it would miss it would be told all the same.
  await sleep(500);
  const beganAt = performance.now();
  let sent = 0;
  const next = (): Buffer => {
    const name = `c${sent % OBJECTS}`;
    sent++;
    const url = new URL(`${origin}${cluster.base}${path}/${name}`);
    return requestBytes('PUT', url, { metadata: { name }, data: { n: String(sent) } });
  };
  await paced(cluster, next);
  const endedAt = performance.now();
  await Promise.race([
    Promise.all(streams.map(async (stream) => stream.reaches(CHANGES))),
    sleep(10_000),
  ]);
  const lateMs = performance.now() - endedAt;
  const isWhole = streams.every(({ count, isOpen }) => count === CHANGES && isOpen);
  for (const stream of streams) stream.close();
  const perSecond = (CHANGES * 1000) / (endedAt - beganAt);
  return { streams: STREAMS, changes: CHANGES, perSecond, isWhole, lateMs };
}

/** Sends changes at their pace by a few clients: each tick those that are due. */
async function paced({ origin, tls }: BenchCluster, next: () => Buffer): Promise<void> {
  const beganAt = performance.now();
  for (let done = 0; done < CHANGES; ) {
    const due = Math.min(
      CHANGES,
      Math.floor(((performance.now() - beganAt) * CHANGES_PER_SECOND) / 1000),
    );
    const count = due - done;
    done = due;
    const load = { origin, tls, connections: Math.min(4, count), count, next, status: 200 };
    if (count > 0) await underCount(load);
    if (done < CHANGES) await sleep(TICK_MS);
  }
}

const COMMAND = ['/api', '/apis', '/api/v1/namespaces/default/pods'];

/** What `kubectl get pods` asks for with nothing in its cache, on one fresh connection. */
async function commandMs({ origin, base, tls }: BenchCluster): Promise<number> {
  const beganAt = performance.now();
  let at = 0;
  const next = (): Buffer =>
    requestBytes('GET', new URL(`${origin}${base}${COMMAND[at++ % COMMAND.length] ?? ''}`));
  await underCount({ origin, tls, connections: 1, count: COMMAND.length, next, status: 200 });
  return performance.now() - beganAt;
}

/** The first command on a cluster: the kubeconfig that opens it included, and again after a restart of the service; of ten the median. */
export async function firstCommandMs(
  server: Server,
  startAgain: () => Promise<Server>,
): Promise<{ readonly first: number; readonly again: number; readonly server: Server }> {
  const clusters: BenchCluster[] = [];
  const first: number[] = [];
  for (let index = 0; index < 10; index++) {
    const beganAt = performance.now();
    const cluster = await openCluster(server.origin, 'cold', index);
    await commandMs(cluster);
    first.push(performance.now() - beganAt);
    clusters.push(cluster);
  }
  await server.stop();
  const later = await startAgain();
  const again: number[] = [];
  for (const cluster of clusters) {
    again.push(await commandMs({ ...cluster, origin: later.origin }));
  }
  return { first: median(first), again: median(again), server: later };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const IDLE = 1000;
const REST_MS = 4000;

/** Resident memory with a thousand devices: without clusters, with clusters that nobody opened, and with clusters that were used once. */
export async function idleMegabytes(
  server: Server,
  addClusters: (origin: string, group: string, count: number) => Promise<void>,
): Promise<{
  readonly clusters: number;
  readonly before: number;
  readonly unopened: number;
  readonly opened: number;
}> {
  const { origin } = server;
  const resting = async (): Promise<number> => {
    await sleep(REST_MS);
    return server.residentMib().now * 1.048576;
  };
  await makeGroup(origin, 'idle', IDLE);
  const before = await resting();
  await addClusters(origin, 'idle', IDLE);
  const unopened = await resting();
  await forEach(IDLE, async (index) => {
    await openCluster(origin, 'idle', index);
  });
  const opened = await resting();
  return { clusters: IDLE, before, unopened, opened };
}
