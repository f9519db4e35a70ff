/**
 * storageAccountCredentials: how the device signs in to the Azure storage accounts that shares and Edge storage accounts
 * tier to. The key, or the connection string in its place, is sealed at rest and never comes back; nobody asks Azure
 * whether it is good.
 * Sources: sysreq, shares (appliance.md §7), databoxedge-contract §4, [S] SACPut, SACGet.
 */
import { Type } from 'typebox';
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import {
  encryptedSecret,
  plainSecret,
  withoutSecrets,
  withSealedSecrets,
} from './base/encrypted-secret.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

const properties = object(
  {
    alias: Type.String(),
    userName: optionalString(),
    accountKey: encryptedSecret(),
    // A secret in the clear by the contract; treated like the other.
    connectionString: plainSecret(),
    sslStatus: oneOf(['Enabled', 'Disabled'], named('SSLStatus')),
    blobDomainName: optionalString(),
    accountType: oneOf(['GeneralPurposeStorage', 'BlobStorage'], named('AccountType')),
    storageAccountId: optionalString(),
  },
  named('StorageAccountCredentialProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('StorageAccountCredential'),
);

type Credential = Accepted<typeof schema>;

const KEY = ['accountKey'] as const;
const CONNECTION_STRING = ['connectionString'] as const;

export const storageAccountCredentials = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/storageAccountCredentials',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'StorageAccountCredentials_ListByDataBoxEdgeDevice' },
    get: { id: 'StorageAccountCredentials_Get' },
    put: { id: 'StorageAccountCredentials_CreateOrUpdate', plan: planPut },
    delete: { id: 'StorageAccountCredentials_Delete', plan: planDelete },
  },
  receive,
  check,
  view,
});

/** A secret that is sent takes the place of the other kind; without any, the old ones stay [ours]. */
async function receive(target: Target<Credential>, body: Credential) {
  const all = [KEY, CONNECTION_STRING];
  const given = all.filter(([member]) => body.properties[member] !== undefined);
  return await withSealedSecrets(target, body, given.length > 0 ? given : all);
}

/** `Use this string if username and account key are not specified` [S]: one of the two ways must be there. */
async function check(_target: Target, { properties }: Credential): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  if (properties.alias === '') {
    faults.push({ target: 'properties.alias', message: 'The alias must not be empty.' });
  }
  if (properties.connectionString !== undefined) return faults;
  if ((properties.userName ?? '') === '') {
    faults.push({
      target: 'properties.userName',
      message: 'Give the name of the storage account and its key, or a connection string.',
    });
  }
  if (properties.accountKey === undefined) {
    faults.push({
      target: 'properties.accountKey',
      message: 'Give the key of the storage account with its name, or a connection string.',
    });
  }
  return faults;
}

async function planPut(target: Target) {
  return [machineStep(target, { kind: 'putCredential', credential: target.name })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteCredential', credential: target.name })];
}

async function view(target: Existing<Credential>): Promise<Shown<typeof schema>> {
  const { properties } = target.resource.body;
  return {
    properties: withoutSecrets(properties, [KEY, CONNECTION_STRING]),
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccountCredentials'),
  };
}
