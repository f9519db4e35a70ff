/** Both queues behave alike: one suite, run on the inline one always and on BullMQ where a Redis answers. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { BullMqQueue } from '#schedule/queue-bullmq.ts';
import { INLINE_CONCURRENCY, InlineQueue } from '#schedule/queue-inline.ts';
import { type Job, jobId, MAX_ATTEMPTS, type Queue } from '#schedule/queue.ts';
import { keptLog } from '../support/log.ts';
import { ownPrefix, runningRedis } from '../support/redis.ts';

const redis = await runningRedis();

const openBullMq = (test: TestContext, redisUrl: string, rate?: number): BullMqQueue =>
  new BullMqQueue({ redisUrl, prefix: ownPrefix(test, redisUrl), rate }, keptLog());

const ADAPTERS: Readonly<
  Record<string, { readonly skip?: string; readonly open: (test: TestContext) => Queue }>
> = {
  inline: { open: () => new InlineQueue(keptLog()) },
  bullmq:
    'skip' in redis
      ? { skip: redis.skip, open: () => new InlineQueue(keptLog()) }
      : {
          open: (test) => openBullMq(test, redis.url),
        },
};

const KINDS = ['operation', 'appliance'];

const job = (sequence: number, isBackground = false): Job => ({
  kind: 'operation',
  target: `t${sequence}`,
  sequence,
  isBackground,
});

const nextTurn = async (): Promise<void> => {
  await new Promise(setImmediate);
};

/** Takes jobs down, and says when those that were asked for have come. */
class Receiver {
  readonly received: Job[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  take(taken: Job): void {
    this.received.push(taken);
    for (const { count, resolve } of this.#waiting) {
      if (this.received.length >= count) resolve();
    }
  }

  async until(count: number): Promise<void> {
    if (this.received.length >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  /** Ids of what came, in the order of their sequences. */
  ids(): string[] {
    return this.received.map(jobId).sort();
  }
}

for (const [name, { skip, open }] of Object.entries(ADAPTERS)) {
  describe(`the ${name} queue`, skip === undefined ? {} : { skip }, () => {
    test('says what it is called', async (t) => {
      const queue = open(t);
      assert.equal(queue.name, name);
      await queue.close();
    });

    test('delivers what is put in, before its start and after', async (t) => {
      const queue = open(t);
      const receiver = new Receiver();
      await queue.enqueue(job(1));
      await queue.start(async (taken) => receiver.take(taken), KINDS);
      await queue.enqueue(job(2));
      await receiver.until(2);
      await queue.close();
      assert.deepEqual(receiver.ids(), ['operation-1', 'operation-2']);
      assert.deepEqual(
        receiver.received.find(({ sequence }) => sequence === 2),
        job(2),
        'a job arrives as it was put in',
      );
    });

    test('does not double a job that waits', async (t) => {
      const queue = open(t);
      const receiver = new Receiver();
      await queue.enqueue(job(1));
      await queue.enqueue(job(1));
      await queue.enqueue(job(2));
      await queue.start(async (taken) => receiver.take(taken), KINDS);
      await receiver.until(2);
      await queue.close();
      assert.deepEqual(receiver.ids(), ['operation-1', 'operation-2']);
    });

    test('brings a job again whose handler threw, and others meanwhile', async (t) => {
      const queue = open(t);
      const receiver = new Receiver();
      let throws = 1;
      await queue.enqueue(job(1));
      await queue.enqueue(job(2));
      await queue.start(async (taken) => {
        if (taken.sequence === 1 && throws-- > 0) throw new Error('not now');
        receiver.take(taken);
      }, KINDS);
      await receiver.until(2);
      await queue.close();
      assert.deepEqual(receiver.ids(), ['operation-1', 'operation-2']);
    });

    test('lets what is on finish when it is closed', async (t) => {
      const queue = open(t);
      const begun = Promise.withResolvers<undefined>();
      const mayEnd = Promise.withResolvers<undefined>();
      let isDone = false;
      await queue.start(async () => {
        begun.resolve(undefined);
        await mayEnd.promise;
        isDone = true;
      }, KINDS);
      await queue.enqueue(job(1));
      await begun.promise;
      const closed = queue.close();
      mayEnd.resolve(undefined);
      await closed;
      assert.ok(isDone);
    });

    test('can be reached until it is closed', async (t) => {
      const queue = open(t);
      await queue.start(async () => undefined, KINDS);
      assert.equal(await queue.isAlive(), true);
      await queue.close();
      assert.equal(await queue.isAlive(), false);
    });

    test('lets what nobody waits for wait for what somebody waits for', async (t) => {
      const queue = open(t);
      const receiver = new Receiver();
      const inBackground = Array.from({ length: 40 }, (_none, index) => job(index, true));
      await queue.enqueue(...inBackground);
      await queue.enqueue(job(100));
      await queue.start(async (taken) => receiver.take(taken), KINDS);
      await receiver.until(41);
      await queue.close();
      const at = receiver.received.findIndex(({ sequence }) => sequence === 100);
      assert.ok(at < 40, `the job of a person came as number ${at + 1} of 41`);
      assert.equal(receiver.ids().length, 41, 'and all others came too');
    });

    test('tells how many jobs of each kind wait, and are handled', async (t) => {
      const queue = open(t);
      const begun = Promise.withResolvers<undefined>();
      const mayEnd = Promise.withResolvers<undefined>();
      await queue.enqueue(job(1), { ...job(2), kind: 'appliance' });
      const waiting = await queue.depth();
      assert.deepEqual(
        waiting.toSorted((a, b) => a.kind.localeCompare(b.kind)),
        KINDS.toReversed().map((kind) => ({ kind, waiting: 1, active: 0, delayed: 0 })),
      );
      let handled = 0;
      await queue.start(async () => {
        if (++handled === 2) begun.resolve(undefined);
        await mayEnd.promise;
      }, KINDS);
      await begun.promise;
      for (const { active, waiting: left } of await queue.depth()) {
        assert.deepEqual([active, left], [1, 0]);
      }
      mayEnd.resolve(undefined);
      await queue.close();
    });

    test('closes without ever having begun', async (t) => {
      await open(t).close();
    });
  });
}

describe('the inline queue alone', () => {
  test('hands out jobs in the order in which they came, so many at once and no more', async () => {
    const queue = new InlineQueue(keptLog());
    const begun: number[] = [];
    const mayEnd: (() => void)[] = [];
    const receiver = new Receiver();
    await queue.start(async (taken) => {
      begun.push(taken.sequence);
      receiver.take(taken);
      await new Promise<void>((resolve) => mayEnd.push(resolve));
    });
    const sequences = Array.from({ length: INLINE_CONCURRENCY + 2 }, (_none, index) => 100 - index);
    await queue.enqueue(...sequences.map((sequence) => job(sequence)));
    await receiver.until(INLINE_CONCURRENCY);
    await nextTurn();
    assert.deepEqual(begun, sequences.slice(0, INLINE_CONCURRENCY));
    mayEnd[0]?.();
    await receiver.until(INLINE_CONCURRENCY + 1);
    await nextTurn();
    assert.deepEqual(begun, sequences.slice(0, INLINE_CONCURRENCY + 1), 'one ended, one began');
    for (const end of mayEnd) end();
    await receiver.until(INLINE_CONCURRENCY + 2);
    mayEnd.at(-1)?.();
    await queue.close();
  });

  test('lets a job whose handler threw wait behind those that came meanwhile', async () => {
    const queue = new InlineQueue(keptLog());
    const receiver = new Receiver();
    let throws = 1;
    await queue.start(async (taken) => {
      if (taken.sequence === 1 && throws-- > 0) throw new Error('not now');
      receiver.take(taken);
    });
    await queue.enqueue(job(1));
    await queue.enqueue(job(2), job(3));
    await receiver.until(3);
    await queue.close();
    assert.deepEqual(
      receiver.received.map(({ sequence }) => sequence),
      [2, 3, 1],
    );
  });

  test('drops a job whose handler always throws: the pump brings it again', async () => {
    const log = keptLog();
    const queue = new InlineQueue(log);
    const receiver = new Receiver();
    let attempts = 0;
    await queue.start(async (taken) => {
      if (taken.sequence === 1) {
        attempts++;
        throw new Error('never');
      }
      if (attempts < MAX_ATTEMPTS) await queue.enqueue(job(taken.sequence + 1));
      else receiver.take(taken);
    });
    await queue.enqueue(job(1));
    await queue.enqueue(job(2));
    await receiver.until(1);
    await queue.close();
    assert.equal(attempts, MAX_ATTEMPTS);
    assert.equal(log.errors.length, MAX_ATTEMPTS);
  });
});

describe('the BullMQ queue alone', 'skip' in redis ? redis : {}, () => {
  test('begins as many jobs a second as it may', async (t) => {
    assert.ok('url' in redis);
    const queue = openBullMq(t, redis.url, 3);
    const receiver = new Receiver();
    await queue.enqueue(...[1, 2, 3, 4].map((sequence) => job(sequence)));
    await queue.start(async (taken) => receiver.take(taken), KINDS);
    await receiver.until(3);
    const { delayed, waiting } = (await queue.depth())[0]!;
    assert.equal(receiver.received.length + waiting + delayed, 4, 'the fourth waits');
    await receiver.until(4);
    await queue.close();
  });

  test('issue 9, 24: a job of a worker that was killed is free again in less than three seconds', async (t) => {
    assert.ok('url' in redis);
    const prefix = ownPrefix(t, redis.url);
    const queue = new BullMqQueue({ redisUrl: redis.url, prefix, rate: undefined }, keptLog());
    const taken = Promise.withResolvers<undefined>();
    const free = Promise.withResolvers<undefined>();
    await queue.start(async () => {
      taken.resolve(undefined);
      await free.promise;
    }, KINDS);
    await queue.enqueue(job(1));
    await taken.promise;
    // What a worker that dies now would leave: its lock on the job, and when the others look for such jobs again.
    const client = new Redis(redis.url);
    const longest = async (end: string): Promise<number> => {
      const keys = await client.keys(`${prefix}*:${end}`);
      assert.ok(keys.length > 0, end);
      return Math.max(...(await Promise.all(keys.map(async (key) => client.pttl(key)))));
    };
    const lock = await longest('lock');
    const look = await longest('stalled-check');
    client.disconnect();
    free.resolve(undefined);
    await queue.close();
    assert.ok(lock > 0 && lock + look < 3000, `${lock} ms and ${look} ms`);
  });
});
