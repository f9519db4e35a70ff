/** The process: configuration → service → listen → close in order on a signal. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { buildService } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

/** How long what runs may take to finish after a signal, wall. */
const LONGEST_CLOSE_MS = 10_000;

async function start(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel });
  const service = await buildService({ config, log, freshSeed: randomUUID() });
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

start().catch((error: unknown) => {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`Edgetwin could not start: ${String(error)}\n`);
  process.exit(1);
});
