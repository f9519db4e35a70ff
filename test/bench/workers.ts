/** What a second worker adds, on PostgreSQL and Redis. */
import { cpus } from 'node:os';
import { benchSchema, operationRate, type Rate } from './operations.ts';
import { type Server, startServer } from './processes.ts';

/** How the bench starts processes, and where it prints. */
export interface WorkersPlace {
  /** The words after `node` that start the service. */
  readonly words: readonly string[];
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Settings of a world of that name. */
  readonly worldOf: (name: string) => Record<string, string>;
  readonly print: (text: string) => void;
  readonly show: (what: string, rate: Rate) => void;
}

/** So much of a core each worker has where both shall find room, with the database, on a machine of two. */
const SLOWED_TO = 0.4;

/** By one and by two workers; and the same with workers that are held to a part of a core, since they share the cores with all the rest. */
export async function workersRates(place: WorkersPlace): Promise<void> {
  const { print, show } = place;
  for (const share of [1, SLOWED_TO]) {
    const rates: Rate[] = [];
    for (const workers of [1, 2]) {
      const rate = await rateOfWorkers(place, workers, share);
      if (rate === undefined) {
        print('PostgreSQL does not answer: its part is left out');
        return;
      }
      const held = share === 1 ? '' : `, held to ${share} of a core${workers === 1 ? '' : ' each'}`;
      show(`PostgreSQL, Redis, ${workers} worker${workers === 1 ? '' : 's'}${held}`, rate);
      rates.push(rate);
    }
    const [one, two] = rates;
    if (one === undefined || two === undefined) return;
    const ratio = two.donePerSecond / one.donePerSecond;
    const room = cpus().length / one.busyCores;
    print(
      `two workers do ${ratio.toFixed(2)} times as much as one; with one, ${one.busyCores.toFixed(2)} of ${cpus().length} cores were busy: there was room for ${room.toFixed(2)} times as much`,
    );
  }
}

/** Undefined where PostgreSQL does not answer. */
async function rateOfWorkers(
  { words, worldOf, databaseUrl, redisUrl }: WorkersPlace,
  workers: number,
  share: number,
): Promise<Rate | undefined> {
  const schema = await benchSchema(databaseUrl);
  if (schema === undefined) return undefined;
  const world = {
    ...worldOf(`workers${workers}-${share}`),
    EDGETWIN_CLOCK: 'frozen',
    DATABASE_URL: schema.url,
    REDIS_URL: redisUrl,
  };
  const start = async (role: string): Promise<Server> =>
    await startServer(words, { ...world, EDGETWIN_ROLE: role });
  const api = await start('api');
  const others: Server[] = [];
  for (let count = 0; count < workers; count++) others.push(await start('worker'));
  if (share < 1) for (const worker of others) worker.slowTo(share);
  const rate = await operationRate(api, 'puts');
  for (const server of [api, ...others]) await server.stop();
  await schema.remove();
  return rate;
}
