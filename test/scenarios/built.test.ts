/** What `npm start` runs is built from `src/`: it must serve, from one file, what the sources serve. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { ServiceProcess, temporaryFolder } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '../..');
const [, ...STARTED] = manifest.scripts.start.split(' ');
const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111';
const GROUP = `${SUBSCRIPTION}/resourceGroups/built`;
const DEVICE = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1?api-version=2023-12-01`;

describe('the built service', () => {
  before(() => {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
  });

  test('moves a world into another folder, and says in one line why it cannot', async (t) => {
    const folder = await temporaryFolder(t);
    const settings = { EDGETWIN_DATA: folder, EDGETWIN_LOG_LEVEL: 'error' };
    const service = await ServiceProcess.start(settings, STARTED);
    t.after(async () => service.end());
    const body = { location: 'eastus' };
    assert.equal((await put(service, `${GROUP}?api-version=2021-04-01`, body)).status, 201);
    const target = join(await temporaryFolder(t), 'new');
    const move = (...places: string[]) =>
      spawnSync(process.execPath, ['dist/cli.js', 'migrate-store', ...places], {
        cwd: ROOT,
        encoding: 'utf8',
        // Nothing of the caller's own environment reaches it but the path.
        env: { PATH: process.env.PATH },
      });
    const inUse = move(folder, target);
    assert.equal(inUse.stderr, 'The source is in use. Stop every process that uses it first.\n');
    assert.equal(inUse.status, 1);
    assert.equal(move(folder).status, 2);
    await service.end('SIGTERM');
    const moved = move(folder, target);
    assert.equal(moved.status, 0, moved.stderr);
    assert.match(moved.stdout, /^Copied \d+ rows of \d+ tables /);

    const second = await ServiceProcess.start({ ...settings, EDGETWIN_DATA: target }, STARTED);
    t.after(async () => second.end());
    const found = await fetch(`${second.origin}${GROUP}?api-version=2021-04-01`);
    assert.equal(found.status, 200);
  });

  test('serves from its own files, closes in order, and finds its world again', async (t) => {
    const settings = { EDGETWIN_DATA: await temporaryFolder(t), EDGETWIN_LOG_LEVEL: 'error' };
    const first = await ServiceProcess.start(settings, STARTED);
    t.after(async () => first.end());
    const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
    assert.equal((await put(first, `${GROUP}?api-version=2021-04-01`, body)).status, 201);
    const made = await put(first, DEVICE, body);
    assert.equal(made.status, 200);
    assert.deepEqual(await first.end('SIGTERM'), { code: 0, signal: null });

    const second = await ServiceProcess.start(settings, STARTED);
    t.after(async () => second.end());
    const found = await fetch(second.origin + DEVICE);
    assert.equal(found.status, 200);
    const { etag } = (await found.json()) as { etag: string };
    assert.equal(etag, ((await made.json()) as { etag: string }).etag);
    // The schemas and the pages of the documents come from packages and folders beside it.
    for (const path of ['/openapi.json', '/openapi/2023-12-01.json', '/docs/']) {
      assert.equal((await fetch(second.origin + path)).status, 200, path);
    }
  });

  test('has the commands that people type', () => {
    assert.equal(cli('--version').trim(), manifest.version);
    assert.match(cli('env'), /^export EDGETWIN_URL=/);
  });

  test('plays the tour against a service of its own', () => {
    assert.match(cli('tour', '--own', '--rate', '5000', '--plain'), /^ 8 {2}\S/m);
  });
});

/** What the built command prints, in an environment without variables of the tests. */
function cli(...words: readonly string[]): string {
  const options = { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH } } as const;
  return execFileSync(process.execPath, ['dist/cli.js', ...words], options);
}

async function put({ origin }: ServiceProcess, path: string, body: object): Promise<Response> {
  return await fetch(origin + path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
