/**
 * storageAccounts: Edge storage accounts, which answer blob requests on the device; one with policy Cloud tiers to the
 * Azure storage account of its credential. Their containers are `containers.ts`.
 * Sources: sa, sysreq (appliance.md §7.3), [rec] for the defaults of a GET, [S] StorageAccountPut.
 */
import { named, object, oneOf, optionalIn, shownInteger, shownText } from '#arm/schema.ts';
import { int32, mayEnum, mayText } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { DataPolicy, Need } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { nameOnMachine, referenceFaults } from './base/references.ts';

const properties = object(
  {
    description: mayText(),
    // A client may send it, and the machine says it.
    storageAccountStatus: mayEnum(
      ['OK', 'Offline', 'Unknown', 'Updating', 'NeedsAttention'],
      named('StorageAccountStatus'),
    ),
    dataPolicy: oneOf(['Cloud', 'Local'], {
      ...named('DataPolicy'),
      ...optionalIn('..2019-08-01'),
    }),
    storageAccountCredentialId: mayText(),
    blobEndpoint: shownText(),
    containerCount: shownInteger(int32),
  },
  named('StorageAccountProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('StorageAccount'),
);

export const storageAccounts = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/storageAccounts',
  nameParameter: 'storageAccountName',
  versions: DATA_BOX_EDGE_VERSIONS,
  nameFault,
  schema,
  operations: {
    list: { id: 'StorageAccounts_ListByDataBoxEdgeDevice' },
    get: { id: 'StorageAccounts_Get' },
    put: { id: 'StorageAccounts_CreateOrUpdate', plan: planPut },
    delete: {
      id: 'StorageAccounts_Delete',
      plan: planDelete,
      published: { statuses: [202, 204] },
    },
  },
  check,
  view,
});

/** It is a host name of the blob endpoint: 3–24 letters and digits, as in Azure [mem]. */
function nameFault(name: string): string | undefined {
  return /^[a-z0-9]{3,24}$/.test(name)
    ? undefined
    : 'a storage account name has 3 to 24 lower-case letters and digits.';
}

async function check(target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const asked = objectIn(body, 'properties');
  const credential = textIn(asked, 'storageAccountCredentialId');
  const member = 'properties.storageAccountCredentialId';
  const faults: Fault[] = [];
  if (credential !== '') {
    const segment = 'storageAccountCredentials';
    const reference = { member, id: credential, segment, isOfAnyDevice: true };
    faults.push(...(await referenceFaults(target, [reference])));
  } else if (policyOf(asked) === 'Cloud') {
    // It maps to one Azure storage account (sa).
    faults.push({
      target: member,
      message: "A storage account with data policy 'Cloud' needs a storage account credential.",
    });
  }
  const old = target.resource?.body;
  if (old !== undefined && policyOf(objectIn(old, 'properties')) !== policyOf(asked)) {
    faults.push({
      target: 'properties.dataPolicy',
      message: 'The data policy of a storage account cannot change; delete it and create another.',
    });
  }
  return faults;
}

/** Cloud where nothing is said, as for shares [rec]. */
const policyOf = (asked: JsonObject): DataPolicy =>
  asked.dataPolicy === 'Local' ? 'Local' : 'Cloud';

async function planPut(target: Target, body: JsonObject) {
  const asked = objectIn(body, 'properties');
  const credential = await nameOnMachine(target, textIn(asked, 'storageAccountCredentialId'));
  const needs: Need[] = credential === undefined ? [] : [`credential/${credential}`];
  const dataPolicy = policyOf(asked);
  return [
    machineStep(target, { kind: 'putStorageAccount', account: target.name, dataPolicy, needs }),
  ];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteStorageAccount', account: target.name })];
}

async function view(target: Existing): Promise<JsonObject> {
  const asked = objectIn(target.resource.body, 'properties');
  const seen = (await observe(target)).storageAccounts[target.name];
  const dataPolicy = policyOf(asked);
  const { storageAccountCredentialId: credential } = asked;
  return {
    properties: {
      description: asked.description ?? '',
      storageAccountStatus: seen?.status ?? 'Unknown',
      dataPolicy,
      ...(credential === undefined ? {} : { storageAccountCredentialId: credential }),
      ...(seen === undefined ? {} : { blobEndpoint: seen.blobEndpoint }),
      // Only where it tiers [S].
      ...(dataPolicy === 'Cloud'
        ? { containerCount: Object.keys(seen?.containers ?? {}).length }
        : {}),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccounts'),
  };
}
