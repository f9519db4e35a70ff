/** Who may use a share: the list is in the share, and each user shows its own part of it [S]. */
import { Type } from 'typebox';
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted } from '#arm/schema-types.ts';
import { optionalList } from '#arm/shapes.ts';

export const shareAccessType = oneOf(['Change', 'Read', 'Custom'], named('ShareAccessType'));

/** The member of a share's properties. */
export const userAccessRights = optionalList(
  object({ userId: Type.String(), accessType: shareAccessType }, named('UserAccessRight')),
);

const shared = object({ properties: object({ userAccessRights }) });

/** The part of a share's stored body that says which users have access. */
export type SharedWithUsers = Accepted<typeof shared>;
