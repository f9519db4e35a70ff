/**
 * Twenty thousand requests from the service's own documents, most of them broken in some way. Nothing makes a 5xx, every
 * refusal is an envelope and changes nothing, and no answer and no line of the log, at its most talkative, holds a secret.
 * A red run names its seed and the request.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { minutes } from '#shared/instant.ts';
import type { Service } from '#src/app.ts';
import { arcAddon, DEVICE, GROUP, KUBERNETES_ROLE } from '../support/arm-client.ts';
import {
  activeDeviceForClouds,
  CLOUD_SHARE,
  CREDENTIAL,
  LOCAL_SHARE,
  PASSWORD,
  SCHEDULE,
} from '../support/bodies.ts';
import { type Draws, drawsOf } from '../support/draws.ts';
import {
  type ApiDocument,
  bodyOf,
  type KnownOperation,
  operationsIn,
  pathOf,
  SECRET_SIGN,
} from '../support/generated-requests.ts';
import { type ListeningService, startListening } from '../support/listening.ts';
import {
  anyMethod,
  broken,
  mutated,
  mutatedPath,
  oddHeaders,
  oddQuery,
} from '../support/mutations.ts';
import { callRaw, type RawAnswer, type RawCall } from '../support/raw-http.ts';

const SEED = process.env.FUZZ_SEED ?? 'bad-input-2';
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);
/** A request may take the world away or lock it, so it is made anew each time that so many were sent. */
const REQUESTS_A_WORLD = 400;
/** Once in so many requests, what was begun may end. */
const REQUESTS_A_MINUTE = 20;

/** What no answer and no log line may hold. */
const SECRETS = [SECRET_SIGN, PASSWORD, CREDENTIAL.properties.accountKey.value, 'Plain-Key-of'];

const DOCUMENTS = join(import.meta.dirname, '../../openapi');

/** All operations: of the provider in each of its versions, and of the doors around it. */
async function operations(arm: ListeningService): Promise<(readonly KnownOperation[])[]> {
  const versions = readdirSync(DOCUMENTS).map((name) => name.replace('.json', ''));
  const provided = versions.flatMap((version) => {
    const text = readFileSync(join(DOCUMENTS, `${version}.json`), 'utf8');
    return operationsIn(JSON.parse(text) as ApiDocument, version);
  });
  const all = (await (await fetch(`${arm.origin}/openapi.json`)).json()) as ApiDocument;
  const others = operationsIn(all, '2021-04-01').filter(
    ({ template }) => !template.includes('Microsoft.DataBoxEdge/'),
  );
  // Three in four are the provider's, though the others have more routes.
  return [provided, provided, provided, others];
}

interface Sources {
  readonly operations: readonly (readonly KnownOperation[])[];
  /** Ids of operations that answers told of. */
  readonly known: readonly string[];
}

function requestOf({ operations: groups, known }: Sources, draws: Draws): RawCall {
  const operation = draws.of(draws.of(groups));
  const method = draws.oneIn(16) ? anyMethod(draws) : operation.method;
  const good = pathOf(operation.template, { method, known, draws });
  const path = draws.oneIn(10) ? mutatedPath(good, draws) : good;
  const asked = path.includes('Kubernetes/') ? '2021-10-01' : operation.version;
  const query = draws.oneIn(12) ? oddQuery(draws) : `api-version=${asked}`;
  const meant = bodyOf(operation, draws);
  const body = draws.oneIn(3) ? mutated(meant ?? {}, draws) : meant;
  const isBodied = meant !== undefined || draws.oneIn(20);
  return {
    method,
    path: `${path}?${query}`,
    ...(isBodied ? { body: broken(JSON.stringify(body ?? {}), draws) } : {}),
    ...(draws.oneIn(12) ? { headers: oddHeaders(draws) } : {}),
  };
}

/** Counts the rows that this process has written, undone ones included. */
async function rowsWritten({ database }: Service): Promise<number> {
  const { rows } = await sql<{ count: number }>`select total_changes() as count`.execute(
    database.reader,
  );
  return rows[0]?.count ?? 0;
}

/** Every table as text, by name. */
type World = ReadonlyMap<string, string>;

/** Everything that a refused request may not touch; a subscription comes into being when it is first named. */
async function worldOf({ database }: Service): Promise<World> {
  const world = new Map<string, string>();
  for (const { name } of await database.reader.introspection.getTables()) {
    if (name === 'subscriptions') continue;
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.reader);
    world.set(name, rows.map((row) => JSON.stringify(row)).join('\n'));
  }
  return world;
}

/** The rows in which two worlds differ. */
function differences(before: World, after: World): string[] {
  return [...after].flatMap(([name, text]) => {
    const [old, rows] = [before.get(name) ?? '', text].map((one) => new Set(one.split('\n')));
    const changed = [...(rows ?? [])].filter((row) => !old?.has(row));
    const gone = [...(old ?? [])].filter((row) => !rows?.has(row));
    return [
      ...changed.map((row) => `${name}: ${row}`),
      ...gone.map((row) => `${name} lost ${row}`),
    ];
  });
}

async function makeWorld(arm: ListeningService): Promise<void> {
  await arm.post('/_edgetwin/reset');
  await activeDeviceForClouds(arm);
  await arm.device({}, `${DEVICE}2`);
  await arm.put(`${GROUP}2?api-version=2021-04-01`, { location: 'eastus' }, 201);
  await arm.done('put', `${DEVICE}/shares/cloud1`, CLOUD_SHARE, minutes(1));
  await arm.done('put', `${DEVICE}/shares/local1`, LOCAL_SHARE, minutes(1));
  await arm.done('put', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE, minutes(1));
  await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
  await arm.done('put', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1'));
}

/** What is wrong with an answer, or undefined. */
function faultOf(call: RawCall, { status, text, headers }: RawAnswer): string | undefined {
  if (status >= 500) return 'the service failed';
  const answer = text + JSON.stringify(headers);
  if (SECRETS.some((secret) => answer.includes(secret))) return 'a secret came back';
  if (status < 400 || call.method === 'HEAD') return undefined;
  if (headers['retry-after'] !== undefined) return 'a refusal says when to ask again';
  return isEnvelope(text) ? undefined : 'a refusal is no envelope';
}

function isEnvelope(text: string): boolean {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return true; // a token endpoint's own [oidc]
    const { code, message } = error as { code?: string; message?: string };
    return code !== undefined && code !== '' && message !== undefined && message !== '';
  } catch {
    return false;
  }
}

const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=\?|$)/;

test(`${REQUESTS} requests from the documents (seed ${SEED})`, async (t) => {
  const lines: string[] = [];
  const log = { write: (line: string) => lines.push(line) };
  const arm = await startListening(t, { EDGETWIN_LOG_LEVEL: 'trace' }, log);
  const groups = await operations(arm);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
  });
  const seen = new Map<number, number>();
  let known: string[] = [];
  let world: World = new Map();
  let written = 0;
  for (let number = 0; number < REQUESTS; number++) {
    const draws = drawsOf(SEED, number);
    const isNewWorld = number % REQUESTS_A_WORLD === 0;
    if (isNewWorld) {
      await makeWorld(arm);
      known = [];
    } else if (number % REQUESTS_A_MINUTE === 0) {
      await arm.advance(minutes(1));
    }
    const call = requestOf({ operations: groups, known }, draws);
    if (isNewWorld || number % REQUESTS_A_MINUTE === 0) {
      world = await worldOf(arm.service);
      written = await rowsWritten(arm.service);
    }
    const answer = await callRaw(arm.origin, call, agent);
    // A drawn request may let the clock run: what falls due then is no work of the requests that follow.
    if (!arm.service.clock.isFrozen) {
      await arm.call('put', '/_edgetwin/clock', { frozen: true });
    }
    await arm.service.pump.settle();
    const { status, headers, text } = answer;
    seen.set(status, (seen.get(status) ?? 0) + 1);
    const said = `#${number} ${call.method} ${call.path.slice(0, 300)} ${JSON.stringify(call.headers ?? {})} ${call.body?.slice(0, 1000) ?? ''}\n→ ${status} ${text.slice(0, 500)}`;
    assert.equal(faultOf(call, answer), undefined, said);
    const leak = lines.find((line) => SECRETS.some((secret) => line.includes(secret)));
    assert.equal(leak, undefined, said);
    lines.length = 0;
    const [id] =
      ID.exec(headers['azure-asyncoperation']?.toString() ?? headers.location ?? '') ?? [];
    if (id !== undefined) known = [...known.slice(-9), id];
    const now = await rowsWritten(arm.service);
    if (now === written) continue;
    written = now;
    const after = await worldOf(arm.service);
    if (status >= 400) assert.deepEqual(differences(world, after), [], said);
    world = after;
  }
  const story = JSON.stringify(Object.fromEntries(seen));
  for (const status of [200, 202, 204, 400, 404, 405, 409, 412, 415]) {
    assert.ok((seen.get(status) ?? 0) > 0, `${status} never came: ${story}`);
  }
  t.diagnostic(story);
});
