/**
 * `npm run bench`: how fast the service answers, beside bare Fastify that sends the same bytes in the same run. One
 * server at a time, the client in this process: two cores are enough. Never a timed assertion; the numbers are for people.
 *
 * `npm run bench -- requests` measures one part alone: `requests`, `operations`, `growth`, `kubernetes`
 * (of which more words name parts, as `kubernetes.ts` has them). `-- --cpu-prof` also writes a CPU profile of the service into the present folder.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import manifest from '../../package.json' with { type: 'json' };
import type { CannedAnswer } from './bare.ts';
import { arcSeconds, daySeconds, fillWorld, FLEET, idleCost, PLAIN, pageCost } from './growth.ts';
import { kubernetesRates } from './kubernetes.ts';
import { type Load, type Measured, requestBytes, underLoad } from './load.ts';
import { operationRate, type Rate } from './operations.ts';
import { type Server, startServer } from './processes.ts';
import { deviceName, deviceUrl, listUrl, makeGroup, send, SHARE } from './world.ts';
import { workersRates } from './workers.ts';

/** The words after `node` in `npm start`. */
const AS_NPM_STARTS = manifest.scripts.start.split(' ').slice(1);
const CONNECTIONS = 32;
/** Answers of more than a megabyte are asked for by fewer. */
const CONNECTIONS_FOR_MUCH = 4;
const WARM_UP_SECONDS = 1;
/** Each load in turns between the servers, so that what else the machine does hits both. */
const ROUNDS = 4;
const ROUND_SECONDS = 1.2;
const STARTS = 5;
const REST_MS = 3000;
const LISTED_DEVICES = 20;
const MANY_DEVICES = 1000;
/** A device has at most 24 shares, so many devices take turns; after all of them the first shares are put again. */
const SHARES_PER_DEVICE = 24;
const PUT_DEVICES = 150;

/** Servers that the part with several processes uses, where they answer. */
const DATABASE_URL = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
/** Devices of a world, a tenth of them busy, whose lists are compared with those of a hundred plain ones. */
const MOST_DEVICES = 100_000;
/** Activated devices whose day is played. */
const DAY_DEVICES = 10_000;

type Side = 'ours' | 'bare';

interface Result extends Measured {
  /** Processor time of the server a request, over all rounds: tells more than rates where others use the machine too. */
  readonly cpuMicros: number;
}

interface Row extends Record<Side, Result> {
  readonly what: string;
}

const folder = await mkdtemp(join(tmpdir(), 'edgetwin-bench-'));

const PARTS = {
  requests: requestRates,
  operations: operationRates,
  growth: growthOfCost,
  kubernetes,
} as const;

async function run(): Promise<void> {
  const [cpu] = cpus();
  print(`Node ${process.version}, ${availableParallelism()} × ${cpu?.model ?? 'unknown'}`);
  const wished = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  for (const [name, part] of Object.entries(PARTS)) {
    if (wished.length === 0 || wished.includes(name)) await part();
  }
}

/** The clusters' API. */
async function kubernetes(): Promise<void> {
  await kubernetesRates({ folder, words: AS_NPM_STARTS, print, worldOf }, process.argv.slice(2));
}

/** Accepted, carried out, and both: by one process, and by one and two workers. */
async function operationRates(): Promise<void> {
  const show = (
    what: string,
    { acceptedPerSecond, donePerSecond, fromFirstToLast }: Rate,
  ): void => {
    const [accepted, done, both] = [acceptedPerSecond, donePerSecond, fromFirstToLast].map((rate) =>
      Math.round(rate).toLocaleString('en'),
    );
    print(
      `${what}: ${accepted} PUTs of a share accepted a second, then ${done} operations done a second; ${both} a second from the first request to the last end`,
    );
  };
  print('\noperations, accepted while the clock stands');
  const frozen = { EDGETWIN_CLOCK: 'frozen' };
  const alone = await startServer(AS_NPM_STARTS, { ...worldOf('operations'), ...frozen });
  show('one process on SQLite', await operationRate(alone, 'puts'));
  await alone.stop();
  await workersRates({
    ...{ words: AS_NPM_STARTS, print, show, worldOf },
    ...{ databaseUrl: DATABASE_URL, redisUrl: REDIS_URL },
  });
}

/** What many devices cost. */
async function growthOfCost(): Promise<void> {
  print('\ngrowth');
  const arc = await startServer(AS_NPM_STARTS, { ...worldOf('arc'), EDGETWIN_CLOCK: 'frozen' });
  const { addons, acceptSeconds, connectSeconds } = await arcSeconds(arc);
  print(
    `${addons} Arc addons: accepted in ${acceptSeconds.toFixed(1)} s, connected in another ${connectSeconds.toFixed(1)} s`,
  );
  await arc.stop();
  const startOn = (name: string) => {
    const world = { ...worldOf(name), EDGETWIN_CLOCK: 'frozen' };
    return {
      folder: world.EDGETWIN_DATA,
      start: async () => await startServer(AS_NPM_STARTS, world),
    };
  };
  const server = await fillWorld(startOn('growth'), MOST_DEVICES);
  for (const clock of [
    { what: 'stands', setting: { frozen: true } },
    { what: 'runs', setting: { rate: 60, frozen: false } },
  ]) {
    await send('PUT', `${server.origin}/_edgetwin/clock`, clock.setting);
    const few = await pageCost(server, PLAIN.group);
    const many = await pageCost(server, FLEET);
    const told = (list: 'listMs' | 'genericMs'): string =>
      `${many[list].toFixed(2)} to ${few[list].toFixed(2)} ms (${(many[list] / few[list]).toFixed(2)})`;
    print(
      `a page of 100 of ${MOST_DEVICES.toLocaleString('en')} devices to one of ${PLAIN.count} plain ones, while the clock ${clock.what}: ` +
        `${told('listMs')}, of the generic list ${told('genericMs')}`,
    );
  }
  const { workSeconds, cpuMsPerSecond, residentMib } = await idleCost(server);
  print(
    `a tenth of ${MOST_DEVICES.toLocaleString('en')} devices ends its work in ${workSeconds.toFixed(1)} s; then the idle fleet ` +
      `takes ${cpuMsPerSecond.toFixed(1)} ms of processor time a second, and ${mib(residentMib)} of memory (${mib(server.residentMib().most)} at most)`,
  );
  await server.stop();
  print(
    `a simulated day of ${DAY_DEVICES.toLocaleString('en')} activated devices: ${(await daySeconds(startOn('days'), DAY_DEVICES)).toFixed(1)} s`,
  );
}

/** How fast one process answers, beside bare Fastify. */
async function requestRates(): Promise<void> {
  const starts = await measureStarts();
  const profile = process.argv.includes('--cpu-prof') ? ['--cpu-prof'] : [];
  const service = await startServer([...profile, ...AS_NPM_STARTS], worldOf('world'));
  const fresh = service.residentMib();
  await makeGroup(service.origin, 'lists', LISTED_DEVICES);
  await makeGroup(service.origin, 'many', MANY_DEVICES);
  await makeGroup(service.origin, 'puts', PUT_DEVICES);
  const bare = await startBare(await cannedAnswers(service.origin));
  const servers = { ours: service, bare };
  const rows: Row[] = [
    { what: 'GET device', ...(await inTurns(servers, { next: getsOf(oneDevice), status: 200 })) },
    {
      what: `list of ${LISTED_DEVICES} devices`,
      ...(await inTurns(servers, { next: getsOf(deviceList), status: 200 })),
    },
    {
      what: `list of ${MANY_DEVICES.toLocaleString('en')} devices`,
      ...(await inTurns(servers, {
        next: getsOf(longList),
        status: 200,
        connections: CONNECTIONS_FOR_MUCH,
      })),
    },
    { what: 'PUT share', ...(await inTurns(servers, { next: putsOf, status: 202 })) },
  ];
  const drained = await drain(service.origin);
  // What it holds, rather than what V8 was about to sweep.
  await sleep(REST_MS);
  const after = service.residentMib();
  show(rows);
  const { ours, peer } = starts;
  print(`
start-up, by the server's own line, of ${STARTS}:  Edgetwin ${ours};  bare Fastify ${peer}
resident memory (MB of 1,000,000 bytes):  Edgetwin ${mib(fresh.now)} when ready, ${mib(after.now)} three seconds after the run, ${mib(after.most)} at most;  bare Fastify ${mib(bare.residentMib().now)}
a PUT share is accepted with a 202; after the last one the machines were busy for another ${drained}
`);
  await service.stop();
  await bare.stop();
}

const worldOf = (name: string) => ({
  EDGETWIN_PORT: '0',
  EDGETWIN_DATA: join(folder, name),
  EDGETWIN_LOG_LEVEL: 'error',
});

/** Several starts with an empty data folder each. */
async function measureStarts(): Promise<{ ours: string; peer: string }> {
  const answers = join(folder, 'none.json');
  await writeFile(answers, '[]');
  const ours: number[] = [];
  const peer: number[] = [];
  for (let index = 0; index < STARTS; index++) {
    for (const [words, environment, times] of [
      [AS_NPM_STARTS, worldOf(`start${index}`), ours],
      [['test/bench/bare.ts', answers], {}, peer],
    ] as const) {
      const server = await startServer(words, environment);
      times.push(server.readyMs);
      await server.stop();
    }
  }
  return { ours: startsText(ours), peer: startsText(peer) };
}

function startsText(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `median ${median} ms, slowest ${sorted.at(-1) ?? 0} ms`;
}

/** What the service answers now, for the peer to send: headers and bytes. */
async function cannedAnswers(origin: string): Promise<CannedAnswer[]> {
  const devicesOf = (group: string): string =>
    `/subscriptions/:subscription/resourceGroups/${group}/providers/:namespace/dataBoxEdgeDevices`;
  const devices = devicesOf('lists');
  return [
    await canned('GET', `${devices}/:device`, await send('GET', oneDevice(origin))),
    await canned('GET', devices, await send('GET', deviceList(origin))),
    await canned('GET', devicesOf('many'), await send('GET', longList(origin))),
    await canned(
      'PUT',
      `${devicesOf('puts')}/:device/shares/:share`,
      await send('PUT', deviceUrl(origin, 'lists', `${deviceName(0)}/shares/first`), SHARE),
    ),
  ];
}

/** Headers that a server puts on by itself. */
const ITS_OWN = new Set(['connection', 'content-length', 'date', 'keep-alive']);

async function canned(
  method: CannedAnswer['method'],
  path: string,
  response: Response,
): Promise<CannedAnswer> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ITS_OWN.has(name)));
  return { method, path, status: response.status, headers, body: await response.text() };
}

async function startBare(answers: readonly CannedAnswer[]): Promise<Server> {
  const file = join(folder, 'answers.json');
  await writeFile(file, JSON.stringify(answers));
  return await startServer(['test/bench/bare.ts', file], {});
}

const oneDevice = (origin: string): URL => deviceUrl(origin, 'lists', deviceName(1));
const deviceList = (origin: string): URL => listUrl(origin, 'lists');
const longList = (origin: string): URL => listUrl(origin, 'many');

/** What to send, made for one server. */
interface Wish {
  readonly next: (origin: string) => Load['next'];
  readonly status: number;
  readonly connections?: number;
}

const getsOf =
  (urlOf: (origin: string) => URL): Wish['next'] =>
  (origin) => {
    const bytes = requestBytes('GET', urlOf(origin));
    return () => bytes;
  };

/** Device after device, so that none is everybody's. */
const putsOf: Wish['next'] = (origin) => {
  let count = 0;
  return () => {
    const share = Math.floor(count / PUT_DEVICES) % SHARES_PER_DEVICE;
    const below = `${deviceName(count % PUT_DEVICES)}/shares/share-${share}`;
    count++;
    return requestBytes('PUT', deviceUrl(origin, 'puts', below), SHARE);
  };
};

async function inTurns(
  servers: Record<Side, Server>,
  { next, status, connections = CONNECTIONS }: Wish,
): Promise<Record<Side, Result>> {
  const side = (server: Server): ((seconds: number) => Promise<Measured>) => {
    const load = { origin: server.origin, connections, next: next(server.origin) };
    return async (seconds) => await underLoad({ ...load, status, seconds });
  };
  const sides = { ours: side(servers.ours), bare: side(servers.bare) };
  const rounds: Record<Side, Measured[]> = { ours: [], bare: [] };
  const cpuMs = { ours: 0, bare: 0 };
  for (const name of ['ours', 'bare'] as const) await sides[name](WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['ours', 'bare'] as const) {
      const before = servers[name].cpuMs();
      rounds[name].push(await sides[name](ROUND_SECONDS));
      cpuMs[name] += servers[name].cpuMs() - before;
    }
  }
  const resultOf = (name: Side): Result => {
    const requests = rounds[name].reduce((sum, round) => sum + round.count, 0);
    return { ...median(rounds[name]), cpuMicros: (cpuMs[name] * 1000) / requests };
  };
  return { ours: resultOf('ours'), bare: resultOf('bare') };
}

/** The round in the middle, by its rate. */
function median(rounds: readonly Measured[]): Measured {
  const sorted = rounds.toSorted((a, b) => a.perSecond - b.perSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** Lets the clock run until every accepted operation has been carried out, and says how long that took. */
async function drain(origin: string): Promise<string> {
  const beganAt = performance.now();
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT5M' });
  const seconds = (performance.now() - beganAt) / 1000;
  return `${seconds.toFixed(1)} s`;
}

function show(rows: readonly Row[]): void {
  print(
    `\n${CONNECTIONS} keep-alive connections, ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns, the median\n`,
  );
  const columns = ['req/s', 'p50 ms', 'p99 ms', 'CPU µs'];
  const head = ['', ...columns, ...columns.map((name) => `bare ${name}`), 'ratio'];
  const lines = rows.map(({ what, ours, bare }) => [
    what,
    ...cells(ours),
    ...cells(bare),
    (ours.perSecond / bare.perSecond).toFixed(2),
  ]);
  const widths = head.map((name, column) =>
    Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of [head, ...lines]) {
    print(
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

const cells = ({ perSecond, p50Ms, p99Ms, cpuMicros }: Result): string[] => [
  Math.round(perSecond).toLocaleString('en'),
  p50Ms.toFixed(2),
  p99Ms.toFixed(2),
  cpuMicros.toFixed(0),
];

const mib = (value: number): string => `${Math.round(value * 1.048576)} MB`;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}
