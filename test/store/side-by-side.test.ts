/**
 * Transactions of two processes on PostgreSQL that change different rows: neither has to be run again because of the other, though the
 * keys of their rows stand on the same pages of indexes (docs/decisions/0026).
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import pg from 'pg';
import { instant, minutes, plus } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { addWaitingTimer, setTimer, wakeWaiting } from '#store/timers.ts';
import { databaseOf } from '../support/database.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';

const postgres = await runningPostgres();
const skipped = 'skip' in postgres ? { skip: postgres.skip } : {};
const START = instant(1_700_000_000_000);

/**
 * Runs `work` in two processes' transactions, each of which commits only when both have done everything; gives how often it was run.
 */
async function runsSideBySide(
  t: TestContext,
  prepare: (writer: Writer) => Promise<void>,
  work: (writer: Writer, process: number) => Promise<void>,
): Promise<number> {
  const place = await ownSchema(t, 'url' in postgres ? postgres.url : '');
  const databases = [await databaseOf(t, place), await databaseOf(t, place)];
  await databases[0]?.write(prepare);
  const done = Promise.withResolvers<undefined>();
  let [runs, ready] = [0, 0];
  await Promise.all(
    databases.map(async (database, process) =>
      database.write(async (writer) => {
        runs++;
        await work(writer, process);
        // Statements are sent without waiting: once this one is answered, they have been carried out.
        await writer.selectFrom('world').select('name').limit(1).execute();
        ready++;
        if (ready >= databases.length) done.resolve(undefined);
        await done.promise;
      }),
    ),
  );
  return runs;
}

void test('timers are set and woken side by side', skipped, async (t) => {
  const timer = (process: number) => ({ kind: 'bell', target: `set-${process}` });
  const runs = await runsSideBySide(
    t,
    async (writer) => {
      for (const process of [0, 1]) {
        await setTimer(writer, { ...timer(process), dueAt: START });
        await addWaitingTimer(writer, { kind: 'bell', target: `waits-${process}` }, [
          `end-${process}`,
        ]);
      }
    },
    async (writer, process) => {
      await setTimer(writer, { ...timer(process), dueAt: plus(START, minutes(1)) });
      await wakeWaiting(writer, [`end-${process}`], START);
    },
  );
  assert.equal(runs, 2);
});

void test(
  'no index names what changes of an operation, whose pages keep room',
  skipped,
  async (t) => {
    const place = await ownSchema(t, 'url' in postgres ? postgres.url : '');
    await databaseOf(t, place);
    const client = new pg.Client({ connectionString: place });
    await client.connect();
    const indexes = await client.query<{ indexdef: string }>(
      "select indexdef from pg_indexes where schemaname = current_schema() and tablename = 'operations'",
    );
    const tables = await client.query<{ relname: string }>(
      "select relname from pg_class where relnamespace = current_schema()::regnamespace and 'fillfactor' in (select option_name from pg_options_to_table(reloptions)) order by relname",
    );
    await client.end();
    assert.ok(indexes.rows.length > 0);
    for (const { indexdef } of indexes.rows) {
      assert.doesNotMatch(
        indexdef,
        /\b(status|step|attempts|begun|failure|output|ended_at|expires_at)\b/,
      );
    }
    const roomy = tables.rows.map(({ relname }) => relname);
    assert.deepEqual(roomy, ['appliances', 'operations', 'resources']);
  },
);
