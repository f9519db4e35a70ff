/**
 * Shares: created, changed, deleted, refreshed from the cloud. Containers in Azure and access rights are desired state and
 * stay in the resource; the machine knows of accounts and users only that the share needs them.
 * Sources: shares, limits, tshoot (appliance.md §7.1, §18).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { itemProcesses, type Records, recordsIn } from './items.ts';
import { withStartedJob } from './jobs.ts';
import type { ObservedShare } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import { limitReached, notFound, refuseProvisioning, unsupported } from './refusals.ts';
import { type ApplianceState, named, type ShareRecord, withNamed, withoutNamed } from './state.ts';

/** The limit of one machine (limits). */
const MAX_SHARES = 24;
/** How many deleted shares are remembered [ours]. */
const MAX_FORMER_SHARES = 100;

const SHARE_CREATION: readonly Stage[] = [
  { name: 'createVolume', lasts: [seconds(10), seconds(20)], source: '[ours] about half a minute' },
  { name: 'publish', lasts: [seconds(8), seconds(16)], source: '[ours] about half a minute' },
];
const SHARE_CHANGE: readonly Stage[] = [
  { name: 'publish', lasts: [seconds(5), seconds(15)], source: '[ours] no data is moved' },
];
const SHARE_REMOVAL: readonly Stage[] = [
  { name: 'withdraw', lasts: [seconds(5), seconds(10)], source: '[ours] about half a minute' },
  { name: 'removeVolume', lasts: [seconds(10), seconds(20)], source: '[ours] about half a minute' },
];
const SHARE_REFRESH: readonly Stage[] = [
  { name: 'scanContainer', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
  { name: 'fetch', lasts: [seconds(30), seconds(90)], source: '[ours] a small container' },
];

const records: Records<ShareRecord> = {
  ...recordsIn('shares'),
  // The refresh of a share outlives it under its name [rec].
  put: (state, names, record) => {
    const former = named(state.formerShares ?? [], record.name);
    const isNew = named(state.shares, record.name) === undefined;
    return recordsIn('shares').put(state, names, isNew ? { ...former, ...record } : record);
  },
  remove: (state, names) => {
    const left = recordsIn('shares').remove(state, names);
    const { name, lastRefreshJob, lastRefreshAt } = named(state.shares, names.at(-1) ?? '') ?? {};
    if (name === undefined || lastRefreshJob === undefined || lastRefreshAt === undefined) {
      return left;
    }
    const others = withoutNamed(state.formerShares ?? [], name).slice(1 - MAX_FORMER_SHARES);
    return { ...left, formerShares: [...others, { name, lastRefreshJob, lastRefreshAt }] };
  },
};

const shares = itemProcesses<CommandOf<'putShare'>, CommandOf<'deleteShare'>, ShareRecord>({
  noun: 'share',
  subject: 'share',
  key: ['share'],
  kinds: { put: 'putShare', remove: 'deleteShare', refresh: 'refreshShare' },
  records,
  stages: { creation: SHARE_CREATION, change: SHARE_CHANGE, removal: SHARE_REMOVAL },
  recordAtBegin: ({ share, protocol, dataPolicy, needs = [] }, before) => ({
    ...before,
    name: share,
    protocol,
    dataPolicy,
    needs,
  }),
  isProvisioning: true,
  isEncrypted: true,
  takesSpace: true,
  needsOf: ({ needs }) => needs,
  asNeed: (name) => `share/${name}`,
  refusePut: {
    last: (state, { share }) =>
      named(state.shares, share) === undefined && state.shares.length >= MAX_SHARES
        ? limitReached(`The device has ${MAX_SHARES} shares already, and may have no more.`)
        : undefined,
  },
  factOfPut: ({ protocol, dataPolicy }) => ({ protocol, dataPolicy }),
});

export const { put: putShare, remove: deleteShare } = shares;

export const refreshShare: Process<CommandOf<'refreshShare'>> = {
  subject: (command) => command.share,
  refuse: (state, { share }) => {
    const record = named(state.shares, share);
    if (record === undefined) return refuseProvisioning(state) ?? notFound(share);
    // A local share has no data in the cloud (shares).
    if (record.dataPolicy === 'Local') {
      return unsupported(`The share ${share} is local to the device and can't be refreshed.`);
    }
    return refuseProvisioning(state) ?? shares.refuseBusy(state, [share]);
  },
  table: () => SHARE_REFRESH,
  uplinkStages: ['scanContainer', 'fetch'],
  transferStages: ['fetch'],
  // The transfer begins, which is told.
  effects: { scanContainer: unchanged },
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

/** The observation of a share. */
export function observedShareOf(state: ApplianceState, share: ShareRecord): ObservedShare {
  const { name, protocol, dataPolicy, lastRefreshJob, lastRefreshAt } = share;
  const commands = shares.commandsOn(state, [name]);
  const refresh = commands.find((command) => command.kind === 'refreshShare');
  return {
    protocol,
    dataPolicy,
    status: commands.length > 0 && refresh === undefined ? 'Updating' : 'OK',
    ...(refresh === undefined ? {} : { refreshJob: refresh.job }),
    ...(lastRefreshJob === undefined ? {} : { lastRefreshJob }),
    ...(lastRefreshAt === undefined ? {} : { lastRefreshAt }),
  };
}
