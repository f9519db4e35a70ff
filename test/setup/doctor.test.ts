import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { examine, type Finding, reportOf } from '#clients/setup/doctor.ts';
import type { Installation } from '#clients/setup/installation.ts';
import { instant, wallNow } from '#shared/instant.ts';
import { startListening } from '../support/listening.ts';
import { temporaryFolder } from '../support/process.ts';

const SURROUNDINGS = { nodeVersion: 'v26.10.0', now: wallNow(), trusted: undefined };

async function installationIn(
  t: TestContext,
  more: Partial<Installation> = {},
): Promise<Installation> {
  const data = await temporaryFolder(t);
  return {
    ...{ host: '127.0.0.1', port: await freePort(), data, isSignInRequired: false },
    redisUrl: undefined,
    ...more,
  };
}

async function listening(t: TestContext): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end('I am no HTTP\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function examined(
  installation: Installation,
  surroundings = SURROUNDINGS,
): Promise<(what: string) => Finding> {
  const findings = await examine(installation, surroundings);
  assert.match(reportOf(findings), /^ ok {2}Node/);
  return (what) => {
    const found = findings.find((finding) => finding.what === what);
    assert.ok(found, `${what} is looked at: ${reportOf(findings)}`);
    return found;
  };
}

describe('the doctor', () => {
  test('finds no fault before the first start', async (t) => {
    const findings = await examine(await installationIn(t), SURROUNDINGS);
    assert.deepEqual(
      findings.filter(({ is }) => is === 'bad'),
      [],
    );
    assert.match(reportOf(findings), /does not run; http:\/\/localhost:\d+ is free for it/);
  });

  test('finds a running service ready, its certificate valid, its clock frozen', async (t) => {
    const data = await temporaryFolder(t);
    const arm = await startListening(t, { EDGETWIN_DATA: data });
    await arm.service.authority.certificate();
    const port = Number(new URL(arm.origin).port);
    const of = await examined(await installationIn(t, { data, port }));
    assert.equal(of('service').is, 'good');
    assert.equal(of('HTTPS').is, 'good');
    assert.match(of('clock').text, /frozen at 2026-03-02T09:00:00\.000Z/);
    assert.equal(of('trust').is, 'note');
    const file = join(data, 'ca.pem');
    const trusting = await examine(await installationIn(t, { data, port }), {
      ...SURROUNDINGS,
      trusted: file,
    });
    assert.ok(!trusting.some(({ what }) => what === 'trust'));
    await rm(file);
    assert.equal((await examined(await installationIn(t, { data, port })))('HTTPS').is, 'bad');
  });

  test('finds the certificate of another installation', async (t) => {
    const data = await temporaryFolder(t);
    const other = await startListening(t, { EDGETWIN_DATA: data });
    await other.service.authority.certificate();
    const arm = await startListening(t);
    const port = Number(new URL(arm.origin).port);
    const https = (await examined(await installationIn(t, { data, port })))('HTTPS');
    assert.equal(https.is, 'bad');
    assert.match(https.text, /cannot be trusted/);
  });

  test('finds the port taken by another program', async (t) => {
    const port = portOf(await listening(t));
    const service = (await examined(await installationIn(t, { port })))('service');
    assert.deepEqual([service.is, /another program/.test(service.text)], ['bad', true]);
  });

  test('finds an address of another machine', async (t) => {
    const service = (await examined(await installationIn(t, { host: '192.0.2.1' })))('service');
    assert.deepEqual([service.is, /EADDRNOTAVAIL/.test(service.text)], ['bad', true]);
  });

  test('finds a data folder that cannot be written, and a key that others can read', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'file');
    await writeFile(file, '');
    const blocked = (await examined(await installationIn(t, { data: join(file, 'data') })))('data');
    assert.deepEqual([blocked.is, /ENOTDIR|EEXIST/.test(blocked.text)], ['bad', true]);
    const data = join(folder, 'data');
    await mkdir(data);
    await writeFile(join(data, 'vault.key'), '');
    await chmod(join(data, 'vault.key'), 0o644);
    const findings = await examine(await installationIn(t, { data }), SURROUNDINGS);
    assert.ok(findings.some(({ is, text }) => is === 'bad' && text.includes('chmod 600')));
  });

  test('finds Redis missing, or another program in its place; the password is not shown', async (t) => {
    const away = await installationIn(t, {
      redisUrl: `redis://:hush@127.0.0.1:${await freePort()}`,
    });
    const queue = (await examined(away))('queue');
    assert.deepEqual([queue.is, /ECONNREFUSED/.test(queue.text)], ['bad', true]);
    assert.doesNotMatch(queue.text, /hush/);
    const stranger = await installationIn(t, {
      redisUrl: `redis://127.0.0.1:${portOf(await listening(t))}`,
    });
    assert.match((await examined(stranger))('queue').text, /not Redis/);
  });

  test('finds an old Node, a system clock in the past, a file that is not a certificate', async (t) => {
    const installation = await installationIn(t);
    const findings = await examine(installation, {
      ...SURROUNDINGS,
      nodeVersion: 'v20.1.0',
      now: instant(0),
    });
    const bad = findings.filter(({ is }) => is === 'bad').map(({ what }) => what);
    assert.deepEqual(bad, ['Node', 'system clock']);
    await writeFile(join(installation.data, 'ca.pem'), 'no certificate');
    assert.equal((await examined(installation))('HTTPS').is, 'bad');
  });
});
