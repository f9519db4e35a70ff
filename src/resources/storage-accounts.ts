/**
 * storageAccounts: Edge storage accounts, which answer blob requests on the device; one with policy Cloud tiers to the
 * Azure storage account of its credential. Their containers are `containers.ts`.
 * Sources: sa, sysreq (appliance.md §7.3), [rec] for the defaults of a GET, [S] StorageAccountPut.
 */
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  int32,
  optionalEnum,
  optionalString,
  readOnlyInteger,
  readOnlyString,
  requiredExceptIn,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { DataPolicy, Need } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { nameOnMachine, referenceFaults } from './base/references.ts';

const properties = object(
  {
    description: optionalString(),
    // A client may send it, and the machine says it.
    storageAccountStatus: optionalEnum(
      ['OK', 'Offline', 'Unknown', 'Updating', 'NeedsAttention'],
      named('StorageAccountStatus'),
    ),
    dataPolicy: requiredExceptIn('..2019-08-01', oneOf(['Cloud', 'Local'], named('DataPolicy'))),
    storageAccountCredentialId: optionalString(),
    blobEndpoint: readOnlyString(),
    containerCount: readOnlyInteger(int32),
  },
  named('StorageAccountProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('StorageAccount'),
);

type Account = Accepted<typeof schema>;

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

async function check(
  target: Target<Account>,
  { properties: asked }: Account,
): Promise<readonly Fault[]> {
  const { storageAccountCredentialId: credential = '' } = asked;
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
  if (old !== undefined && policyOf(old.properties) !== policyOf(asked)) {
    faults.push({
      target: 'properties.dataPolicy',
      message: 'The data policy of a storage account cannot change; delete it and create another.',
    });
  }
  return faults;
}

/** Cloud where nothing is said, as for shares [rec]. */
const policyOf = ({ dataPolicy = 'Cloud' }: Account['properties']): DataPolicy => dataPolicy;

async function planPut(target: Target, { properties: asked }: Account) {
  const credential = await nameOnMachine(target, asked.storageAccountCredentialId ?? '');
  const needs: Need[] = credential === undefined ? [] : [`credential/${credential}`];
  const dataPolicy = policyOf(asked);
  return [
    machineStep(target, { kind: 'putStorageAccount', account: target.name, dataPolicy, needs }),
  ];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteStorageAccount', account: target.name })];
}

async function view(target: Existing<Account>): Promise<Shown<typeof schema>> {
  const asked = target.resource.body.properties;
  const seen = (await observe(target)).storageAccounts[target.name];
  const dataPolicy = policyOf(asked);
  return {
    properties: {
      description: asked.description ?? '',
      storageAccountStatus: seen?.status ?? 'Unknown',
      dataPolicy,
      storageAccountCredentialId: asked.storageAccountCredentialId,
      blobEndpoint: seen?.blobEndpoint,
      // Only where it tiers [S].
      containerCount:
        dataPolicy === 'Cloud' ? Object.keys(seen?.containers ?? {}).length : undefined,
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccounts'),
  };
}
