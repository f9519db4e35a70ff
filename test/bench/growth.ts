/** How cost grows with the number of devices: pages of lists, and Arc addons that connect all at once. */
import { performance } from 'node:perf_hooks';
import type { Server } from './processes.ts';
import { addDevices, deviceName, deviceUrl, forEach, groupUrl, makeGroup, send } from './world.ts';

const PAGE = 100;
const SAMPLES = 60;
const ARC_DEVICES = 1000;

/** Milliseconds of one page, the median, of a list in which so many devices are. */
export interface PageCost {
  readonly devices: number;
  readonly listMs: number;
  readonly genericMs: number;
}

/** Measures a page of a group's devices, and of a group's resources, from the middle of the list on. */
export async function pageCost(server: Server, group: string, devices: number): Promise<PageCost> {
  const { origin } = server;
  await addDevices(origin, group, devices);
  const top = `%24top=${PAGE}`;
  const list = `${groupUrl(origin, group)}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices?api-version=2023-12-01&${top}`;
  const generic = `${groupUrl(origin, group)}/resources?api-version=2021-04-01&${top}`;
  return { devices, listMs: await medianMs(list), genericMs: await medianMs(generic) };
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
    await send('PUT', role(index, '/addons/arc'), arcAddon(index));
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

const arcAddon = (index: number): object => ({
  kind: 'ArcForKubernetes',
  properties: {
    subscriptionId: '4385cf00-2d3a-425a-832f-f4285b1c9dce',
    resourceGroupName: 'arc',
    resourceName: `arc-${index}`,
    resourceLocation: 'eastus',
  },
});
