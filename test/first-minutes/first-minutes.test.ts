/** The first ten minutes of a new user: what is at the address, what the messages say, and what an SDK needs. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import supertest from 'supertest';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, pathIn } from '../support/arm-client.ts';
import { LOCAL_SHARE, SCHEDULE } from '../support/bodies.ts';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { variable } from '../support/surroundings.ts';

const ROOT = join(import.meta.dirname, '../..');
const OLD_NODE = '/usr/bin/node';
const oldVersion = spawnSync(OLD_NODE, ['--version'], { encoding: 'utf8' }).stdout as string | null;
const isOld = Number(/^v(\d+)/.exec(oldVersion ?? '')?.[1] ?? 99) < 24;

test('issue 9, 13: GET / is a page for browsers, and the same as text for everybody else', async (t) => {
  const { service } = await startService(t);
  const page = await supertest(service.door.server).get('/').set('accept', 'text/html,*/*');
  assert.match(String(page.headers['content-type']), /^text\/html/);
  const plain = await supertest(service.door.server).get('/').set('accept', '*/*');
  assert.match(String(plain.headers['content-type']), /^text\/plain/);
  for (const place of ['/docs/', '/_edgetwin/clock', '/_edgetwin/ca.pem', '/openapi.json']) {
    assert.ok(page.text.includes(`href="${place}"`) && plain.text.includes(place), place);
    assert.ok((await supertest(service.door.server).get(place)).status < 400, place);
  }
  assert.match(plain.text, /curl -X PUT "\$group\?api-version=2021-04-01"/);
});

describe('issue 9, 14: the launcher', () => {
  test('runs the program on the Node that came along, without a word of its own', {
    skip: isOld ? false : 'the system has no older Node',
  }, () => {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
    const { stdout, stderr, status } = spawnSync(OLD_NODE, ['bin/edgetwin.mjs', '--version'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test('says in one line what to do where there is none', {
    skip: isOld ? false : 'the system has no older Node',
  }, async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'bin'));
    await copyFile(join(ROOT, 'bin/edgetwin.mjs'), join(folder, 'bin/edgetwin.mjs'));
    const { stdout, stderr, status } = spawnSync(OLD_NODE, [join(folder, 'bin/edgetwin.mjs')], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^edgetwin needs Node 24 or newer, and this is v.*nodejs\.org.*\n$/);
  });
});

test('issue 9, 15: an empty variable of the tests counts as unset', (t) => {
  const before = process.env.EDGETWIN_TEST_EMPTY;
  t.after(() => {
    if (before === undefined) delete process.env.EDGETWIN_TEST_EMPTY;
  });
  process.env.EDGETWIN_TEST_EMPTY = ' ';
  assert.equal(variable('EDGETWIN_TEST_EMPTY'), undefined);
});

describe('issue 9, 17: an error says what to do next', () => {
  test('a device that is not activated: the calls that activate it', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { message } = await arm.refused('put', `${DEVICE}/shares/data`, 400, LOCAL_SHARE);
    assert.match(
      message,
      /uploadCertificate.*five simulated minutes.*\/_edgetwin\/appliances\/activate/,
    );
  });

  test('a version that came later: loose mode', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const one = await arm.refused('get', `${DEVICE}?api-version=2030-01-01`, 400);
    assert.match(one.message, /EDGETWIN_API_VERSIONS=loose/);
    const list = await arm.refused('get', `${DEVICE}/shares?api-version=2030-01-01`, 404);
    assert.match(list.message, /EDGETWIN_API_VERSIONS=loose/);
    const old = await arm.refused('get', `${DEVICE}?api-version=2000-01-01`, 400);
    assert.doesNotMatch(old.message, /EDGETWIN/);
  });

  test('a second write: where the first one can be looked at', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const url = `${DEVICE}/bandwidthSchedules/nights`;
    await arm.accepted('put', url, SCHEDULE);
    const { message } = await arm.refused('put', url, 409, SCHEDULE);
    const [, path = ''] = /GET (\S+) tells/.exec(message) ?? [];
    assert.equal((await arm.get(pathIn(path))).status, 'Running');
  });
});

test('issue 9, 25: the script of the README works with the two variables that the banner prints', async (t) => {
  const folder = await temporaryFolder(t);
  const service = await ServiceProcess.start({ EDGETWIN_DATA: join(folder, 'data') });
  t.after(async () => service.end('SIGTERM'));
  const group = `${service.origin}/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/demo`;
  const put = async (url: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, await answer.text());
  };
  await put(`${group}?api-version=2021-04-01`, { location: 'eastus' });
  const device = 'providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';
  await put(`${group}/${device}?api-version=2023-12-01`, {
    location: 'eastus',
    sku: { name: 'EdgeP_Base' },
  });
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, script = ''] = /^```js\n([^]*?)^```$/m.exec(readme) ?? [];
  assert.ok(script.includes('DataBoxEdgeManagementClient'));
  const file = join(ROOT, 'node_modules', `.sdk-${process.pid}.mjs`);
  await writeFile(file, script);
  t.after(async () => (await import('node:fs/promises')).rm(file));
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      EDGETWIN_URL: service.origin.replace('http://127.0.0.1', 'https://localhost'),
      NODE_EXTRA_CA_CERTS: join(folder, 'data', 'ca.pem'),
    },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^edge1 ReadyToSetup$/m);
});

test('issue 9, 18: each call that takes a body has it in /openapi.json, with an example that is taken', async (t) => {
  const arm = await startService(t);
  interface Route {
    readonly requestBody?: {
      readonly content: Record<string, { readonly schema: { readonly example?: object } }>;
    };
    readonly parameters?: readonly { readonly name: string }[];
  }
  const document = await supertest(arm.service.door.server).get('/openapi.json');
  const { paths } = document.body as {
    paths: Record<string, Record<string, Route>>;
  };
  const exampleOf = (path: string, method: string): object | undefined =>
    paths[path]?.[method]?.requestBody?.content['application/json']?.schema.example;
  for (const [path, method] of [
    ['/_edgetwin/clock', 'put'],
    ['/_edgetwin/clock/advance', 'post'],
    ['/_edgetwin/appliances/activate', 'post'],
    ['/_edgetwin/orders', 'post'],
    ['/_edgetwin/orders/return', 'post'],
    ['/_edgetwin/supportRequests', 'post'],
  ] as const) {
    assert.ok(exampleOf(path, method) !== undefined, path);
  }
  const group = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}';
  const ends = [
    '',
    '/providers/Microsoft.Resources/deployments/{deploymentName}',
    '/providers/Microsoft.Resources/tags/default',
  ];
  for (const end of ends) {
    const route = paths[group + end]?.put;
    assert.ok(exampleOf(group + end, 'put') !== undefined, end);
    assert.ok(
      route?.parameters?.some(({ name }) => name === 'api-version'),
      end,
    );
  }
  const named = Object.keys(paths).filter((path) =>
    /\/(locks|roleAssignments|roleDefinitions)\/\{/.test(path),
  );
  assert.ok(named.length > 5);
  for (const path of named.filter((one) => paths[one]?.put !== undefined)) {
    assert.ok(exampleOf(path, 'put') !== undefined, path);
  }
  const example = exampleOf(group, 'put') as never;
  await arm.put(
    '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/demo?api-version=2021-04-01',
    example,
    201,
  );
  await arm.post(
    '/_edgetwin/clock/advance',
    exampleOf('/_edgetwin/clock/advance', 'post') as never,
  );
});

test('issue 9, 18: every call of control and of the platform says what it takes and what it answers', async (t) => {
  const { service } = await startService(t);
  interface Operation {
    readonly tags?: readonly string[];
    readonly requestBody?: {
      readonly content: Record<
        string,
        { readonly schema: { readonly properties?: object; readonly example?: object } }
      >;
    };
    readonly responses: Record<string, { readonly description: string }>;
  }
  const { body } = await supertest(service.door.server).get('/openapi.json');
  const { paths } = body as { paths: Record<string, Record<string, Operation>> };
  const WITHOUT_BODY =
    /\/(register|unregister|cancel)$|deployments\/\{deploymentName\}\/exportTemplate$|^\/_edgetwin\/(reset|subscriptions\/\{id\})$/;
  let described = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { tags = [], requestBody, responses }] of Object.entries(methods)) {
      const isOurs = /^(Edgetwin|Microsoft\.(Resources|Authorization|ResourceGraph))$/.test(
        tags[0] ?? '',
      );
      if (!isOurs || path === '/_edgetwin/ca.pem') continue;
      const what = `${method} ${path}`;
      for (const { description } of Object.values(responses)) {
        assert.doesNotMatch(description, /Default Response/, what);
      }
      assert.ok(responses.default !== undefined, what);
      if (!['put', 'post', 'patch'].includes(method) || WITHOUT_BODY.test(path)) continue;
      const schema = requestBody?.content['application/json']?.schema;
      assert.ok(Object.keys(schema?.properties ?? {}).length > 0, what);
      assert.ok(schema?.example !== undefined, what);
      described++;
    }
  }
  assert.ok(described > 40, `${described} bodies`);
});

test('issue 9, 16: phrases that read oddly stay away', async () => {
  const phrases = [
    ...['own doors', 'is no GUID', 'is no object', 'not one of ours', 'given nobody'],
    ...['is a number above', 'with its zone', 'could go back', 'would give it to', 'of yours'],
    ...['tells what to set', 'documents at', 'keeps what it is told', 'that we signed'],
    ...['any bearer or none', 'every poller ends on', 'works off all', 'fell due is done'],
    ...['Whoever publishes', 'that control named', 'simulated seconds a second', 'goes again'],
    ...['elsewhere bring', 'lets everybody in', 'The answer.', 'Everything goes'],
  ];
  const files = (
    await Promise.all(
      ['src', 'clients', 'openapi'].map(async (folder) =>
        (await readdir(join(ROOT, folder), { recursive: true })).map((file) => join(folder, file)),
      ),
    )
  ).flat();
  const found: string[] = [];
  for (const file of [...files.filter((one) => /\.(ts|json)$/.test(one)), 'README.md']) {
    const text = await readFile(join(ROOT, file), 'utf8');
    // What users read: strings of the program, and all of the README and the documents.
    const read = file.endsWith('.ts') ? text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '') : text;
    found.push(...phrases.filter((one) => read.includes(one)).map((one) => `${file}: ${one}`));
  }
  assert.deepEqual(found, []);
});

test('tried, the table of mistakes: each message says what is wrong in English, and what to do', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const other = DEVICE.replace('edge1', 'edge2');
  const device = (more: object): JsonObject => ({
    location: 'eastus',
    sku: { name: 'EdgeP_Base' },
    ...more,
  });
  const cases: readonly (readonly [
    method: 'get' | 'put' | 'post',
    url: string,
    body: JsonObject | undefined,
    message: RegExp,
  ])[] = [
    ['put', other, device({ sku: 'EdgeP_Base' }), /The value of 'sku' must be an object\./],
    [
      'put',
      other,
      device({ tags: [], identity: 1 }),
      /must be an object \(and 1 more; see details\)\.$/,
    ],
    ['put', other, device({ location: 7 }), /The value of 'location' must be a string\./],
    ['put', other, device({ tags: { 'edgetwin-nodes': '3' } }), /has 1 or 2 nodes, not '3'\./],
    [
      'get',
      '/_edgetwin/journal',
      undefined,
      /'resource' \(an ARM id\) or 'subscription' \(a GUID\)/,
    ],
    [
      'post',
      '/_edgetwin/clock/advance',
      { duration: 'P1M' },
      /in weeks, days, hours, minutes and seconds/,
    ],
    [
      'post',
      '/_edgetwin/orders/return',
      { resource: DEVICE },
      /The device has no order that can be returned\./,
    ],
    ['post', '/_edgetwin/supportRequests', {}, /\(and \d+ more; see details\)\.$/],
  ];
  for (const [method, url, body, message] of cases) {
    const answer = await arm.call(method, url, body);
    assert.ok(answer.status >= 400 && answer.status < 500, url);
    assert.match((answer.body as { error: { message: string } }).error.message, message);
  }
});

test('tried, the table of mistakes: what the command says', () => {
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, ['clients/cli.ts', ...words], { cwd: ROOT, encoding: 'utf8' });
  for (const words of [['start', '--help'], ['tour', '-h'], ['help']]) {
    const { status, stdout } = run(...words);
    assert.equal(status, 0);
    assert.match(stdout, /edgetwin start .*\n.*starts the service/);
  }
  const { status, stdout } = run('tour', '--url', 'http://127.0.0.1:1');
  assert.equal(status, 1);
  assert.match(stdout, /No Edgetwin answers at http:\/\/127\.0\.0\.1:1/);
  assert.match(run('tour', '--rate=-1').stderr, /--rate must be a number above 0/);
});
