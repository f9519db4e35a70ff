#!/usr/bin/env node
/**
 * The `edgetwin` command: starts the service, plays the tour, tells what it can do. Hands the environment, the terminal
 * and the wall's waiting to what it starts. No logic of the service.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wallNow } from '#shared/instant.ts';
import { ConfigError, programVersion, readConfig } from '#src/config.ts';

const HELP = `edgetwin ${programVersion()}: Microsoft.DataBoxEdge with a simulated Azure Stack Edge appliance behind it

  edgetwin start            starts the service; it is configured by EDGETWIN_… variables (README.md)
  edgetwin tour [options]   plays the story of one appliance, in half a minute
      --url <address>         against this service (or EDGETWIN_URL); default: the one at
                              http://127.0.0.1:8480 if it answers, else one of the tour's own
      --own                   against one of the tour's own in any case
      --rate <number>         simulated seconds a second while the clock runs by itself; default 240
      --plain                 no colours, nothing drawn over
  edgetwin trust            tells what to set so that Node, Python, curl and az trust its certificate
  edgetwin env              the variables by which clients find and trust it: eval "$(edgetwin env)"
  edgetwin doctor           looks for what is wrong, and says what to do
  edgetwin help             this text

In a checkout: npm start, npm run tour, npm run tour -- --plain
`;

const FAULT = 1;
const WRONG_USE = 2;

async function runTour(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      url: { type: 'string' },
      own: { type: 'boolean', default: false },
      rate: { type: 'string' },
      plain: { type: 'boolean', default: false },
    },
  });
  const { tour, TOUR_RATE } = await import('./tour/tour.ts');
  const rate = Number(values.rate ?? TOUR_RATE);
  if (!(rate > 0 && rate <= 1_000_000)) throw new TypeError('--rate is a number above 0.');
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const { stdout, env } = process;
  const isInteractive = stdout.isTTY && !values.plain;
  const isToTheEnd = await tour(
    { url: values.url ?? nonEmpty(env.EDGETWIN_URL), isOwn: values.own, rate },
    {
      terminal: {
        write: (text) => void stdout.write(text),
        isInteractive,
        hasColour: isInteractive && nonEmpty(env.NO_COLOR) === undefined,
        columns: stdout.isTTY ? stdout.columns : 80,
      },
      wait: async (length) => {
        await sleep(length, undefined, { signal: interruption.signal });
      },
      interruption: interruption.signal,
      environment: env,
    },
  );
  return isToTheEnd ? 0 : FAULT;
}

const nonEmpty = (text: string | undefined): string | undefined =>
  text?.trim() === '' ? undefined : text;

/** Under the same variables as the service is started with. */
async function runDoctor(): Promise<number> {
  const { examine, reportOf } = await import('./setup/doctor.ts');
  const { env, version } = process;
  const findings = await examine(readConfig(), {
    nodeVersion: version,
    now: wallNow(),
    trusted: nonEmpty(env.NODE_EXTRA_CA_CERTS),
  });
  process.stdout.write(reportOf(findings));
  return findings.some(({ is }) => is === 'bad') ? FAULT : 0;
}

async function tellVariables(what: 'env' | 'trust'): Promise<number> {
  const { environmentText, trustText } = await import('./setup/variables.ts');
  process.stdout.write((what === 'env' ? environmentText : trustText)(readConfig()));
  return 0;
}

async function run([command = 'help', ...words]: readonly string[]): Promise<number | undefined> {
  switch (command) {
    case 'start':
      // Runs until it is told to stop.
      await import('#src/main.ts');
      return undefined;
    case 'tour':
      return await runTour(words);
    case 'env':
    case 'trust':
      return await tellVariables(command);
    case 'doctor':
      return await runDoctor();
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(HELP);
      return 0;
    case '--version':
      process.stdout.write(`${programVersion()}\n`);
      return 0;
    default:
      process.stderr.write(`There is no command '${command}'.\n\n${HELP}`);
      return WRONG_USE;
  }
}

try {
  const status = await run(process.argv.slice(2));
  if (status !== undefined) process.exitCode = status;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const isWrongUse = error instanceof TypeError || error instanceof ConfigError;
  process.exitCode = isWrongUse ? WRONG_USE : FAULT;
}
