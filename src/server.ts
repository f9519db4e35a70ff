/** The server process: configuration → service → listen → close in order on a signal. Started by `main.ts`. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { letClientsGo } from '#arm/drain.ts';
import { UnusableStoreError } from '#store/unusable.ts';
import { UnusableKeyError } from '#vault/at-rest.ts';
import { AUTHORITY_FILE } from '#vault/certificate-authority.ts';
import { buildService, type Service } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';

/** How long what runs may take to finish after a signal, wall. */
const LONGEST_CLOSE_MS = 10_000;
/** How often, and how long between, the queue is asked for at the start. */
const [QUEUE_ATTEMPTS, QUEUE_WAIT_MS] = [10, 200];
/** How long a request that has begun may still take, wall; one that is half sent may never end. */
const LONGEST_REQUEST_MS = 5000;

/** Starts serving, with these options of the command line; ends the process with 1 and one clear line where it cannot. */
export async function serve(words: readonly string[]): Promise<void> {
  try {
    await start(words);
  } catch (error) {
    process.stderr.write(`${lineOf(error)}\n`);
    process.exit(1);
  }
}

/** One line: what is wrong, and what to do. */
function lineOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const isPlain = error instanceof UnusableStoreError || error instanceof UnusableKeyError;
  return `Edgetwin could not start: ${isPlain ? error.message : String(error)}`;
}

/** Waits a moment for the queue, or says in one line that it is away: without it nothing that is accepted would be done. */
async function reachQueue(service: Service, { redisUrl }: Config): Promise<void> {
  if (redisUrl === undefined) return;
  for (let attempt = 0; attempt < QUEUE_ATTEMPTS; attempt++) {
    if (await service.isQueueAlive()) return;
    await new Promise((resolve) => setTimeout(resolve, QUEUE_WAIT_MS));
  }
  throw new ConfigError(
    `Edgetwin could not start: Redis at ${new URL(redisUrl).host} cannot be reached: check that it runs and that REDIS_URL names it.`,
  );
}

/** Listens, or says in one line why it cannot. */
async function listen(service: Service, { host, port }: Config): Promise<string> {
  try {
    return await service.door.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? undefined : LISTEN_REASONS[code];
    throw reason === undefined
      ? error
      : new ConfigError(`Edgetwin could not start: ${reason(host, port)}.`);
  }
}

const LISTEN_REASONS: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) =>
    `port ${port} of ${host} is in use; set EDGETWIN_PORT to another one, or end the program that uses it`,
  EACCES: (_host, port) =>
    `port ${port} is not for this user; set EDGETWIN_PORT to one of 1024 or more`,
  EADDRNOTAVAIL: (host) =>
    `${host} is not an address of this machine; set EDGETWIN_HOST to one that is`,
  ENOTFOUND: (host) =>
    `the host ${host} is not known; set EDGETWIN_HOST to an address of this machine`,
};

async function start(words: readonly string[]): Promise<void> {
  const config = readConfig(process.env, words);
  const log = pino({ level: config.logLevel });
  const service = await buildService({ config, log, freshId: randomUUID() });
  // Before anything else can go wrong: it is told this once, and nothing keeps it.
  tellAdministrator(service);
  await reachQueue(service, config);
  const address = await listen(service, config);
  // The first start makes certificates, which takes a moment: a service whose HTTPS is dead is not ready.
  if (config.role !== 'worker') await service.authority.serverPair();
  // Whatever is due, and may go wrong, does not keep the service from answering.
  await service.start();
  const ready = Math.round(process.uptime() * 1000);
  process.stdout.write(
    `${bannerOf(config, { address, queueName: service.queueName })}, ready in ${ready} ms\n${trustLines(config, address)}`,
  );
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    setTimeout(() => {
      process.exit(1);
    }, LONGEST_CLOSE_MS).unref();
    setTimeout(() => {
      service.door.server.closeAllConnections();
    }, LONGEST_REQUEST_MS).unref();
    void letClientsGo(service.door.server)
      .then(async () => service.close())
      .then(() => {
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

/** `https://localhost:8480`: SDKs send tokens over HTTPS only, and the certificate is for names. */
const secureAddressOf = (address: string): string =>
  address
    .replace(/^http:\/\/(127\.0\.0\.1|\[::1\]|0\.0\.0\.0|\[::\])/, 'http://localhost')
    .replace('http:', 'https:');

/** What makes SDKs trust the service's certificate, as lines for a shell. */
function trustLines({ role, data }: Config, address: string): string {
  if (role === 'worker') return '';
  const file = data === ':memory:' ? 'edgetwin-ca.pem' : resolve(data, AUTHORITY_FILE);
  const fetched = data === ':memory:' ? `curl -so ${file} ${address}/_edgetwin/ca.pem; ` : '';
  return `SDKs and az use ${secureAddressOf(address)} after: ${fetched}export NODE_EXTRA_CA_CERTS=${file} REQUESTS_CA_BUNDLE=${file}\n`;
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
  const secure = secureAddressOf(address);
  return (
    `Edgetwin is at ${secure} and ${address} (docs at ${address}/docs, control at ${address}/_edgetwin/clock; ` +
    `${part}${store}, queue ${queueName})`
  );
}
