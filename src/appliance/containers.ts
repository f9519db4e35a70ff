/**
 * Containers of Edge storage accounts: made, removed, refreshed from the cloud. Called through `processes.ts`;
 * `storage-accounts.ts` shows them with their account. Never holds a blob.
 * Sources: sa, shares (appliance.md §7.1, §7.3).
 */
import type { Failure } from '#shared/failure.ts';
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { withStartedJob } from './jobs.ts';
import type { ContainerName, ObservedContainer } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import {
  busy,
  notFound,
  refuseProvisioning,
  refuseWhileInstalling,
  unsupported,
} from './refusals.ts';
import {
  type ApplianceState,
  type ContainerRecord,
  named,
  withNamed,
  withoutNamed,
} from './state.ts';

const TWICE = 'sa: on the device and in Azure; [ours] seconds each';

export const CONTAINER_CREATION: readonly Stage[] = [
  { name: 'createOnDevice', lasts: [seconds(3), seconds(8)], source: TWICE },
  { name: 'createInAzure', lasts: [seconds(3), seconds(10)], source: TWICE },
];
export const CONTAINER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(3), seconds(10)], source: '[ours] nothing but its wishes' },
];
export const CONTAINER_REMOVAL: readonly Stage[] = [
  { name: 'remove', lasts: [seconds(5), seconds(15)], source: '[ours] seconds' },
];
export const CONTAINER_REFRESH: readonly Stage[] = [
  { name: 'scanContainer', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
  { name: 'fetch', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
];

type ContainerCommand = CommandOf<'putContainer' | 'deleteContainer' | 'refreshContainer'>;

const subjectOf = ({ account, container }: ContainerName): string => `${account}/${container}`;

function activitiesOn(
  state: ApplianceState,
  { account, container }: ContainerName,
): readonly ContainerCommand[] {
  return commandsOn(state, account).filter((command) => command.container === container);
}

/** What goes on with the containers of an account. */
export function commandsOn(state: ApplianceState, account: string): readonly ContainerCommand[] {
  const kinds: readonly string[] = ['putContainer', 'deleteContainer', 'refreshContainer'];
  return state.activities
    .map((activity) => activity.command)
    .filter((command): command is ContainerCommand => kinds.includes(command.kind))
    .filter((command) => command.account === account);
}

function refuseBusy(state: ApplianceState, name: ContainerName): Failure | undefined {
  const isAccountLeaving = state.activities.some(
    ({ command }) => command.kind === 'deleteStorageAccount' && command.account === name.account,
  );
  if (isAccountLeaving) return busy(`The storage account ${name.account} is being removed.`);
  return activitiesOn(state, name).length > 0
    ? busy(`The container ${name.container} is being created, changed, refreshed or removed.`)
    : undefined;
}

const containerOf = (
  state: ApplianceState,
  { account, container }: ContainerName,
): ContainerRecord | undefined =>
  named(named(state.storageAccounts, account)?.containers ?? [], container);

/** `state` with other containers in that account; as it is where the account is gone. */
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

export const putContainer: Process<CommandOf<'putContainer'>> = {
  subject: subjectOf,
  refuse: (state, command) => {
    const refused = refuseProvisioning(state) ?? refuseBusy(state, command);
    if (refused !== undefined) return refused;
    return named(state.storageAccounts, command.account) === undefined
      ? notFound(command.account)
      : undefined;
  },
  table: (state, command) =>
    containerOf(state, command) === undefined ? CONTAINER_CREATION : CONTAINER_CHANGE,
  begin: (state, { command }) => {
    const { account, container: name } = command;
    return unchanged(
      containerOf(state, command) === undefined
        ? withContainers(state, account, (all) => [...all, { name, createdAt: state.at }])
        : state,
    );
  },
  finish: (state, { command: { account, container }, stages }) =>
    withFact(state, stages.includes('createOnDevice') ? 'container.created' : 'container.changed', {
      account,
      container,
    }),
};

export const deleteContainer: Process<CommandOf<'deleteContainer'>> = {
  subject: subjectOf,
  refuse: (state, command) => refuseWhileInstalling(state) ?? refuseBusy(state, command),
  table: (state, command) => (containerOf(state, command) === undefined ? [] : CONTAINER_REMOVAL),
  finish: (state, { command }) => {
    if (containerOf(state, command) === undefined) return unchanged(state);
    const { account, container } = command;
    const left = withContainers(state, account, (all) => withoutNamed(all, container));
    return withFact(left, 'container.deleted', { account, container });
  },
};

export const refreshContainer: Process<CommandOf<'refreshContainer'>> = {
  subject: subjectOf,
  refuse: (state, command) => {
    const refused = refuseProvisioning(state);
    if (refused !== undefined) return refused;
    if (containerOf(state, command) === undefined) return notFound(command.container);
    // What is local to the device has nothing in the cloud (shares).
    return named(state.storageAccounts, command.account)?.dataPolicy === 'Local'
      ? unsupported(
          `The storage account ${command.account} is local to the device: its containers can't be refreshed.`,
        )
      : refuseBusy(state, command);
  },
  table: () => CONTAINER_REFRESH,
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

/** A container as it is seen. */
export function observedContainerOf(
  state: ApplianceState,
  account: string,
  { name, createdAt, lastRefreshJob, lastRefreshAt }: ContainerRecord,
): ObservedContainer {
  const activities = activitiesOn(state, { account, container: name });
  const refresh = activities.find((command) => command.kind === 'refreshContainer');
  const isChanging = activities.some((command) => command.kind !== 'refreshContainer');
  return {
    status: isChanging ? 'Updating' : 'OK',
    createdAt,
    ...(refresh === undefined ? {} : { refreshJob: refresh.job }),
    ...(lastRefreshJob === undefined ? {} : { lastRefreshJob }),
    ...(lastRefreshAt === undefined ? {} : { lastRefreshAt }),
  };
}
