/**
 * Shares: made, removed, refreshed from the cloud. Called through `processes.ts`; `observe.ts` shows them. Never knows
 * containers or access rights: those are its resource's wishes; of accounts and users only that it needs them.
 * Sources: shares, limits, tshoot (appliance.md §7.1, §18).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { withStartedJob } from './jobs.ts';
import { refuseMissing, refuseNeeded } from './needs.ts';
import type { ObservedShare } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import {
  busy,
  limitReached,
  notFound,
  refuseProvisioning,
  refuseWhileInstalling,
  unsupported,
} from './refusals.ts';
import {
  type ApplianceState,
  named,
  type ShareRecord,
  withNamed,
  withoutNamed,
  activitiesOf,
} from './state.ts';

/** Per machine (limits). */
const MOST_SHARES = 24;

export const SHARE_CREATION: readonly Stage[] = [
  { name: 'createVolume', lasts: [seconds(10), seconds(20)], source: '[ours] about half a minute' },
  { name: 'publish', lasts: [seconds(8), seconds(16)], source: '[ours] about half a minute' },
];
export const SHARE_CHANGE: readonly Stage[] = [
  { name: 'publish', lasts: [seconds(5), seconds(15)], source: '[ours] no data is moved' },
];
export const SHARE_REMOVAL: readonly Stage[] = [
  { name: 'withdraw', lasts: [seconds(5), seconds(10)], source: '[ours] about half a minute' },
  { name: 'removeVolume', lasts: [seconds(10), seconds(20)], source: '[ours] about half a minute' },
];
export const SHARE_REFRESH: readonly Stage[] = [
  { name: 'scanContainer', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
  { name: 'fetch', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
];

type ShareCommand = CommandOf<'putShare' | 'deleteShare' | 'refreshShare'>;

/** What goes on with a share, if anything. */
function activityOn(state: ApplianceState, share: string): ShareCommand['kind'] | undefined {
  const kinds = ['putShare', 'deleteShare', 'refreshShare'] as const;
  return kinds.find((kind) =>
    activitiesOf(state, kind).some((activity) => activity.command.share === share),
  );
}

const refuseBusy = (state: ApplianceState, share: string) =>
  activityOn(state, share) === undefined
    ? undefined
    : busy(`The share ${share} is being created, changed, refreshed or removed.`);

export const putShare: Process<CommandOf<'putShare'>> = {
  subject: (command) => command.share,
  refuse: (state, { share, needs }) => {
    const refused =
      refuseProvisioning(state) ?? refuseBusy(state, share) ?? refuseMissing(state, needs);
    if (refused !== undefined) return refused;
    return named(state.shares, share) === undefined && state.shares.length >= MOST_SHARES
      ? limitReached(`The device has ${MOST_SHARES} shares already, and may have no more.`)
      : undefined;
  },
  table: (state, { share }) =>
    named(state.shares, share) === undefined ? SHARE_CREATION : SHARE_CHANGE,
  begin: (state, { command }) => {
    const before = named(state.shares, command.share);
    const { protocol, dataPolicy, needs = [] } = command;
    const share: ShareRecord = { ...before, name: command.share, protocol, dataPolicy, needs };
    return unchanged({ ...state, shares: withNamed(state.shares, share) });
  },
  finish: (state, { command, stages }) =>
    withFact(state, stages.includes('createVolume') ? 'share.created' : 'share.changed', {
      share: command.share,
      protocol: command.protocol,
      dataPolicy: command.dataPolicy,
    }),
};

export const deleteShare: Process<CommandOf<'deleteShare'>> = {
  subject: (command) => command.share,
  refuse: (state, { share }) =>
    refuseWhileInstalling(state) ??
    refuseBusy(state, share) ??
    refuseNeeded(state, `share/${share}`),
  table: (state, { share }) => (named(state.shares, share) === undefined ? [] : SHARE_REMOVAL),
  finish: (state, { command: { share } }) =>
    named(state.shares, share) === undefined
      ? unchanged(state)
      : withFact({ ...state, shares: withoutNamed(state.shares, share) }, 'share.deleted', {
          share,
        }),
};

export const refreshShare: Process<CommandOf<'refreshShare'>> = {
  subject: (command) => command.share,
  refuse: (state, { share }) => {
    const record = named(state.shares, share);
    if (record === undefined) return refuseProvisioning(state) ?? notFound(share);
    // Local shares have nothing in the cloud (shares).
    if (record.dataPolicy === 'Local') {
      return unsupported(`The share ${share} is local to the device and can't be refreshed.`);
    }
    return refuseProvisioning(state) ?? refuseBusy(state, share);
  },
  table: () => SHARE_REFRESH,
  begin: (state, { id, command: { job, share } }) =>
    unchanged(withStartedJob(state, { name: job, kind: 'RefreshShare', activityId: id, share })),
  finish: (state, { command: { job, share } }) => {
    const record = named(state.shares, share);
    const refreshed: ApplianceState =
      record === undefined
        ? state
        : {
            ...state,
            shares: withNamed(state.shares, {
              ...record,
              lastRefreshJob: job,
              lastRefreshAt: state.at,
            }),
          };
    return withFact(refreshed, 'share.refreshed', { share, job });
  },
};

/** A share as it is seen. */
export function observedShareOf(state: ApplianceState, share: ShareRecord): ObservedShare {
  const { name, protocol, dataPolicy, lastRefreshJob, lastRefreshAt } = share;
  const refresh = activitiesOf(state, 'refreshShare').find(
    (activity) => activity.command.share === name,
  );
  const isChanging = refresh === undefined && activityOn(state, name) !== undefined;
  return {
    protocol,
    dataPolicy,
    status: isChanging ? 'Updating' : 'OK',
    ...(refresh === undefined ? {} : { refreshJob: refresh.command.job }),
    ...(lastRefreshJob === undefined ? {} : { lastRefreshJob }),
    ...(lastRefreshAt === undefined ? {} : { lastRefreshAt }),
  };
}
