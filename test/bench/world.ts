/** The world of the bench, made over HTTP before anything is measured: groups of activated devices. */

const SUBSCRIPTION = '4385cf00-2d3a-425a-832f-f4285b1c9dce';
const VERSION = 'api-version=2023-12-01';
const AT_ONCE = 16;

export const groupUrl = (origin: string, group: string): string =>
  `${origin}/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}`;

export const listUrl = (origin: string, group: string): URL =>
  new URL(
    `${groupUrl(origin, group)}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices?${VERSION}`,
  );

/** A device, or something below it. */
export const deviceUrl = (origin: string, group: string, below: string): URL =>
  new URL(
    `${groupUrl(origin, group)}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${below}?${VERSION}`,
  );

/** A share that belongs to nothing else: local, for one NFS client. */
export const SHARE = {
  properties: {
    shareStatus: 'OK',
    monitoringStatus: 'Enabled',
    accessProtocol: 'NFS',
    clientAccessRights: [{ client: '10.0.0.1', accessPermission: 'ReadWrite' }],
    dataPolicy: 'Local',
  },
} as const;

/** Sends a body and gives the answer; any refusal ends the bench. */
export async function send(method: string, url: URL | string, body?: object): Promise<Response> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.status >= 400) {
    throw new Error(`${method} ${String(url)}: ${response.status} ${await response.text()}`);
  }
  return response;
}

export const deviceName = (index: number): string => `edge${index}`;

/** Makes `group` with that many devices that nobody has activated, `edge0` and on. */
export async function addDevices(origin: string, group: string, count: number): Promise<void> {
  await send('PUT', `${groupUrl(origin, group)}?api-version=2021-04-01`, { location: 'eastus' });
  await forEach(count, async (index) => {
    const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
    await send('PUT', deviceUrl(origin, group, deviceName(index)), body);
  });
}

/** Makes `group` with that many activated devices. */
export async function makeGroup(origin: string, group: string, count: number): Promise<void> {
  await addDevices(origin, group, count);
  const device = (index: number, below = ''): URL =>
    deviceUrl(origin, group, deviceName(index) + below);
  const made = await send('POST', device(0, '/generateCertificate'));
  const { publicKey: certificate } = (await made.json()) as { publicKey: string };
  await forEach(count, async (index) => {
    await send('POST', device(index, '/uploadCertificate'), { properties: { certificate } });
  });
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT10M' });
}

/** Some at a time, in order. */
export async function forEach(
  count: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
