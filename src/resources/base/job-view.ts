/** A machine's job in ARM's shape (databoxedge-contract §8), for `jobs/{name}` and `operationsStatus/{name}` alike. */
import { isWithin, lastSegmentOf } from '#shared/arm-id.ts';
import type { Shown } from '#arm/schema-types.ts';
import type { JobKind, ObservedJob } from '#fleet/fleet.ts';
import type { OperationRow } from '#operations/operation.ts';
import { formatInstant } from '#shared/instant.ts';
import type { ObservedTarget } from './define.ts';
import type { jobSchema } from './job-schema.ts';
import { machineOf } from './machine.ts';

export type JobView = Shown<typeof jobSchema>;
type JobProperties = NonNullable<JobView['properties']>;

/** The job of that name on the target's machine; one that was accepted and not begun shows as Running. */
export async function jobView(
  asked: ObservedTarget,
  segment: 'jobs' | 'operationsStatus',
): Promise<JobView | undefined> {
  // Names compare without case; a job's is a GUID in lower case.
  const target = { ...asked, name: asked.name.toLowerCase() };
  const { device, ports } = target;
  const job = await ports.fleet.findJob(machineOf(device, ports.seed), target.name);
  if (job !== undefined) return viewOf(target, segment, job);
  const operation = await target.ports.findOperation(target.name);
  if (operation === undefined || !isWithin(operation.resourceKey, device.key)) return undefined;
  const jobType = JOB_TYPES[jobOf(operation)];
  if (jobType === undefined) return undefined;
  const { startedAt, endedAt, failure } = operation;
  return {
    ...head(target, segment),
    status: operation.status,
    startTime: formatInstant(startedAt),
    endTime: formatInstant(endedAt),
    percentComplete: operation.status === 'Running' ? 0 : 100,
    error: failure && { code: failure.code, message: failure.message },
    properties: { jobType },
  };
}

/** The verbs that are jobs, in whatever style they are polled. */
const JOB_TYPES: Readonly<Record<string, JobKind>> = {
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

const head = (target: ObservedTarget, segment: string) => ({
  id: `${target.device.id}/${segment}/${target.name}`,
  name: target.name,
  type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/jobs',
});

function viewOf(target: ObservedTarget, segment: string, job: ObservedJob): JobView {
  const { device } = target;
  return {
    ...head(target, segment),
    status: job.status,
    startTime: formatInstant(job.startedAt),
    endTime: formatInstant(job.endedAt),
    percentComplete: job.percentComplete,
    error: job.error,
    properties: {
      jobType: job.kind,
      currentStage: job.stage,
      downloadProgress: downloadOf(job),
      installProgress: installOf(job),
      refreshedEntityId: refreshedIn(job, device.id),
      totalRefreshErrors: job.refreshErrors ?? 0,
    },
  };
}

function refreshedIn({ share, container }: ObservedJob, device: string): string | undefined {
  if (share !== undefined) return `${device}/shares/${share}`;
  return (
    container && `${device}/storageAccounts/${container.account}/containers/${container.container}`
  );
}

const downloadOf = ({ download }: ObservedJob): JobProperties['downloadProgress'] =>
  download && {
    downloadPhase: download.phase,
    percentComplete: download.percentComplete,
    totalBytesToDownload: download.totalBytes,
    totalBytesDownloaded: download.doneBytes,
    numberOfUpdatesToDownload: download.totalUpdates,
    numberOfUpdatesDownloaded: download.doneUpdates,
  };

const installOf = ({ install }: ObservedJob): JobProperties['installProgress'] =>
  install && {
    percentComplete: install.percentComplete,
    numberOfUpdatesToInstall: install.totalUpdates,
    numberOfUpdatesInstalled: install.doneUpdates,
  };
