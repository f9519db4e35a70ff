/**
 * Updates: scan, download, install; one at a time. The scan that a machine makes by itself every day is in daily-scan.ts.
 * Sources: upd, updinc, k8sfail, rn2209 (appliance.md §12).
 */
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { andThen, type Change, unchanged, withFact } from './change.ts';
import type { FailingStage } from './commands.ts';
import { conditionsOf } from './conditions.ts';
import { withStartedJob } from './jobs.ts';
import type { CommandOf, Effect, Process } from './process.ts';
import { busy, refuseUnlessActive, updateFailed, wrongState } from './refusals.ts';
import {
  arcAgentVersionOf,
  kubernetesVersionOf,
  offeredRelease,
  releaseOf,
  upgradesArc,
} from './releases.ts';
import { type ApplianceState, isRunning, type OfferRecord, type UpdatesRecord } from './state.ts';
import {
  bytesOf,
  PARTS_TO_DOWNLOAD,
  UPDATE_DOWNLOAD,
  UPDATE_SCAN,
  updateInstallation,
} from './update-packages.ts';

type Part = OfferRecord['parts'][number];

/** Why no update command can begin: the machine isn't active, or another one is running. */
function refuseUpdate(state: ApplianceState): Failure | undefined {
  const refused = refuseUnlessActive(state);
  if (refused !== undefined) return refused;
  return isRunning(state, 'scanForUpdates', 'downloadUpdates', 'installUpdates')
    ? busy('An update operation is running on the device already. Retry when it has ended.')
    : undefined;
}

const hasParts = (state: ApplianceState, status: Part['status'], type?: Part['type']): boolean =>
  state.updates.offer?.parts.some(
    (part) => part.status === status && (type === undefined || part.type === type),
  ) ?? false;

const FAILURES: Readonly<Record<FailingStage, string>> = {
  scan: 'The scan for updates failed.',
  download: 'The download of the update failed.',
  installSoftware:
    'The installation of the device software failed, and the device has its former software.',
  installKubernetes:
    'The installation of the Kubernetes update failed, and the cluster has its former version.',
};

/** Why that part of an update fails now; undefined where no fault makes it. */
const failureIn = (state: ApplianceState, stage: FailingStage): Failure | undefined =>
  conditionsOf(state).some((one) => one.kind === 'updateFails' && one.stage === stage)
    ? updateFailed(FAILURES[stage])
    : undefined;

/** `state` in which that part of an update has failed, until the next success. One that fails again is the same failure. */
export function failed(state: ApplianceState, stage: FailingStage): Change {
  const { failure: before } = state.updates;
  const failure =
    before?.stage === stage
      ? { ...before, lastAt: state.at, count: (before.count ?? 1) + 1 }
      : { stage, at: state.at };
  return withFact({ ...state, updates: { ...state.updates, failure } }, 'update.failed', {
    stage,
    release: state.updates.offer?.release ?? state.release,
  });
}

/** `updates` without the failure of one of these stages. */
function withoutFailure(
  { failure, ...rest }: UpdatesRecord,
  ...stages: readonly FailingStage[]
): UpdatesRecord {
  return failure === undefined || stages.includes(failure.stage) ? rest : { ...rest, failure };
}

/** `state` with the parts of those types in another status. */
function withParts(
  state: ApplianceState,
  status: Part['status'],
  ...types: readonly Part['type'][]
): ApplianceState {
  const { offer } = state.updates;
  if (offer === undefined) return state;
  const parts = offer.parts.map((part) => (types.includes(part.type) ? { ...part, status } : part));
  return { ...state, updates: { ...state.updates, offer: { ...offer, parts } } };
}

/** The content of an update, for the record of a job. */
function contentOf(state: ApplianceState): { readonly count: number; readonly bytes: number } {
  const parts = state.updates.offer?.parts ?? [];
  return { count: parts.length, bytes: bytesOf(parts) };
}

/**
 * The update that a scan at `at` finds: the same object where that is the one that was found before, which keeps its status, so that
 * downloaded packages stay downloaded.
 */
export function offerAt(
  { release, spec, updates: { offer: before } }: ApplianceState,
  at: Instant,
): OfferRecord | undefined {
  const found = offeredRelease(release, spec.nodeCount, at);
  if (found === undefined) return undefined;
  // What is left of an update whose Kubernetes part has failed comes before the next update.
  const isUnfinished =
    before?.release === release && before.parts.some(({ status }) => status !== 'InstallCompleted');
  return before !== undefined && (isUnfinished || before.release === found.name)
    ? before
    : { release: found.name, from: release, foundAt: at, parts: PARTS_TO_DOWNLOAD };
}

/** Records the update that a scan finds. */
export function scanned(state: ApplianceState): Change {
  const { offer: _before, ...rest } = withoutFailure(state.updates, 'scan');
  const offer = offerAt(state, state.at);
  const updates = { ...rest, lastSuccessfulScanAt: state.at };
  if (offer === undefined) {
    return withFact({ ...state, updates }, 'update.scanned', { updatesAvailable: 0 });
  }
  return withFact({ ...state, updates: { ...updates, offer } }, 'update.scanned', {
    updatesAvailable: offer.parts.filter(({ status }) => status !== 'InstallCompleted').length,
    release: offer.release,
  });
}

export const scanForUpdates: Process<CommandOf<'scanForUpdates'>> = {
  subject: () => '',
  refuse: refuseUpdate,
  table: () => UPDATE_SCAN,
  uplinkStages: ['contact', 'scan'],
  failureAt: (state, stage) => (stage === 'scan' ? failureIn(state, 'scan') : undefined),
  fail: (state) => failed(state, 'scan'),
  begin: (state, { id, command: { job } }) => {
    const noted = { ...state, updates: { ...state.updates, scanJob: job } };
    return unchanged(withStartedJob(noted, { name: job, kind: 'ScanForUpdates', activityId: id }));
  },
  finish: scanned,
};

export const downloadUpdates: Process<CommandOf<'downloadUpdates'>> = {
  subject: () => '',
  refuse: (state) => {
    const refused = refuseUpdate(state);
    if (refused !== undefined) return refused;
    return hasParts(state, 'DownloadPending')
      ? undefined
      : wrongState('There are no updates to download. Scan for updates first.');
  },
  table: () => UPDATE_DOWNLOAD,
  uplinkStages: ['Downloading'],
  failureAt: (state, stage) => (stage === 'Downloading' ? failureIn(state, 'download') : undefined),
  // What has arrived of a download that failed is of no use.
  fail: (state) =>
    failed(withParts(state, 'DownloadPending', 'Software', 'Kubernetes'), 'download'),
  begin: (state, { id, command: { job } }) => {
    const updates = contentOf(state);
    const noted = { ...state, updates: { ...state.updates, downloadJob: job } };
    const started = withStartedJob(noted, {
      name: job,
      kind: 'DownloadUpdates',
      activityId: id,
      updates,
    });
    return withFact(
      withParts(started, 'DownloadStarted', 'Software', 'Kubernetes'),
      'update.downloading',
      { release: state.updates.offer?.release ?? '', sizeBytes: updates.bytes },
    );
  },
  finish: (state) => {
    const downloaded = { ...state, updates: withoutFailure(state.updates, 'download') };
    return withFact(
      withParts(downloaded, 'DownloadCompleted', 'Software', 'Kubernetes'),
      'update.downloaded',
      { release: state.updates.offer?.release ?? '', sizeBytes: contentOf(state).bytes },
    );
  },
};

/**
 * The last node runs the new release. Without a cluster there is nothing to install in the Kubernetes part, which is up to
 * date as well [ours].
 */
const deviceDone: Effect<CommandOf<'installUpdates'>> = (state, { stages }) => {
  const release = state.updates.offer?.release ?? state.release;
  const parts = stages.includes('kubernetes')
    ? (['Software'] as const)
    : (['Software', 'Kubernetes'] as const);
  return unchanged(withParts({ ...state, release }, 'InstallCompleted', ...parts));
};

/** The installation of the Kubernetes part begins: maintenance again on a machine with one node, but no reboot (upd). */
const clusterBegins: Effect<CommandOf<'installUpdates'>> = (state) =>
  unchanged(withParts(state, 'InstallStarted', 'Kubernetes'));

const clusterDone: Effect<CommandOf<'installUpdates'>> = (state) =>
  andThen(upgradedCluster(withParts(state, 'InstallCompleted', 'Kubernetes')), upgradedArc);

function upgradedCluster(state: ApplianceState): Change {
  const { cluster } = state;
  const to = kubernetesVersionOf(state.release);
  if (cluster === undefined || cluster.kubernetesVersion === to) return unchanged(state);
  return withFact(
    { ...state, cluster: { ...cluster, kubernetesVersion: to } },
    'cluster.upgraded',
    {
      role: cluster.role,
      from: cluster.kubernetesVersion,
      to,
    },
  );
}

/**
 * Upgrades the Arc agents. Device updates do this from 2209 on (rn2209); before, agents keep their version until they are
 * connected again.
 */
function upgradedArc(state: ApplianceState): Change {
  const { arc } = state;
  const to = arcAgentVersionOf(state.release);
  if (arc === undefined || arc.agentVersion === to || !upgradesArc(state.release)) {
    return unchanged(state);
  }
  return withFact({ ...state, arc: { ...arc, agentVersion: to } }, 'arc.upgraded', {
    addon: arc.addon,
    from: arc.agentVersion,
    to,
  });
}

export const installUpdates: Process<CommandOf<'installUpdates'>> = {
  subject: () => '',
  refuse: (state) => {
    const refused = refuseUpdate(state);
    if (refused !== undefined) return refused;
    if (!hasParts(state, 'DownloadCompleted')) {
      return wrongState('There are no downloaded updates to install. Download the updates first.');
    }
    return isRunning(
      state,
      'createCluster',
      'configureCluster',
      'deleteCluster',
      'connectArc',
      'disconnectArc',
    )
      ? busy('The Kubernetes cluster of the device is being changed. Retry when that has ended.')
      : undefined;
  },
  table: (state) =>
    updateInstallation({
      nodeCount: state.spec.nodeCount,
      hasSoftware: hasParts(state, 'DownloadCompleted', 'Software'),
      hasCluster: state.cluster !== undefined,
    }),
  needs: 'allNodes',
  failureAt: (state, stage) => {
    if (/^installNode/.test(stage)) return failureIn(state, 'installSoftware');
    return stage === 'kubernetes' ? failureIn(state, 'installKubernetes') : undefined;
  },
  // Each part is installed whole or not at all: what was downloaded of it can be installed again.
  fail: (state) => {
    const isOfCluster = state.updates.offer?.parts.some(
      ({ type, status }) => type === 'Kubernetes' && status === 'InstallStarted',
    );
    const part = isOfCluster === true ? 'Kubernetes' : 'Software';
    const stage = isOfCluster === true ? 'installKubernetes' : 'installSoftware';
    return failed(withParts(state, 'DownloadCompleted', part), stage);
  },
  begin: (state, { id, command: { job } }) => {
    const updates = contentOf(state);
    const noted = { ...state, updates: { ...state.updates, installJob: job } };
    const started = withStartedJob(noted, {
      name: job,
      kind: 'InstallUpdates',
      activityId: id,
      updates,
    });
    return unchanged(
      hasParts(state, 'DownloadCompleted', 'Software')
        ? withParts(started, 'InstallStarted', 'Software')
        : started,
    );
  },
  effects: {
    // Conditions begin and end with these (conditions.ts).
    prepare: unchanged,
    installNode1: unchanged,
    rebootNode1: unchanged,
    installNode2: unchanged,
    rebootNode2: unchanged,
    settleNode1: (state, activity) =>
      state.spec.nodeCount === 1 ? deviceDone(state, activity) : unchanged(state),
    settleNode2: deviceDone,
    handOver: clusterBegins,
    kubernetes: clusterDone,
  },
  finish: (state) => {
    const { offer, ...rest } = withoutFailure(
      state.updates,
      ...(['scan', 'download', 'installSoftware', 'installKubernetes'] as const),
    );
    const from = offer?.from ?? state.release;
    const updates = { ...rest, lastSuccessfulInstallAt: state.at };
    const installed = withFact({ ...state, updates }, 'update.installed', {
      from,
      to: state.release,
      fromVersion: releaseOf(from)?.version ?? '',
      toVersion: releaseOf(state.release)?.version ?? '',
    });
    return andThen(installed, scanned);
  },
};
