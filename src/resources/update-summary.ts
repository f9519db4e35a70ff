/** updateSummary/default: versions, what is offered, and what the last scan, download and install came to (§12, [S]). */
import { Type } from 'typebox';
import {
  named,
  object,
  shownInteger,
  shownNumber,
  shownText,
  shownTexts,
  since,
} from '#arm/schema.ts';
import {
  dateTime,
  double,
  int32,
  mayEnum,
  mayInteger,
  mayNumber,
  mayText,
  shownEnum,
  shownList,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedUpdate, ObservedUpdateRun, ObservedUpdates } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { JOB_STATUSES } from './base/job-schema.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const later = since('2021-02-01');
const count = shownInteger(int32);

const REBOOTS = ['NeverReboots', 'RequiresReboot', 'RequestReboot'] as const;

const update = object(
  {
    updateTitle: mayText(),
    updateSize: mayNumber(double),
    updateType: mayEnum(['Software', 'Kubernetes', 'Firmware'], named('UpdateType')),
    targetVersion: mayText(),
    friendlyVersionNumber: mayText(),
    estimatedInstallTimeInMins: mayInteger(int32),
    rebootBehavior: mayEnum(REBOOTS, named('InstallRebootBehavior')),
    installationImpact: mayEnum(
      ['None', 'DeviceRebooted', 'KubernetesWorkloadsDown'],
      named('InstallationImpact'),
    ),
    status: mayEnum(
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
    deviceVersionNumber: mayText(),
    friendlyDeviceVersionName: mayText(),
    deviceLastScannedDateTime: mayText(dateTime),
    lastCompletedScanJobDateTime: mayText(dateTime),
    lastSuccessfulScanJobTime: mayText(dateTime, later),
    lastCompletedDownloadJobDateTime: shownText(dateTime),
    lastCompletedDownloadJobId: shownText(later),
    lastDownloadJobStatus: shownEnum(JOB_STATUSES, named('JobStatus'), later),
    lastSuccessfulInstallJobDateTime: mayText(dateTime, later),
    lastCompletedInstallJobDateTime: shownText(dateTime),
    lastCompletedInstallJobId: shownText(later),
    lastInstallJobStatus: shownEnum(JOB_STATUSES, named('JobStatus'), later),
    totalNumberOfUpdatesAvailable: count,
    totalNumberOfUpdatesPendingDownload: count,
    totalNumberOfUpdatesPendingInstall: count,
    rebootBehavior: shownEnum(REBOOTS, named('InstallRebootBehavior')),
    ongoingUpdateOperation: shownEnum(
      ['None', 'Scan', 'Download', 'Install'],
      named('UpdateOperation'),
    ),
    inProgressDownloadJobId: shownText(),
    inProgressInstallJobId: shownText(),
    inProgressDownloadJobStartedDateTime: shownText(dateTime),
    inProgressInstallJobStartedDateTime: shownText(dateTime),
    updateTitles: shownTexts(),
    updates: shownList(update, later),
    totalUpdateSizeInBytes: shownNumber(double),
    totalTimeInMinutes: shownInteger(int32, later),
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

async function find(target: ObservedTarget): Promise<JsonObject> {
  const { hardware, updates } = await observe(target);
  const { available } = updates;
  return {
    properties: {
      ...(hardware === undefined
        ? {}
        : {
            deviceVersionNumber: hardware.softwareVersion,
            friendlyDeviceVersionName: hardware.softwareVersionName,
          }),
      ...runsOf(updates),
      totalNumberOfUpdatesAvailable: available.length,
      totalNumberOfUpdatesPendingDownload: available.filter(isUndownloaded).length,
      totalNumberOfUpdatesPendingInstall: available.length,
      rebootBehavior: rebootOf(available),
      ongoingUpdateOperation: updates.ongoing,
      ...inProgress(target, updates),
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

const isUndownloaded = (update: ObservedUpdate): boolean =>
  update.status === 'DownloadPending' || update.status === 'DownloadStarted';

const sum = (updates: readonly ObservedUpdate[], of: (update: ObservedUpdate) => number): number =>
  updates.reduce((total, update) => total + of(update), 0);

/** The strongest of the parts'. */
function rebootOf(updates: readonly ObservedUpdate[]): string {
  if (updates.some((update) => update.reboot === 'RequiresReboot')) return 'RequiresReboot';
  return updates.some((update) => update.reboot === 'RequestReboot')
    ? 'RequestReboot'
    : 'NeverReboots';
}

const ended = (run: ObservedUpdateRun | undefined): string | undefined =>
  run?.endedAt === undefined ? undefined : formatInstant(run.endedAt);

function runsOf({ scan, download, install, ...last }: ObservedUpdates): JsonObject {
  const view: JsonObject = {};
  const scanned = ended(scan);
  if (scanned !== undefined) {
    view.deviceLastScannedDateTime = scanned;
    view.lastCompletedScanJobDateTime = scanned;
  }
  if (last.lastSuccessfulScanAt !== undefined) {
    view.lastSuccessfulScanJobTime = formatInstant(last.lastSuccessfulScanAt);
  }
  const downloaded = ended(download);
  if (downloaded !== undefined) view.lastCompletedDownloadJobDateTime = downloaded;
  if (downloaded !== undefined && download !== undefined) {
    view.lastCompletedDownloadJobId = download.job;
  }
  view.lastDownloadJobStatus = downloaded === undefined ? 'Invalid' : (download?.status ?? '');
  if (last.lastSuccessfulInstallAt !== undefined) {
    view.lastSuccessfulInstallJobDateTime = formatInstant(last.lastSuccessfulInstallAt);
  }
  const installed = ended(install);
  if (installed !== undefined) view.lastCompletedInstallJobDateTime = installed;
  if (installed !== undefined && install !== undefined) {
    view.lastCompletedInstallJobId = install.job;
  }
  view.lastInstallJobStatus = installed === undefined ? 'Invalid' : (install?.status ?? '');
  return view;
}

function inProgress(target: ObservedTarget, { download, install }: ObservedUpdates): JsonObject {
  const jobId = (run: ObservedUpdateRun): string => `${target.device.id}/jobs/${run.job}`;
  return {
    ...(download?.status === 'Running'
      ? {
          inProgressDownloadJobId: jobId(download),
          inProgressDownloadJobStartedDateTime: formatInstant(download.startedAt),
        }
      : {}),
    ...(install?.status === 'Running'
      ? {
          inProgressInstallJobId: jobId(install),
          inProgressInstallJobStartedDateTime: formatInstant(install.startedAt),
        }
      : {}),
  };
}

function detailsOf(update: ObservedUpdate): JsonObject {
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
