/** The journal: facts in the order in which they were told, by subscription and by resource, never rewritten. */
import assert from 'node:assert/strict';
import { fact } from '#shared/facts.ts';
import { instant, plus, seconds } from '#shared/instant.ts';
import {
  appendFacts,
  eachFactOfKinds,
  type JournalPage,
  type JournalSubject,
  readJournal,
} from '#store/journal.ts';
import { databaseOf, testOnEachStore } from '../support/database.ts';

const NOW = instant(1_700_000_000_000);
const EARLIER = instant(1_600_000_000_000);

const subject = (key: string, subscriptionId = 'AB-1'): JournalSubject => ({
  subscriptionId,
  resourceKey: key,
  resourceId: key.toUpperCase(),
  cause: 'clock',
});

testOnEachStore(
  'facts come back in the order they were told, whatever their moments',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => {
      await appendFacts(writer, subject('/a'), [
        fact(NOW, 'one', { n: 1 }),
        fact(EARLIER, 'two', {}),
      ]);
      await appendFacts(writer, subject('/b'), [fact(NOW, 'three', { deep: { n: [1] } })]);
      await appendFacts(writer, subject('/a'), []);
    });
    const entries = await readJournal(database.reader, { limit: 100 });
    assert.deepEqual(
      entries.map(({ sequence, at, kind, data }) => ({ sequence, at, kind, data })),
      [
        { sequence: 1, at: NOW, kind: 'one', data: { n: 1 } },
        { sequence: 2, at: EARLIER, kind: 'two', data: {} },
        { sequence: 3, at: NOW, kind: 'three', data: { deep: { n: [1] } } },
      ],
    );
    assert.deepEqual([entries[0]?.resourceId, entries[0]?.cause], ['/A', 'clock']);
  },
);

testOnEachStore(
  'one reads what is about a subscription, without case, or about a resource',
  async (t, newPlace) => {
    const database = await databaseOf(t, await newPlace());
    await database.write(async (writer) => {
      await appendFacts(writer, subject('/a'), [fact(NOW, 'mine', {})]);
      await appendFacts(writer, subject('/b', 'CD-2'), [fact(NOW, 'theirs', {})]);
      await appendFacts(writer, subject('/a/shares/x'), [fact(NOW, 'below', {})]);
    });
    const kinds = async (of: object): Promise<string[]> =>
      (await readJournal(database.reader, { ...of, limit: 100 })).map(({ kind }) => kind);
    assert.deepEqual(await kinds({ subscriptionId: 'ab-1' }), ['mine', 'below']);
    assert.deepEqual(await kinds({ subscriptionId: 'Cd-2' }), ['theirs']);
    assert.deepEqual(await kinds({ resourceKey: '/a' }), ['mine']);
  },
);

testOnEachStore('one reads a page of what meets all conditions', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await database.write(async (writer) => {
    await appendFacts(
      writer,
      subject('/a'),
      ['one', 'two', 'one', 'three', 'one'].map((kind, n) => fact(plus(NOW, seconds(n)), kind, {})),
    );
    await appendFacts(writer, subject('/b'), [fact(NOW, 'one', {})]);
    await appendFacts(writer, subject('/c', 'CD-2'), [fact(NOW, 'one', {})]);
  });
  const sequences = async (page: Partial<JournalPage>): Promise<number[]> =>
    (await readJournal(database.reader, { limit: 100, ...page })).map(({ sequence }) => sequence);
  assert.deepEqual(await sequences({ limit: 2 }), [1, 2]);
  assert.deepEqual(await sequences({ limit: 2, after: 2 }), [3, 4]);
  assert.deepEqual(await sequences({ kinds: ['two', 'three'] }), [2, 4]);
  assert.deepEqual(await sequences({ subscriptionId: 'ab-1', kinds: ['one'] }), [1, 3, 5, 6]);
  const second = plus(NOW, seconds(1));
  assert.deepEqual(
    await sequences({ resourceKey: '/a', from: second, to: plus(NOW, seconds(3)) }),
    [2, 3],
  );
  assert.deepEqual(
    await sequences({ resourceKey: '/a', from: second, kinds: ['one'], after: 3 }),
    [5],
  );
  const all: number[] = [];
  const kinds = ['three', 'one', 'none'];
  for await (const { sequence } of eachFactOfKinds(database.reader, 'ab-1', kinds))
    all.push(sequence);
  assert.deepEqual(all, [4, 1, 3, 5, 6]);
});

testOnEachStore('a transaction that fails tells nothing', async (t, newPlace) => {
  const database = await databaseOf(t, await newPlace());
  await assert.rejects(
    database.write(async (writer) => {
      await appendFacts(writer, subject('/a'), [fact(NOW, 'never', {})]);
      throw new Error('no');
    }),
  );
  await database.write(async (writer) => appendFacts(writer, subject('/a'), [fact(NOW, 'so', {})]));
  const entries = await readJournal(database.reader, { limit: 100 });
  assert.deepEqual(
    entries.map(({ kind }) => kind),
    ['so'],
  );
});
