/**
 * What on the machine needs what else: a share its credential and its users, a trigger its share and its role, a role
 * the shares that it mounts. Asked by the processes before they begin and before they remove something, so that nothing
 * is ever left without what it needs, in whatever order the commands come. Changes nothing.
 * Sources: [S] UserAccessRight (`already existing in the device`), static (a share is unmounted before it is deleted);
 * that all of it is refused rather than taken along is [ours].
 */
import type { Failure } from '#shared/failure.ts';
import type { Need } from './commands.ts';
import { inUse, notFound } from './refusals.ts';
import { type ApplianceState, named } from './state.ts';

/** Shares as needs. */
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

/** Why what has these needs can't be made: the first that isn't there. */
export function refuseMissing(
  state: ApplianceState,
  needs: readonly Need[] = [],
): Failure | undefined {
  const missing = needs.find((need) => !isThere(state, need));
  return missing === undefined ? undefined : notFound(missing.slice(missing.indexOf('/') + 1));
}

/** Everything that needs something, as people call it. */
function dependentsOf(
  state: ApplianceState,
): readonly (readonly [who: string, needs: readonly Need[]])[] {
  const { shares, storageAccounts, triggers, roles, cluster, activities } = state;
  const entry = (who: string, needs: readonly Need[]): [string, readonly Need[]] => [who, needs];
  return [
    ...shares.map((share) => entry(`the share ${share.name}`, share.needs)),
    ...storageAccounts.map(({ name, needs }) => entry(`the storage account ${name}`, needs)),
    ...triggers.map((trigger) => entry(`the trigger ${trigger.name}`, trigger.needs)),
    ...roles.map(({ name, mounts }) => entry(`the role ${name}`, needsOfMounts(mounts))),
    ...(cluster === undefined
      ? []
      : [entry(`the role ${cluster.role}`, needsOfMounts(cluster.mounts))]),
    // A share is seen in a role once it is mounted, and stays while it is being mounted.
    ...activities.flatMap(({ command }) =>
      'mounts' in command ? [entry(`the role ${command.role}`, needsOfMounts(command.mounts))] : [],
    ),
  ];
}

/** Why `need` can't go: what needs it. */
export function refuseNeeded(state: ApplianceState, need: Need): Failure | undefined {
  const [needy] = dependentsOf(state).find(([, needs]) => needs.includes(need)) ?? [];
  return needy === undefined
    ? undefined
    : inUse(
        `The ${need.replace('/', ' ')} is used by ${needy}. Change or delete ${needy} first and retry the operation.`,
      );
}
