/**
 * Edge storage accounts: made, changed, removed with all their containers. Called through `processes.ts`; `observe.ts`
 * shows them. Never asks Azure for the account behind one.
 * Sources: sa, sysreq (appliance.md §7.3), [S] StorageAccountGet for the endpoint.
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { commandsOn, observedContainerOf } from './containers.ts';
import { friendlyNameOf } from './identity.ts';
import { refuseMissing } from './needs.ts';
import type { ObservedStorageAccount } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseProvisioning, refuseWhileInstalling } from './refusals.ts';
import {
  type ApplianceState,
  named,
  recordOf,
  type StorageAccountRecord,
  withNamed,
  withoutNamed,
  activitiesOf,
} from './state.ts';

const QUICK = '[ours] about half a minute, as a share';

export const STORAGE_ACCOUNT_CREATION: readonly Stage[] = [
  { name: 'createAccount', lasts: [seconds(10), seconds(20)], source: QUICK },
  { name: 'publish', lasts: [seconds(8), seconds(16)], source: QUICK },
];
export const STORAGE_ACCOUNT_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(15)], source: '[ours] no data is moved' },
];
export const STORAGE_ACCOUNT_REMOVAL: readonly Stage[] = [
  { name: 'withdraw', lasts: [seconds(5), seconds(10)], source: QUICK },
  { name: 'removeAccount', lasts: [seconds(10), seconds(20)], source: QUICK },
];

/** The domain of a device that nobody named [S]. */
const DNS_DOMAIN = 'microsoftdatabox.com';

const isChanging = (state: ApplianceState, account: string): boolean =>
  [
    ...activitiesOf(state, 'putStorageAccount'),
    ...activitiesOf(state, 'deleteStorageAccount'),
  ].some((activity) => activity.command.account === account);

const refuseBusy = (state: ApplianceState, account: string) =>
  isChanging(state, account)
    ? busy(`The storage account ${account} is being created, changed or removed.`)
    : undefined;

export const putStorageAccount: Process<CommandOf<'putStorageAccount'>> = {
  subject: (command) => command.account,
  refuse: (state, { account, needs }) =>
    refuseProvisioning(state) ?? refuseBusy(state, account) ?? refuseMissing(state, needs),
  table: (state, { account }) =>
    named(state.storageAccounts, account) === undefined
      ? STORAGE_ACCOUNT_CREATION
      : STORAGE_ACCOUNT_CHANGE,
  begin: (state, { command: { account: name, dataPolicy, needs = [] } }) => {
    const containers = named(state.storageAccounts, name)?.containers ?? [];
    const account: StorageAccountRecord = { name, dataPolicy, needs, containers };
    return unchanged({ ...state, storageAccounts: withNamed(state.storageAccounts, account) });
  },
  finish: (state, { command: { account, dataPolicy }, stages }) =>
    withFact(
      state,
      stages.includes('createAccount') ? 'storageAccount.created' : 'storageAccount.changed',
      { account, dataPolicy },
    ),
};

export const deleteStorageAccount: Process<CommandOf<'deleteStorageAccount'>> = {
  subject: (command) => command.account,
  refuse: (state, { account }) => {
    const refused = refuseWhileInstalling(state) ?? refuseBusy(state, account);
    if (refused !== undefined) return refused;
    const [command] = commandsOn(state, account);
    return command === undefined
      ? undefined
      : busy(`The container ${command.container} is being created, refreshed or removed.`);
  },
  table: (state, { account }) =>
    named(state.storageAccounts, account) === undefined ? [] : STORAGE_ACCOUNT_REMOVAL,
  finish: (state, { command: { account } }) =>
    named(state.storageAccounts, account) === undefined
      ? unchanged(state)
      : withFact(
          { ...state, storageAccounts: withoutNamed(state.storageAccounts, account) },
          'storageAccount.deleted',
          { account },
        ),
};

/** A storage account as it is seen. */
export function observedStorageAccountOf(
  state: ApplianceState,
  { name, dataPolicy, containers }: StorageAccountRecord,
): ObservedStorageAccount {
  const device = friendlyNameOf(state.spec).toLowerCase();
  return {
    dataPolicy,
    status: isChanging(state, name) ? 'Updating' : 'OK',
    blobEndpoint: `https://${name}.blob.${device}.${DNS_DOMAIN}/`,
    containers: recordOf(
      containers.map((one) => [one.name, observedContainerOf(state, name, one)]),
    ),
  };
}
