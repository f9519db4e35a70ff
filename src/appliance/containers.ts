/**
 * Containers of Edge storage accounts: created, deleted, refreshed from the cloud. `storage-accounts.ts` observes them with
 * their account. No blob is stored.
 * Sources: sa, shares (appliance.md §7.1, §7.3).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { itemProcesses } from './items.ts';
import { withStartedJob } from './jobs.ts';
import type { ContainerName, ObservedContainer } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, notFound, refuseProvisioning, unsupported } from './refusals.ts';
import {
  activitiesOf,
  type ApplianceState,
  type ContainerRecord,
  named,
  withNamed,
  withoutNamed,
} from './state.ts';

const TWICE = 'sa: on the device and in Azure; [ours] seconds each';

const CONTAINER_CREATION: readonly Stage[] = [
  { name: 'createOnDevice', lasts: [seconds(3), seconds(8)], source: TWICE },
  { name: 'createInAzure', lasts: [seconds(3), seconds(10)], source: TWICE },
];
const CONTAINER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(3), seconds(10)], source: '[ours] only settings change' },
];
const CONTAINER_REMOVAL: readonly Stage[] = [
  { name: 'remove', lasts: [seconds(5), seconds(15)], source: '[ours] seconds' },
];
const CONTAINER_REFRESH: readonly Stage[] = [
  { name: 'scanContainer', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
  { name: 'fetch', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
];

const subjectOf = ({ account, container }: ContainerName): string => `${account}/${container}`;

type ContainerCommand = CommandOf<'putContainer' | 'deleteContainer' | 'refreshContainer'>;

/** The running commands about containers of an account. */
export function commandsInAccount(
  state: ApplianceState,
  account: string,
): readonly ContainerCommand[] {
  const kinds: readonly string[] = ['putContainer', 'deleteContainer', 'refreshContainer'];
  return state.activities
    .map((activity) => activity.command)
    .filter((command): command is ContainerCommand => kinds.includes(command.kind))
    .filter((command) => command.account === account);
}

const containerOf = (
  state: ApplianceState,
  { account, container }: ContainerName,
): ContainerRecord | undefined =>
  named(named(state.storageAccounts, account)?.containers ?? [], container);

/** `state` with the containers of that account changed; `state` itself when the account doesn't exist. */
function withContainers(
  state: ApplianceState,
  account: string,
  change: (containers: readonly ContainerRecord[]) => readonly ContainerRecord[],
): ApplianceState {
  const record = named(state.storageAccounts, account);
  if (record === undefined) return state;
  const changed = { ...record, containers: change(record.containers) };
  return { ...state, storageAccounts: withNamed(state.storageAccounts, changed) };
}

const containers = itemProcesses<
  CommandOf<'putContainer'>,
  CommandOf<'deleteContainer'>,
  ContainerRecord
>({
  noun: 'container',
  subject: 'container',
  key: ['account', 'container'],
  kinds: { put: 'putContainer', remove: 'deleteContainer', refresh: 'refreshContainer' },
  records: {
    find: (state, [account = '', container = '']) => containerOf(state, { account, container }),
    put: (state, [account = ''], record) =>
      withContainers(state, account, (all) => withNamed(all, record)),
    remove: (state, [account = '', container = '']) =>
      withContainers(state, account, (all) => withoutNamed(all, container)),
  },
  stages: { creation: CONTAINER_CREATION, change: CONTAINER_CHANGE, removal: CONTAINER_REMOVAL },
  recordAtBegin: ({ container }, before, at) => before ?? { name: container, createdAt: at },
  isProvisioning: true,
  takesSpace: true,
  refuseBoth: refuseLeavingAccount,
  refusePut: {
    last: (state, { account }) =>
      named(state.storageAccounts, account) === undefined ? notFound(account) : undefined,
  },
});

export const { put: putContainer, remove: deleteContainer } = containers;

function refuseLeavingAccount(state: ApplianceState, { account }: ContainerName) {
  const isLeaving = activitiesOf(state, 'deleteStorageAccount').some(
    ({ command }) => command.account === account,
  );
  return isLeaving ? busy(`The storage account ${account} is being removed.`) : undefined;
}

export const refreshContainer: Process<CommandOf<'refreshContainer'>> = {
  subject: subjectOf,
  refuse: (state, command) => {
    const refused = refuseProvisioning(state);
    if (refused !== undefined) return refused;
    if (containerOf(state, command) === undefined) return notFound(command.container);
    // An account that is local to the device has no data in the cloud (shares).
    return named(state.storageAccounts, command.account)?.dataPolicy === 'Local'
      ? unsupported(
          `The storage account ${command.account} is local to the device: its containers can't be refreshed.`,
        )
      : (refuseLeavingAccount(state, command) ??
          containers.refuseBusy(state, [command.account, command.container]));
  },
  table: () => CONTAINER_REFRESH,
  uplinkStages: ['scanContainer', 'fetch'],
  transferStages: ['fetch'],
  // The transfer begins, which is told.
  effects: { scanContainer: unchanged },
  begin: (state, { id, command: { job, account, container } }) =>
    unchanged(
      withStartedJob(state, {
        name: job,
        kind: 'RefreshContainer',
        activityId: id,
        container: { account, container },
      }),
    ),
  finish: (state, { command }) => {
    const { job, account, container } = command;
    const record = containerOf(state, command);
    const refreshed =
      record === undefined
        ? state
        : withContainers(state, account, (all) =>
            withNamed(all, { ...record, lastRefreshJob: job, lastRefreshAt: state.at }),
          );
    return withFact(refreshed, 'container.refreshed', { account, container, job });
  },
};

/** The observation of a container. */
export function observedContainerOf(
  state: ApplianceState,
  account: string,
  { name, createdAt, lastRefreshJob, lastRefreshAt }: ContainerRecord,
): ObservedContainer {
  const commands = containers.commandsOn(state, [account, name]);
  const refresh = commands.find((command) => command.kind === 'refreshContainer');
  const isChanging = commands.some((command) => command.kind !== 'refreshContainer');
  return {
    status: isChanging ? 'Updating' : 'OK',
    createdAt,
    ...(refresh === undefined ? {} : { refreshJob: refresh.job }),
    ...(lastRefreshJob === undefined ? {} : { lastRefreshJob }),
    ...(lastRefreshAt === undefined ? {} : { lastRefreshAt }),
  };
}
