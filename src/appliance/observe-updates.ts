/**
 * Jobs and updates as they are seen. Called by `observe.ts`. Changes nothing: how far a job is follows from its work's
 * stages and the clock.
 * Sources: [S] Job, UpdateSummary (appliance.md §12; databoxedge-contract §8).
 */
import { endedStages, percentOf } from '#shared/stages.ts';
import { jobOf } from './jobs.ts';
import type { ObservedJob, ObservedUpdateRun, ObservedUpdates } from './observation.ts';
import { type ApplianceState, isDoing, type JobRecord, type Work } from './state.ts';
import { observedPartsOf, wholePartsIn } from './update-packages.ts';

/** The work's stage that is on; undefined after the last. */
export const stageOf = (state: ApplianceState, work: Work): string | undefined =>
  work.stages[endedStages(work.schedule, state.at)];

/** `UpdateOperationStage` [S] by the stages of our tables; those of installation that aren't here are its middle. */
const UPDATE_STAGES: Readonly<Record<string, string>> = {
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

/** Whole percent of the stage of that name in `work` at `state.at`. */
function percentOfStage(state: ApplianceState, work: Work, name: string): number {
  const index = work.stages.indexOf(name);
  const startedAt = work.schedule.endsAt[index - 1] ?? work.schedule.startedAt;
  const end = work.schedule.endsAt[index];
  return end === undefined ? 0 : percentOf({ startedAt, endsAt: [end] }, state.at);
}

type Content = NonNullable<JobRecord['updates']>;

function downloadOf(
  state: ApplianceState,
  content: Content,
  work: Work | undefined,
): NonNullable<ObservedJob['download']> {
  const percent = work === undefined ? 100 : percentOfStage(state, work, 'Downloading');
  const doneBytes = Math.floor((content.bytes * percent) / 100);
  const stage = work === undefined ? undefined : stageOf(state, work);
  const phases = ['Initializing', 'Downloading', 'Verifying'] as const;
  return {
    phase: phases.find((phase) => phase === stage) ?? 'Verifying',
    percentComplete: percent,
    totalBytes: content.bytes,
    doneBytes,
    totalUpdates: content.count,
    doneUpdates:
      work === undefined
        ? content.count
        : wholePartsIn(state.updates.offer?.parts ?? [], doneBytes),
  };
}

function installOf(
  state: ApplianceState,
  content: Content,
  work: Work | undefined,
): NonNullable<ObservedJob['install']> {
  const parts = state.updates.offer?.parts ?? [];
  return {
    percentComplete: work === undefined ? 100 : percentOf(work.schedule, state.at),
    totalUpdates: content.count,
    doneUpdates:
      work === undefined
        ? content.count
        : parts.filter((part) => part.status === 'InstallCompleted').length,
  };
}

const isRefresh = (kind: JobRecord['kind']): boolean =>
  kind === 'RefreshShare' || kind === 'RefreshContainer';

/** What an update job shows of its stage; no other job has one. */
function stageOfJob(state: ApplianceState, job: JobRecord, work: Work | undefined) {
  if (isRefresh(job.kind) || job.kind === 'TriggerSupportPackage') return {};
  if (job.end !== undefined) {
    return { stage: job.end.status === 'Succeeded' ? 'Success' : 'Failure' };
  }
  const stage = work === undefined ? undefined : stageOf(state, work);
  return { stage: UPDATE_STAGES[stage ?? ''] ?? 'InstallStarted' };
}

/** A job as it is seen. */
export function observedJobOf(state: ApplianceState, job: JobRecord): ObservedJob {
  const { kind, startedAt, end, share, container, updates } = job;
  const work = end === undefined ? state.works.find(({ id }) => id === job.workId) : undefined;
  const running = work === undefined ? 100 : percentOf(work.schedule, state.at);
  return {
    kind,
    status: end?.status ?? 'Running',
    startedAt,
    ...(end === undefined ? {} : { endedAt: end.at }),
    percentComplete: end?.percentComplete ?? running,
    ...stageOfJob(state, job, work),
    ...(kind === 'DownloadUpdates' && updates !== undefined
      ? { download: downloadOf(state, updates, work) }
      : {}),
    ...(kind === 'InstallUpdates' && updates !== undefined
      ? { install: installOf(state, updates, work) }
      : {}),
    ...(share === undefined ? {} : { share }),
    ...(container === undefined ? {} : { container }),
    ...(isRefresh(kind) ? { refreshErrors: 0 } : {}),
  };
}

function runOf(job: JobRecord | undefined): ObservedUpdateRun | undefined {
  if (job === undefined) return undefined;
  const { name, startedAt, end } = job;
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
  if (isDoing(state, 'scanForUpdates')) return 'Scan';
  if (isDoing(state, 'downloadUpdates')) return 'Download';
  return isDoing(state, 'installUpdates') ? 'Install' : 'None';
}

/** The updates as they are seen. */
export function observedUpdatesOf(state: ApplianceState): ObservedUpdates {
  const { offer, lastSuccessfulScanAt, lastSuccessfulInstallAt } = state.updates;
  const scan = runOf(jobOf(state, state.updates.scanJob));
  const download = runOf(jobOf(state, state.updates.downloadJob));
  const install = runOf(jobOf(state, state.updates.installJob));
  const parts = offer === undefined ? [] : observedPartsOf(offer, state.spec.nodeCount);
  return {
    ongoing: ongoingOf(state),
    available: parts.filter((part) => part.status !== 'InstallCompleted'),
    ...(scan === undefined ? {} : { scan }),
    ...(download === undefined ? {} : { download }),
    ...(install === undefined ? {} : { install }),
    ...(lastSuccessfulScanAt === undefined ? {} : { lastSuccessfulScanAt }),
    ...(lastSuccessfulInstallAt === undefined ? {} : { lastSuccessfulInstallAt }),
  };
}
