/** How cost grows with the number of devices: pages of lists, and Arc addons that connect all at once. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyDevices } from './copies.ts';
import type { Server } from './processes.ts';
import { addDevices, deviceName, deviceUrl, forEach, groupUrl, makeGroup, send } from './world.ts';

const PAGE = 100;
const SAMPLES = 60;
const ARC_DEVICES = 1000;
const REST_MS = 12_000;
const IDLE_SECONDS = 20;

/** Milliseconds of one page, the median. */
export interface PageCost {
  readonly listMs: number;
  readonly genericMs: number;
}

/** Measures a page of a group's devices, and of a group's resources, from the middle of the list on. */
export async function pageCost({ origin }: Server, group: string): Promise<PageCost> {
  const top = `%24top=${PAGE}`;
  const list = `${groupUrl(origin, group)}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices?api-version=2023-12-01&${top}`;
  const generic = `${groupUrl(origin, group)}/resources?api-version=2021-04-01&${top}`;
  return { listMs: await medianMs(list), genericMs: await medianMs(generic) };
}

/** How a service is started on a world. */
export interface Start {
  readonly folder: string;
  readonly start: () => Promise<Server>;
}

/** The groups of a filled world: plain devices made over HTTP, and those that were copied. */
export const PLAIN = { group: 'plain', count: 100 } as const;
export const FLEET = 'fleet';
/** One in so many devices of the fleet is busy and connected to Arc. */
const BUSY_IN = 10;

/**
 * A world with a hundred plain devices in one group and `count` in another, a tenth of them activated, with a cluster, connected to Arc,
 * and busy downloading an update. The clock stands.
 */
export async function fillWorld({ folder, start }: Start, count: number): Promise<Server> {
  const first = await start();
  const { origin } = first;
  await addDevices(origin, PLAIN.group, PLAIN.count);
  await addDevices(origin, FLEET, 0);
  await addDevices(origin, 'unused', 1);
  await makeGroup(origin, 'busy', 1);
  const device = (below: string): URL => deviceUrl(origin, 'busy', `${deviceName(0)}/${below}`);
  const pass = async (duration: string): Promise<unknown> =>
    await send('POST', `${origin}/_edgetwin/clock/advance`, { duration });
  await send('PUT', device('roles/kubernetes'), KUBERNETES);
  await pass('PT1H');
  await send('PUT', device('roles/kubernetes/addons/arc'), arcAddon('busy', deviceName(0)));
  await pass('PT1H');
  await send('POST', device('scanForUpdates'));
  await pass('PT10M');
  await send('POST', device('downloadUpdates'));
  await first.stop();
  copyDevices({
    ...{ folder, group: FLEET, count },
    templateOf: (index) => ({
      group: index % BUSY_IN === 0 ? 'busy' : 'unused',
      device: deviceName(0),
    }),
  });
  return await start();
}

/** What a fleet costs that nobody asks for anything. */
export interface IdleCost {
  /** Seconds in which all work of the busy devices was done. */
  readonly workSeconds: number;
  /** Processor time while the clock ran and nobody asked for anything, per second of the wall. */
  readonly cpuMsPerSecond: number;
  readonly residentMib: number;
}

/** Lets the busy devices end what they do, then the clock run at the pace of the wall. */
export async function idleCost(server: Server): Promise<IdleCost> {
  const { origin } = server;
  const beganAt = performance.now();
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT2H' });
  const workSeconds = (performance.now() - beganAt) / 1000;
  await send('PUT', `${origin}/_edgetwin/clock`, { rate: 1, frozen: false });
  await sleep(REST_MS);
  const before = server.cpuMs();
  await sleep(IDLE_SECONDS * 1000);
  return {
    workSeconds,
    cpuMsPerSecond: (server.cpuMs() - before) / IDLE_SECONDS,
    residentMib: server.residentMib().now,
  };
}

/** Seconds in which a simulated day of `count` activated devices is worked off. */
export async function daySeconds({ folder, start }: Start, count: number): Promise<number> {
  const first = await start();
  await makeGroup(first.origin, 'active', 1);
  await addDevices(first.origin, FLEET, 0);
  await first.stop();
  copyDevices({
    ...{ folder, group: FLEET, count },
    templateOf: () => ({ group: 'active', device: deviceName(0) }),
  });
  const server = await start();
  const beganAt = performance.now();
  await send('POST', `${server.origin}/_edgetwin/clock/advance`, { duration: 'PT24H' });
  const seconds = (performance.now() - beganAt) / 1000;
  const last = await send('GET', deviceUrl(server.origin, FLEET, deviceName(count - 1)));
  const shown = await last.text();
  if (!shown.includes('"Online"')) throw new Error(`not active: ${shown}`);
  await server.stop();
  return seconds;
}

/** The first page and the one that its link leads to, alternately. */
async function medianMs(url: string): Promise<number> {
  const first = (await (await send('GET', url)).json()) as { nextLink?: string };
  const urls = [url, first.nextLink ?? url];
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const beganAt = performance.now();
    await (await send('GET', urls[sample % 2] ?? url)).arrayBuffer();
    times.push(performance.now() - beganAt);
  }
  return times.sort((a, b) => a - b)[SAMPLES / 2] ?? 0;
}

/** Seconds until a thousand Arc addons, accepted while the clock stood, are connected. */
export async function arcSeconds(server: Server): Promise<{
  readonly addons: number;
  readonly acceptSeconds: number;
  readonly connectSeconds: number;
}> {
  const { origin } = server;
  await makeGroup(origin, 'arc', ARC_DEVICES);
  const role = (index: number, below = ''): URL =>
    deviceUrl(origin, 'arc', `${deviceName(index)}/roles/kubernetes${below}`);
  await forEach(ARC_DEVICES, async (index) => {
    await send('PUT', role(index), KUBERNETES);
  });
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT1H' });
  const beganAt = performance.now();
  await forEach(ARC_DEVICES, async (index) => {
    await send('PUT', role(index, '/addons/arc'), arcAddon('arc', String(index)));
  });
  const acceptedAt = performance.now();
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT10M' });
  const connectedAt = performance.now();
  const shown = await (await send('GET', role(ARC_DEVICES - 1, '/addons/arc'))).text();
  if (!shown.includes('"provisioningState":"Created"')) throw new Error(`not connected: ${shown}`);
  return {
    addons: ARC_DEVICES,
    acceptSeconds: (acceptedAt - beganAt) / 1000,
    connectSeconds: (connectedAt - acceptedAt) / 1000,
  };
}

const KUBERNETES = {
  kind: 'Kubernetes',
  properties: {
    hostPlatform: 'Linux',
    roleStatus: 'Enabled',
    kubernetesClusterInfo: { version: 'v1.17.3' },
    kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile: 'DS1_v2' } },
  },
};

const arcAddon = (group: string, name: string): object => ({
  kind: 'ArcForKubernetes',
  properties: {
    subscriptionId: '4385cf00-2d3a-425a-832f-f4285b1c9dce',
    resourceGroupName: group,
    resourceName: `arc-${name}`,
    resourceLocation: 'eastus',
  },
});
