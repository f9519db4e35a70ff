/** The local web interface as the vendor's configuration module drives it: its requests, cookies and token header. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Json, JsonObject } from '#shared/json.ts';
import { makeActivationKey } from '#vault/activation-key.ts';
import { newChannelIntegrityKey } from '#vault/channel-integrity-key.ts';
import { type ArmClient, DEVICE, SUBSCRIPTION, textOf } from './arm-client.ts';
import { type ListeningService, startListening } from './listening.ts';

export const FIRST = 'Password1';
export const PASSWORD = 'Local-Door-1';

interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** One device's interface, as a client with cookies sees it. */
export class Box {
  readonly #base: string;
  #cookie = '';
  #token = '';

  constructor(origin: string, device = DEVICE) {
    this.#base = `${origin}/local${device}`;
  }

  async call(method: 'GET' | 'POST', path: string, body?: Json, withToken = true): Promise<Answer> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(withToken && this.#token !== '' ? { RequestVerificationToken: this.#token } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    this.#token = response.headers.get('RequestVerificationToken') ?? this.#token;
    return { status: response.status, body: (await response.json()) as Json };
  }

  /** As the module's `Login`. */
  async signIn(password: string, next?: string): Promise<number> {
    const more = next === undefined ? {} : { NewPassword: next, NewPassword2: next };
    return (await this.call('POST', '/api/Login', { Password: password, ...more })).status;
  }

  async get(path: string): Promise<JsonObject> {
    const { status, body } = await this.call('GET', path);
    assert.equal(status, 200, JSON.stringify(body));
    return body as JsonObject;
  }
}

export async function start(
  t: TestContext,
  more: JsonObject = {},
): Promise<{ readonly arm: ListeningService; readonly box: Box }> {
  const arm = await startListening(t, { EDGETWIN_ACTIVATION: 'manual' });
  await arm.device(more);
  return { arm, box: new Box(arm.origin) };
}

export async function activationKeyOf(arm: ArmClient): Promise<string> {
  const { publicKey, privateKey } = await arm.post(`${DEVICE}/generateCertificate`);
  const answer = (await arm.post(`${DEVICE}/uploadCertificate`, {
    properties: { certificate: textOf(publicKey) },
  })) as Record<string, string>;
  return makeActivationKey({
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'GroupForEdgeAutomation',
    resourceName: 'edge1',
    managementCert: textOf(privateKey),
    resourceId: answer.resourceId ?? '',
    aadAuthority: answer.aadAuthority ?? '',
    aadAudience: answer.aadAudience ?? '',
    aadTenantId: answer.aadTenantId ?? '',
    servicePrincipalClientId: answer.servicePrincipalClientId ?? '',
    azureManagementEndpointAudience: answer.azureManagementEndpointAudience ?? '',
    serviceDataIntegrityKey: newChannelIntegrityKey(),
  });
}

export const compute = (nodeIps: string): JsonObject => ({
  name: 'vSwitch1',
  interfaceName: 'Port2',
  enabledForCompute: true,
  ipAddressPools: [
    { name: 'KubernetesNodeIPs', ipAddressRange: nodeIps },
    { name: 'KubernetesServiceIPs', ipAddressRange: '10.126.75.210-10.126.75.220' },
  ],
});

/** A package with the module's spelling of names. */
export const packageOf = (activationKey: string, nodeIps: string): JsonObject => ({
  device: {
    Activation: { ActivationKey: activationKey, ServiceEncryptionKey: '' },
    Time: { TimeZone: 'UTC', PrimaryTimeServer: 'time.contoso.com', SecondaryTimeServer: '' },
    Network: { VSwitches: [compute(nodeIps)] },
  },
});

export const CONFIGURATION = '/api/DeviceConfiguration';
