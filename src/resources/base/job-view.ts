/** A machine's job in ARM's shape (databoxedge-contract §8), for `jobs/{name}` and `operationsStatus/{name}` alike. */
import { isWithin, lastSegmentOf } from '#shared/arm-id.ts';
import type { ObservedJob } from '#fleet/fleet.ts';
import type { OperationRow } from '#operations/operation.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { machineOf } from './machine.ts';
import type { ObservedTarget } from './define.ts';

/** The job of that name on the target's machine; one that was accepted and not begun shows as Running. */
export async function jobView(
  asked: ObservedTarget,
  segment: 'jobs' | 'operationsStatus',
): Promise<JsonObject | undefined> {
  // Names compare without case; a job's is a GUID in lower case.
  const target = { ...asked, name: asked.name.toLowerCase() };
  const { device, ports } = target;
  const job = await ports.fleet.findJob(machineOf(device, ports.seed), target.name);
  if (job !== undefined) return viewOf(target, segment, job);
  const operation = await target.ports.findOperation(target.name);
  if (operation === undefined || !isWithin(operation.resourceKey, device.key)) return undefined;
  const jobType = JOB_TYPES[jobOf(operation)];
  if (jobType === undefined) return undefined;
  return {
    ...head(target, segment),
    status: operation.status,
    startTime: formatInstant(operation.startedAt),
    ...(operation.endedAt === undefined ? {} : { endTime: formatInstant(operation.endedAt) }),
    percentComplete: operation.status === 'Running' ? 0 : 100,
    ...(operation.failure === undefined
      ? {}
      : { error: { code: operation.failure.code, message: operation.failure.message } }),
    properties: { jobType },
  };
}

/** The verbs that are jobs, in whatever style they are polled. */
const JOB_TYPES: Readonly<Record<string, string>> = {
  scanForUpdates: 'ScanForUpdates',
  downloadUpdates: 'DownloadUpdates',
  installUpdates: 'InstallUpdates',
  'shares/refresh': 'RefreshShare',
  'containers/refresh': 'RefreshContainer',
  triggerSupportPackage: 'TriggerSupportPackage',
};

/** An action, with the type in front where several have one of that name. */
const jobOf = ({ verb, type }: OperationRow): string =>
  verb === 'refresh' ? `${lastSegmentOf(type)}/refresh` : verb;

function head(target: ObservedTarget, segment: string): JsonObject {
  return {
    id: `${target.device.id}/${segment}/${target.name}`,
    name: target.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/jobs',
  };
}

function viewOf(target: ObservedTarget, segment: string, job: ObservedJob): JsonObject {
  const { device } = target;
  return {
    ...head(target, segment),
    status: job.status,
    startTime: formatInstant(job.startedAt),
    ...(job.endedAt === undefined ? {} : { endTime: formatInstant(job.endedAt) }),
    percentComplete: job.percentComplete,
    ...(job.error === undefined ? {} : { error: { ...job.error } }),
    properties: {
      jobType: job.kind,
      ...(job.stage === undefined ? {} : { currentStage: job.stage }),
      ...progressOf(job),
      ...refreshedIn(job, device.id),
      totalRefreshErrors: job.refreshErrors ?? 0,
    },
  };
}

function refreshedIn({ share, container }: ObservedJob, device: string): JsonObject {
  if (share !== undefined) return { refreshedEntityId: `${device}/shares/${share}` };
  return container === undefined
    ? {}
    : {
        refreshedEntityId: `${device}/storageAccounts/${container.account}/containers/${container.container}`,
      };
}

function progressOf(job: ObservedJob): JsonObject {
  const { download, install } = job;
  return {
    ...(download === undefined
      ? {}
      : {
          downloadProgress: {
            downloadPhase: download.phase,
            percentComplete: download.percentComplete,
            totalBytesToDownload: download.totalBytes,
            totalBytesDownloaded: download.doneBytes,
            numberOfUpdatesToDownload: download.totalUpdates,
            numberOfUpdatesDownloaded: download.doneUpdates,
          },
        }),
    ...(install === undefined
      ? {}
      : {
          installProgress: {
            percentComplete: install.percentComplete,
            numberOfUpdatesToInstall: install.totalUpdates,
            numberOfUpdatesInstalled: install.doneUpdates,
          },
        }),
  };
}
