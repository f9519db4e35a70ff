/**
 * The actions of a device in this slice: the activation certificates and keys, and the three of the update.
 * Sources: [rec] (activation; 13–15), sdk §2.1–2.2, upd §12.
 */
import { Type } from 'typebox';
import { type ActionOperation, type Existing, objectIn, textIn } from '#arm/resource-type.ts';
import { object, oneOf, secret } from '#arm/schema.ts';
import { errors } from '#arm/errors.ts';
import type { Step } from '#operations/operation.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid, text } from '#shared/random.ts';
import { parseCertificate } from '#vault/certificates.ts';
import { machineOf, machineStep } from '../base/machine.ts';
import type { Ports } from '../base/ports.ts';

export const deviceActions: Readonly<Record<string, ActionOperation<Ports>>> = {
  generateCertificate: {
    id: 'Devices_GenerateCertificate',
    since: '2020-09-01',
    answer: object({
      publicKey: Type.String(),
      privateKey: Type.String({ ...secret }),
      expiryTimeInUTC: Type.String(),
    }),
    act: generateCertificate,
  },
  uploadCertificate: {
    id: 'Devices_UploadCertificate',
    body: object({
      properties: object({
        authenticationType: Type.Optional(oneOf(['Invalid', 'AzureActiveDirectory'])),
        certificate: Type.String(),
      }),
    }),
    answer: Type.Object({}),
    act: uploadCertificate,
  },
  getExtendedInformation: {
    id: 'Devices_GetExtendedInformation',
    answer: Type.Object({}),
    act: getExtendedInformation,
  },
  scanForUpdates: {
    id: 'Devices_ScanForUpdates',
    style: 'job',
    plan: updatePlan('scanForUpdates'),
  },
  downloadUpdates: {
    id: 'Devices_DownloadUpdates',
    style: 'job',
    plan: updatePlan('downloadUpdates'),
  },
  installUpdates: {
    id: 'Devices_InstallUpdates',
    style: 'job',
    plan: updatePlan('installUpdates'),
  },
};

type UpdateCommand = 'scanForUpdates' | 'downloadUpdates' | 'installUpdates';

/** The job has the operation's own id: both poll families show the same one [S]. */
function updatePlan(kind: UpdateCommand) {
  return async (
    target: Existing<Ports>,
    _body: JsonObject,
    operationId: string,
  ): Promise<readonly Step[]> => [machineStep(target, { kind, job: operationId })];
}

async function generateCertificate(target: Existing<Ports>): Promise<JsonObject> {
  const { publicKey, privateKey, expiresAt } = await target.ports.vault.managementCertificate();
  return { publicKey, privateKey, expiryTimeInUTC: formatInstant(expiresAt) };
}

/** Takes the certificate, and with `auto` sends the technician: five minutes later the machine is active (act). */
async function uploadCertificate(target: Existing<Ports>, body: JsonObject): Promise<JsonObject> {
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
    await ports.fleet.command(machineOf(resource, ports), 'technician/activate', {
      kind: 'activate',
    });
  }
  return uploadAnswer(target);
}

/** Flat, as recorded; the ids are drawn once for the resource's life. */
function uploadAnswer(target: Existing<Ports>): JsonObject {
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
function resourceIdOf(target: Existing<Ports>): string {
  const life = [target.ports.seed, target.resource.incarnation] as const;
  return (
    text('123456789', 1, ...life, 'resource-id-first') +
    text('0123456789', 18, ...life, 'resource-id')
  );
}

/** The device's id, name and type around the encryption key [rec]. Without a channel integrity key there is none to show. */
async function getExtendedInformation(target: Existing<Ports>): Promise<JsonObject> {
  const { ports, resource } = target;
  if (ports.activation === 'auto') await ports.vault.ownChannelIntegrityKey(resource.incarnation);
  const key = await ports.vault.encryptionKey(resource.incarnation);
  return {
    properties: {
      ...(key === undefined
        ? {}
        : { encryptionKey: key.encryptionKey, encryptionKeyThumbprint: key.thumbprint }),
      resourceKey: resourceIdOf(target),
      keyVaultSyncStatus: 'KeyVaultNotConfigured',
    },
    id: target.id,
    name: target.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
  };
}
