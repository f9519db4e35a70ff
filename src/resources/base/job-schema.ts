/** The shape of a job. */
import { Type } from 'typebox';
import { named, object, oneOf, readOnly, shownInteger, shownText, valuesIn } from '#arm/schema.ts';
import { dateTime, double, int32, shownAs, shownEnum, shownList } from '#arm/shapes.ts';
import { envelope } from './envelope.ts';

const count = shownInteger(int32);

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
    code: shownText(),
    message: shownText(),
    recommendations: shownList(Type.String()),
  },
  named('JobErrorItem'),
);

const error = object(
  { errorDetails: shownList(errorItem), code: shownText(), message: shownText() },
  named('JobErrorDetails'),
);

const downloadProgress = object(
  {
    downloadPhase: shownEnum(
      ['Unknown', 'Initializing', 'Downloading', 'Verifying'],
      named('DownloadPhase'),
    ),
    percentComplete: count,
    totalBytesToDownload: Type.Optional(Type.Number({ ...readOnly, ...double })),
    totalBytesDownloaded: Type.Optional(Type.Number({ ...readOnly, ...double })),
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
    jobType: shownAs(
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
    currentStage: shownEnum(STAGES, named('UpdateOperationStage')),
    downloadProgress: shownAs(downloadProgress),
    installProgress: shownAs(installProgress),
    totalRefreshErrors: count,
    errorManifestFile: shownText(),
    refreshedEntityId: shownText(),
    folder: Type.Optional(Type.String()),
  },
  named('JobProperties'),
);

export const jobSchema = object(
  {
    ...envelope,
    status: shownEnum(JOB_STATUSES, named('JobStatus')),
    startTime: shownText(dateTime),
    endTime: shownText(dateTime),
    percentComplete: count,
    error: shownAs(error),
    properties: shownAs(properties),
  },
  named('Job'),
);
