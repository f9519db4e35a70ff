/** What a process looks at to say whether it is ready. Called by `app.ts`. */
import type { Health } from '#control/health.ts';
import type { Pump } from '#schedule/pump.ts';
import type { Queue } from '#schedule/queue.ts';
import type { Database } from '#store/database.ts';

/** What `/health/ready` looks at. */
export function healthChecksOf({
  database,
  queue,
  pump,
}: {
  readonly database: Database;
  readonly queue: Queue;
  readonly pump: Pump;
}): Readonly<Record<string, () => Promise<Health>>> {
  return {
    store: async () => ({
      problem: await database.problem(),
      details: { engine: database.engine },
    }),
    queue: async () => {
      if (!(await queue.isAlive())) return { problem: 'the queue cannot be reached' };
      const jobs = (await queue.depth()).map((depth) => ({ ...depth }));
      return { details: { name: queue.name, jobs } };
    },
    pump: async () => ({ problem: pump.problem(), details: { isElected: pump.isElected } }),
  };
}
