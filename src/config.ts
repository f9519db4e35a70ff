/**
 * The environment as one checked, typed object: the only reader of `process.env`. The table below is the one in the
 * README. They describe a *new* world: on restart the stored clock and seed win. An empty variable counts as unset.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { ERA_NAMES, type EraName } from '#arm/eras.ts';
import { type Client, readClients } from '#identity/sign-in/clients.ts';
import { readThrottleLimit, type ThrottleLimit } from '#platform/throttle.ts';
import type { Instant } from '#shared/instant.ts';
import { packageFile } from '#shared/package-files.ts';
import { type Environment, EnvironmentReader } from './environment.ts';
import { type MasterKey, masterKeyOf } from '#vault/at-rest.ts';

export interface Config {
  readonly host: string;
  /** Names and addresses that the service is reached by: what its certificate is for. */
  readonly names: readonly string[];
  /** Addresses of proxies in front of the service, which say what a client has used. */
  readonly proxies: readonly string[];
  /** Origins whose pages may call, where nobody has to sign in. */
  readonly pageOrigins: readonly string[];
  readonly port: number;
  /** Folder of the database and keys, or `:memory:`. */
  readonly data: string;
  /** What this process does: `api` serves requests, `worker` does what falls due, `all` does both. */
  readonly role: Role;
  readonly clockRate: number;
  readonly isClockFrozen: boolean;
  /** First moment of a new world; undefined: the wall's now. */
  readonly clockStart: Instant | undefined;
  /** Seed of a new world; undefined: one is drawn. */
  readonly seed: string | undefined;
  /** undefined: any GUID; else only these, in lower case. */
  readonly hasOpenSubscriptions: boolean;
  readonly subscriptions: readonly string[];
  readonly pricesFile: string | undefined;
  readonly activation: 'auto' | 'manual';
  /** Where orders are placed: over ARM, or at the Azure Edge Hardware Center, for which control stands. */
  readonly orders: 'arm' | 'hardware-center';
  /** Devices are made of every SKU, also of those that cannot be ordered any more. */
  readonly hasEverySku: boolean;
  /** Regions of devices beside those that are known anyway. */
  readonly locations: readonly string[];
  /** The year of the recordings whose waits and counters are sent. */
  readonly era: EraName;
  readonly isAzureAsync: boolean;
  /** Writes need a registered provider. */
  readonly isRegistrationEnforced: boolean;
  /** A newer api-version than we know is served as the newest, with a warning. */
  readonly hasLooseVersions: boolean;
  readonly showsSystemData: boolean;
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  /** Seals secrets in place of the key in the data folder, for processes on several machines: base64 of 32 bytes. */
  readonly masterKey: MasterKey | undefined;
  /** Jobs a second of each queue on Redis; undefined: as many as there are. */
  readonly queueRate: number | undefined;
  /** Callers must sign in. */
  readonly isSignInRequired: boolean;
  /** Who may sign in; empty: the first start makes an administrator. Secrets as digests. */
  readonly clients: readonly Client[];
  /** undefined: calls are not counted. */
  readonly throttle: ThrottleLimit | undefined;
  readonly logLevel: string;
}

export type Role = 'all' | 'api' | 'worker';

/** A setting that cannot be used; `message` is one line for the person at the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const KNOWN = new Set([
  'EDGETWIN_HOST',
  'EDGETWIN_PORT',
  'EDGETWIN_NAMES',
  'EDGETWIN_PROXIES',
  'EDGETWIN_CORS',
  'EDGETWIN_DATA',
  'EDGETWIN_ROLE',
  'EDGETWIN_MASTER_KEY',
  'EDGETWIN_QUEUE_RATE',
  'EDGETWIN_CLOCK_RATE',
  'EDGETWIN_CLOCK',
  'EDGETWIN_CLOCK_START',
  'EDGETWIN_SEED',
  'EDGETWIN_SUBSCRIPTIONS',
  'EDGETWIN_PRICES',
  'EDGETWIN_ACTIVATION',
  'EDGETWIN_ORDERS',
  'EDGETWIN_SKUS',
  'EDGETWIN_LOCATIONS',
  'EDGETWIN_ERA',
  'EDGETWIN_LRO_STYLE',
  'EDGETWIN_REGISTRATION',
  'EDGETWIN_API_VERSIONS',
  'EDGETWIN_SYSTEM_DATA',
  'EDGETWIN_AUTH',
  'EDGETWIN_CLIENTS',
  'EDGETWIN_ALLOW_OPEN',
  'EDGETWIN_THROTTLE',
  'EDGETWIN_LOG_LEVEL',
  // For clients (`edgetwin tour`): known, so that it may stand in a shell where the service starts too.
  'EDGETWIN_URL',
]);

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Words after the program's name that stand for a variable. */
const OPTIONS: ReadonlyMap<string, string> = new Map([['--role', 'EDGETWIN_ROLE']]);

/**
 * Reads and checks everything, with options of the command line (`--role worker`, `--role=worker`) before variables; throws a
 * `ConfigError` that names each fault.
 */
export function readConfig(
  variables: Environment = process.env,
  words: readonly string[] = [],
): Config {
  const faults: string[] = [];
  const environment = { ...variables, ...readOptions(words, faults) };
  for (const name of Object.keys(environment)) {
    if (name.startsWith('EDGETWIN_') && !KNOWN.has(name)) faults.push(`unknown variable ${name}`);
  }
  const read = new Reader(environment, faults);
  const clock = read.oneOf('EDGETWIN_CLOCK', ['running', 'frozen'], 'running');
  const subscriptions = read.subscriptions();
  const host = read.text('EDGETWIN_HOST') ?? '127.0.0.1';
  const config: Config = {
    host,
    names: [...new Set([...namesOf(host), ...read.names()])],
    proxies: read.proxies(),
    pageOrigins: read.pageOrigins(),
    port: read.number('EDGETWIN_PORT', 8480, { least: 0, most: 65535, isWhole: true }),
    data: read.text('EDGETWIN_DATA') ?? './data',
    role: read.oneOf('EDGETWIN_ROLE', ['all', 'api', 'worker'], 'all'),
    clockRate: read.number('EDGETWIN_CLOCK_RATE', 60, { least: 0.001, most: 1_000_000 }),
    isClockFrozen: clock === 'frozen',
    clockStart: read.instant('EDGETWIN_CLOCK_START'),
    seed: read.text('EDGETWIN_SEED'),
    hasOpenSubscriptions: subscriptions === undefined,
    subscriptions: subscriptions ?? [],
    pricesFile: read.text('EDGETWIN_PRICES'),
    activation: read.oneOf('EDGETWIN_ACTIVATION', ['auto', 'manual'], 'auto'),
    orders: read.oneOf('EDGETWIN_ORDERS', ['arm', 'hardware-center'], 'arm'),
    hasEverySku: read.oneOf('EDGETWIN_SKUS', ['available', 'all'], 'available') === 'all',
    locations: read.locations(),
    era: read.oneOf('EDGETWIN_ERA', ERA_NAMES, '2025'),
    isAzureAsync:
      read.oneOf('EDGETWIN_LRO_STYLE', ['recorded', 'azure-async'], 'recorded') === 'azure-async',
    isRegistrationEnforced:
      read.oneOf('EDGETWIN_REGISTRATION', ['open', 'enforced'], 'open') === 'enforced',
    hasLooseVersions:
      read.oneOf('EDGETWIN_API_VERSIONS', ['strict', 'loose'], 'strict') === 'loose',
    showsSystemData: read.oneOf('EDGETWIN_SYSTEM_DATA', ['hidden', 'shown'], 'hidden') === 'shown',
    redisUrl: read.url('REDIS_URL', ['redis:', 'rediss:']),
    databaseUrl: read.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    masterKey: read.masterKey(),
    queueRate: read.optionalNumber('EDGETWIN_QUEUE_RATE', {
      least: 1,
      most: 1_000_000,
      isWhole: true,
    }),
    isSignInRequired: read.isSignInRequired(host),
    clients: read.clients(),
    throttle: read.throttle(),
    logLevel: read.oneOf('EDGETWIN_LOG_LEVEL', LOG_LEVELS, 'warn'),
  };
  if (faults.length > 0) throw new ConfigError(`Configuration: ${faults.join('; ')}.`);
  return config;
}

function readOptions(words: readonly string[], faults: string[]): Record<string, string> {
  const values: Record<string, string> = {};
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [option = '', inWord] = word.split('=', 2);
    const variable = OPTIONS.get(option);
    const value = inWord ?? (variable === undefined ? undefined : left.shift());
    if (variable === undefined) faults.push(`unknown option ${word}`);
    else if (value === undefined || value === '') faults.push(`${option} needs a value`);
    else values[variable] = value;
  }
  return values;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** The loopback's names, and the host's own: one that means every address is none, the machine's name stands for it. */
function namesOf(host: string): string[] {
  const isEvery = /^(0\.0\.0\.0|::|\*)$/.test(host);
  return [...new Set([...LOOPBACK, isEvery ? hostname() : host])];
}

/** An address, or a range of them: `10.1.0.0/16`. */
function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  const isGoodLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return isIP(address) !== 0 && isGoodLength && rest.length === 0;
}

class Reader extends EnvironmentReader {
  /** Whoever reaches an open service may do everything, so it must be wished for to be reached from elsewhere. */
  isSignInRequired(host: string): boolean {
    const isOpen = this.oneOf('EDGETWIN_AUTH', ['open', 'required'], 'open') === 'open';
    const isAllowed = this.oneOf('EDGETWIN_ALLOW_OPEN', ['0', '1'], '0') === '1';
    if (isOpen && !isAllowed && !LOOPBACK.includes(host) && !host.startsWith('127.')) {
      this.fault(
        `EDGETWIN_HOST=${host} lets other machines in, and nobody has to sign in: set EDGETWIN_AUTH=required, ` +
          'or EDGETWIN_ALLOW_OPEN=1 if that is meant',
      );
    }
    return !isOpen;
  }

  locations(): readonly string[] {
    return this.list(
      'EDGETWIN_LOCATIONS',
      (name) => /^[A-Za-z][A-Za-z0-9 ]{0,63}$/.test(name),
      'names of regions with commas between them, such as "westus3, Sweden Central"',
    );
  }

  names(): readonly string[] {
    return this.list(
      'EDGETWIN_NAMES',
      (name) => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(name) || isIP(name) !== 0,
      'host names with commas between them, such as "edgetwin.example, twin"',
    ).map((name) => name.toLowerCase());
  }

  proxies(): readonly string[] {
    return this.list(
      'EDGETWIN_PROXIES',
      isAddressRange,
      'addresses such as "10.0.0.2, 10.1.0.0/16"',
    );
  }

  pageOrigins(): readonly string[] {
    return this.list(
      'EDGETWIN_CORS',
      (text) =>
        URL.canParse(text) &&
        /^https?:$/.test(new URL(text).protocol) &&
        new URL(text).origin === text,
      'origins of pages with commas between them, such as "https://portal.example:8443"',
    );
  }

  clients(): readonly Client[] {
    const text = this.text('EDGETWIN_CLIENTS');
    if (text === undefined) return [];
    const clients = readClients(text);
    if (!('fault' in clients)) return clients;
    this.fault(`EDGETWIN_CLIENTS: ${clients.fault}`);
    return [];
  }

  masterKey(): MasterKey | undefined {
    const text = this.text('EDGETWIN_MASTER_KEY');
    if (text === undefined) return undefined;
    const key = masterKeyOf(text);
    if (key === undefined) {
      this.fault('EDGETWIN_MASTER_KEY must be the base64 of 32 bytes, as in a vault.key');
    }
    return key;
  }

  throttle(): ThrottleLimit | undefined {
    const text = this.text('EDGETWIN_THROTTLE');
    if (text === undefined) return undefined;
    const limit = readThrottleLimit(text);
    if (limit === undefined) {
      this.fault(
        `EDGETWIN_THROTTLE=${text} must be a number of calls a minute such as 100, or calls/seconds such as 100/10`,
      );
    }
    return limit;
  }

  /** `open`; `listed` (those that control names); or `listed:` and GUIDs with commas between them. */
  subscriptions(): string[] | undefined {
    const text = this.text('EDGETWIN_SUBSCRIPTIONS');
    if (text === undefined || text === 'open') return undefined;
    if (text === 'listed') return [];
    const ids = text
      .replace(/^listed:/, '')
      .split(',')
      .map((id) => id.trim().toLowerCase());
    if (text.startsWith('listed:') && ids.every((id) => GUID.test(id))) return ids;
    this.fault(
      `EDGETWIN_SUBSCRIPTIONS=${text} must be "open", "listed", or "listed:" and subscription GUIDs with commas between them`,
    );
    return undefined;
  }
}

/** The program's own version, for banners and documents. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string })
    .version;
}
