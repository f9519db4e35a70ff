/** The pump: due timers reach their handlers in order, a clock that moves works off all that is on its way. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Clock } from '#schedule/clock.ts';
import { Pump } from '#schedule/pump.ts';
import type { Job, Queue } from '#schedule/queue.ts';
import { InlineQueue } from '#schedule/queue-inline.ts';
import { between, days, hours, instant, minutes, plus } from '#shared/instant.ts';
import { Database } from '#store/database.ts';
import {
  clearTimer,
  lookAtTimers,
  readTimer,
  setTimer,
  addWaitingTimer,
  wakeWaiting,
} from '#store/timers.ts';
import { type KeptLog, keptLog } from '../support/log.ts';

const START = instant(1_700_000_000_000);
const KIND = 'bell';

/** Takes jobs for workers in other processes: here nobody handles them. */
class QueueToOthers extends InlineQueue {
  readonly #taken: Job[] = [];
  #whenTaken: (() => void) | undefined;

  override async start(): Promise<void> {
    // The workers have started already.
  }

  override async enqueue(...jobs: readonly Job[]): Promise<void> {
    this.#taken.push(...jobs);
    this.#whenTaken?.();
  }

  /** The next jobs that the pump sends, as soon as there are some. */
  async next(): Promise<readonly Job[]> {
    if (this.#taken.length === 0) {
      await new Promise<void>((resolve) => {
        this.#whenTaken = resolve;
      });
    }
    return this.#taken.splice(0);
  }
}

/** A world with nothing in it but timers. */
class Belfry {
  readonly database: Database;
  readonly log: KeptLog = keptLog();
  readonly clock: Clock;
  readonly pump: Pump;
  /** What has rung, with minutes since the start. */
  readonly rung: string[] = [];

  private constructor(database: Database, clock: Clock, queue?: Queue) {
    this.database = database;
    this.clock = clock;
    const { log } = this;
    this.pump = new Pump({ database, clock, queue: queue ?? new InlineQueue(log), log });
  }

  /** `queue`: absent, jobs are handled here. */
  static async open(t: TestContext, isFrozen = true, queue?: Queue): Promise<Belfry> {
    const database = await Database.open(':memory:');
    const clock = await Clock.open(database, { startAt: START, rate: 60_000, isFrozen });
    const belfry = new Belfry(database, clock, queue);
    t.after(async () => {
      await belfry.pump.stop();
      await database.close();
    });
    return belfry;
  }

  /** Begins, with `ring` as the handler; by default a bell rings once. */
  async start(
    ring: (target: string) => Promise<void> = async (bell) => this.ring(bell),
  ): Promise<void> {
    this.pump.on(KIND, ring);
    await this.pump.start();
  }

  /** Takes it down and clears its timer. */
  async ring(target: string): Promise<void> {
    this.rung.push(`${target} at ${between(START, this.clock.now()) / minutes(1)}`);
    await this.database.write(async (writer) => clearTimer(writer, KIND, target));
  }

  async set(target: string, minute: number): Promise<void> {
    const dueAt = plus(START, minutes(minute));
    await this.database.write(async (writer) => setTimer(writer, { kind: KIND, target, dueAt }));
  }

  /** Minutes from the start to the timer of `target`, and how often its handler has thrown. */
  async timer(target: string): Promise<{ minute: number; attempts: number } | undefined> {
    const row = await readTimer(this.database.reader, KIND, target);
    if (row === undefined) return undefined;
    return { minute: between(START, row.dueAt) / minutes(1), attempts: row.attempts };
  }
}

test('what is due rings in order of time, and of setting where they are due together', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.set('c', 0);
  await belfry.set('b', -1);
  await belfry.set('a', 0);
  await belfry.set('later', 1);
  await belfry.start();
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['b at 0', 'c at 0', 'a at 0']);
});

test('a timer that is set due while it runs rings at once', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.set('a', 0);
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['a at 0']);
});

test('more timers than a look takes all ring', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.database.write(async (writer) => {
    for (let bell = 0; bell < 600; bell++) {
      await setTimer(writer, { kind: KIND, target: `bell ${bell}`, dueAt: START });
    }
  });
  await belfry.start();
  await belfry.pump.settle();
  assert.equal(belfry.rung.length, 600);
  assert.equal(belfry.rung[599], 'bell 599 at 0');
});

test('advance rings everything on the way, at its own moment, also what is set on the way', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start(async (bell) => {
    await belfry.ring(bell);
    if (bell === 'first') await belfry.set('set by first', 15);
  });
  await belfry.set('second', 20);
  await belfry.set('first', 10);
  await belfry.set('too late', 31);
  await belfry.pump.advance(minutes(30));
  assert.deepEqual(belfry.rung, ['first at 10', 'set by first at 15', 'second at 20']);
  assert.equal(belfry.clock.now(), plus(START, minutes(30)));
});

test('advances that come at once add up; a moment that is past changes nothing', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.set('a', 5);
  await Promise.all([belfry.pump.advance(minutes(4)), belfry.pump.advance(minutes(4))]);
  assert.deepEqual(belfry.rung, ['a at 5']);
  await belfry.pump.advanceTo(START);
  assert.equal(belfry.clock.now(), plus(START, minutes(8)));
});

test('an advance that was cut short is completed by advancing to the same moment', async (t) => {
  const belfry = await Belfry.open(t);
  const target = plus(START, hours(1));
  await belfry.start(async (bell) => {
    await belfry.ring(bell);
    if (bell === 'a') void belfry.pump.stop();
  });
  await belfry.set('a', 10);
  await belfry.set('b', 20);
  await belfry.pump.advanceTo(target);
  const next = new Pump({
    database: belfry.database,
    clock: await Clock.open(belfry.database, { startAt: START, rate: 1, isFrozen: true }),
    queue: new InlineQueue(belfry.log),
    log: belfry.log,
  });
  t.after(async () => next.stop());
  next.on(KIND, async (bell) => belfry.ring(bell));
  await next.start();
  await next.advanceTo(target);
  const { nextAt } = await lookAtTimers(belfry.database.reader, START, 1);
  assert.equal(nextAt, undefined, 'all have rung');
  assert.deepEqual(
    belfry.rung.map((line) => line.split(' ')[0]),
    ['a', 'b'],
  );
});

test('a handler that throws is put off, longer each time, without holding up others', async (t) => {
  const belfry = await Belfry.open(t);
  let throws = 3;
  await belfry.start(async (bell) => {
    if (bell === 'cracked' && throws-- > 0) throw new Error('no sound');
    await belfry.ring(bell);
  });
  await belfry.set('cracked', 0);
  await belfry.set('whole', 0);
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['whole at 0']);
  assert.deepEqual(await belfry.timer('cracked'), { minute: 0.5, attempts: 1 });
  await belfry.pump.advance(minutes(1));
  assert.deepEqual(await belfry.timer('cracked'), { minute: 1.5, attempts: 2 });
  await belfry.pump.advance(hours(1));
  assert.deepEqual(belfry.rung, ['whole at 0', 'cracked at 3.5']);
  assert.deepEqual(belfry.log.errors, Array(3).fill('a timer handler failed'));
});

test('a handler that never succeeds is asked at least twice an hour, for ever', async (t) => {
  const belfry = await Belfry.open(t);
  let asked = 0;
  await belfry.start(async () => {
    asked++;
    throw new Error('no sound');
  });
  await belfry.set('cracked', 0);
  await belfry.pump.advance(days(1));
  assert.ok(asked > 48 && asked < 60, `asked ${asked} times`);
});

test('a handler that moves its timer before it throws is not put off', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start(async (bell) => {
    await belfry.set(bell, 10);
    throw new Error('too late');
  });
  await belfry.set('a', 0);
  await belfry.pump.settle();
  assert.deepEqual(await belfry.timer('a'), { minute: 10, attempts: 0 });
});

test('a frozen clock holds timers back until it moves', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.set('a', 1);
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, []);
  await belfry.clock.set({ now: plus(START, minutes(1)) });
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['a at 1']);
});

test('a running clock rings by itself', async (t) => {
  const belfry = await Belfry.open(t, false);
  const rung = Promise.withResolvers<string>();
  await belfry.start(async (bell) => {
    await belfry.ring(bell);
    rung.resolve(bell);
  });
  await belfry.set('a', 1);
  assert.equal(await rung.promise, 'a');
  assert.ok(belfry.clock.now() >= plus(START, minutes(1)), 'not before its time');
});

test('nothing is handled while something runs exclusively; it comes afterwards', async (t) => {
  const belfry = await Belfry.open(t);
  const begun = Promise.withResolvers<undefined>();
  const mayEnd = Promise.withResolvers<undefined>();
  await belfry.start(async (bell) => {
    begun.resolve(undefined);
    await mayEnd.promise;
    await belfry.ring(bell);
  });
  await belfry.set('under way', 0);
  await begun.promise;
  const alone = belfry.pump.exclusively(async () => {
    assert.deepEqual(belfry.rung, ['under way at 0'], 'what was under way has ended');
    await belfry.set('meanwhile', 0);
    assert.deepEqual(belfry.rung, ['under way at 0']);
  });
  mayEnd.resolve(undefined);
  await alone;
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['under way at 0', 'meanwhile at 0']);
});

test('two that run exclusively, and an advance, wait for one another', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.set('a', 1);
  const order: string[] = [];
  const alone = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins at ${between(START, belfry.clock.now()) / minutes(1)}`);
    await belfry.set(name, 60);
    order.push(`${name} ends`);
  };
  await Promise.all([
    belfry.pump.exclusively(alone('x')),
    belfry.pump.advance(minutes(2)),
    belfry.pump.exclusively(alone('y')),
  ]);
  assert.deepEqual(order, ['x begins at 0', 'x ends', 'y begins at 2', 'y ends']);
});

test('work that fails exclusively lets the pump go on', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await assert.rejects(
    belfry.pump.exclusively(async () => {
      throw new Error('no reset');
    }),
  );
  await belfry.set('a', 0);
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['a at 0']);
});

test('says whether it works', async (t) => {
  const belfry = await Belfry.open(t);
  assert.equal(belfry.pump.problem(), 'the pump is stopped');
  await belfry.start();
  assert.equal(belfry.pump.problem(), undefined);
  await belfry.pump.stop();
  assert.equal(belfry.pump.problem(), 'the pump is stopped');
});

test('commits that set no earlier timer make no look, and many that do make one', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.pump.settle();
  await belfry.set('a', 10);
  const before = belfry.pump.looks;
  for (let minute = 11; minute < 40; minute++) await belfry.set(`later ${minute}`, minute);
  for (let minute = 11; minute < 40; minute++) {
    await belfry.database.write(async (writer) => clearTimer(writer, KIND, `later ${minute}`));
  }
  assert.equal(belfry.pump.looks, before);
  await Promise.all(['x', 'y', 'z'].map(async (bell) => belfry.set(bell, 0)));
  await belfry.pump.settle();
  assert.deepEqual(belfry.rung, ['x at 0', 'y at 0', 'z at 0']);
  assert.ok(belfry.pump.looks - before <= 2, `${belfry.pump.looks - before} looks`);
});

test('a timer of an unknown kind is set aside once, and rings where its kind is known', async (t) => {
  const belfry = await Belfry.open(t);
  const gong = { kind: 'gong', dueAt: START };
  await belfry.database.write(async (writer) => {
    for (let count = 0; count < 300; count++) {
      await setTimer(writer, { ...gong, target: `gong ${count}` });
    }
  });
  await belfry.set('a', 0);
  await belfry.start();
  await belfry.pump.advance(hours(1));
  assert.deepEqual(belfry.rung, ['a at 0'], 'they do not keep others waiting');
  assert.deepEqual(belfry.log.errors, Array(300).fill('a timer of an unknown kind is set aside'));
  await belfry.pump.stop();

  const newer = new Pump({
    database: belfry.database,
    clock: belfry.clock,
    queue: new InlineQueue(belfry.log),
    log: belfry.log,
  });
  t.after(async () => newer.stop());
  let rung = 0;
  newer.on('gong', async (target) => {
    rung++;
    await belfry.database.write(async (writer) => clearTimer(writer, 'gong', target));
  });
  await newer.start();
  await newer.settle();
  assert.equal(rung, 300);
});

test('a timer that waits is not due, however far the clock goes, until it is woken', async (t) => {
  const belfry = await Belfry.open(t);
  await belfry.start();
  await belfry.database.write(async (writer) => {
    await addWaitingTimer(writer, { kind: KIND, target: 'patient' }, ['the end']);
  });
  await belfry.pump.advance(days(36_525));
  assert.deepEqual(belfry.rung, []);
  await belfry.database.write(async (writer) => {
    await wakeWaiting(writer, ['the end'], belfry.clock.now());
  });
  await belfry.pump.settle();
  assert.equal(belfry.rung.length, 1);
});

test('two jobs of one timer wait for one another; others go on meanwhile', async (t) => {
  const belfry = await Belfry.open(t);
  const mayEnd = Promise.withResolvers<undefined>();
  const other = Promise.withResolvers<undefined>();
  const events: string[] = [];
  await belfry.start(async (bell) => {
    events.push(`${bell} begins`);
    if (bell === 'other') {
      await belfry.ring(bell);
      other.resolve(undefined);
      return;
    }
    if (events.length === 1) {
      // The timer is moved, and due again, while this handler still runs.
      await belfry.set(bell, 0);
      await belfry.set('other', 0);
      await mayEnd.promise;
    } else {
      await belfry.ring(bell);
    }
    events.push(`${bell} ends`);
  });
  await belfry.set('a', 0);
  await other.promise;
  assert.deepEqual(events, ['a begins', 'other begins']);
  mayEnd.resolve(undefined);
  await belfry.pump.settle();
  assert.deepEqual(events, ['a begins', 'other begins', 'a ends', 'a begins', 'a ends']);
});

test('what other processes have handled is forgotten, also while there is always more than a look takes', async (t) => {
  const queue = new QueueToOthers(keptLog());
  const belfry = await Belfry.open(t, true, queue);
  await belfry.start();
  let set = 0;
  const setMany = async (): Promise<void> => {
    await belfry.database.write(async (writer) => {
      for (const end = set + 300; set < end; set++) {
        await setTimer(writer, { kind: KIND, target: `bell ${set}`, dueAt: START });
      }
    });
  };
  await setMany();
  let handled = 0;
  while (handled < 2000) {
    const jobs = await queue.next();
    handled += jobs.length;
    // There is more than a batch before these are done, so that each look shows a whole one.
    await setMany();
    await belfry.database.write(async (writer) => {
      for (const { target } of jobs) await clearTimer(writer, KIND, target);
    });
    belfry.pump.wake();
  }
  assert.ok(belfry.pump.underWay <= 600, `${belfry.pump.underWay} jobs seem to be under way`);
});
