/**
 * The password of the local administrator. It is checked before the command comes, and the machine never sees it; an alert
 * reports the change.
 * Sources: access, ps (appliance.md §3); [S] the alert of a change.
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { withFact } from './change.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseUnlessActive } from './refusals.ts';
import { isRunning } from './state.ts';

const PASSWORD_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

export const changePassword: Process<CommandOf<'changePassword'>> = {
  subject: () => '',
  refuse: (state) => {
    const refused = refuseUnlessActive(state);
    if (refused !== undefined) return refused;
    return isRunning(state, 'changePassword')
      ? busy('The password of the device is being changed.')
      : undefined;
  },
  encrypts: true,
  table: () => PASSWORD_CHANGE,
  finish: (state) => {
    const count = (state.password?.count ?? 0) + 1;
    return withFact(
      { ...state, password: { count, changedAt: state.at } },
      'machine.passwordChanged',
    );
  },
};
