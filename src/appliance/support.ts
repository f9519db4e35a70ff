/**
 * Access for support: proactive log collection, remote sessions that end by themselves, and log packages on demand. Nobody
 * actually uses a session of a simulated machine.
 * Sources: plog, rsup, tshoot (appliance.md §15).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { withStartedJob } from './jobs.ts';
import type { ObservedSupport } from './inspection.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseUnlessActive } from './refusals.ts';
import { type ApplianceState, isRunning, type SupportSession } from './state.ts';

const SUPPORT_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];
const SUPPORT_PACKAGE: readonly Stage[] = [
  { name: 'collect', lasts: [minutes(3), minutes(6)], source: 'tshoot: several minutes' },
  { name: 'upload', lasts: [minutes(1), minutes(2)], source: 'tshoot: several minutes' },
];

const refuseBusy = (state: ApplianceState) =>
  isRunning(state, 'setLogCollection', 'setRemoteSupport')
    ? busy('The diagnostic settings of the device are being changed.')
    : undefined;

export const setLogCollection: Process<CommandOf<'setLogCollection'>> = {
  subject: () => '',
  refuse: (state) => refuseUnlessActive(state) ?? refuseBusy(state),
  table: () => SUPPORT_CHANGE,
  finish: (state, { command: { isEnabled } }) =>
    state.support.collectsLogs === isEnabled
      ? unchanged(state)
      : withFact(
          { ...state, support: { ...state.support, collectsLogs: isEnabled } },
          'support.logCollectionChanged',
          { isEnabled },
        ),
};

/** The sessions that have not ended; sessions end by themselves (rsup). */
export const openSessionsOf = (state: ApplianceState): readonly SupportSession[] =>
  state.support.sessions.filter((session) => session.expiresAt > state.at);

export const setRemoteSupport: Process<CommandOf<'setRemoteSupport'>> = {
  subject: () => '',
  refuse: (state) => refuseUnlessActive(state) ?? refuseBusy(state),
  table: () => SUPPORT_CHANGE,
  finish: (state, { command }) => {
    const open = openSessionsOf(state);
    const sessions = command.sessions.map((requested): SupportSession => {
      const before = open.find((session) => session.application === requested.application);
      return { ...requested, enabledAt: before?.enabledAt ?? state.at };
    });
    const changed = { ...state, support: { ...state.support, sessions } };
    const names = openSessionsOf(changed).map((session) => session.application);
    return withFact(changed, 'support.sessionsChanged', { applications: names });
  },
};

export const triggerSupportPackage: Process<CommandOf<'triggerSupportPackage'>> = {
  subject: () => '',
  refuse: (state) => {
    const refused = refuseUnlessActive(state);
    if (refused !== undefined) return refused;
    return isRunning(state, 'triggerSupportPackage')
      ? busy('A support package of the device is being collected already.')
      : undefined;
  },
  table: () => SUPPORT_PACKAGE,
  begin: (state, { id, command: { job } }) =>
    unchanged(withStartedJob(state, { name: job, kind: 'TriggerSupportPackage', activityId: id })),
  finish: (state, { command: { job } }) => withFact(state, 'support.packageCollected', { job }),
};

/** The observation of the support settings. */
export const observedSupportOf = (state: ApplianceState): ObservedSupport => ({
  collectsLogs: state.support.collectsLogs,
  sessions: openSessionsOf(state).map(({ application, access, expiresAt }) => ({
    application,
    access,
    expiresAt,
  })),
});
