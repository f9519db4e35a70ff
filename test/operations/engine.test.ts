/** The engine: operations go from step to step, end with their resource in one transaction, and survive throws and races. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { newOperation, startOperation } from '#operations/begin.ts';
import { Engine } from '#operations/engine.ts';
import { cutOffOperations, OPERATION_TIMER } from '#operations/outcome.ts';
import type { Step, StepContext, StepResult } from '#operations/operation.ts';
import { Clock } from '#schedule/clock.ts';
import { Pump } from '#schedule/pump.ts';
import { InlineQueue } from '#schedule/queue-inline.ts';
import { between, hours, instant, minutes, plus, seconds } from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import { guid } from '#shared/random.ts';
import { Database } from '#store/database.ts';
import { readJournal } from '#store/journal.ts';
import { type OperationRow, findOperation } from '#store/operations.ts';
import { insertResource, findResource, type ResourceRow } from '#store/resources.ts';
import { readTimer } from '#store/timers.ts';
import { keptLog } from '../support/log.ts';

const START = instant(1_700_000_000_000);
const SEED = 'test';
const SUBSCRIPTION = '4385cf00-2d3a-425a-832f-f4285b1c9dce';
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/G/providers/Microsoft.X/things/Thing1`;
const KEY = ID.toLowerCase();
const OTHER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/G/providers/Microsoft.Y/others/Other1`;
const FAILURE = { kind: 'invalid', code: 'GatewayUserErrorNo', message: 'No.' } as const;

/** What a step does when it runs, by its name; the plan is these steps in their order. */
type Plan = Readonly<Record<string, (context: StepContext) => Promise<StepResult> | StepResult>>;

/** An engine over a database of its own, whose plans are the test's. */
class Workshop {
  readonly database: Database;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly pump: Pump;
  /** Step ids in the order in which they ran, with seconds since the start. */
  readonly ran: string[] = [];
  /** Keys of the resources that were forgotten. */
  readonly forgotten: string[] = [];
  readonly log = keptLog();
  plan: Plan = {};

  private constructor(database: Database, clock: Clock) {
    this.database = database;
    this.clock = clock;
    const { log } = this;
    this.engine = new Engine({
      database,
      clock,
      log,
      seed: SEED,
      plan: async () => this.#steps(),
      forget: async ({ key }) => {
        this.forgotten.push(key);
      },
    });
    this.pump = new Pump({ database, clock, queue: new InlineQueue(log), log });
    this.pump.on(OPERATION_TIMER, async (id) => this.engine.run(id));
  }

  static async open(t: TestContext, plan: Plan): Promise<Workshop> {
    const database = await Database.open(':memory:');
    const birth = { startAt: START, rate: 60, isFrozen: true };
    const workshop = new Workshop(database, await Clock.open(database, birth));
    workshop.plan = plan;
    await workshop.pump.start();
    t.after(async () => {
      await workshop.pump.stop();
      await database.close();
    });
    return workshop;
  }

  #steps(): Step[] {
    return Object.entries(this.plan).map(([name, run]) => ({
      name,
      run: async (context) => {
        this.ran.push(`${context.stepId} at ${between(START, context.now) / seconds(1)}`);
        return await run(context);
      },
    }));
  }

  /** Accepts an operation on the resource, which is made where it is missing. */
  async begin(
    verb: string,
    more: { readonly isCreation?: boolean; readonly isVisible?: boolean } = {},
  ): Promise<void> {
    const { isCreation = false, isVisible = !isCreation } = more;
    await this.database.write(async (writer) => {
      const input = { properties: { wish: verb } };
      const operation = await newOperation(writer, SEED, {
        operation: { ...OPERATION, verb, isCreation, input },
        now: this.clock.now(),
      });
      await insertResource(writer, { ...THING, isVisible, operationId: operation.id });
      await startOperation(writer, operation);
    });
  }

  async resource(key = KEY): Promise<ResourceRow | undefined> {
    return await findResource(this.database.reader, key);
  }

  async operation(): Promise<OperationRow> {
    return present(await findOperation(this.database.reader, OP), 'the operation');
  }

  async hasTimer(): Promise<boolean> {
    return (await readTimer(this.database.reader, OPERATION_TIMER, OP)) !== undefined;
  }

  /** Facts about the resource: kind and what they tell. */
  async facts(): Promise<unknown[]> {
    const entries = await readJournal(this.database.reader, { resourceKey: KEY, limit: 1000 });
    return entries.map(({ kind, data, cause }) => ({ kind, data, cause }));
  }
}

const THING: ResourceRow = {
  key: KEY,
  id: ID,
  type: 'microsoft.x/things',
  name: 'Thing1',
  parent: undefined,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: `/subscriptions/${SUBSCRIPTION}/resourcegroups/g`,
  body: { properties: { wish: 'old' } },
  origin: undefined,
  incarnation: 'life1',
  revision: 1,
  isVisible: true,
  operationId: undefined,
  createdAt: START,
  changedAt: START,
  systemData: undefined,
};

/** The operation that each of these tests begins. */
const OP = guid(SEED, 'operation', KEY, START, 0);

const OPERATION = {
  resourceKey: KEY,
  resourceId: ID,
  type: 'microsoft.x/things',
  style: 'async',
  pollPath: '',
  correlationId: 'correlation1',
} as const;

const done = (): StepResult => ({ done: true });

/** The fact of the operation's end. */
const endFact = (verb: string, failureCode?: string): unknown => ({
  kind: failureCode === undefined ? 'operation.succeeded' : 'operation.failed',
  data: {
    operation: OP,
    verb,
    type: 'microsoft.x/things',
    ...(failureCode === undefined ? {} : { code: failureCode }),
  },
  cause: `operation/${OP}`,
});

test('the steps of a plan run in order; the end of a put shows the new body', async (t) => {
  const workshop = await Workshop.open(t, { first: done, second: done });
  await workshop.begin('put', { isCreation: true });
  await workshop.pump.advance(minutes(1));
  assert.deepEqual(workshop.ran, [`${OP}/first at 0`, `${OP}/second at 0`]);
  const { status, endedAt } = await workshop.operation();
  assert.deepEqual({ status, endedAt }, { status: 'Succeeded', endedAt: START });
  const resource = await workshop.resource();
  assert.deepEqual(resource?.body, { properties: { wish: 'put' } });
  assert.deepEqual(
    [resource.isVisible, resource.operationId, resource.revision],
    [true, undefined, 2],
  );
  assert.equal(await workshop.hasTimer(), false);
  assert.deepEqual(await workshop.facts(), [endFact('put')]);
});

test('nothing is seen of a creation before its end', async (t) => {
  const workshop = await Workshop.open(t, { only: () => ({ again: hours(1) }) });
  await workshop.begin('put', { isCreation: true });
  await workshop.pump.advance(minutes(30));
  const resource = await workshop.resource();
  assert.deepEqual([resource?.isVisible, resource?.operationId], [false, OP]);
  assert.deepEqual(resource?.body, THING.body);
});

test('a step that is not done yet runs again when it said', async (t) => {
  let left = 2;
  const workshop = await Workshop.open(t, {
    wait: () => (left-- > 0 ? { again: minutes(10) } : { done: true }),
    then: done,
  });
  await workshop.begin('act');
  await workshop.pump.advance(minutes(15));
  assert.equal((await workshop.operation()).status, 'Running');
  await workshop.pump.advance(minutes(15));
  assert.deepEqual(workshop.ran, [
    `${OP}/wait at 0`,
    `${OP}/wait at 600`,
    `${OP}/wait at 1200`,
    `${OP}/then at 1200`,
  ]);
});

test('a step that wants to run again at once does not stop the clock', async (t) => {
  let left = 3;
  const workshop = await Workshop.open(t, {
    eager: () => (left-- > 0 ? { again: seconds(0) } : { done: true }),
  });
  await workshop.begin('act');
  await workshop.pump.advance(minutes(1));
  assert.equal((await workshop.operation()).status, 'Succeeded');
});

test('an action frees its resource and changes nothing of it', async (t) => {
  const workshop = await Workshop.open(t, {
    only: () => ({ done: true, output: { answer: 42 } }),
  });
  await workshop.begin('act');
  await workshop.pump.settle();
  assert.deepEqual(await workshop.resource(), THING);
  assert.deepEqual((await workshop.operation()).output, { answer: 42 });
});

test('a deletion removes the resource, what is below it and what hangs on it', async (t) => {
  const workshop = await Workshop.open(t, { only: done });
  await workshop.begin('delete');
  const child = { ...THING, key: `${KEY}/parts/a`, id: `${ID}/parts/a`, parent: KEY };
  await workshop.database.write(async (writer) => insertResource(writer, child));
  await workshop.pump.settle();
  assert.equal(await workshop.resource(), undefined);
  assert.equal(await workshop.resource(child.key), undefined);
  assert.deepEqual(workshop.forgotten, [KEY]);
  const deleted = {
    kind: 'resource.deleted',
    data: { type: THING.type },
    cause: `operation/${OP}`,
  };
  assert.deepEqual(await workshop.facts(), [deleted, endFact('delete')]);
});

test('effects come with the end of their step, and are not there before', async (t) => {
  const put = { kind: 'put', id: OTHER_ID, origin: KEY, body: { tags: {} } } as const;
  const workshop = await Workshop.open(t, {
    bring: () => ({ done: true, effects: [put] }),
    change: () => ({ done: true, effects: [{ ...put, body: { tags: { a: '1' } } }] }),
    wait: ({ now }) => (now < plus(START, minutes(5)) ? { again: minutes(5) } : { done: true }),
    remove: () => ({ done: true, effects: [{ kind: 'remove', id: OTHER_ID }] }),
  });
  await workshop.begin('put');
  await workshop.pump.advance(minutes(1));
  const other = await workshop.resource(OTHER_ID.toLowerCase());
  assert.deepEqual(other?.body, { tags: { a: '1' } });
  assert.deepEqual([other.type, other.name, other.revision], ['microsoft.y/others', 'Other1', 2]);
  assert.deepEqual([other.origin, other.isVisible], [KEY, true]);
  await workshop.pump.advance(minutes(5));
  assert.equal(await workshop.resource(OTHER_ID.toLowerCase()), undefined);
});

test('a failed step ends the operation with its effects, and a creation nobody saw is gone', async (t) => {
  const brought = { kind: 'put', id: OTHER_ID, origin: KEY, body: {} } as const;
  const workshop = await Workshop.open(t, {
    bring: () => ({ done: true, effects: [brought] }),
    fail: () => ({ failed: FAILURE, effects: [{ kind: 'remove', id: OTHER_ID }] }),
    never: done,
  });
  await workshop.begin('put', { isCreation: true });
  await workshop.pump.advance(hours(1));
  const { status, failure } = await workshop.operation();
  assert.deepEqual({ status, failure }, { status: 'Failed', failure: FAILURE });
  assert.deepEqual(workshop.ran, [`${OP}/bring at 0`, `${OP}/fail at 0`]);
  assert.equal(await workshop.resource(), undefined);
  assert.equal(await workshop.resource(OTHER_ID.toLowerCase()), undefined);
  assert.equal(await workshop.hasTimer(), false);
  assert.deepEqual(await workshop.facts(), [endFact('put', FAILURE.code)]);
});

test('a creation that was seen stays when it fails, and so does what a put would have changed', async (t) => {
  for (const isCreation of [true, false]) {
    const workshop = await Workshop.open(t, { only: () => ({ failed: FAILURE }) });
    await workshop.begin('put', { isCreation, isVisible: true });
    await workshop.pump.settle();
    assert.deepEqual(await workshop.resource(), THING, 'as it was, and free');
  }
});

test('a step that throws is tried again with growing waits, and fails the operation at the fifth', async (t) => {
  const workshop = await Workshop.open(t, {
    broken: () => {
      throw new Error('outage');
    },
  });
  await workshop.begin('act');
  await workshop.pump.advance(hours(1));
  assert.deepEqual(
    workshop.ran,
    [0, 10, 30, 70, 150].map((second) => `${OP}/broken at ${second}`),
  );
  const { status, failure } = await workshop.operation();
  assert.deepEqual([status, failure?.code], ['Failed', 'InternalServerError']);
  assert.match(failure?.message ?? '', /after 5 attempts.*correlation1/);
  assert.deepEqual(workshop.log.errors, Array(5).fill('a step threw'));
  assert.equal((await workshop.resource())?.operationId, undefined);
  assert.equal(await workshop.hasTimer(), false);
});

test('a plan that throws counts like its step', async (t) => {
  const workshop = await Workshop.open(t, {});
  Object.defineProperty(workshop, 'plan', {
    get: () => {
      throw new Error('no such type');
    },
  });
  await workshop.begin('act');
  await workshop.pump.advance(hours(1));
  assert.deepEqual((await workshop.operation()).failure?.code, 'InternalServerError');
});

test('a step that recovers goes on, and the next one has all its attempts', async (t) => {
  const throws = { first: 4, second: 4 };
  const shaky = (name: keyof typeof throws) => (): StepResult => {
    if (throws[name]-- > 0) throw new Error('outage');
    return { done: true };
  };
  const workshop = await Workshop.open(t, { first: shaky('first'), second: shaky('second') });
  await workshop.begin('act');
  await workshop.pump.advance(hours(1));
  assert.equal((await workshop.operation()).status, 'Succeeded');
  assert.equal(workshop.ran.length, 10);
});

test('two that run the same step at once write one result', async (t) => {
  const workshop = await Workshop.open(t, {
    first: done,
    second: () => ({ again: hours(1) }),
  });
  await workshop.pump.stop();
  await workshop.begin('put');
  await Promise.all([workshop.engine.run(OP), workshop.engine.run(OP)]);
  assert.equal((await workshop.operation()).step, 1, 'one step on, not two');
  assert.deepEqual(workshop.ran, [`${OP}/first at 0`, `${OP}/first at 0`]);
});

test('a run that comes late finds the operation ended and changes nothing', async (t) => {
  const workshop = await Workshop.open(t, { only: done });
  await workshop.begin('put');
  await workshop.pump.settle();
  const before = [await workshop.operation(), await workshop.resource(), await workshop.facts()];
  await workshop.engine.run(OP);
  assert.deepEqual(
    [await workshop.operation(), await workshop.resource(), await workshop.facts()],
    before,
  );
  await workshop.engine.run('nobody');
});

test('an operation that lost its resource to another leaves that one alone', async (t) => {
  const workshop = await Workshop.open(t, { only: () => ({ again: hours(1) }) });
  await workshop.begin('delete');
  await workshop.pump.settle();
  workshop.plan = { only: done };
  await workshop.database.write(async (writer) =>
    writer.updateTable('resources').set({ operation_id: 'op2' }).execute(),
  );
  await workshop.pump.advance(hours(1));
  assert.equal((await workshop.operation()).status, 'Succeeded');
  assert.equal((await workshop.resource())?.operationId, 'op2');
});

test('what runs on a resource that goes is cut off, but for who has hold of it', async (t) => {
  const workshop = await Workshop.open(t, { only: () => ({ again: hours(1) }) });
  await workshop.begin('act');
  await workshop.pump.settle();
  const now = workshop.clock.now();
  await workshop.database.write(async (writer) =>
    cutOffOperations(writer, { key: KEY, operationId: OP }, now),
  );
  assert.equal((await workshop.operation()).status, 'Running');
  const above = KEY.slice(0, KEY.lastIndexOf('/providers'));
  await workshop.database.write(async (writer) =>
    cutOffOperations(writer, { key: above, operationId: undefined }, now),
  );
  const { status, failure } = await workshop.operation();
  assert.deepEqual([status, failure?.code], ['Failed', 'GatewayUserErrorOperationCanceled']);
  assert.equal(await workshop.hasTimer(), false);
});

test('issue 9, 19: a step that took the process down twice is ended as Failed, with its cause', async (t) => {
  const workshop = await Workshop.open(t, {});
  await workshop.pump.stop();
  // As seen by the database: the step begins, and nobody is left to tell how it came out.
  const began: (() => void)[] = [];
  workshop.plan = {
    boom: async () => {
      began.shift()?.();
      return await new Promise<StepResult>(() => undefined);
    },
  };
  await workshop.begin('put', { isCreation: true });
  for (const begun of [1, 2]) {
    const begin = Promise.withResolvers<undefined>();
    began.push(() => {
      begin.resolve(undefined);
    });
    void workshop.engine.run(OP);
    await begin.promise;
    assert.equal((await workshop.operation()).begun, begun, 'counted before it begins');
  }
  await workshop.engine.run(OP);
  const { status, failure } = await workshop.operation();
  assert.equal(status, 'Failed');
  assert.match(failure?.message ?? '', /went down 2 times while it carried out a step/);
  assert.equal(workshop.ran.length, 2, 'it is not tried a third time');
});

test('a step that waits, or throws, or ends is not taken for one that took the process down', async (t) => {
  let runs = 0;
  const workshop = await Workshop.open(t, {
    waits: () => (++runs < 10 ? { again: seconds(10) } : { done: true }),
    throws: () => {
      if (++runs < 13) throw new Error('not yet');
      return { done: true };
    },
  });
  await workshop.begin('put', { isCreation: true });
  await workshop.pump.advance(hours(1));
  assert.deepEqual([(await workshop.operation()).status, runs], ['Succeeded', 13]);
});
