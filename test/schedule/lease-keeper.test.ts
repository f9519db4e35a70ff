/** Leases: one process at a time does what is done for all, and another one goes on where it dies or is paused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { LeaseKeeper } from '#schedule/lease-keeper.ts';
import { isDeadNeighbour, processName } from '#schedule/process-name.ts';
import { Database } from '#store/database.ts';
import { readLease, renewLease, takeLease } from '#store/leases.ts';
import { instant } from '#shared/instant.ts';
import { lookAtTimersUnder, setTimer } from '#store/timers.ts';
import { sharedPlace, testOnEachStore } from '../support/database.ts';
import { keptLog } from '../support/log.ts';
import { temporaryFolder } from '../support/process.ts';

const keeperOf = (database: Database, isCandidate = true): LeaseKeeper =>
  new LeaseKeeper({ database, name: 'pump', isCandidate, log: keptLog() });

testOnEachStore(
  'the first candidate has the lease, and the next one when it is given back',
  async (t, newPlace) => {
    const place = await sharedPlace(t, newPlace);
    const one = await Database.open(place);
    const other = await Database.open(place);
    t.after(async () => Promise.all([one.close(), other.close()]));
    const first = keeperOf(one);
    const second = keeperOf(other);
    const watcher = keeperOf(other, false);
    await first.start();
    await second.start();
    await watcher.start();
    assert.equal(first.fence, 1);
    assert.equal(second.fence, undefined);
    assert.equal(watcher.fence, undefined);
    assert.ok(second.isHeldBySomebody && watcher.isHeldBySomebody);
    const gained = new Promise<void>((resolve) => {
      second.onGain(resolve);
    });
    await first.stop();
    await gained;
    assert.equal(second.fence, 2);
    assert.equal(first.fence, undefined);
    await Promise.all([second.stop(), watcher.stop()]);
  },
);

testOnEachStore(
  'whoever has lost a lease neither renews it nor sees a timer under it',
  async (t, newPlace) => {
    const database = await Database.open(await sharedPlace(t, newPlace));
    t.after(async () => database.close());
    const timer = { kind: 'bell', target: 'a', dueAt: instant(1) };
    const old = await database.write(async (writer) => {
      await setTimer(writer, timer);
      return await takeLease(writer, 'one', { name: 'pump', seen: undefined });
    });
    assert.ok(old !== undefined);
    const look = async (fence: number) =>
      (
        await lookAtTimersUnder(
          database.reader,
          { name: 'pump', fence },
          { now: instant(2), limit: 9 },
        )
      ).due.length;
    assert.equal(await look(old.fence), 1);
    const taken = await database.write(async (writer) =>
      takeLease(writer, 'two', { name: 'pump', seen: old }),
    );
    assert.ok(taken !== undefined);
    assert.equal(await look(old.fence), 0);
    assert.equal(await look(taken.fence), 1);
    assert.equal(await database.write(async (writer) => renewLease(writer, old)), undefined);
    assert.equal(
      await database.write(async (writer) =>
        takeLease(writer, 'three', { name: 'pump', seen: old }),
      ),
      undefined,
      'who saw the lease before it passed on does not get it',
    );
    assert.deepEqual(await readLease(database.reader, 'pump'), taken);
  },
);

test('a database that no other process can use needs no lease', async (t) => {
  const database = await Database.open(':memory:');
  t.after(async () => database.close());
  const keeper = keeperOf(database);
  assert.equal(keeper.fence, undefined);
  await keeper.start();
  assert.equal(keeper.fence, 'unshared');
  assert.equal(await readLease(database.reader, 'pump'), undefined);
  await keeper.stop();
});

test('a lease of a process of this machine that is dead is free at once', async (t) => {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'exit');
  const name = processName().replace(` ${process.pid} `, ` ${child.pid} `);
  assert.ok(isDeadNeighbour(name));
  assert.ok(!isDeadNeighbour(processName()), 'this process lives');
  assert.ok(!isDeadNeighbour(`another-host ${child.pid} x`), 'nobody knows of another host');
  const database = await Database.open(await temporaryFolder(t));
  t.after(async () => database.close());
  await database.write(async (writer) =>
    takeLease(writer, name, { name: 'pump', seen: undefined }),
  );
  const keeper = keeperOf(database);
  await keeper.start();
  assert.equal(keeper.fence, 2);
  await keeper.stop();
});
