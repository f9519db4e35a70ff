/**
 * The published `@azure/identity` signs in over HTTPS at a service that requires it, and the published management
 * clients work with its tokens. Nothing of them is replaced: the test trusts our authority as a user's process would.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { DataBoxEdgeManagementClient } from '@azure/arm-databoxedge';
import { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/core-auth';
import {
  ClientSecretCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import { minutes } from '#shared/instant.ts';
import { SUBSCRIPTION } from '../support/arm-client.ts';
import { type ListeningService, startListening } from '../support/listening.ts';
import { temporaryFolder } from '../support/process.ts';
import { listed } from '../support/sdk.ts';
import { claimsIn, REQUIRED, secretOf } from '../support/sign-in.ts';

const RG = 'GroupForEdgeAutomation';
const EDGE = 'edge1';
const TENANT = '11111111-2222-4333-8444-555555555555';
const ROOT = join(import.meta.dirname, '../..');

type SecureService = ListeningService & { readonly secure: string };

/** A service that this process trusts, at `https://localhost:{port}`. */
async function startTrusted(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
): Promise<SecureService> {
  const arm = await startListening(t, environment);
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, await arm.service.authority.certificate()]);
  t.after(() => {
    setDefaultCACertificates(trusted);
  });
  const secure = arm.origin.replace('http://127.0.0.1', 'https://localhost');
  return Object.assign(arm, { secure });
}

/** `adfs` is the tenant for which the library asks nobody else, any other needs to be told not to [ran]. */
function credentialOf(arm: SecureService, name: string, tenant = 'adfs'): ClientSecretCredential {
  return new ClientSecretCredential(tenant, name, secretOf(name), {
    authorityHost: arm.secure,
    ...(tenant === 'adfs' ? {} : { disableInstanceDiscovery: true }),
  });
}

/** Its waiting moves the frozen clock. */
function edgeClient(arm: SecureService, credential: TokenCredential): DataBoxEdgeManagementClient {
  return new DataBoxEdgeManagementClient(credential, SUBSCRIPTION, {
    endpoint: arm.secure,
    additionalPolicies: [
      {
        position: 'perCall',
        policy: {
          name: 'simulatedTime',
          sendRequest: async (request, next) => {
            const response = await next(request);
            if (response.headers.has('retry-after')) await arm.advance(minutes(10));
            return response;
          },
        },
      },
    ],
  });
}

test('a client secret is worth a token, and the token what its roles permit', async (t) => {
  const arm = await startTrusted(t, REQUIRED);
  const owner = credentialOf(arm, 'owner');
  const groups = new ResourceManagementClient(owner, SUBSCRIPTION, { endpoint: arm.secure });
  const edge = edgeClient(arm, owner);

  await t.test('an owner makes a group, a device and what belongs to it', async () => {
    const group = await groups.resourceGroups.createOrUpdate(RG, { location: 'eastus' });
    assert.equal(group.properties?.provisioningState, 'Succeeded');
    const device = await edge.devices.createOrUpdate(EDGE, RG, {
      location: 'eastus',
      sku: { name: 'EdgeP_Base', tier: 'Standard' },
    });
    assert.equal(device.dataBoxEdgeDeviceStatus, 'ReadyToSetup');
    assert.deepEqual(
      (await listed(groups.resources.listByResourceGroup(RG))).map(({ name }) => name),
      [EDGE],
    );
    const order = await edge.orders.beginCreateOrUpdateAndWait(EDGE, RG, {
      contactInformation: {
        contactPerson: 'John Mcclane',
        companyName: 'Microsoft',
        phone: '(800) 426-9400',
        emailList: ['john@microsoft.com'],
      },
      shippingAddress: { addressLine1: 'One', postalCode: '98052', country: 'USA' },
    });
    assert.equal(order.contactInformation?.companyName, 'Microsoft');
  });

  await t.test('a reader, of whatever tenant, only looks', async () => {
    const reader = edgeClient(arm, credentialOf(arm, 'reader', TENANT));
    assert.equal((await reader.devices.get(EDGE, RG)).name, EDGE);
    await assert.rejects(reader.devices.update(EDGE, RG, { tags: {} }), {
      name: 'RestError',
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
  });

  await t.test('who has no role, or another secret, is told so', async () => {
    await assert.rejects(edgeClient(arm, credentialOf(arm, 'nobody')).devices.get(EDGE, RG), {
      statusCode: 403,
    });
    const wrong = new ClientSecretCredential('adfs', 'owner', 'wrong', {
      authorityHost: arm.secure,
    });
    await assert.rejects(wrong.getToken(`${arm.secure}/.default`), /AADSTS7000215/);
    const forged = { getToken: async () => ({ token: 'x', expiresOnTimestamp: Infinity }) };
    await assert.rejects(edgeClient(arm, forged).devices.get(EDGE, RG), {
      statusCode: 401,
      code: 'InvalidAuthenticationToken',
    });
  });
});

test('in an open service users sign in without a password, and machines without a secret', async (t) => {
  const arm = await startTrusted(t, {});
  const user = new DeviceCodeCredential({
    tenantId: TENANT,
    clientId: 'app',
    authorityHost: arm.secure,
    disableInstanceDiscovery: true,
    userPromptCallback: () => undefined,
  });
  const { token } = await user.getToken('https://management.azure.com/.default');
  assert.deepEqual([claimsIn(token).tid, claimsIn(token).idtyp], [TENANT, 'user']);

  process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = arm.origin;
  t.after(() => {
    delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
  });
  const machine = new ManagedIdentityCredential();
  const given = await machine.getToken('https://management.azure.com/.default');
  assert.match(String(claimsIn(given.token).aud), /^https:\/\/management\.azure\.com\/?$/);
});

/** A user's program: it knows nothing but its variables. */
const PROGRAM = `
import { EnvironmentCredential } from '@azure/identity';
const address = process.env.EDGETWIN_URL;
const { token } = await new EnvironmentCredential().getToken(address + '/.default');
const url = address + '/subscriptions?api-version=2022-12-01';
const answer = await fetch(url, { headers: { authorization: 'Bearer ' + token } });
console.log(answer.status, Object.keys(await answer.json()));
`;

test('the variables of `edgetwin env` are all that a program needs', async (t) => {
  const data = await temporaryFolder(t);
  const arm = await startListening(t, { ...REQUIRED, EDGETWIN_DATA: data });
  await arm.service.authority.certificate();
  const node = process.execPath;
  const shell = spawn(
    'sh',
    ['-c', `eval "$('${node}' clients/cli.ts env)" && exec '${node}' --input-type=module -`],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        ...{ EDGETWIN_DATA: data, EDGETWIN_PORT: new URL(arm.origin).port },
        ...{ EDGETWIN_AUTH: 'required', EDGETWIN_CLIENTS: 'x:y:None' },
        ...{ AZURE_CLIENT_ID: 'reader', AZURE_CLIENT_SECRET: secretOf('reader') },
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  shell.stdin.end(PROGRAM);
  const [said, complaints, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'exit'),
  ]);
  assert.equal(status, 0, complaints);
  assert.equal(said, "200 [ 'value' ]\n");
});
