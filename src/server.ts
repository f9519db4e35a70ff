/** The server process: configuration → service → listen → close in order on a signal. Started by `main.ts`. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { buildService, type Service } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';

/** How long what runs may take to finish after a signal, wall. */
const LONGEST_CLOSE_MS = 10_000;

/** Starts serving, with these options of the command line; ends the process with 1 and one clear line where it cannot. */
export async function serve(words: readonly string[]): Promise<void> {
  try {
    await start(words);
  } catch (error) {
    const isOurs = error instanceof ConfigError;
    const line = isOurs ? error.message : `Edgetwin could not start: ${String(error)}`;
    process.stderr.write(`${line}\n`);
    process.exit(1);
  }
}

async function start(words: readonly string[]): Promise<void> {
  const config = readConfig(process.env, words);
  const log = pino({ level: config.logLevel });
  const service = await buildService({ config, log, freshId: randomUUID() });
  await service.start();
  // Before anything else can go wrong: it is told this once, and nothing keeps it.
  tellAdministrator(service);
  const address = await service.door.listen({ host: config.host, port: config.port });
  const ready = Math.round(process.uptime() * 1000);
  process.stdout.write(
    `${bannerOf(config, { address, queueName: service.queueName })}, ready in ${ready} ms\n`,
  );
  // The first start makes certificates. That takes a moment, and a client that wants them sooner waits for them.
  service.authority.serverPair().catch((error: unknown) => {
    log.error({ err: error }, 'the certificate for HTTPS could not be made');
  });
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    setTimeout(() => {
      process.exit(1);
    }, LONGEST_CLOSE_MS).unref();
    void service.close().then(() => {
      process.exit(0);
    });
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

/** To the terminal, not to the log. */
function tellAdministrator({ newAdministrator }: Service): void {
  if (newAdministrator === undefined) return;
  const { clientId, secret } = newAdministrator;
  process.stdout.write(
    `Sign-in is required and EDGETWIN_CLIENTS names nobody, so this administrator was made. Its secret is shown this once:\n` +
      `  AZURE_CLIENT_ID=${clientId}\n  AZURE_CLIENT_SECRET=${secret}\n`,
  );
}

function bannerOf(
  { role, data, databaseUrl }: Config,
  { address, queueName }: { readonly address: string; readonly queueName: string },
): string {
  const store = databaseUrl === undefined ? `data ${data}` : `PostgreSQL, keys in ${data}`;
  if (role === 'worker') {
    return `Edgetwin is at ${address} (a worker: /health/ready and /metrics only; ${store}, queue ${queueName})`;
  }
  const part = role === 'api' ? 'without work of its own, which a worker does; ' : '';
  return (
    `Edgetwin is at ${address} (https too; documents at ${address}/docs, control at ${address}/_edgetwin/clock; ` +
    `${part}${store}, queue ${queueName})`
  );
}
