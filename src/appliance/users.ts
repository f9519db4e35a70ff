/**
 * The machine's own users. Called through `processes.ts`. Never knows a password.
 * Sources: users (appliance.md §7.2).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { refuseNeeded } from './needs.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseUnlessActive, reservedName } from './refusals.ts';
import { type ApplianceState, named, withNamed, withoutNamed, activitiesOf } from './state.ts';

/** (users) */
const RESERVED_USERS = [
  'Administrator',
  'EdgeUser',
  'EdgeSupport',
  'HcsSetupUser',
  'WDAGUtilityAccount',
  'CLIUSR',
  'DefaultAccount',
  'Guest',
];

export const USER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(25)], source: '[ours] seconds to half a minute' },
];

/** Names of Windows accounts: case doesn't matter. */
const isReserved = (user: string): boolean =>
  RESERVED_USERS.some((reserved) => reserved.toLowerCase() === user.toLowerCase());

const refuseBusy = (state: ApplianceState, user: string) =>
  [...activitiesOf(state, 'putUser'), ...activitiesOf(state, 'deleteUser')].some(
    (activity) => activity.command.user === user,
  )
    ? busy(`The user ${user} is being created, changed or removed.`)
    : undefined;

export const putUser: Process<CommandOf<'putUser'>> = {
  subject: (command) => command.user,
  refuse: (state, { user }) => {
    if (isReserved(user)) {
      return reservedName(`The name ${user} is reserved on the device. Choose another one.`);
    }
    return refuseUnlessActive(state) ?? refuseBusy(state, user);
  },
  table: () => USER_CHANGE,
  finish: (state, { command: { user, userType } }) =>
    withFact(
      { ...state, users: withNamed(state.users, { name: user, userType }) },
      named(state.users, user) === undefined ? 'user.created' : 'user.changed',
      { user, userType },
    ),
};

export const deleteUser: Process<CommandOf<'deleteUser'>> = {
  subject: (command) => command.user,
  refuse: (state, { user }) => refuseBusy(state, user) ?? refuseNeeded(state, `user/${user}`),
  table: (state, { user }) => (named(state.users, user) === undefined ? [] : USER_CHANGE),
  finish: (state, { command: { user } }) =>
    named(state.users, user) === undefined
      ? unchanged(state)
      : withFact({ ...state, users: withoutNamed(state.users, user) }, 'user.deleted', { user }),
};
