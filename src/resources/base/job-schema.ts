/** The shape of a job. */
import { Type } from 'typebox';
import { object, readOnly, shownInteger, shownObject, shownText } from '#arm/schema.ts';
import { envelope } from './envelope.ts';

const text = shownText();

export const jobSchema = object({
  ...envelope,
  status: text,
  startTime: text,
  endTime: text,
  percentComplete: shownInteger(),
  error: shownObject(),
  properties: Type.Optional(
    object(
      {
        jobType: text,
        currentStage: text,
        downloadProgress: shownObject(),
        installProgress: shownObject(),
        totalRefreshErrors: shownInteger(),
        errorManifestFile: text,
        refreshedEntityId: text,
        folder: Type.Optional(Type.String()),
      },
      { ...readOnly },
    ),
  ),
});
