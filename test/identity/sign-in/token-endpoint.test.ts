import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import supertest from 'supertest';
import { startService } from '../../support/service.ts';
import { ARM_SCOPE, claimsIn, post, REQUIRED, secretOf } from '../../support/sign-in.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const V2 = `/${TENANT}/oauth2/v2.0/token`;
const V1 = `/${TENANT}/oauth2/token`;
const READER = {
  grant_type: 'client_credentials',
  client_id: 'reader',
  client_secret: secretOf('reader'),
};
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

describe('client credentials', () => {
  test('give a signed token with the claims that clients read', async (t) => {
    const arm = await startService(t, REQUIRED);
    const { body, headers } = await post(arm, V2, { ...READER, scope: ARM_SCOPE });
    assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 3599]);
    assert.equal(headers['cache-control'], 'no-store');
    const keys = (await arm.get(`/${TENANT}/discovery/v2.0/keys`)) as unknown as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(
      body.access_token,
      createLocalJWKSet(keys),
    );
    assert.equal(protectedHeader.alg, 'RS256');
    const { aud, tid, appid, oid, iss, exp = 0, iat = 0 } = payload;
    assert.deepEqual([aud, tid, appid], ['https://management.azure.com', TENANT, 'reader']);
    assert.match(String(oid), /^[0-9a-f-]{36}$/);
    assert.match(String(iss), new RegExp(`/${TENANT}/$`));
    assert.equal(exp - iat, 3599);
  });

  test('the audience is that of scope or resource, which may end with a slash of its own', async (t) => {
    const arm = await startService(t, REQUIRED);
    const audienceOf = async (path: string, asked: Record<string, string>): Promise<unknown> => {
      const { body } = await post(arm, path, { ...READER, ...asked });
      return claimsIn(body.access_token).aud;
    };
    const CORE = 'https://management.core.windows.net/';
    assert.equal(await audienceOf(V2, { scope: `${CORE}/.default` }), CORE);
    assert.equal(await audienceOf(V2, { scope: 'api://app/.default' }), 'api://app');
    assert.equal(await audienceOf(V1, { resource: CORE }), CORE);
    // az asks an AD FS for a scope [az].
    assert.equal(await audienceOf('/adfs/oauth2/token', { scope: `${CORE}/.default` }), CORE);
  });

  test('version 1 has numbers as strings, and the times of the token', async (t) => {
    const arm = await startService(t, REQUIRED);
    const { body } = await post(arm, V1, { ...READER, resource: 'https://management.azure.com/' });
    assert.equal(body.expires_in, '3599');
    assert.equal(Number(body.expires_on), claimsIn(body.access_token).exp);
    assert.equal(body.resource, 'https://management.azure.com/');
  });

  test('may come in a Basic header, encoded as OAuth wants it', async (t) => {
    const arm = await startService(t, REQUIRED);
    const basic = Buffer.from(`reader:${encodeURIComponent(secretOf('reader'))}`).toString(
      'base64',
    );
    const answer = await supertest(arm.service.door.server)
      .post(V2)
      .set('authorization', `Basic ${basic}`)
      .type('form')
      .send({ grant_type: 'client_credentials', scope: ARM_SCOPE });
    assert.equal(answer.status, 200);
  });

  test('are refused in the words of the real authority, which contain no secret', async (t) => {
    const arm = await startService(t, REQUIRED);
    const good = { ...READER, scope: ARM_SCOPE };
    const cases: [form: Record<string, string>, status: number, error: string, code: number][] = [
      [{ ...good, client_secret: 'wrong-secret' }, 401, 'invalid_client', 7000215],
      [{ ...good, client_secret: '' }, 401, 'invalid_client', 7000218],
      [{ ...good, client_id: 'stranger' }, 400, 'unauthorized_client', 700016],
      [{ ...good, client_id: '' }, 400, 'unauthorized_client', 700016],
      [{ ...good, scope: '' }, 400, 'invalid_request', 900144],
      [{ ...good, scope: 'https://a"b/.default' }, 400, 'invalid_scope', 70011],
      [{ ...good, scope: 'https://ä/.default' }, 400, 'invalid_scope', 70011],
      [{ ...good, grant_type: 'implicit' }, 400, 'unsupported_grant_type', 70003],
      [{ ...good, grant_type: 'password', username: 'u' }, 400, 'unsupported_grant_type', 70003],
      [{ ...good, grant_type: DEVICE_CODE }, 400, 'unsupported_grant_type', 70003],
      [{ client_id: 'reader' }, 400, 'invalid_request', 900144],
      [{ grant_type: 'client_credentials' }, 400, 'invalid_request', 900144],
    ];
    for (const [form, status, error, code] of cases) {
      const { status: given, body, text } = await post(arm, V2, form);
      assert.deepEqual([given, body.error, body.error_codes], [status, error, [code]], text);
      assert.match(body.error_description, new RegExp(`^AADSTS${code}: `));
      assert.ok(!text.includes('wrong-secret') && !text.includes(secretOf('reader')));
    }
    assert.equal((await post(arm, '/x/oauth2/v2.0/devicecode', good)).status, 400);
  });
});

describe('an open service', () => {
  test('gives any client a token, with any secret or none', async (t) => {
    const arm = await startService(t);
    const form = { grant_type: 'client_credentials', client_id: 'me', scope: ARM_SCOPE };
    const first = await post(arm, V2, form);
    const second = await post(arm, V2, { ...form, client_secret: 'x' });
    assert.equal(claimsIn(first.body.access_token).oid, claimsIn(second.body.access_token).oid);
  });

  test('signs a user in without a password, by device code, and again by refresh token', async (t) => {
    const arm = await startService(t);
    const app = { client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46' };
    const scope = `${ARM_SCOPE} openid profile offline_access`;
    const asked = await post(arm, `/common/oauth2/v2.0/devicecode`, { ...app, scope });
    assert.equal(asked.status, 200);
    const code = { ...app, grant_type: DEVICE_CODE, device_code: asked.body.device_code };
    const { body } = await post(arm, V2, code);
    const access = claimsIn(body.access_token);
    const identity = claimsIn(body.id_token);
    assert.deepEqual([access.aud, access.idtyp], ['https://management.azure.com', 'user']);
    assert.deepEqual([identity.aud, identity.oid], [app.client_id, access.oid]);
    const info = JSON.parse(Buffer.from(body.client_info, 'base64url').toString('utf8'));
    assert.deepEqual(info, { uid: access.oid, utid: TENANT });

    const again = { ...app, grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const graph = await post(arm, V2, { ...again, scope: 'https://graph.microsoft.com/User.Read' });
    assert.equal(claimsIn(graph.body.access_token).aud, 'https://graph.microsoft.com');
    const same = await post(arm, V2, again);
    assert.equal(claimsIn(same.body.access_token).upn, access.upn);

    const named = await post(arm, V2, { ...app, grant_type: 'password', username: 'ann@x', scope });
    assert.equal(claimsIn(named.body.access_token).upn, 'ann@x');
    for (const wrong of [body.access_token, asked.body.device_code, 'x', '']) {
      const refused = await post(arm, V2, { ...again, refresh_token: wrong });
      assert.equal(refused.body.error, 'invalid_grant');
    }
  });
});

describe('the managed identity', () => {
  const PATH =
    '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/';

  test('issues tokens to programs of this machine', async (t) => {
    const arm = await startService(t, REQUIRED);
    const ask = (path = PATH) => supertest(arm.service.door.server).get(path);
    const { status, body } = await ask().set('Metadata', 'true');
    assert.equal(status, 200);
    assert.equal(claimsIn(body.access_token).aud, 'https://management.azure.com/');
    assert.equal(body.client_id, claimsIn(body.access_token).appid);
    assert.match(body.expires_on, /^\d+$/);
  });

  test('issues none to web pages, through proxies, or without its header', async (t) => {
    const arm = await startService(t, REQUIRED);
    const ask = (path = PATH) => supertest(arm.service.door.server).get(path);
    assert.equal((await ask()).status, 400);
    assert.equal((await ask(PATH.replace('resource', 'r')).set('Metadata', 'true')).status, 400);
    for (const [header, value] of [
      ['origin', 'http://localhost:3000'],
      ['x-forwarded-for', '127.0.0.1'],
    ] as const) {
      const { status, text } = await ask().set('Metadata', 'true').set(header, value);
      assert.equal(status, 403);
      assert.ok(!text.includes('access_token'));
    }
  });
});
