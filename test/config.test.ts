import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { programVersion, readConfig } from '#src/config.ts';
import { digestOf } from '#vault/digest.ts';

const GUID = '4385cf00-2d3a-425a-832f-f4285b1c9dce';

test('without a variable everything has a default', () => {
  assert.partialDeepStrictEqual(readConfig({}), {
    host: '127.0.0.1',
    names: ['localhost', '127.0.0.1', '::1'],
    port: 8480,
    data: './data',
    role: 'all',
    masterKey: undefined,
    queueRate: undefined,
    clockRate: 60,
    isClockFrozen: false,
    clockStart: undefined,
    seed: undefined,
    hasOpenSubscriptions: true,
    subscriptions: [],
    pricesFile: undefined,
    activation: 'auto',
    isAzureAsync: false,
    isRegistrationEnforced: false,
    hasLooseVersions: false,
    showsSystemData: false,
    isSignInRequired: false,
    redisUrl: undefined,
    databaseUrl: undefined,
    clients: [],
    throttle: undefined,
    logLevel: 'warn',
  });
});

test('an option of the command line goes before its variable', () => {
  assert.equal(readConfig({ EDGETWIN_ROLE: 'api' }).role, 'api');
  assert.equal(readConfig({ EDGETWIN_ROLE: 'api' }, ['--role', 'worker']).role, 'worker');
  assert.equal(readConfig({}, ['--role=api']).role, 'api');
  assert.throws(
    () => readConfig({}, ['--role', 'boss']),
    /EDGETWIN_ROLE=boss must be one of all, api, worker/,
  );
  assert.throws(() => readConfig({}, ['--role']), /--role needs a value/);
  assert.throws(() => readConfig({}, ['--rule', 'x']), /unknown option --rule/);
});

test('the master key of the configuration is 32 bytes, and is never repeated', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  assert.equal(readConfig({ EDGETWIN_MASTER_KEY: key }).masterKey?.symmetricKeySize, 32);
  assert.throws(
    () => readConfig({ EDGETWIN_MASTER_KEY: 'c2hvcnQ=' }),
    (error: Error) =>
      /must be the base64 of 32 bytes/.test(error.message) && !error.message.includes('c2hv'),
  );
});

test('an empty or blank variable counts as unset', () => {
  const names = ['HOST', 'PORT', 'DATA', 'CLOCK_RATE', 'CLOCK', 'CLOCK_START', 'SEED', 'PRICES'];
  const blank = names.map((name, index) => [`EDGETWIN_${name}`, ' '.repeat(index % 2)]);
  const more = {
    REDIS_URL: '',
    DATABASE_URL: '',
    EDGETWIN_LRO_STYLE: '',
    EDGETWIN_SUBSCRIPTIONS: '',
  };
  assert.deepEqual(readConfig({ ...Object.fromEntries(blank), ...more }), readConfig({}));
});

test('every variable is read', () => {
  const config = readConfig({
    EDGETWIN_HOST: '0.0.0.0',
    EDGETWIN_PORT: '0',
    EDGETWIN_DATA: ':memory:',
    EDGETWIN_CLOCK_RATE: '0.5',
    EDGETWIN_CLOCK: 'frozen',
    EDGETWIN_CLOCK_START: '2026-01-01T00:00:00+01:00',
    EDGETWIN_SEED: 'seed',
    EDGETWIN_SUBSCRIPTIONS: `listed:${GUID.toUpperCase()}, ${GUID.replace('4', '5')}`,
    EDGETWIN_PRICES: 'prices.json',
    EDGETWIN_ACTIVATION: 'manual',
    EDGETWIN_LRO_STYLE: 'azure-async',
    EDGETWIN_REGISTRATION: 'enforced',
    EDGETWIN_API_VERSIONS: 'loose',
    EDGETWIN_SYSTEM_DATA: 'shown',
    EDGETWIN_AUTH: 'required',
    EDGETWIN_CLIENTS: 'ci:secret:Reader',
    EDGETWIN_THROTTLE: '100/10',
    EDGETWIN_LOG_LEVEL: 'debug',
    REDIS_URL: 'rediss://127.0.0.1:6380/1',
    DATABASE_URL: 'postgresql://127.0.0.1/edgetwin',
    HOME: '/nowhere',
  });
  assert.partialDeepStrictEqual(config, {
    host: '0.0.0.0',
    names: ['localhost', '127.0.0.1', '::1', hostname()],
    port: 0,
    data: ':memory:',
    clockRate: 0.5,
    isClockFrozen: true,
    clockStart: Date.parse('2025-12-31T23:00:00Z'),
    seed: 'seed',
    hasOpenSubscriptions: false,
    subscriptions: [GUID, GUID.replace('4', '5')],
    pricesFile: 'prices.json',
    activation: 'manual',
    isAzureAsync: true,
    isRegistrationEnforced: true,
    hasLooseVersions: true,
    showsSystemData: true,
    isSignInRequired: true,
    redisUrl: 'rediss://127.0.0.1:6380/1',
    databaseUrl: 'postgresql://127.0.0.1/edgetwin',
    clients: [{ clientId: 'ci', secretDigest: digestOf('secret'), role: 'Reader' }],
    throttle: { calls: 100, span: 10_000 },
    logLevel: 'debug',
  });
});

test('subscriptions are open, listed over control, or listed by name', () => {
  const of = (text: string) => {
    const { hasOpenSubscriptions, subscriptions } = readConfig({ EDGETWIN_SUBSCRIPTIONS: text });
    return [hasOpenSubscriptions, subscriptions];
  };
  assert.deepEqual(of('open'), [true, []]);
  assert.deepEqual(of('listed'), [false, []]);
  assert.deepEqual(of(`listed:${GUID}`), [false, [GUID]]);
});

/** What stops the start: one line that says what is wrong with `environment`. */
function faultOf(environment: Readonly<Record<string, string>>): string {
  let line = '';
  assert.throws(
    () => readConfig(environment),
    (error: Error) => {
      line = error.message;
      return error.name === 'ConfigError';
    },
  );
  assert.ok(!line.includes('\n'), 'one line');
  return line;
}

test('other machines are let in where callers sign in, or where that is said to be meant', () => {
  const open = { EDGETWIN_HOST: '0.0.0.0' };
  assert.match(faultOf(open), /EDGETWIN_AUTH=required/);
  assert.equal(readConfig({ ...open, EDGETWIN_AUTH: 'required' }).isSignInRequired, true);
  assert.equal(readConfig({ ...open, EDGETWIN_ALLOW_OPEN: '1' }).isSignInRequired, false);
});

test('each bad value stops the start and says what it may be', () => {
  const bad: [name: string, value: string, said: RegExp][] = [
    ['EDGETWIN_PORT', '65536', /a whole number from 0 to 65535/],
    ['EDGETWIN_PORT', '80.5', /EDGETWIN_PORT=80\.5/],
    ['EDGETWIN_PORT', 'http', /EDGETWIN_PORT=http/],
    ['EDGETWIN_PORT', '0x50', /EDGETWIN_PORT=0x50/],
    ['EDGETWIN_CLOCK_RATE', '0', /from 0\.001/],
    ['EDGETWIN_CLOCK_RATE', 'Infinity', /EDGETWIN_CLOCK_RATE/],
    ['EDGETWIN_CLOCK', 'stopped', /running, frozen/],
    ['EDGETWIN_CLOCK_START', 'yesterday', /"now" or a date-time/],
    ['EDGETWIN_CLOCK_START', '2026-01-01T00:00:00', /date-time/],
    ['EDGETWIN_CLOCK_START', '2026-02-30T00:00:00Z', /date-time/],
    ['EDGETWIN_SUBSCRIPTIONS', 'listed:mine', /subscription GUIDs/],
    ['EDGETWIN_SUBSCRIPTIONS', 'listed:', /subscription GUIDs/],
    ['EDGETWIN_SUBSCRIPTIONS', GUID, /listed/],
    ['EDGETWIN_ACTIVATION', 'never', /auto, manual/],
    ['EDGETWIN_LRO_STYLE', 'sync', /recorded, azure-async/],
    ['EDGETWIN_AUTH', 'closed', /open, required/],
    [
      'EDGETWIN_CLIENTS',
      'ci:hush:King',
      /^(?!.*hush).*EDGETWIN_CLIENTS: entry 1 must be clientId:secret:Role/,
    ],
    ['EDGETWIN_ALLOW_OPEN', 'yes', /0, 1/],
    ['EDGETWIN_THROTTLE', 'often', /calls a minute/],
    ['EDGETWIN_HOST', '0.0.0.0', /EDGETWIN_AUTH=required.*EDGETWIN_ALLOW_OPEN=1/],
    ['EDGETWIN_HOST', '192.168.1.5', /lets other machines in/],
    ['EDGETWIN_LOG_LEVEL', 'loud', /fatal, error/],
    ['EDGETWIN_POTR', '1', /unknown variable EDGETWIN_POTR/],
  ];
  for (const [name, value, said] of bad) assert.match(faultOf({ [name]: value }), said, name);
});

test('all faults come at once, and a URL that may hold a password is not repeated', () => {
  const line = faultOf({
    EDGETWIN_PORT: 'x',
    EDGETWIN_CLOCK: 'y',
    EDGETWIN_NEW: 'z',
    REDIS_URL: 'http://user:secret@host',
    DATABASE_URL: 'secret',
  });
  for (const name of [
    'EDGETWIN_PORT',
    'EDGETWIN_CLOCK',
    'EDGETWIN_NEW',
    'REDIS_URL',
    'DATABASE_URL',
  ]) {
    assert.match(line, new RegExp(name));
  }
  assert.doesNotMatch(line, /secret/);
});

test('the program knows its version', () => {
  assert.match(programVersion(), /^\d+\.\d+\.\d+/);
});
