import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { startService } from '../../support/service.ts';
import { REQUIRED } from '../../support/sign-in.ts';

const urlIn = (value: unknown): URL => new URL(value as string);
const hostOf = (url: unknown): string => urlIn(url).host;

describe('/metadata/endpoints', () => {
  test('is one object for Terraform, with https addresses at the host of the request', async (t) => {
    const arm = await startService(t);
    const cloud = await arm.get('/metadata/endpoints?api-version=2022-09-01');
    const authentication = cloud.authentication as JsonObject;
    assert.ok(!Array.isArray(cloud));
    for (const member of ['name', 'resourceManager', 'microsoftGraphResourceId', 'portal']) {
      assert.equal(typeof cloud[member], 'string', member);
    }
    assert.equal(cloud.resourceManager, `https://${hostOf(cloud.resourceManager)}/`);
    assert.equal(authentication.loginEndpoint, `https://${hostOf(cloud.resourceManager)}`);
    assert.equal(authentication.identityProvider, 'AAD');
    const { value } = await arm.get('/tenants');
    assert.equal(authentication.tenant, (value as JsonObject[])[0]?.tenantId);
    assert.ok((authentication.audiences as string[]).includes('https://management.azure.com/'));
    // Terraform's location cache asks with two slashes, others name no version.
    assert.deepEqual(
      Object.keys(await arm.get('//metadata/endpoints?api-version=2022-09-01')),
      Object.keys(cloud),
    );
  });

  test('has the older shapes in their api-versions', async (t) => {
    const arm = await startService(t);
    const regions = await arm.get('//metadata/endpoints?api-version=2018-01-01');
    const { Edgetwin: cloud } = regions.cloudEndpoint as {
      Edgetwin: { endpoint: string; locations: string[] };
    };
    assert.ok(!cloud.endpoint.includes('://'));
    assert.ok(cloud.locations.includes('westus'));
    const stack = await arm.get('/metadata/endpoints?api-version=2015-01-01');
    assert.deepEqual(Object.keys(stack), [
      ...['galleryEndpoint', 'graphEndpoint', 'portalEndpoint', 'authentication'],
    ]);
    const list = (await arm.call('get', '/metadata/endpoints?api-version=2019-05-01')).body;
    assert.equal(list.length, 1);
  });

  test('is a list of clouds at its own path, with an authority that az does not look up', async (t) => {
    const arm = await startService(t, REQUIRED);
    const [cloud] = (await arm.call('get', '/metadata/clouds')).body;
    assert.equal(cloud.name, 'Edgetwin');
    assert.match(cloud.authentication.loginEndpoint, /^https:\/\/[^/]+\/adfs$/);
    // az takes the first one for its own resource id [az].
    assert.equal(cloud.authentication.audiences[0], 'https://management.core.windows.net/');
    assert.equal(typeof cloud.suffixes, 'object');
  });
});

describe('OpenID discovery', () => {
  test('shows the endpoints of every tenant, and they answer', async (t) => {
    const arm = await startService(t, REQUIRED);
    const tenant = '11111111-2222-4333-8444-555555555555';
    for (const path of ['common/v2.0', 'contoso.example', tenant, `${tenant}/v2.0`, 'adfs']) {
      const found = await arm.get(`/${path}/.well-known/openid-configuration`);
      for (const endpoint of ['token_endpoint', 'authorization_endpoint', 'jwks_uri', 'issuer']) {
        assert.match(
          found[endpoint] as string,
          /^http:\/\/127\.0\.0\.1:\d+\//,
          `${path} ${endpoint}`,
        );
      }
      assert.equal(urlIn(found.token_endpoint).pathname.split('/')[1], path.split('/')[0]);
      assert.equal(((await arm.get(found.jwks_uri as string)).keys as unknown[]).length, 1);
      await arm.call('post', found.token_endpoint as string).then(({ status, body }) => {
        assert.deepEqual([status, body.error], [400, 'invalid_request'], path);
      });
    }
  });

  test('a GUID is an issuer of its own, every other name is the tenant of the world', async (t) => {
    const arm = await startService(t);
    const issuerOf = async (path: string): Promise<string> => {
      const { issuer } = await arm.get(`/${path}/.well-known/openid-configuration`);
      return urlIn(issuer).pathname;
    };
    const tenant = '11111111-2222-4333-8444-555555555555';
    const { value } = await arm.get('/tenants');
    const [{ tenantId: own }] = value as [{ tenantId: string }];
    assert.equal(await issuerOf(`${tenant}/v2.0`), `/${tenant}/v2.0`);
    assert.equal(await issuerOf(tenant), `/${tenant}/`);
    assert.equal(await issuerOf('common/v2.0'), `/${own}/v2.0`);
    assert.equal(await issuerOf('adfs'), '/adfs');
  });

  test('confirms that this authority is known', async (t) => {
    const arm = await startService(t, REQUIRED);
    const found = await arm.get('/common/discovery/instance?api-version=1.1');
    const [metadata] = found.metadata as JsonObject[];
    assert.equal(metadata?.preferred_network, hostOf(found.tenant_discovery_endpoint));
  });
});
