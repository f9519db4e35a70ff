/** The shape of a job. */
import { Type } from 'typebox';
import { object, readOnly } from '#arm/schema.ts';
import { envelope } from './envelope.ts';

const text = Type.Optional(Type.String({ ...readOnly }));

export const jobSchema = object({
  ...envelope,
  status: text,
  startTime: text,
  endTime: text,
  percentComplete: Type.Optional(Type.Integer({ ...readOnly })),
  error: Type.Optional(Type.Object({}, { ...readOnly })),
  properties: Type.Optional(
    object(
      {
        jobType: text,
        currentStage: text,
        downloadProgress: Type.Optional(Type.Object({}, { ...readOnly })),
        installProgress: Type.Optional(Type.Object({}, { ...readOnly })),
        totalRefreshErrors: Type.Optional(Type.Integer({ ...readOnly })),
        errorManifestFile: text,
        refreshedEntityId: text,
        folder: Type.Optional(Type.String()),
      },
      { ...readOnly },
    ),
  ),
});
