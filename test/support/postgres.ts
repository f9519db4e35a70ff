/** PostgreSQL for tests: the server that is there already, with a schema of each test's own. */
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { absent, variable } from './surroundings.ts';

/** Where the tests look for a PostgreSQL that runs. */
const DATABASE_URL = variable('DATABASE_URL') ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** The server that answers, or why its tests are skipped; under CI its absence is a failure. */
export async function runningPostgres(): Promise<
  { readonly url: string } | { readonly skip: string }
> {
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.end();
    return { url: DATABASE_URL };
  } catch (error) {
    const { host } = new URL(DATABASE_URL);
    return absent(`no PostgreSQL answers on ${host} (${String(error)})`);
  }
}

/** A new schema on the server at `url`, as a URL of its own; it goes with the test. */
export async function ownSchema(test: Pick<TestContext, 'after'>, url: string): Promise<string> {
  const schema = `edgetwin_test_${randomUUID().replaceAll('-', '')}`;
  await query(url, `create schema ${schema}`);
  test.after(async () => removeSchema(url, schema));
  const own = new URL(url);
  own.searchParams.set('options', `-c search_path=${schema}`);
  return own.href;
}

/** Hooks run in the order of their making, so processes of the test may still write: PostgreSQL then ends one of the two as a deadlock. */
async function removeSchema(url: string, schema: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await query(url, `drop schema ${schema} cascade`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01' || attempt === 10) throw error;
    }
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
