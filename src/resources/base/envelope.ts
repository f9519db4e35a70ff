/** The members that every resource has around its properties: read-only, ignored where a client sends them back. */
import { named, object, since } from '#arm/schema.ts';
import { dateTime, optionalEnum, optionalString, readOnly, readOnlyString } from '#arm/shapes.ts';

export const envelope = {
  id: readOnlyString(),
  name: readOnlyString(),
  type: readOnlyString(),
} as const;

const IDENTITIES = ['User', 'Application', 'ManagedIdentity', 'Key'] as const;

/** Who made and who changed a resource: in the contract from `version` on, in no recording [rec 8]. */
export const systemDataSince = (version: string) =>
  readOnly(
    object(
      {
        createdBy: optionalString(),
        createdByType: optionalEnum(IDENTITIES, named('createdByType')),
        createdAt: optionalString(dateTime),
        lastModifiedBy: optionalString(),
        lastModifiedByType: optionalEnum(IDENTITIES, named('createdByType')),
        lastModifiedAt: optionalString(dateTime),
      },
      named('SystemData'),
    ),
    since(version),
  );
