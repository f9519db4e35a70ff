/** The server process: configuration → service → listen → close in order on a signal. Started by `main.ts`. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { buildService } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

/** How long what runs may take to finish after a signal, wall. */
const LONGEST_CLOSE_MS = 10_000;

/** Starts serving; ends the process with 1 and one clear line where it cannot. */
export async function serve(): Promise<void> {
  try {
    await start();
  } catch (error) {
    const isOurs = error instanceof ConfigError;
    const line = isOurs ? error.message : `Edgetwin could not start: ${String(error)}`;
    process.stderr.write(`${line}\n`);
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel });
  const service = await buildService({ config, log, freshId: randomUUID() });
  const address = await service.door.listen({ host: config.host, port: config.port });
  const ready = Math.round(process.uptime() * 1000);
  process.stdout.write(
    `Edgetwin is at ${address} (documents at ${address}/docs, control at ${address}/_edgetwin/clock; ` +
      `data ${config.data}, queue ${service.queueName}), ready in ${ready} ms\n`,
  );
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
