/**
 * Several processes on one database, written to at once: nothing that was acknowledged is lost, of two that may not both win one
 * does, no request ends in a 500, and no process shows what another one has replaced.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';

const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/writers';
const DEVICES = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
const VERSIONS = { group: '2021-04-01', device: '2023-12-01' } as const;
const DEVICE = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
/** Merges of tags in all; each of them is acknowledged, and each of them has to be there at the end. */
const MERGES = Number(process.env.MERGES ?? 400);
const AT_ONCE = 16;

const postgres = await runningPostgres();

/** The processes of one test, and requests to one or another of them. */
class Writers {
  readonly statuses = new Map<number, number>();
  readonly #processes: readonly ServiceProcess[];

  constructor(processes: readonly ServiceProcess[]) {
    this.#processes = processes;
  }

  static async start(t: TestContext, count: number, place: Settings): Promise<Writers> {
    const settings = {
      ...place,
      EDGETWIN_DATA: place.EDGETWIN_DATA ?? (await temporaryFolder(t)),
      EDGETWIN_CLOCK: 'frozen',
      EDGETWIN_LOG_LEVEL: 'error',
    };
    const processes: ServiceProcess[] = [];
    for (let index = 0; index < count; index++) {
      const running = await ServiceProcess.start(settings, ['src/main.ts']);
      t.after(async () => running.end());
      processes.push(running);
    }
    return new Writers(processes);
  }

  /** Sends it to the process of that number, counted round. */
  async send(
    process: number,
    method: string,
    path: string,
    { body, headers = {} }: { body?: JsonObject; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Headers; body: JsonObject }> {
    const { origin } = this.#processes[process % this.#processes.length]!;
    const isDevice = path.includes('/Microsoft.DataBoxEdge/') && !path.includes('/tags/');
    const version = isDevice ? VERSIONS.device : VERSIONS.group;
    const response = await fetch(`${origin}${path}?api-version=${version}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
    const text = await response.text();
    assert.ok(response.status < 500, `${method} ${path}: ${response.status} ${text}`);
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as JsonObject),
    };
  }
}

/** Runs `work` for 0 to `count` - 1, some at a time. */
async function forEach(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The tests, of so many processes at a place. */
function suite(count: number, placeOf: (t: TestContext) => Promise<Settings>): void {
  test('devices are put by all at once', async (t) => {
    const writers = await Writers.start(t, count, await placeOf(t));
    await writers.send(0, 'PUT', GROUP, { body: { location: 'eastus' } });
    await forEach(200, async (index) => {
      // Each of them by two processes.
      const put = await writers.send(index, 'PUT', `${DEVICES}/edge${index % 100}`, {
        body: DEVICE,
      });
      assert.ok([200, 409].includes(put.status), String(put.status));
    });
    const { body } = await writers.send(1, 'GET', DEVICES);
    assert.equal((body.value as JsonObject[]).length, 100);
  });

  test('no acknowledged merge of tags is lost', async (t) => {
    const writers = await Writers.start(t, count, await placeOf(t));
    await writers.send(0, 'PUT', GROUP, { body: { location: 'eastus' } });
    const device = `${DEVICES}/edge1`;
    await writers.send(0, 'PUT', device, { body: DEVICE });
    const newest = new Map<string, Set<string>>();
    const tags = '/providers/Microsoft.Resources/tags/default';
    await forEach(MERGES, async (index) => {
      const scope = index % 2 === 0 ? GROUP : device;
      const acknowledged = await writers.send(index >> 1, 'PATCH', scope + tags, {
        body: {
          operation: 'Merge',
          // A tag has at most so many names: each is written by one request, and taken away by none.
          properties: { tags: { [`tag${(index >> 1) % 12}-${index & 1}`]: String(index) } },
        },
      });
      assert.equal(acknowledged.status, 200, JSON.stringify(acknowledged.body));
      const shown = (acknowledged.body.properties as { tags: Record<string, string> }).tags;
      const name = `tag${(index >> 1) % 12}-${index & 1}`;
      assert.equal(shown[name], String(index), 'the answer shows what was merged');
      newest.set(name, (newest.get(name) ?? new Set()).add(String(index)));
    });
    for (const [number, scope] of [GROUP, device].entries()) {
      const { body } = await writers.send(number + 1, 'GET', scope + tags);
      const shown = (body.properties as { tags: Record<string, string> }).tags;
      for (const [name, values] of newest) {
        if (!name.endsWith(`-${number}`)) continue;
        assert.ok(values.has(shown[name] ?? ''), `${name} is there: ${String(shown[name])}`);
      }
    }
  });

  test('of all that name one etag, one wins', async (t) => {
    const writers = await Writers.start(t, count, await placeOf(t));
    await writers.send(0, 'PUT', GROUP, { body: { location: 'eastus' } });
    const device = `${DEVICES}/edge1`;
    await writers.send(0, 'PUT', device, { body: DEVICE });
    for (let round = 0; round < 10; round++) {
      const seen = await writers.send(round, 'GET', device);
      const { etag } = seen.body;
      assert.ok(typeof etag === 'string', 'a device has an etag');
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async (_none, index) => {
          const body = { tags: { winner: `${round}-${index}` } };
          const patched = await writers.send(index, 'PATCH', device, {
            body,
            headers: { 'if-match': etag },
          });
          return patched.status;
        }),
      );
      assert.deepEqual(
        statuses.toSorted((a, b) => a - b),
        [200, ...Array.from({ length: 7 }, () => 412)],
        `round ${round}`,
      );
    }
  });

  test('what one has written, another one shows at once', async (t) => {
    const writers = await Writers.start(t, count, await placeOf(t));
    await writers.send(0, 'PUT', GROUP, { body: { location: 'eastus' } });
    const device = `${DEVICES}/edge1`;
    await writers.send(0, 'PUT', device, { body: DEVICE });
    for (let round = 0; round < 100; round++) {
      const tags = { round: String(round) };
      await writers.send(round, 'PATCH', device, { body: { tags } });
      for (let other = 1; other < count; other++) {
        const { body } = await writers.send(round + other, 'GET', device);
        assert.deepEqual(body.tags, tags);
      }
    }
  });
}

describe('two processes on one SQLite folder', () => {
  suite(2, async (t) => ({ EDGETWIN_DATA: await temporaryFolder(t) }));
});

describe('four processes on one SQLite folder', () => {
  suite(4, async (t) => ({ EDGETWIN_DATA: await temporaryFolder(t) }));
});

describe('two processes on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  suite(2, async (t) => {
    assert.ok('url' in postgres);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
    };
  });
});

describe('four processes on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  suite(4, async (t) => {
    assert.ok('url' in postgres);
    return {
      DATABASE_URL: await ownSchema(t, postgres.url),
      EDGETWIN_DATA: await temporaryFolder(t),
    };
  });
});
