/**
 * The first two of a device's actions in its life: generateCertificate makes what an activation key is made from, and
 * uploadCertificate takes it. Sources: [rec] (activation), sdk §2.1.
 */
import { Type } from 'typebox';
import { named, object, oneOf, secretIn, shownText } from '#arm/schema.ts';
import { mayBe, mayEnum, mayText } from '#arm/shapes.ts';
import { errors } from '#arm/errors.ts';
import { formatInstant } from '#shared/instant.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { guid, text } from '#shared/random.ts';
import { parseCertificate } from '#vault/certificates.ts';
import { machineOf } from '../base/machine.ts';
import type { Existing, StoredAction } from '../base/define.ts';

const AUTHENTICATION = ['Invalid', 'AzureActiveDirectory'] as const;

const uploadAnswerSchema = object(
  {
    authType: mayEnum(AUTHENTICATION, named('AuthenticationType')),
    resourceId: shownText(),
    aadAuthority: shownText(),
    aadTenantId: shownText(),
    servicePrincipalClientId: shownText(),
    servicePrincipalObjectId: shownText(),
    azureManagementEndpointAudience: shownText(),
    aadAudience: shownText(),
  },
  named('UploadCertificateResponse'),
);

export const activationActions: Readonly<Record<string, StoredAction>> = {
  generateCertificate: {
    id: 'Devices_GenerateCertificate',
    since: '2020-09-01',
    answer: object(
      {
        publicKey: mayText(),
        privateKey: mayText(secretIn('2020-09-01 2021-02-01..')),
        expiryTimeInUTC: mayText(),
      },
      named('GenerateCertResponse'),
    ),
    act: generateCertificate,
  },
  uploadCertificate: {
    id: 'Devices_UploadCertificate',
    body: object(
      {
        properties: object(
          {
            authenticationType: mayBe(oneOf(AUTHENTICATION, named('AuthenticationType'))),
            certificate: Type.String(),
          },
          named('RawCertificateData'),
        ),
      },
      named('UploadCertificateRequest'),
    ),
    answer: uploadAnswerSchema,
    act: uploadCertificate,
  },
};

async function generateCertificate(target: Existing): Promise<JsonObject> {
  const { publicKey, privateKey, expiresAt } = await target.ports.vault.managementCertificate();
  return { publicKey, privateKey, expiryTimeInUTC: formatInstant(expiresAt) };
}

/** Takes the certificate, and with `auto` sends the technician: five minutes later the machine is active (act). */
async function uploadCertificate(target: Existing, body: JsonObject): Promise<JsonObject> {
  const certificate = textIn(objectIn(body, 'properties'), 'certificate');
  if (parseCertificate(certificate) === undefined) {
    throw errors.invalidContent([
      {
        target: 'properties.certificate',
        message: 'The certificate must be the base64 text of an X.509 certificate in DER form.',
      },
    ]);
  }
  const { ports, resource } = target;
  if (ports.activation === 'auto') {
    await ports.vault.ownChannelIntegrityKey(resource.incarnation);
    // A machine that is active, or about to be, refuses; the upload stands all the same.
    await ports.fleet.command(machineOf(resource, ports.seed), 'technician/activate', {
      kind: 'activate',
    });
  }
  return uploadAnswer(target);
}

/** Flat, as recorded; the ids are drawn once for the resource's life. */
function uploadAnswer(target: Existing): JsonObject {
  const { resource, ports } = target;
  const life = [ports.seed, resource.incarnation] as const;
  const resourceId = resourceIdOf(target);
  const location = textIn(resource.body, 'location');
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
