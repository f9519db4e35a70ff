/**
 * Activation: the technician enters an activation key, and the machine belongs to its resource from then on. Keys and
 * certificates are checked before the command comes; the machine never sees them. Without the key vault, or the secret in it, it fails.
 * Sources: act, tact (appliance.md §2.1, §2.3).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { withFact } from './change.ts';
import { conditionsOf, isVaultGone } from './conditions.ts';
import type { CommandOf, Process } from './process.ts';
import { serialNumberOfMachine } from './identity.ts';
import { busy, vaultGone, wrongState } from './refusals.ts';
import { releaseOf } from './releases.ts';
import { ROLES_AT_ACTIVATION } from './roles.ts';
import { lacksCertificates, withFactoryNetwork } from './local-config.ts';
import { type ApplianceState, isRunning } from './state.ts';

/** Exactly five minutes in total (act); how they are divided is [ours]. */
const ACTIVATION: readonly Stage[] = [
  { name: 'checkKey', lasts: seconds(30), source: 'act; [ours] division' },
  { name: 'register', lasts: seconds(90), source: 'act; [ours] division' },
  { name: 'configure', lasts: minutes(3), source: 'act; [ours] division' },
];

const activated = (state: ApplianceState): ApplianceState => ({
  ...state,
  isActive: true,
  activatedAt: state.at,
  roles: ROLES_AT_ACTIVATION,
  updates: { ...state.updates, scansFrom: state.at },
});

export const activate: Process<CommandOf<'activate'>> = {
  subject: () => '',
  refuse: (state, { isByHand }) => {
    if (state.isActive) return wrongState('The device is activated already.');
    if (isRunning(state, 'activate')) return busy('The device is being activated.');
    // By hand, certificates may come in the same package as the key; the local web interface looks.
    return isByHand !== true && lacksCertificates(state, {})
      ? wrongState(
          'The name or the DNS domain of the device was changed. Bring certificates for them in the local web UI and retry the operation.',
        )
      : undefined;
  },
  table: () => ACTIVATION,
  // The technician enters the key at the machine itself; it then has to reach Azure.
  needs: 'machine',
  uplinkStages: ['register'],
  encrypts: true,
  begin: (state) => withFact(state, 'machine.activating'),
  failureAt: (state, stage) =>
    stage === 'register' && isVaultGone(conditionsOf(state)) ? vaultGone() : undefined,
  fail: (state, _activity, { code }) => withFact(state, 'machine.activationFailed', { code }),
  finish: (state, { command: { isByHand } }) =>
    withFact(
      activated(isByHand === true ? withFactoryNetwork(state) : state),
      'machine.activated',
      {
        serialNumber: serialNumberOfMachine(state.spec),
        release: state.release,
        softwareVersion: releaseOf(state.release)?.version ?? '',
      },
    ),
};
