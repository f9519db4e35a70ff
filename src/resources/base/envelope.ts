/** The members that every resource has around its properties: read-only, ignored where a client sends them back. */
import { named, object, shownText, since } from '#arm/schema.ts';
import { dateTime, mayEnum, mayText, shownAs } from '#arm/shapes.ts';

export const envelope = {
  id: shownText(),
  name: shownText(),
  type: shownText(),
} as const;

const IDENTITIES = ['User', 'Application', 'ManagedIdentity', 'Key'] as const;

/** Who made and who changed a resource: in the contract from `version` on, in no recording [rec 8]. */
export const systemDataSince = (version: string) =>
  shownAs(
    object(
      {
        createdBy: mayText(),
        createdByType: mayEnum(IDENTITIES, named('createdByType')),
        createdAt: mayText(dateTime),
        lastModifiedBy: mayText(),
        lastModifiedByType: mayEnum(IDENTITIES, named('createdByType')),
        lastModifiedAt: mayText(dateTime),
      },
      named('SystemData'),
    ),
    since(version),
  );
