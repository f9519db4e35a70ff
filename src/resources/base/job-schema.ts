/** The shape of a job. */
import { Type } from 'typebox';
import { named, object, oneOf, valuesIn } from '#arm/schema.ts';
import {
  dateTime,
  double,
  int32,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyNumber,
  readOnlyString,
} from '#arm/shapes.ts';
import { envelope } from './envelope.ts';

const count = readOnlyInteger(int32);

/** How a scan, download or install stands, or stood at its end. */
export const JOB_STATUSES = [
  'Invalid',
  'Running',
  'Succeeded',
  'Failed',
  'Canceled',
  'Paused',
  'Scheduled',
] as const;

const STAGES = [
  'Unknown',
  'Initial',
  'ScanStarted',
  'ScanComplete',
  'ScanFailed',
  'DownloadStarted',
  'DownloadComplete',
  'DownloadFailed',
  'InstallStarted',
  'InstallComplete',
  'InstallFailed',
  'RebootInitiated',
  'Success',
  'Failure',
  'RescanStarted',
  'RescanComplete',
  'RescanFailed',
] as const;

const errorItem = object(
  {
    code: readOnlyString(),
    message: readOnlyString(),
    recommendations: readOnlyList(Type.String()),
  },
  named('JobErrorItem'),
);

const error = object(
  { errorDetails: readOnlyList(errorItem), code: readOnlyString(), message: readOnlyString() },
  named('JobErrorDetails'),
);

const downloadProgress = object(
  {
    downloadPhase: readOnlyEnum(
      ['Unknown', 'Initializing', 'Downloading', 'Verifying'],
      named('DownloadPhase'),
    ),
    percentComplete: count,
    totalBytesToDownload: readOnlyNumber(double),
    totalBytesDownloaded: readOnlyNumber(double),
    numberOfUpdatesToDownload: count,
    numberOfUpdatesDownloaded: count,
  },
  named('UpdateDownloadProgress'),
);

const installProgress = object(
  { percentComplete: count, numberOfUpdatesToInstall: count, numberOfUpdatesInstalled: count },
  named('UpdateInstallProgress'),
);

const properties = object(
  {
    jobType: readOnly(
      oneOf(
        [
          'Invalid',
          'ScanForUpdates',
          'DownloadUpdates',
          'InstallUpdates',
          'RefreshShare',
          'RefreshContainer',
          'Backup',
          'Restore',
          'TriggerSupportPackage',
        ],
        named('JobType'),
      ),
      valuesIn({
        Backup: '2020-09-01..',
        Restore: '2020-09-01..',
        TriggerSupportPackage: '2020-09-01..',
      }),
    ),
    currentStage: readOnlyEnum(STAGES, named('UpdateOperationStage')),
    downloadProgress: readOnly(downloadProgress),
    installProgress: readOnly(installProgress),
    totalRefreshErrors: count,
    errorManifestFile: readOnlyString(),
    refreshedEntityId: readOnlyString(),
    folder: Type.Optional(Type.String()),
  },
  named('JobProperties'),
);

export const jobSchema = object(
  {
    ...envelope,
    status: readOnlyEnum(JOB_STATUSES, named('JobStatus')),
    startTime: readOnlyString(dateTime),
    endTime: readOnlyString(dateTime),
    percentComplete: count,
    error: readOnly(error),
    properties: readOnly(properties),
  },
  named('Job'),
);
