/** Web pages as attackers: of other names, of other origins, and those that take the service's own address. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import supertest from 'supertest';
import { hostCheck } from '#arm/hosts.ts';
import { DEVICE, SUBSCRIPTION } from '../support/arm-client.ts';
import { startListening } from '../support/listening.ts';
import { callRaw } from '../support/raw-http.ts';
import { startRequiring, tokenOf } from '../support/sign-in.ts';

const SUBSCRIPTION_PATH = `/subscriptions/${SUBSCRIPTION}?api-version=2022-12-01`;
/** One path of each door. */
const DOORS = [
  SUBSCRIPTION_PATH,
  `${DEVICE}?api-version=2023-12-01`,
  '/_edgetwin/clock',
  '/_edgetwin/ca.pem',
  '/metadata/endpoints',
  '/metadata/identity/oauth2/token?resource=https://management.azure.com/&api-version=2018-02-01',
  '/health/live',
  '/docs/',
  '/openapi.json',
  '/nowhere',
];

describe('issue 9, 20: a foreign Host is refused', () => {
  test('at every door, whatever the page says of itself', async (t) => {
    const arm = await startListening(t);
    for (const path of DOORS) {
      for (const host of [
        'evil.example:8480',
        'localhost.evil.example',
        '10.0.0.1',
        '127.0.0.1.evil.example',
      ]) {
        const headers = { host, origin: `http://${host}` };
        const { status, text } = await callRaw(arm.origin, { method: 'GET', path, headers });
        assert.equal(status, 421, `${path} as ${host}: ${text}`);
        assert.match(text, /"code":"MisdirectedRequest"/, path);
      }
    }
    const moved = await callRaw(arm.origin, {
      method: 'POST',
      path: '/_edgetwin/clock/advance',
      headers: {
        host: 'evil.example:8480',
        origin: 'http://evil.example:8480',
        'content-type': 'application/json',
      },
      body: '{"duration":"PT1H"}',
    });
    assert.equal(moved.status, 421);
  });

  test('but for loopback names, the configured names and what is listened on', async (t) => {
    const arm = await startListening(t, { EDGETWIN_NAMES: 'twin.example, Other' });
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      'a.localhost',
      '127.0.0.1:8480',
      '127.8.9.1',
      '[::1]:8480',
      'twin.example:443',
      'OTHER',
    ]) {
      const answer = await callRaw(arm.origin, {
        method: 'GET',
        path: '/health/live',
        headers: { host },
      });
      assert.equal(answer.status, 200, host);
    }
  });

  test('a service beyond loopback answers under any address, and no other name', () => {
    const isOwn = hostCheck({ names: ['machine'], isEveryAddress: true });
    const asked = ['10.0.0.1:8480', '[fe80::1]', 'machine', 'Machine:1', 'evil.example', 'a b', ''];
    assert.deepEqual(asked.filter(isOwn), asked.slice(0, 4));
  });

  test('two Host headers are refused', async (t) => {
    const arm = await startListening(t);
    const socket = connect(Number(new URL(arm.origin).port), '127.0.0.1');
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\nHost: localhost\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    assert.match(answer.toString(), /^HTTP\/1\.1 400 /);
  });
});

describe('issue 9, 20: pages of other origins', () => {
  const ask = { method: 'GET', path: SUBSCRIPTION_PATH } as const;
  const preflight = { 'access-control-request-method': 'DELETE' };

  test('are refused in an open world, with their preflights; those of loopback are not', async (t) => {
    const arm = await startListening(t);
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      for (const call of [ask, { ...ask, method: 'OPTIONS' as const }]) {
        const headers = call.method === 'OPTIONS' ? { origin, ...preflight } : { origin };
        const answer = await callRaw(arm.origin, { ...call, headers });
        assert.equal(answer.status, 403, origin);
        assert.match(answer.text, /ForeignOrigin.*EDGETWIN_CORS/);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
    }
    const local = await callRaw(arm.origin, {
      ...ask,
      headers: { origin: 'http://localhost:5173' },
    });
    assert.deepEqual([local.status, local.headers['access-control-allow-origin']], [200, '*']);
  });

  test('may call where EDGETWIN_CORS names them; control stays for pages of this machine', async (t) => {
    const arm = await startListening(t, { EDGETWIN_CORS: 'https://portal.example:8443' });
    const headers = { origin: 'https://portal.example:8443' };
    assert.equal((await callRaw(arm.origin, { ...ask, headers })).status, 200);
    const clock = { method: 'GET', path: '/_edgetwin/clock', headers };
    assert.equal((await callRaw(arm.origin, clock)).status, 403);
    const other = { origin: 'https://portal.example' };
    assert.equal((await callRaw(arm.origin, { ...ask, headers: other })).status, 403);
  });

  test('may call from anywhere where callers sign in', async (t) => {
    const { anonymous } = await startRequiring(t);
    const token = await tokenOf(anonymous, 'owner');
    const { status, headers } = await supertest(anonymous.service.door.server)
      .get(SUBSCRIPTION_PATH)
      .set({ origin: 'https://portal.example', authorization: `Bearer ${token}` });
    assert.deepEqual([status, headers['access-control-allow-origin']], [200, '*']);
  });
});

test('tried, finding B2: URLs that go back are the client’s own behind a proxy that is trusted', async (t) => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'twin.example' };
  const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/g?api-version=2021-04-01`;
  const call = { method: 'PUT', path, body: '{"location":"eastus"}' };
  for (const [proxies, origin] of [
    [{ EDGETWIN_PROXIES: '127.0.0.1', EDGETWIN_NAMES: 'twin.example' }, 'https://twin.example/'],
    [{}, 'http://127.0.0.1:'],
  ] as const) {
    const arm = await startListening(t, proxies);
    await callRaw(arm.origin, { ...call, headers });
    const gone = await callRaw(arm.origin, { method: 'DELETE', path, headers });
    assert.ok(gone.headers.location?.startsWith(origin), String(gone.headers.location));
  }
});
