/**
 * Requests that once were good, broken in a thousand ways. Nothing makes a 5xx, every refusal is an envelope and changes
 * nothing, and no answer holds a password. A red run names its seed and the request.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { wholeNumber } from '#shared/random.ts';
import type { Service } from '#src/app.ts';
import {
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  SUBSCRIPTION,
  VERSION,
} from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  CLOUD_SHARE,
  CREDENTIAL,
  LOCAL_SHARE,
  OFFER_REQUEST,
  ORDER,
  PASSWORD,
  SCHEDULE,
  USER,
} from '../support/bodies.ts';
import { type ListeningService, startListening } from '../support/listening.ts';
import { callRaw, type RawCall } from '../support/raw-http.ts';

const SEED = 'bad-input-1';
const REQUESTS = 2000;

type Good = readonly [method: string, path: string, body?: Json];

/** What no answer may hold. */
const SECRETS = [PASSWORD, CREDENTIAL.properties.accountKey.value];

const FRESH = `${DEVICE}2`;
/** What the mutations begin with: every route and kind of body, over a world in which they are good. */
const GOOD: readonly Good[] = [
  ['PUT', DEVICE, { location: 'eastus', sku: { name: 'EdgeP_Base' }, tags: { a: '1' } }],
  ['PUT', FRESH, { location: 'eastus', identity: { type: 'SystemAssigned' }, etag: 'x' }],
  ['PATCH', DEVICE, { tags: { b: '2' }, identity: { type: 'None' } }],
  ['GET', DEVICE],
  ['GET', `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`],
  ['GET', `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`],
  ['PUT', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE],
  ['PUT', `${DEVICE}/shares/local1`, LOCAL_SHARE],
  ['PUT', `${DEVICE}/shares/cloud1`, CLOUD_SHARE],
  ['POST', `${DEVICE}/shares/cloud1/refresh`],
  ['PUT', `${DEVICE}/users/anna`, USER],
  ['PUT', `${DEVICE}/storageAccountCredentials/sac1`, CREDENTIAL],
  ['GET', `${DEVICE}/users/anna`],
  ['GET', `${DEVICE}/users`],
  ['PUT', `${FRESH}/orders/default`, ORDER],
  ['GET', `${FRESH}/orders/default`],
  ['PUT', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE],
  ['PUT', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1')],
  ['GET', `${DEVICE}/roles/k8s/addons/arc`],
  ['DELETE', `${DEVICE}/shares/nobody`],
  ['DELETE', `${DEVICE}/bandwidthSchedules/s1`],
  ['POST', `${DEVICE}/uploadCertificate`, { properties: { certificate: 'AAAA' } }],
  ['POST', `${DEVICE}/getExtendedInformation`],
  ['POST', `${DEVICE}/scanForUpdates`],
  ['GET', `${DEVICE}/updateSummary/default`],
  ['GET', `${DEVICE}/jobs/${SUBSCRIPTION}`],
  ['GET', `${DEVICE}/operationsStatus/${SUBSCRIPTION}`],
  ['GET', `${DEVICE}/shares/local1/operationResults/${SUBSCRIPTION}`],
  ['GET', `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1`],
  ['PUT', `${GROUP}2`, { location: 'eastus', tags: { a: '1' }, managedBy: 'x' }],
  ['PATCH', GROUP, { tags: { a: '1' } }],
  ['GET', `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge`],
  ['POST', '/_edgetwin/supportRequests', OFFER_REQUEST],
  ['POST', '/_edgetwin/orders/return', { resource: DEVICE }],
  ['POST', '/_edgetwin/appliances/activate', { activationKey: 'AAAA#0123456789abcdef' }],
  ['PUT', '/_edgetwin/clock', { rate: 60 }],
  ['GET', `/_edgetwin/journal?resource=${DEVICE}`],
  ['GET', `/_edgetwin/billing/usage?subscription=${SUBSCRIPTION}`],
];

const ODD_VALUES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e300,
  0.5,
  '',
  ' ',
  '\u0000',
  '../..',
  'x'.repeat(5000),
  '😀',
  'constructor',
  '__proto__',
  [],
  [[]],
  [null],
  {},
  { '': 1 },
  { toString: 1 },
  { length: 3 },
];
const ODD_NAMES = [
  '',
  '.',
  '..',
  '%2F',
  '%00',
  '%zz',
  '%F0%9F%98%80',
  'constructor',
  '__proto__',
  'default',
  'operationResults',
  'x'.repeat(261),
  '*',
  "'",
  '"',
  '$batch',
  'a%20b',
  '%25',
];
const ODD_QUERIES = [
  '',
  'api-version=',
  'api-version=2000-01-01',
  'api-version=constructor',
  `api-version=${VERSION}&api-version=${VERSION}`,
  `api-version=${VERSION}&$top=x`,
  `api-version=${VERSION}&$top=1&$skipToken=AAAA`,
  `api-version=${VERSION}&$filter=%27`,
  `api-version=${VERSION}&__proto__=1`,
  `api-version=${VERSION}&a[b]=1&%=1`,
  'api-version=2019-08-01',
  'api-version=2021-02-01-preview',
];
const METHODS = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'HEAD', 'OPTIONS'];
const MEDIA_TYPES = ['', 'text/plain', 'application/json;charset=utf-16', 'application/xml'];

/** Draws for one request: `of` gives a member of a list, `upTo` a number below `limit`. */
function drawsOf(request: number) {
  let drawn = 0;
  const upTo = (limit: number): number =>
    limit === 0 ? 0 : wholeNumber(0, limit - 1, SEED, request, drawn++);
  const of = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  return { upTo, of };
}
type Draws = ReturnType<typeof drawsOf>;

/** `value` with something at a random place replaced, removed, doubled or added. */
function mutated(value: Json, draws: Draws): Json {
  if (typeof value !== 'object' || value === null || draws.upTo(4) === 0) {
    return draws.of(ODD_VALUES);
  }
  if (Array.isArray(value)) {
    const at = draws.upTo(value.length);
    const item = value[at];
    if (item === undefined || draws.upTo(3) === 0) return [...value, draws.of(ODD_VALUES)];
    return value.with(at, mutated(item, draws));
  }
  const names = Object.keys(value);
  const name = draws.of(names);
  const copy: JsonObject = { ...value };
  switch (names.length === 0 ? 0 : draws.upTo(6)) {
    case 0:
      copy[draws.of(['extra', 'ID', 'toString', 'kind', 'tags'])] = draws.of(ODD_VALUES);
      return copy;
    case 1:
      delete copy[name];
      return copy;
    default:
      copy[name] = mutated(copy[name] ?? null, draws);
      return copy;
  }
}

/** The text of a body, now and then cut or with a character of it replaced. */
function broken(text: string, draws: Draws): string {
  const at = draws.upTo(text.length);
  switch (draws.upTo(12)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return (
        text.slice(0, at) +
        draws.of(['"', '{', '\\', '\u0000', 'é', ',', '1e999']) +
        text.slice(at + 1)
      );
    case 2:
      return `${text}${text}`;
    case 3:
      return text.replace('"', '"__proto__":{},"');
    default:
      return text;
  }
}

function mutatedPath(path: string, draws: Draws): string {
  const segments = path.split('/');
  const at = 1 + draws.upTo(segments.length - 1);
  switch (draws.upTo(7)) {
    case 0:
      return segments.with(at, draws.of(ODD_NAMES)).join('/');
    case 1:
      return segments.toSpliced(at, 1).join('/');
    case 2:
      return segments.toSpliced(at, 0, draws.of(ODD_NAMES)).join('/');
    case 3:
      return segments.with(at, segments[at]?.toUpperCase() ?? '').join('//');
    default:
      return path;
  }
}

function requestOf(number: number): RawCall {
  const draws = drawsOf(number);
  const [method, goodPath, goodBody] = draws.of(GOOD);
  const [path = '', query = ''] = mutatedPath(goodPath, draws).split('?');
  const isOurs = path.startsWith('/_edgetwin');
  const asked = isOurs
    ? query
    : `api-version=${path.includes('Kubernetes/') ? '2021-10-01' : VERSION}`;
  const url = `${path}?${draws.upTo(6) === 0 ? draws.of(ODD_QUERIES) : asked}`;
  const isBodied = goodBody !== undefined || draws.upTo(5) === 0;
  const body = draws.upTo(5) === 0 ? (goodBody ?? {}) : mutated(goodBody ?? {}, draws);
  return {
    method: draws.upTo(8) === 0 ? draws.of(METHODS) : method,
    path: url,
    ...(isBodied ? { body: broken(JSON.stringify(body), draws) } : {}),
    ...(draws.upTo(15) === 0 ? { headers: { 'content-type': draws.of(MEDIA_TYPES) } } : {}),
  };
}

/** Everything that a refused request may not touch. */
async function worldOf({ database }: Service): Promise<string> {
  const { reader } = database;
  const rows = [
    await reader.selectFrom('resources').selectAll().orderBy('key').execute(),
    await reader.selectFrom('operations').selectAll().orderBy('id').execute(),
    await reader.selectFrom('timers').selectAll().orderBy('id').execute(),
    await reader.selectFrom('resource_groups').selectAll().orderBy('key').execute(),
    await reader.selectFrom('appliances').selectAll().orderBy('id').execute(),
    await reader
      .selectFrom('journal')
      .select(({ fn }) => fn.countAll().as('count'))
      .execute(),
  ];
  return JSON.stringify(rows);
}

async function buildWorld(arm: ListeningService): Promise<void> {
  await activeDeviceForClouds(arm);
  await arm.device({}, FRESH);
  await arm.done('put', `${DEVICE}/shares/cloud1`, CLOUD_SHARE, minutes(1));
  await arm.done('put', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE, minutes(1));
  await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
  await arm.done('put', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1'));
}

test(`${REQUESTS} broken requests (seed ${SEED})`, async (t) => {
  const arm = await startListening(t);
  await buildWorld(arm);
  let world = await worldOf(arm.service);
  const seen = new Map<number, number>();
  for (let number = 0; number < REQUESTS; number++) {
    const call = requestOf(number);
    const { status, text, headers } = await callRaw(arm.origin, call);
    const said = `#${number} ${call.method} ${call.path.slice(0, 300)} ${call.body?.slice(0, 500) ?? ''}\n→ ${status} ${text.slice(0, 500)}`;
    seen.set(status, (seen.get(status) ?? 0) + 1);
    assert.ok(status < 500, said);
    const answer = text + JSON.stringify(headers);
    assert.ok(
      SECRETS.every((secret) => !answer.includes(secret)),
      said,
    );
    if (status >= 400 && call.method !== 'HEAD') {
      const { error } = JSON.parse(text) as { error: { code: string; message: string } };
      assert.ok(error.code !== '' && error.message !== '', said);
      assert.equal(headers['retry-after'], undefined, said);
    }
    await arm.service.pump.settle();
    const after = await worldOf(arm.service);
    if (status >= 400) assert.equal(after, world, said);
    world = after;
  }
  const story = JSON.stringify(Object.fromEntries(seen));
  for (const status of [200, 202, 204, 400, 404, 405, 409, 415]) {
    assert.ok((seen.get(status) ?? 0) > 0, `${status} never came: ${story}`);
  }
  t.diagnostic(story);
});
