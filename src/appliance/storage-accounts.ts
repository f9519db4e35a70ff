/**
 * Edge storage accounts: created, changed, deleted with all their containers. The storage account in Azure is never
 * contacted.
 * Sources: sa, sysreq (appliance.md §7.3), [S] StorageAccountGet for the endpoint.
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { commandsInAccount, observedContainerOf } from './containers.ts';
import { friendlyNameOf } from './identity.ts';
import { itemProcesses, recordsIn } from './items.ts';
import type { ObservedStorageAccount } from './observation.ts';
import type { CommandOf } from './process.ts';
import { busy } from './refusals.ts';
import { type ApplianceState, recordOf, type StorageAccountRecord } from './state.ts';

const QUICK = '[ours] about half a minute, as a share';

const STORAGE_ACCOUNT_CREATION: readonly Stage[] = [
  { name: 'createAccount', lasts: [seconds(10), seconds(20)], source: QUICK },
  { name: 'publish', lasts: [seconds(8), seconds(16)], source: QUICK },
];
const STORAGE_ACCOUNT_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(15)], source: '[ours] no data is moved' },
];
const STORAGE_ACCOUNT_REMOVAL: readonly Stage[] = [
  { name: 'withdraw', lasts: [seconds(5), seconds(10)], source: QUICK },
  { name: 'removeAccount', lasts: [seconds(10), seconds(20)], source: QUICK },
];

/** The DNS domain of a device that was not given one [S]. */
const DNS_DOMAIN = 'microsoftdatabox.com';

const storageAccounts = itemProcesses<
  CommandOf<'putStorageAccount'>,
  CommandOf<'deleteStorageAccount'>,
  StorageAccountRecord
>({
  noun: 'storage account',
  subject: 'storageAccount',
  key: ['account'],
  kinds: { put: 'putStorageAccount', remove: 'deleteStorageAccount' },
  records: recordsIn('storageAccounts'),
  stages: {
    creation: STORAGE_ACCOUNT_CREATION,
    change: STORAGE_ACCOUNT_CHANGE,
    removal: STORAGE_ACCOUNT_REMOVAL,
  },
  recordAtBegin: ({ account, dataPolicy, needs = [] }, before) => ({
    name: account,
    dataPolicy,
    needs,
    containers: before?.containers ?? [],
  }),
  isProvisioning: true,
  takesSpace: true,
  needsOf: ({ needs }) => needs,
  refuseDelete: {
    last: (state, { account }) => {
      const [command] = commandsInAccount(state, account);
      return command === undefined
        ? undefined
        : busy(`The container ${command.container} is being created, refreshed or removed.`);
    },
  },
  factOfPut: ({ dataPolicy }) => ({ dataPolicy }),
});

export const { put: putStorageAccount, remove: deleteStorageAccount } = storageAccounts;

/** The observation of a storage account. */
export function observedStorageAccountOf(
  state: ApplianceState,
  { name, dataPolicy, containers }: StorageAccountRecord,
): ObservedStorageAccount {
  const device = friendlyNameOf(state.spec).toLowerCase();
  return {
    dataPolicy,
    status: storageAccounts.commandsOn(state, [name]).length > 0 ? 'Updating' : 'OK',
    blobEndpoint: `https://${name}.blob.${device}.${DNS_DOMAIN}/`,
    containers: recordOf(
      containers.map((one) => [one.name, observedContainerOf(state, name, one)]),
    ),
  };
}
