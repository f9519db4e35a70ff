/**
 * Jobs and updates as they are observed. How far a job has come follows from the stages of its activity and the clock;
 * nothing is changed here.
 * Sources: [S] Job, UpdateSummary (appliance.md §12; databoxedge-contract §8).
 */
import { percentOf } from '#shared/stages.ts';
import type { JobStage, ObservedJob, ObservedUpdateRun, ObservedUpdates } from './observation.ts';
import { progressOf, stageOf, workTimeOf } from './progress.ts';
import { type Activity, type ApplianceState, isRunning, type JobRecord, named } from './state.ts';
import { lastSuccessfulScanAt } from './scan-times.ts';
import { observedPartsOf, wholePartsIn } from './update-packages.ts';

/**
 * The `UpdateOperationStage` [S] for each stage of the stage tables; stages of an installation that aren't listed are
 * InstallStarted.
 */
const UPDATE_STAGES: Readonly<Record<string, JobStage>> = {
  contact: 'Initial',
  scan: 'ScanStarted',
  Initializing: 'Initial',
  Downloading: 'DownloadStarted',
  Verifying: 'DownloadStarted',
  prepare: 'Initial',
  rebootNode1: 'RebootInitiated',
  rebootNode2: 'RebootInitiated',
  rescan: 'RescanStarted',
};

/** The progress of the stage of that name in `activity` at `state.at`, in whole percent. */
function percentOfStage(state: ApplianceState, activity: Activity, name: string): number {
  const index = activity.stages.indexOf(name);
  const startedAt = activity.schedule.endsAt[index - 1] ?? activity.schedule.startedAt;
  const end = activity.schedule.endsAt[index];
  return end === undefined
    ? 0
    : percentOf({ startedAt, endsAt: [end] }, workTimeOf(state, activity));
}

type Content = NonNullable<JobRecord['updates']>;

function downloadOf(
  state: ApplianceState,
  content: Content,
  activity: Activity | undefined,
): NonNullable<ObservedJob['download']> {
  const percent = activity === undefined ? 100 : percentOfStage(state, activity, 'Downloading');
  const doneBytes = Math.floor((content.bytes * percent) / 100);
  const stage = activity === undefined ? undefined : stageOf(state, activity);
  const phases = ['Initializing', 'Downloading', 'Verifying'] as const;
  return {
    phase: phases.find((phase) => phase === stage) ?? 'Verifying',
    percentComplete: percent,
    totalBytes: content.bytes,
    doneBytes,
    totalUpdates: content.count,
    doneUpdates:
      activity === undefined
        ? content.count
        : wholePartsIn(state.updates.offer?.parts ?? [], doneBytes),
  };
}

function installOf(
  state: ApplianceState,
  content: Content,
  activity: Activity | undefined,
): NonNullable<ObservedJob['install']> {
  const parts = state.updates.offer?.parts ?? [];
  return {
    percentComplete: activity === undefined ? 100 : progressOf(state, activity),
    totalUpdates: content.count,
    doneUpdates:
      activity === undefined
        ? content.count
        : parts.filter((part) => part.status === 'InstallCompleted').length,
  };
}

const isRefresh = (kind: JobRecord['kind']): boolean =>
  kind === 'RefreshShare' || kind === 'RefreshContainer';

/** The stage that a job shows; jobs that aren't about updates show none. */
function stageOfJob(
  state: ApplianceState,
  job: JobRecord,
  activity: Activity | undefined,
): Pick<ObservedJob, 'stage'> {
  if (isRefresh(job.kind) || job.kind === 'TriggerSupportPackage') return {};
  if (job.end !== undefined) {
    return { stage: job.end.status === 'Succeeded' ? 'Success' : 'Failure' };
  }
  const stage = activity === undefined ? undefined : stageOf(state, activity);
  return { stage: UPDATE_STAGES[stage ?? ''] ?? 'InstallStarted' };
}

/** The observation of a job. */
export function observedJobOf(state: ApplianceState, job: JobRecord): ObservedJob {
  const { kind, startedAt, end, share, container, updates } = job;
  const activity =
    end === undefined ? state.activities.find(({ id }) => id === job.activityId) : undefined;
  const running = activity === undefined ? 100 : progressOf(state, activity);
  return {
    kind,
    status: end?.status ?? 'Running',
    startedAt,
    ...(end === undefined ? {} : { endedAt: end.at }),
    percentComplete: end?.percentComplete ?? running,
    ...stageOfJob(state, job, activity),
    ...(kind === 'DownloadUpdates' && updates !== undefined
      ? { download: downloadOf(state, updates, activity) }
      : {}),
    ...(kind === 'InstallUpdates' && updates !== undefined
      ? { install: installOf(state, updates, activity) }
      : {}),
    ...(share === undefined ? {} : { share }),
    ...(container === undefined ? {} : { container }),
    ...(end?.error === undefined ? {} : { error: end.error }),
    ...(isRefresh(kind) ? { refreshErrors: 0 } : {}),
  };
}

/** The run that belongs to the job of that name; undefined when there is none. */
function runOf(state: ApplianceState, name = ''): ObservedUpdateRun | undefined {
  const job = named(state.jobs, name);
  if (job === undefined) return undefined;
  const { startedAt, end } = job;
  return end === undefined
    ? { job: name, startedAt, status: 'Running' }
    : {
        job: name,
        startedAt,
        endedAt: end.at,
        status: end.status === 'Succeeded' ? 'Succeeded' : 'Failed',
      };
}

function ongoingOf(state: ApplianceState): ObservedUpdates['ongoing'] {
  if (isRunning(state, 'scanForUpdates')) return 'Scan';
  if (isRunning(state, 'downloadUpdates')) return 'Download';
  return isRunning(state, 'installUpdates') ? 'Install' : 'None';
}

/** The observation of updates. */
export function observedUpdatesOf(state: ApplianceState): ObservedUpdates {
  const { offer, failure, lastSuccessfulInstallAt } = state.updates;
  const successfulAt = lastSuccessfulScanAt(state, state.at);
  const failedAt = failure?.stage === 'scan' ? (failure.lastAt ?? failure.at) : undefined;
  const scannedAt =
    failedAt === undefined || (successfulAt !== undefined && successfulAt > failedAt)
      ? successfulAt
      : failedAt;
  const scan = runOf(state, state.updates.scanJob);
  const download = runOf(state, state.updates.downloadJob);
  const install = runOf(state, state.updates.installJob);
  const parts = offer === undefined ? [] : observedPartsOf(offer, state.spec.nodeCount);
  return {
    ongoing: ongoingOf(state),
    available: parts.filter((part) => part.status !== 'InstallCompleted'),
    ...(scan === undefined ? {} : { scan }),
    ...(download === undefined ? {} : { download }),
    ...(install === undefined ? {} : { install }),
    ...(scannedAt === undefined ? {} : { lastScanAt: scannedAt }),
    ...(successfulAt === undefined ? {} : { lastSuccessfulScanAt: successfulAt }),
    ...(lastSuccessfulInstallAt === undefined ? {} : { lastSuccessfulInstallAt }),
  };
}
