/** updateSummary/default: versions, what is offered, and what the last scan, download and install came to (§12, [S]). */
import { Type } from 'typebox';
import { named, object, since } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import {
  dateTime,
  double,
  int32,
  optionalEnum,
  optionalInteger,
  optionalNumber,
  optionalString,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyNumber,
  readOnlyString,
  readOnlyStrings,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedUpdate, ObservedUpdateRun } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { JOB_STATUSES } from './base/job-schema.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const later = since('2021-02-01');
const count = readOnlyInteger(int32);

const REBOOTS = ['NeverReboots', 'RequiresReboot', 'RequestReboot'] as const;

const updateDetails = object(
  {
    updateTitle: optionalString(),
    updateSize: optionalNumber(double),
    updateType: optionalEnum(['Software', 'Kubernetes', 'Firmware'], named('UpdateType')),
    targetVersion: optionalString(),
    friendlyVersionNumber: optionalString(),
    estimatedInstallTimeInMins: optionalInteger(int32),
    rebootBehavior: optionalEnum(REBOOTS, named('InstallRebootBehavior')),
    installationImpact: optionalEnum(
      ['None', 'DeviceRebooted', 'KubernetesWorkloadsDown'],
      named('InstallationImpact'),
    ),
    status: optionalEnum(
      [
        'DownloadPending',
        'DownloadStarted',
        'DownloadCompleted',
        'InstallStarted',
        'InstallCompleted',
      ],
      named('UpdateStatus'),
    ),
  },
  named('UpdateDetails'),
);

const properties = object(
  {
    deviceVersionNumber: optionalString(),
    friendlyDeviceVersionName: optionalString(),
    deviceLastScannedDateTime: optionalString(dateTime),
    lastCompletedScanJobDateTime: optionalString(dateTime),
    lastSuccessfulScanJobTime: optionalString(dateTime, later),
    lastCompletedDownloadJobDateTime: readOnlyString(dateTime),
    lastCompletedDownloadJobId: readOnlyString(later),
    lastDownloadJobStatus: readOnlyEnum(JOB_STATUSES, named('JobStatus'), later),
    lastSuccessfulInstallJobDateTime: optionalString(dateTime, later),
    lastCompletedInstallJobDateTime: readOnlyString(dateTime),
    lastCompletedInstallJobId: readOnlyString(later),
    lastInstallJobStatus: readOnlyEnum(JOB_STATUSES, named('JobStatus'), later),
    totalNumberOfUpdatesAvailable: count,
    totalNumberOfUpdatesPendingDownload: count,
    totalNumberOfUpdatesPendingInstall: count,
    rebootBehavior: readOnlyEnum(REBOOTS, named('InstallRebootBehavior')),
    ongoingUpdateOperation: readOnlyEnum(
      ['None', 'Scan', 'Download', 'Install'],
      named('UpdateOperation'),
    ),
    inProgressDownloadJobId: readOnlyString(),
    inProgressInstallJobId: readOnlyString(),
    inProgressDownloadJobStartedDateTime: readOnlyString(dateTime),
    inProgressInstallJobStartedDateTime: readOnlyString(dateTime),
    updateTitles: readOnlyStrings(),
    updates: readOnlyList(updateDetails, later),
    totalUpdateSizeInBytes: readOnlyNumber(double),
    totalTimeInMinutes: readOnlyInteger(int32, later),
  },
  named('UpdateSummaryProperties'),
);

const schema = object(
  {
    ...envelope,
    systemData: systemDataSince('2021-02-01'),
    properties: Type.Optional(properties),
  },
  named('UpdateSummary'),
);

export const updateSummary = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/updateSummary',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: { get: { id: 'Devices_GetUpdateSummary' } },
  find,
});

async function find(target: ObservedTarget): Promise<Shown<typeof schema>> {
  const { hardware, updates } = await observe(target);
  const { available, scan, download, install } = updates;
  const [scanned, downloaded, installed] = [scan, download, install].map(endOf);
  const [downloading, installing] = [download, install].map(running);
  const jobId = (run: ObservedUpdateRun | undefined): string | undefined =>
    run && `${target.device.id}/jobs/${run.job}`;
  return {
    properties: {
      deviceVersionNumber: hardware?.softwareVersion,
      friendlyDeviceVersionName: hardware?.softwareVersionName,
      deviceLastScannedDateTime: formatInstant(updates.lastScanAt),
      lastCompletedScanJobDateTime: scanned,
      lastSuccessfulScanJobTime: formatInstant(updates.lastSuccessfulScanAt),
      lastCompletedDownloadJobDateTime: downloaded,
      lastCompletedDownloadJobId: downloaded === undefined ? undefined : download?.job,
      lastDownloadJobStatus: downloaded === undefined ? 'Invalid' : download?.status,
      lastSuccessfulInstallJobDateTime: formatInstant(updates.lastSuccessfulInstallAt),
      lastCompletedInstallJobDateTime: installed,
      lastCompletedInstallJobId: installed === undefined ? undefined : install?.job,
      lastInstallJobStatus: installed === undefined ? 'Invalid' : install?.status,
      totalNumberOfUpdatesAvailable: available.length,
      totalNumberOfUpdatesPendingDownload: available.filter(isUndownloaded).length,
      totalNumberOfUpdatesPendingInstall: available.length,
      rebootBehavior: rebootOf(available),
      ongoingUpdateOperation: updates.ongoing,
      inProgressDownloadJobId: jobId(downloading),
      inProgressDownloadJobStartedDateTime: formatInstant(downloading?.startedAt),
      inProgressInstallJobId: jobId(installing),
      inProgressInstallJobStartedDateTime: formatInstant(installing?.startedAt),
      updateTitles: available.map((update) => update.title),
      updates: available.map(detailsOf),
      totalUpdateSizeInBytes: sum(available, (update) => update.sizeBytes),
      totalTimeInMinutes: sum(available, (update) => update.installMinutes),
    },
    id: `${target.device.id}/updateSummary/default`,
    name: 'default',
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/updateSummary',
  };
}

/** When a run ended; undefined while it runs, and if there was none. */
const endOf = (run: ObservedUpdateRun | undefined): string | undefined =>
  formatInstant(run?.endedAt);

/** The run, while it runs. */
const running = (run: ObservedUpdateRun | undefined): ObservedUpdateRun | undefined =>
  run?.status === 'Running' ? run : undefined;

const isUndownloaded = (update: ObservedUpdate): boolean =>
  update.status === 'DownloadPending' || update.status === 'DownloadStarted';

const sum = (updates: readonly ObservedUpdate[], of: (update: ObservedUpdate) => number): number =>
  updates.reduce((total, update) => total + of(update), 0);

/** The strongest of the parts'. */
function rebootOf(updates: readonly ObservedUpdate[]): (typeof REBOOTS)[number] {
  if (updates.some((update) => update.reboot === 'RequiresReboot')) return 'RequiresReboot';
  return updates.some((update) => update.reboot === 'RequestReboot')
    ? 'RequestReboot'
    : 'NeverReboots';
}

function detailsOf(update: ObservedUpdate): Shown<typeof updateDetails> {
  return {
    updateTitle: update.title,
    updateSize: update.sizeBytes,
    updateType: update.type,
    targetVersion: update.targetVersion,
    friendlyVersionNumber: update.friendlyVersion,
    estimatedInstallTimeInMins: update.installMinutes,
    rebootBehavior: update.reboot,
    installationImpact: update.impact,
    status: update.status,
  };
}
