import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import supertest, { type Test } from 'supertest';
import { Tokens } from '#identity/sign-in/tokens.ts';
import { minutes, plus, wallNow } from '#shared/instant.ts';
import { loadMasterKey } from '#vault/at-rest.ts';
import { Vault } from '#vault/vault.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { claimsIn, REQUIRED, startRequiring, tokenOf, withToken } from '../support/sign-in.ts';

const URL_ = `/subscriptions/${SUBSCRIPTION}?api-version=2022-12-01`;

describe('where sign-in is required', () => {
  test('a call without a token is refused with where to sign in, before any other check', async (t) => {
    const { anonymous } = await startRequiring(t);
    for (const [method, url] of [
      ['get', `/subscriptions/${SUBSCRIPTION}`],
      ['put', DEVICE],
      ['get', '/subscriptions/no-guid'],
      ['get', `${GROUP}/providers/Microsoft.Nothing/x`],
      ['post', '/nowhere/at/all'],
      ['delete', `${DEVICE}//`],
    ] as const) {
      const { status, body, headers } = await anonymous.call(method, url);
      assert.deepEqual([status, body.error.code], [401, 'AuthenticationFailed'], url);
      assert.match(
        String(headers['www-authenticate']),
        /^Bearer authorization_uri="http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header\."$/,
      );
      assert.equal(headers['x-ms-failure-cause'], 'gateway');
    }
    // Nor did a call of nobody's make the subscription.
    const head = await anonymous.call('head', URL_);
    assert.equal(head.status, 401);
  });

  test('the tenant in the challenge is the one of the subscription', async (t) => {
    const { anonymous, reader } = await startRequiring(t);
    const { headers } = await anonymous.call('get', URL_);
    const { tenantId } = await reader.get(URL_);
    assert.equal(typeof tenantId, 'string');
    assert.ok(String(headers['www-authenticate']).includes(`/${tenantId as string}"`));
  });

  test('each fault of a token has its code', async (t) => {
    const { anonymous } = await startRequiring(t);
    const ask = (authorization: string): Test =>
      supertest(anonymous.service.door.server).get(URL_).set('authorization', authorization);
    const good = await tokenOf(anonymous, 'reader');
    const graph = await tokenOf(anonymous, 'reader', 'https://graph.microsoft.com/.default');
    for (const [authorization, code] of [
      ['Basic cmVhZGVyOng=', 'AuthenticationFailedInvalidHeader'],
      ['Bearer', 'AuthenticationFailedInvalidHeader'],
      ['Bearer a b', 'AuthenticationFailedInvalidHeader'],
      ['Bearer x', 'InvalidAuthenticationToken'],
      [`Bearer ${good.slice(0, -4)}AAAA`, 'InvalidAuthenticationToken'],
      [`Bearer ${graph}`, 'InvalidAuthenticationTokenAudience'],
    ] as const) {
      const { status, body, headers } = await ask(authorization);
      assert.deepEqual([status, body.error.code], [401, code], authorization.slice(0, 20));
      assert.match(String(headers['www-authenticate']), /^Bearer authorization_uri=/);
    }
    assert.equal((await ask(`bearer ${good}`)).status, 200);
  });

  test('an expired token is refused with the time of its expiry', async (t) => {
    const folder = await temporaryFolder(t);
    const arm = await startService(t, { ...REQUIRED, EDGETWIN_DATA: folder });
    // The same key, since it lives with the data, and a day in which the token ran out.
    const vault = new Vault(arm.service.database, await loadMasterKey(folder), wallNow);
    const yesterday = new Tokens(vault, () => plus(wallNow(), minutes(-60 * 24)));
    const claims = { aud: 'https://management.azure.com', oid: 'o', appid: 'reader' };
    const old = withToken(arm, await yesterday.issue(claims, minutes(60)));
    const { code, message } = await old.refused('get', URL_, 401);
    assert.equal(code, 'ExpiredAuthenticationToken');
    assert.match(message, /^The access token expiry UTC time '20\d\d-.*' is earlier than current/);
  });

  test('tokens must be for Resource Manager or for our own address', async (t) => {
    const { anonymous } = await startRequiring(t);
    for (const audience of [
      'https://management.azure.com',
      'https://management.azure.com/',
      'https://management.core.windows.net',
      'https://management.core.windows.net/',
      'https://localhost:8480',
      'http://127.0.0.1',
      'https://[::1]:1/',
    ]) {
      const token = await tokenOf(anonymous, 'reader', `${audience}/.default`);
      assert.equal(claimsIn(token).aud, audience);
      await withToken(anonymous, token).get(URL_);
    }
    for (const audience of ['https://management.azure.com.evil.example', 'management', 'reader']) {
      const token = await tokenOf(anonymous, 'reader', `${audience}/.default`);
      await withToken(anonymous, token).refused('get', URL_, 401);
    }
  });

  test('health, documents, metadata and the certificate are public', async (t) => {
    const { anonymous } = await startRequiring(t);
    for (const path of [
      ...[
        '/health/live',
        '/health/ready',
        '/openapi.json',
        '/openapi/2023-12-01.json',
        '/docs/',
        '/metadata/endpoints',
      ],
      ...['/common/discovery/keys', '/_edgetwin/ca.pem'],
    ]) {
      assert.equal((await anonymous.call('get', path)).status, 200, path);
    }
  });

  test("the emulator's own doors are for its administrators only", async (t) => {
    const { anonymous, admin, owner, reader } = await startRequiring(t);
    await anonymous.refused('get', '/_edgetwin/clock', 401);
    await anonymous.refused('post', '//_EDGETWIN//Reset/', 401);
    await anonymous.refused('post', '/%5Fedgetwin/reset', 401);
    for (const client of [owner, reader]) {
      const { code } = await client.refused('post', '/_edgetwin/reset', 403);
      assert.equal(code, 'AuthorizationFailed');
    }
    await admin.get('/_edgetwin/clock');
    await admin.device();
    // A reset empties the world; who may sign in to it, and with which tokens, stays.
    await admin.post('/_edgetwin/reset');
    await admin.refused('get', DEVICE, 404);
    await reader.get(URL_);
  });

  test('the signing key is stored with the data', async (t) => {
    const folder = await temporaryFolder(t);
    const first = await startService(t, { ...REQUIRED, EDGETWIN_DATA: folder });
    const token = await tokenOf(first, 'reader');
    await first.service.close();
    const second = await startService(t, { ...REQUIRED, EDGETWIN_DATA: folder });
    await withToken(second, token).get(URL_);
  });

  test('without clients the first start creates an administrator, and gives its secret once', async (t) => {
    const folder = await temporaryFolder(t);
    const required = { EDGETWIN_AUTH: 'required', EDGETWIN_DATA: folder };
    const first = await startService(t, required);
    const { clientId, secret } = first.service.newAdministrator!;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const answer = await supertest(first.service.door.server)
      .post('/common/oauth2/token')
      .type('form')
      .send({ ...form, resource: 'https://management.azure.com/' });
    await withToken(first, answer.body.access_token).get('/_edgetwin/clock');
    await first.service.close();
    const second = await startService(t, required);
    assert.equal(second.service.newAdministrator, undefined);
    await withToken(second, answer.body.access_token).get('/_edgetwin/clock');
    const { reader } = second.service.database;
    const rows = await reader.selectFrom('secrets').selectAll().execute();
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(secret));
  });
});

describe('an open service', () => {
  test('accepts any bearer token or none, and creates no administrator', async (t) => {
    const arm = await startService(t);
    assert.equal(arm.service.newAdministrator, undefined);
    await arm.get(URL_);
    await withToken(arm, 'whatever').get(URL_);
    await withToken(arm, 'whatever').get('/_edgetwin/clock');
  });
});

describe('pages of other sites', () => {
  const PAGE = 'https://portal.example';

  test('get preflight answers for any header and method', async (t) => {
    const { anonymous } = await startRequiring(t);
    const { status, headers } = await supertest(anonymous.service.door.server)
      .options(DEVICE)
      .set('origin', PAGE)
      .set('access-control-request-method', 'PUT')
      .set('access-control-request-headers', 'authorization,content-type,x-ms-client-request-id');
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.match(String(headers['access-control-allow-methods']), /PUT.*DELETE/);
    assert.equal(
      headers['access-control-allow-headers'],
      'authorization,content-type,x-ms-client-request-id',
    );
  });

  test('see the headers that a poller needs, in refusals too', async (t) => {
    const { anonymous, admin } = await startRequiring(t);
    await admin.device();
    const token = await tokenOf(anonymous, 'admin');
    const ask = (authorization: string): Test =>
      supertest(anonymous.service.door.server)
        .get(`${DEVICE}?api-version=2023-12-01`)
        .set({ origin: PAGE, authorization });
    for (const [authorization, status] of [
      [`Bearer ${token}`, 200],
      ['Bearer x', 401],
    ] as const) {
      const { status: given, headers } = await ask(authorization);
      assert.equal(given, status);
      assert.equal(headers['access-control-allow-origin'], '*');
      const exposed = String(headers['access-control-expose-headers']).toLowerCase().split(', ');
      for (const name of ['azure-asyncoperation', 'location', 'retry-after', 'x-ms-request-id']) {
        assert.ok(exposed.includes(name), name);
      }
    }
    const { headers } = await anonymous.call('get', '/health/live');
    assert.equal(headers['access-control-allow-origin'], undefined, 'no page, no headers');
  });

  test("may not use the emulator's own doors, except from this machine or the service itself", async (t) => {
    const arm = await startService(t);
    const reset = (origin: string): Test =>
      supertest(arm.service.door.server).post('/_edgetwin/reset').set('origin', origin);
    for (const origin of [PAGE, 'null', 'http://localhost.example', 'http://[::1']) {
      const { status, body } = await reset(origin);
      assert.deepEqual([status, body.error.code], [403, 'ForeignOrigin'], origin);
    }
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:1', 'https://[::1]:8480']) {
      assert.equal((await reset(origin)).status, 200, origin);
    }
  });
});
