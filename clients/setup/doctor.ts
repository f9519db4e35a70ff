/**
 * `edgetwin doctor`: looks at everything that a start or a client can stumble over, and says what to do. Changes nothing.
 * Called by `cli.ts` with a configuration that was read already.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatInstant, type Instant, instant, startOfMonth } from '#shared/instant.ts';
import { isJsonObject } from '#shared/json.ts';
import { addressOf, certificateFileOf, type Installation } from './installation.ts';
import {
  isAnswering,
  isReadByOthers,
  listeningProblem,
  look,
  redisProblem,
  tlsProblem,
  writingProblem,
} from './probes.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  /** `bad`: something does not work; `note`: worth knowing. */
  readonly is: 'good' | 'bad' | 'note';
  readonly text: string;
}

/** What the doctor knows of the machine besides the configuration. */
export interface Surroundings {
  readonly nodeVersion: string;
  /** The wall's time. */
  readonly now: Instant;
  /** `NODE_EXTRA_CA_CERTS` of this shell. */
  readonly trusted: string | undefined;
}

const good = (what: string, text: string): Finding => ({ what, is: 'good', text });
const bad = (what: string, text: string): Finding => ({ what, is: 'bad', text });
const note = (what: string, text: string): Finding => ({ what, is: 'note', text });

const LEAST_NODE = 24;
/** When this was written: a wall clock before that is wrong, and every certificate is not yet valid. */
const EARLIEST_NOW = startOfMonth(2026, 1);

export async function examine(
  installation: Installation,
  surroundings: Surroundings,
): Promise<Finding[]> {
  const service = await serviceFindings(installation);
  return [
    nodeFinding(surroundings.nodeVersion),
    wallFinding(surroundings.now),
    ...(await dataFindings(installation)),
    ...service.findings,
    ...(await redisFindings(installation)),
    ...(await certificateFindings(installation, surroundings, service.isOurs)),
    signInFinding(installation),
  ];
}

/** `  ok  port      …` a line each. */
export function reportOf(findings: readonly Finding[]): string {
  const signs = { good: ' ok ', bad: 'BAD ', note: '  - ' };
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .map(({ what, is, text }) => `${signs[is]} ${what.padEnd(width)}  ${text}\n`)
    .join('');
}

function nodeFinding(version: string): Finding {
  const isOld = Number.parseInt(version.replace('v', ''), 10) < LEAST_NODE;
  return isOld
    ? bad(
        'Node',
        `${version} is too old: ${LEAST_NODE} or newer runs it (npm start brings its own)`,
      )
    : good('Node', version);
}

function wallFinding(now: Instant): Finding {
  return now < EARLIEST_NOW
    ? bad('wall clock', `${formatInstant(now)} is in the past: set it, no certificate is valid yet`)
    : good('wall clock', formatInstant(now));
}

async function dataFindings({ data }: Installation): Promise<Finding[]> {
  if (data === ':memory:') return [note('data', 'in memory: all is gone when the service ends')];
  const problem = await writingProblem(data);
  if (problem !== undefined) {
    return [bad('data', `${data} cannot be written (${problem}): set EDGETWIN_DATA, or its owner`)];
  }
  const key = join(data, 'vault.key');
  const isOpen = await isReadByOthers(key);
  return [
    good('data', `${data} can be written`),
    ...(isOpen === true ? [bad('data', `${key} can be read by others: chmod 600 ${key}`)] : []),
  ];
}

async function serviceFindings(
  installation: Installation,
): Promise<{ readonly findings: Finding[]; readonly isOurs: boolean }> {
  const { host, port } = installation;
  const at = addressOf(installation, 'http');
  const near = nearOf(host);
  if (!(await isAnswering(near, port))) {
    const problem = await listeningProblem(host, port);
    const finding =
      problem === undefined
        ? note('service', `does not run; ${at} is free for it (edgetwin start)`)
        : bad('service', `does not run, and could not: ${host}:${port} (${problem})`);
    return { findings: [finding], isOurs: false };
  }
  const health = await look(`http://${bracketed(near)}:${port}/health/ready`);
  const body = isJsonObject(health?.body) ? health.body : {};
  if (!isJsonObject(body.checks)) {
    const text = `another program has ${host}:${port}: end it, or set EDGETWIN_PORT`;
    return { findings: [bad('service', text)], isOurs: false };
  }
  const problems = Object.entries(body.checks).filter(([, state]) => state !== 'ok');
  const state =
    problems.length === 0
      ? good('service', `is ready at ${at}`)
      : bad('service', problems.map(([name, text]) => `${name}: ${shown(text)}`).join('; '));
  return { findings: [state, ...(await clockFindings(near, port))], isOurs: true };
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Where it stands still, a client waits for ever and wonders. */
async function clockFindings(host: string, port: number): Promise<Finding[]> {
  const clock = await look(`http://${bracketed(host)}:${port}/_edgetwin/clock`);
  if (!isJsonObject(clock?.body) || clock.status !== 200) return [];
  const { now, rate, frozen } = clock.body;
  const text = `simulated ${shown(now)}, ${shown(rate)} times the wall's pace`;
  return frozen === true
    ? [note('clock', `frozen at ${shown(now)}: nothing ends before somebody moves it`)]
    : [good('clock', text)];
}

async function redisFindings({ redisUrl }: Installation): Promise<Finding[]> {
  if (redisUrl === undefined) return [note('queue', 'inline; REDIS_URL would give it to BullMQ')];
  const { host } = new URL(redisUrl);
  const problem = await redisProblem(redisUrl);
  return problem === undefined
    ? [good('queue', `Redis answers at ${host}`)]
    : [
        bad(
          'queue',
          `Redis at ${host} cannot be reached (${problem}): start it, or unset REDIS_URL`,
        ),
      ];
}

async function certificateFindings(
  installation: Installation,
  { now, trusted }: Surroundings,
  isRunning: boolean,
): Promise<Finding[]> {
  const file = certificateFileOf(installation);
  if (file === undefined) return [note('HTTPS', 'the certificate is in memory: edgetwin trust')];
  const pem = await readFile(file, 'utf8').catch(() => undefined);
  if (pem === undefined) {
    const text = `there is no ${file}`;
    return isRunning
      ? [
          bad(
            'HTTPS',
            `${text}, though the service runs: is EDGETWIN_DATA the same here and there?`,
          ),
        ]
      : [note('HTTPS', `${text} yet: the first start makes it`)];
  }
  const ends = endOf(pem);
  if (ends === undefined || ends < now) {
    return [
      bad('HTTPS', `${file} is no certificate, or has run out: the next start makes another`),
    ];
  }
  const problem = isRunning
    ? await tlsProblem(nearOf(installation.host), installation.port, pem)
    : undefined;
  if (problem !== undefined) {
    return [bad('HTTPS', `the service cannot be trusted with ${file} (${problem})`)];
  }
  return [
    good('HTTPS', `${file} is good until ${formatInstant(ends).slice(0, 10)}`),
    ...(trusted === file
      ? []
      : [note('trust', 'NODE_EXTRA_CA_CERTS does not name it in this shell: edgetwin trust')]),
  ];
}

/** When a certificate runs out; undefined where it is none. */
function endOf(pem: string): Instant | undefined {
  try {
    return instant(new X509Certificate(pem).validToDate.getTime());
  } catch {
    return undefined;
  }
}

function signInFinding({ isSignInRequired, host }: Installation): Finding {
  if (isSignInRequired) return good('sign-in', 'required');
  return nearOf(host) === host
    ? note('sign-in', 'open: whoever reaches this machine’s loopback may do everything')
    : note('sign-in', `open, and ${host} lets other machines in: they may do everything`);
}

/** The address by which this machine reaches a service that listens at `host`. */
const nearOf = (host: string): string =>
  host === '0.0.0.0' || host === '*' ? '127.0.0.1' : host === '::' ? '::1' : host;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
