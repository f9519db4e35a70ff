/**
 * Dependencies between things on the machine: a share needs its credential and its users, a trigger its share and its role,
 * a role the shares that it mounts. Processes check them before they begin and before they delete something, so that
 * nothing is ever left without what it needs, whatever the order of the commands.
 * Sources: [S] UserAccessRight (`already existing in the device`), static (a share is unmounted before it is deleted). That
 * a deletion is refused and does not cascade is [ours].
 */
import type { Failure } from '#shared/failure.ts';
import type { Need } from './commands.ts';
import { inUse, notFound } from './refusals.ts';
import { type ApplianceState, named } from './state.ts';

/** The needs of something that mounts these shares. */
export const needsOfMounts = (mounts: readonly string[] = []): readonly Need[] =>
  mounts.map((share): Need => `share/${share}`);

function isThere(state: ApplianceState, need: Need): boolean {
  const name = need.slice(need.indexOf('/') + 1);
  switch (need.slice(0, need.indexOf('/'))) {
    case 'credential':
      return state.credentials.includes(name);
    case 'user':
      return named(state.users, name) !== undefined;
    case 'share':
      return named(state.shares, name) !== undefined;
    default:
      return state.cluster?.role === name || named(state.roles, name) !== undefined;
  }
}

/** Why something with these needs can't be created: the first need that doesn't exist. */
export function refuseMissing(
  state: ApplianceState,
  needs: readonly Need[] = [],
): Failure | undefined {
  const missing = needs.find((need) => !isThere(state, need));
  return missing === undefined ? undefined : notFound(missing.slice(missing.indexOf('/') + 1));
}

/** Everything that has needs, as messages name it. */
function dependentsOf(
  state: ApplianceState,
): readonly (readonly [name: string, needs: readonly Need[]])[] {
  const { shares, storageAccounts, triggers, roles, cluster, activities } = state;
  const entry = (name: string, needs: readonly Need[]): [string, readonly Need[]] => [name, needs];
  return [
    ...shares.map((share) => entry(`the share ${share.name}`, share.needs)),
    ...storageAccounts.map(({ name, needs }) => entry(`the storage account ${name}`, needs)),
    ...triggers.map((trigger) => entry(`the trigger ${trigger.name}`, trigger.needs)),
    ...roles.map(({ name, mounts }) => entry(`the role ${name}`, needsOfMounts(mounts))),
    ...(cluster === undefined
      ? []
      : [entry(`the role ${cluster.role}`, needsOfMounts(cluster.mounts))]),
    // A share that is being mounted is needed too, although the role doesn't show it yet.
    ...activities.flatMap(({ command }) =>
      'mounts' in command ? [entry(`the role ${command.role}`, needsOfMounts(command.mounts))] : [],
    ),
  ];
}

/** Why `need` can't be deleted: the first thing that depends on it. */
export function refuseNeeded(state: ApplianceState, need: Need): Failure | undefined {
  const [dependent] = dependentsOf(state).find(([, needs]) => needs.includes(need)) ?? [];
  return dependent === undefined
    ? undefined
    : inUse(
        `The ${need.replace('/', ' ')} is used by ${dependent}. Change or delete ${dependent} first and retry the operation.`,
      );
}
