#!/usr/bin/env node
/**
 * The `edgetwin` command: starts the service, plays the tour, prints settings and checks. It passes the environment, the
 * terminal and real-time waiting to what it starts, and has no logic of the service.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wallNow } from '#shared/instant.ts';
import { ConfigError, programVersion, readConfig } from '#src/config.ts';
import { isClusterCommand } from './cluster/commands.ts';

const HELP = `edgetwin ${programVersion()}: Microsoft.DataBoxEdge with a simulated Azure Stack Edge appliance behind it

  edgetwin start [--role <role>]
                            starts the service; it is configured by EDGETWIN_… variables (README.md).
                            Roles: all; api, which serves requests; worker, which does the work that becomes due
  edgetwin tour [options]   plays the story of one appliance, in half a minute
      --url <address>         against this service (or EDGETWIN_URL); default: the one at
                              http://127.0.0.1:8480 if it answers, else one of the tour's own
      --own                   always against one of the tour's own
      --rate <number>         simulated seconds per second while the clock runs; default 240
      --plain                 no colours, no redrawn lines
  edgetwin kubeconfig <device id> [--user <name>]
                            prints a kubeconfig of the device's Kubernetes cluster
  edgetwin <cmdlet> <device id> [-Namespace <name>] [-UserName <name>]
                            does what the device's own PowerShell does about its cluster:
                            New-, Get- and Remove-HcsKubernetesNamespace(s), New- and Remove-HcsKubernetesUser,
                            Get-HcsKubernetesUserConfig, Grant- and Revoke-HcsKubernetesNamespaceAccess;
                            Set-HcsKubeClusterNetworkInfo -PodSubnet <subnet> -ServiceSubnet <subnet>, and Get-,
                            before compute is configured
  edgetwin explain <resource id> [field] [--at <date-time>]
                            tells why a field of a device, a node, an alert, an order, a role or a
                            connected cluster has its value
  edgetwin trust            prints what to set so that Node, Python, curl and az trust its certificate
  edgetwin env              prints the variables for clients: eval "$(edgetwin env)"
  edgetwin doctor           checks the installation, and says what to do
  edgetwin migrate-store <from> <to>
                            copies a world between a SQLite folder and PostgreSQL (postgres://…), in either
                            direction. Nothing may use the two meanwhile, and the target must be empty
  edgetwin help             prints this text

In a checkout: npm start, npm run tour, npm run tour -- --plain
`;

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

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
  if (!(rate > 0 && rate <= 1_000_000))
    throw new TypeError('--rate must be a number above 0, at most 1000000.');
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const { stdout, env } = process;
  const isInteractive = stdout.isTTY && !values.plain;
  const isComplete = await tour(
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
  return isComplete ? 0 : EXIT_FAILURE;
}

const nonEmpty = (text: string | undefined): string | undefined =>
  text?.trim() === '' ? undefined : text;

/** Reads the same variables as the service. */
async function runDoctor(): Promise<number> {
  const { examine, reportOf } = await import('./setup/doctor.ts');
  const { env, version } = process;
  const findings = await examine(readConfig(), {
    nodeVersion: version,
    now: wallNow(),
    trusted: nonEmpty(env.NODE_EXTRA_CA_CERTS),
  });
  process.stdout.write(reportOf(findings));
  return findings.some(({ is }) => is === 'bad') ? EXIT_FAILURE : 0;
}

async function runMigrateStore([from, to, ...more]: readonly string[]): Promise<number> {
  if (from === undefined || to === undefined || more.length > 0) {
    throw new TypeError('Usage: edgetwin migrate-store <from> <to>');
  }
  const { migrateStore } = await import('#src/migrate-store.ts');
  process.stdout.write(`${await migrateStore(from, to, readConfig())}\n`);
  return 0;
}

async function printVariables(what: 'env' | 'trust'): Promise<number> {
  const { environmentText, trustText } = await import('./setup/variables.ts');
  process.stdout.write((what === 'env' ? environmentText : trustText)(readConfig()));
  return 0;
}

const DEFAULT_URL = 'http://127.0.0.1:8480';

async function runCluster(command: string, words: readonly string[]): Promise<number> {
  const { runClusterCommand } = await import('./cluster/commands.ts');
  const base = nonEmpty(process.env.EDGETWIN_URL) ?? DEFAULT_URL;
  const answer = await runClusterCommand(command, words, base);
  if ('text' in answer) {
    process.stdout.write(answer.text);
    return 0;
  }
  process.stderr.write(`${answer.refused}\n`);
  return EXIT_FAILURE;
}

async function runExplain(words: readonly string[]): Promise<number> {
  const { explain } = await import('./faults/explain.ts');
  const answer = await explain(words, nonEmpty(process.env.EDGETWIN_URL) ?? DEFAULT_URL);
  if ('text' in answer) {
    process.stdout.write(answer.text);
    return 0;
  }
  process.stderr.write(`${answer.refused}\n`);
  return EXIT_FAILURE;
}

async function run([command = 'help', ...words]: readonly string[]): Promise<number | undefined> {
  if (words.includes('--help') || words.includes('-h')) return await run(['help']);
  switch (command) {
    case 'start':
      // Runs until a signal stops it.
      await import('#src/main.ts');
      return undefined;
    case 'tour':
      return await runTour(words);
    case 'env':
    case 'trust':
      return await printVariables(command);
    case 'explain':
      return await runExplain(words);
    case 'migrate-store':
      return await runMigrateStore(words);
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
      if (isClusterCommand(command)) return await runCluster(command, words);
      process.stderr.write(`Unknown command '${command}'.\n\n${HELP}`);
      return EXIT_USAGE;
  }
}

try {
  const status = await run(process.argv.slice(2));
  if (status !== undefined) process.exitCode = status;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const isUsageError = error instanceof TypeError || error instanceof ConfigError;
  process.exitCode = isUsageError ? EXIT_USAGE : EXIT_FAILURE;
}
