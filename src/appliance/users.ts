/**
 * The local users of the machine. Passwords are unknown here.
 * Sources: users (appliance.md §7.2).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { itemProcesses, recordsIn } from './items.ts';
import type { CommandOf } from './process.ts';
import { reservedName } from './refusals.ts';
import type { UserRecord } from './state.ts';

/** Names that the machine reserves (users). */
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

const USER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(25)], source: '[ours] seconds to half a minute' },
];

/** The names are those of Windows accounts, which are not case-sensitive. */
const isReserved = (user: string): boolean =>
  RESERVED_USERS.some((reserved) => reserved.toLowerCase() === user.toLowerCase());

export const { put: putUser, remove: deleteUser } = itemProcesses<
  CommandOf<'putUser'>,
  CommandOf<'deleteUser'>,
  UserRecord
>({
  noun: 'user',
  subject: 'user',
  key: ['user'],
  kinds: { put: 'putUser', remove: 'deleteUser' },
  records: recordsIn('users'),
  stages: { creation: USER_CHANGE, change: USER_CHANGE, removal: USER_CHANGE },
  recordAtEnd: ({ user, userType }) => ({ name: user, userType }),
  isProvisioning: false,
  isEncrypted: true,
  asNeed: (name) => `user/${name}`,
  refusePut: {
    first: (_state, { user }) =>
      isReserved(user)
        ? reservedName(`The name ${user} is reserved on the device. Choose another one.`)
        : undefined,
  },
  factOfPut: ({ userType }) => ({ userType }),
});
