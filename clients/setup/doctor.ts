/**
 * `edgetwin doctor`: checks what can keep the service from starting or a client from using it, and says what to do. It
 * changes nothing. Called by `cli.ts` with the configuration.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatInstant, type Instant, instant, startOfMonth } from '#shared/instant.ts';
import { isJsonObject } from '#shared/json.ts';
import { addressOf, certificateFileOf, type Installation } from './installation.ts';
import {
  isAnswering,
  isReadableByOthers,
  listeningProblem,
  get,
  redisProblem,
  tlsProblem,
  writingProblem,
} from './probes.ts';

/** The result of one check. */
export interface Finding {
  readonly what: string;
  /** `bad`: something does not work; `note`: worth knowing. */
  readonly is: 'good' | 'bad' | 'note';
  readonly text: string;
}

/** What the checks need besides the configuration. */
export interface Surroundings {
  readonly nodeVersion: string;
  /** Real time. */
  readonly now: Instant;
  /** `NODE_EXTRA_CA_CERTS` of this shell. */
  readonly trusted: string | undefined;
}

const good = (what: string, text: string): Finding => ({ what, is: 'good', text });
const bad = (what: string, text: string): Finding => ({ what, is: 'bad', text });
const note = (what: string, text: string): Finding => ({ what, is: 'note', text });

const MIN_NODE = 24;
/** The time of this program: an earlier system clock is wrong, and no certificate is valid yet. */
const MIN_NOW = startOfMonth(2026, 1);

/** Runs all checks, in the order in which they are printed. */
export async function examine(
  installation: Installation,
  surroundings: Surroundings,
): Promise<Finding[]> {
  const service = await serviceFindings(installation);
  return [
    nodeFinding(surroundings.nodeVersion),
    systemClockFinding(surroundings.now),
    ...(await dataFindings(installation)),
    ...service.findings,
    ...(await redisFindings(installation)),
    ...(await certificateFindings(installation, surroundings, service.isOurs)),
    signInFinding(installation),
  ];
}

/** The findings as lines such as ` ok  Node  v26.1.0`. */
export function reportOf(findings: readonly Finding[]): string {
  const signs = { good: ' ok ', bad: 'BAD ', note: '  - ' };
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .map(({ what, is, text }) => `${signs[is]} ${what.padEnd(width)}  ${text}\n`)
    .join('');
}

function nodeFinding(version: string): Finding {
  const isOld = Number.parseInt(version.replace('v', ''), 10) < MIN_NODE;
  return isOld
    ? bad('Node', `${version} is too old: ${MIN_NODE} or newer runs it (npm start brings its own)`)
    : good('Node', version);
}

function systemClockFinding(now: Instant): Finding {
  return now < MIN_NOW
    ? bad(
        'system clock',
        `${formatInstant(now)} is in the past: set it, no certificate is valid yet`,
      )
    : good('system clock', formatInstant(now));
}

async function dataFindings({ data }: Installation): Promise<Finding[]> {
  if (data === ':memory:') return [note('data', 'in memory: lost when the service ends')];
  const problem = await writingProblem(data);
  if (problem !== undefined) {
    return [bad('data', `${data} cannot be written (${problem}): set EDGETWIN_DATA, or its owner`)];
  }
  const key = join(data, 'vault.key');
  const isReadable = await isReadableByOthers(key);
  return [
    good('data', `${data} can be written`),
    ...(isReadable === true ? [bad('data', `${key} can be read by others: chmod 600 ${key}`)] : []),
  ];
}

async function serviceFindings(
  installation: Installation,
): Promise<{ readonly findings: Finding[]; readonly isOurs: boolean }> {
  const { host, port } = installation;
  const at = addressOf(installation, 'http');
  const reachable = reachableHostOf(host);
  if (!(await isAnswering(reachable, port))) {
    const problem = await listeningProblem(host, port);
    const finding =
      problem === undefined
        ? note('service', `does not run; ${at} is free for it (edgetwin start)`)
        : bad('service', `does not run, and could not: ${host}:${port} (${problem})`);
    return { findings: [finding], isOurs: false };
  }
  const health = await get(`http://${bracketed(reachable)}:${port}/health/ready`);
  const body = isJsonObject(health?.body) ? health.body : {};
  if (!isJsonObject(body.checks)) {
    const text = `another program has ${host}:${port}: end it, or set EDGETWIN_PORT`;
    return { findings: [bad('service', text)], isOurs: false };
  }
  const problems = Object.entries(body.checks).filter(([, state]) => state !== 'ok');
  const state =
    problems.length === 0
      ? good('service', `is ready at ${at}`)
      : bad('service', problems.map(([name, text]) => `${name}: ${textOf(text)}`).join('; '));
  return { findings: [state, ...(await clockFindings(reachable, port))], isOurs: true };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** The state of the simulated clock: while it is frozen, long-running operations do not end. */
async function clockFindings(host: string, port: number): Promise<Finding[]> {
  const clock = await get(`http://${bracketed(host)}:${port}/_edgetwin/clock`);
  if (!isJsonObject(clock?.body) || clock.status !== 200) return [];
  const { now, rate, frozen } = clock.body;
  const text = `simulated ${textOf(now)}, ${textOf(rate)} times as fast as real time`;
  return frozen === true
    ? [note('clock', `frozen at ${textOf(now)}: no operation ends until the clock is advanced`)]
    : [good('clock', text)];
}

async function redisFindings({ redisUrl }: Installation): Promise<Finding[]> {
  if (redisUrl === undefined) return [note('queue', 'in the process; with REDIS_URL it is BullMQ')];
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
    const text = `${file} does not exist`;
    return isRunning
      ? [bad('HTTPS', `${text}, although the service runs: does it have the same EDGETWIN_DATA?`)]
      : [note('HTTPS', `${text} yet: the first start creates it`)];
  }
  const ends = endOf(pem);
  if (ends === undefined || ends < now) {
    return [
      bad('HTTPS', `${file} is not a certificate, or has expired: the next start replaces it`),
    ];
  }
  const problem = isRunning
    ? await tlsProblem(reachableHostOf(installation.host), installation.port, pem)
    : undefined;
  if (problem !== undefined) {
    return [bad('HTTPS', `the service cannot be trusted with ${file} (${problem})`)];
  }
  return [
    good('HTTPS', `${file} is valid until ${formatInstant(ends).slice(0, 10)}`),
    ...(trusted === file
      ? []
      : [note('trust', 'NODE_EXTRA_CA_CERTS does not name it in this shell: edgetwin trust')]),
  ];
}

/** When a certificate expires; undefined where the text is not a certificate. */
function endOf(pem: string): Instant | undefined {
  try {
    return instant(new X509Certificate(pem).validToDate.getTime());
  } catch {
    return undefined;
  }
}

function signInFinding({ isSignInRequired, host }: Installation): Finding {
  if (isSignInRequired) return good('sign-in', 'required');
  return reachableHostOf(host) === host
    ? note('sign-in', 'open: every program on this machine may do everything')
    : note('sign-in', `open, and reachable from other machines at ${host}: they may do everything`);
}

/** The address at which this machine reaches a service that listens on `host`. */
const reachableHostOf = (host: string): string =>
  host === '0.0.0.0' || host === '*' ? '127.0.0.1' : host === '::' ? '::1' : host;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
