/** The story with PostgreSQL in place of SQLite: it ends alike, with the queue inside the process and on BullMQ. */
import { describe, test } from 'node:test';
import { worldValue } from '#store/world.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { removeKeys, runningRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { tell } from './story.ts';

const postgres = await runningPostgres();
const redis = await runningRedis();

describe('the story passes on PostgreSQL', 'skip' in postgres ? postgres : {}, () => {
  test('with the queue inside the process', async (t) => {
    if ('skip' in postgres) return;
    const DATABASE_URL = await ownSchema(t, postgres.url);
    await tell(await startService(t, { DATABASE_URL }));
  });

  test('with BullMQ', 'skip' in redis ? redis : {}, async (t) => {
    if ('skip' in postgres || 'skip' in redis) return;
    const DATABASE_URL = await ownSchema(t, postgres.url);
    const arm = await startService(t, { DATABASE_URL, REDIS_URL: redis.url });
    const prefix = `edgetwin-${await worldValue(arm.service.database, 'id', 'none')}`;
    t.after(async () => removeKeys(redis.url, prefix));
    await tell(arm);
  });
});
