/**
 * The first two of a device's actions in its life: generateCertificate makes what an activation key is made from, and
 * uploadCertificate takes it. Sources: [rec] (activation), sdk §2.1.
 */
import { Type } from 'typebox';
import { named, object, oneOf, secretIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optional, optionalEnum, optionalString, readOnlyString } from '#arm/shapes.ts';
import { present } from '#shared/assert.ts';
import { formatInstant } from '#shared/instant.ts';
import { type Fault, RefusedError } from '#shared/failure.ts';
import { guid, text } from '#shared/random.ts';
import { parseCertificate } from '#vault/certificates.ts';
import { registeredAt } from '#vault/registered-certificate.ts';
import { machineOf } from '../base/machine.ts';
import { defineAction, type Existing } from '../base/define.ts';
import type { StoredDevice } from './stored-device.ts';

const AUTHENTICATION = ['Invalid', 'AzureActiveDirectory'] as const;

const uploadAnswerSchema = object(
  {
    authType: optionalEnum(AUTHENTICATION, named('AuthenticationType')),
    resourceId: readOnlyString(),
    aadAuthority: readOnlyString(),
    aadTenantId: readOnlyString(),
    servicePrincipalClientId: readOnlyString(),
    servicePrincipalObjectId: readOnlyString(),
    azureManagementEndpointAudience: readOnlyString(),
    aadAudience: readOnlyString(),
  },
  named('UploadCertificateResponse'),
);

const uploadSchema = object(
  {
    properties: object(
      {
        authenticationType: optional(oneOf(AUTHENTICATION, named('AuthenticationType'))),
        certificate: Type.String(),
      },
      named('RawCertificateData'),
    ),
  },
  named('UploadCertificateRequest'),
);

export const activationActions = {
  generateCertificate: defineAction({
    id: 'Devices_GenerateCertificate',
    since: '2020-09-01',
    answer: object(
      {
        publicKey: optionalString(),
        privateKey: optionalString(secretIn('2020-09-01 2021-02-01..')),
        expiryTimeInUTC: optionalString(),
      },
      named('GenerateCertResponse'),
    ),
    act: generateCertificate,
  }),
  uploadCertificate: defineAction({
    id: 'Devices_UploadCertificate',
    body: uploadSchema,
    answer: uploadAnswerSchema,
    check: certificateFaults,
    act: uploadCertificate,
  }),
} as const;

/** The refusal of a machine whose key vault is gone: activation fails (tact). */
const NO_VAULT = 'GatewayUserErrorKeyVaultNotFound';

async function generateCertificate(target: Existing<StoredDevice>) {
  const { publicKey, privateKey, expiresAt } = await target.ports.vault.managementCertificate();
  return { publicKey, privateKey, expiryTimeInUTC: formatInstant(expiresAt) };
}

async function certificateFaults(
  { now }: Existing<StoredDevice>,
  { properties: { certificate } }: Accepted<typeof uploadSchema>,
): Promise<readonly Fault[]> {
  const parsed = parseCertificate(certificate);
  const target = 'properties.certificate';
  if (parsed === undefined) {
    const message = 'The certificate must be the base64 text of an X.509 certificate in DER form.';
    return [{ target, message }];
  }
  const { expiresAt } = registeredAt(parsed, now);
  if (now < expiresAt) return [];
  const message = `The certificate expired at ${formatInstant(expiresAt)}, three days after its generation. Generate another one and upload that.`;
  return [{ target, message }];
}

/** Takes the certificate, and with `auto` sends the technician: five minutes later the machine is active (act). */
async function uploadCertificate(
  target: Existing<StoredDevice>,
  { properties }: Accepted<typeof uploadSchema>,
): Promise<Shown<typeof uploadAnswerSchema>> {
  const { ports, resource } = target;
  const certificate = present(parseCertificate(properties.certificate), 'a checked certificate');
  await ports.vault.registerCertificate(resource.incarnation, certificate);
  if (ports.activation === 'auto') {
    await ports.vault.ownChannelIntegrityKey(resource.incarnation);
    // A machine that is active, or about to be, refuses; the upload stands all the same.
    const machine = machineOf(resource, ports.seed);
    const outcome = await ports.fleet.command(machine, 'technician/activate', { kind: 'activate' });
    if ('refused' in outcome && outcome.refused.code === NO_VAULT) {
      throw new RefusedError(400, outcome.refused);
    }
  }
  return uploadAnswer(target);
}

/** Flat, as recorded; the ids are drawn once for the resource's life. */
function uploadAnswer(target: Existing<StoredDevice>): Shown<typeof uploadAnswerSchema> {
  const { resource, ports } = target;
  const life = [ports.seed, resource.incarnation] as const;
  const resourceId = resourceIdOf(target);
  const { location } = resource.body;
  return {
    authType: 'AzureActiveDirectory',
    resourceId,
    aadAuthority: 'https://login.windows.net',
    aadTenantId: guid(ports.seed, 'tenant'),
    servicePrincipalClientId: guid(...life, 'service-principal-client'),
    servicePrincipalObjectId: guid(...life, 'service-principal-object'),
    azureManagementEndpointAudience: `https://pod01-edg1.${location}.databoxedge.azure.com/`,
    aadAudience: `https://azuredataboxedge/${location}/${resourceId}/${resourceId}`,
  };
}

/** 19 decimal digits [rec], the first of them not 0. */
export function resourceIdOf(target: Existing): string {
  const life = [target.ports.seed, target.resource.incarnation] as const;
  return (
    text('123456789', 1, ...life, 'resource-id-first') +
    text('0123456789', 18, ...life, 'resource-id')
  );
}
