/** Activation keys as a client makes them: from a certificate of the service, its upload, and a channel integrity key of the client's own. */
import { makeActivationKey } from '#vault/activation-key.ts';
import { newChannelIntegrityKey } from '#vault/channel-integrity-key.ts';
import { type ArmClient, DEVICE, SUBSCRIPTION, textOf } from './arm-client.ts';

export interface MadeKey {
  readonly key: string;
  readonly integrityKey: string;
}

/** A new key of the device of that name. */
export async function activationKey(arm: ArmClient, name = 'edge1'): Promise<MadeKey> {
  const device = DEVICE.replace('edge1', name);
  const { publicKey, privateKey } = await arm.post(`${device}/generateCertificate`);
  const answer = (await arm.post(`${device}/uploadCertificate`, {
    properties: { certificate: textOf(publicKey) },
  })) as Record<string, string>;
  const integrityKey = newChannelIntegrityKey();
  const key = makeActivationKey({
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'GroupForEdgeAutomation',
    resourceName: name,
    managementCert: textOf(privateKey),
    resourceId: answer.resourceId ?? '',
    aadAuthority: answer.aadAuthority ?? '',
    aadAudience: answer.aadAudience ?? '',
    aadTenantId: answer.aadTenantId ?? '',
    servicePrincipalClientId: answer.servicePrincipalClientId ?? '',
    azureManagementEndpointAudience: answer.azureManagementEndpointAudience ?? '',
    serviceDataIntegrityKey: integrityKey,
  });
  return { key, integrityKey };
}
