/**
 * users: accounts on the device for shares and local management. The password arrives encrypted for the device, is
 * opened by the vault, sealed at rest, and never comes back.
 * Sources: users §7.2, sdk §2.2, [S] (UserPut, UserGet: nothing but `userType` is shown).
 */
import { Type } from 'typebox';
import type { Received } from '#arm/resource-type.ts';
import { named, object, oneOf, readOnlyIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optionalList, requiredExceptIn } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Failure } from '#shared/failure.ts';
import { encryptedSecret, withSealedSecrets } from './base/encrypted-secret.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { equalityFilter } from './base/filters.ts';
import { deviceOf, identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { keyOf } from './base/references.ts';
import { shareAccessType, type SharedWithUsers } from './base/share-access.ts';

const SHARES = 'microsoft.databoxedge/databoxedgedevices/shares';
const USER_TYPES = ['Share', 'LocalManagement', 'ARM'] as const;

const properties = object(
  {
    encryptedPassword: encryptedSecret(),
    // Before 2020-09-01 a client could write them by the contract, and was told not to: they follow from the shares.
    shareAccessRights: optionalList(
      object(
        {
          shareId: Type.String(),
          accessType: shareAccessType,
        },
        named('ShareAccessRight'),
      ),
      readOnlyIn('2020-09-01..'),
    ),
    userType: requiredExceptIn('2020-09-01', oneOf(USER_TYPES, named('UserType'))),
  },
  named('UserProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('User'),
);

type User = Accepted<typeof schema>;
type View = Shown<typeof schema>;

export const users = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/users',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: {
      id: 'Users_ListByDataBoxEdgeDevice',
      filter: equalityFilter('Type', ({ properties }: View) => properties.userType),
      // One version calls it `$expand`, with the text of a filter [S].
      published: { query: { $filter: '..2019-08-01 2020-12-01..', $expand: '2020-09-01' } },
    },
    get: { id: 'Users_Get' },
    put: { id: 'Users_CreateOrUpdate', plan: planPut },
    delete: { id: 'Users_Delete', plan: planDelete },
  },
  refusal,
  receive,
  view,
});

/** A new user needs a password; a change without one keeps the old [ours]. */
async function receive(target: Target<User>, body: User): Promise<Received<User>> {
  const { shareAccessRights: _derived, ...asked } = body.properties;
  const old = target.resource?.body.properties;
  if (asked.encryptedPassword === undefined && old?.encryptedPassword === undefined) {
    return {
      faults: [{ target: 'properties.encryptedPassword', message: 'A new user needs a password.' }],
    };
  }
  return await withSealedSecrets(target, { ...body, properties: asked }, [['encryptedPassword']]);
}

/** There is nobody to tell before activation. */
async function refusal(target: Target): Promise<Failure | undefined> {
  const { isActive } = await observe(target);
  return isActive
    ? undefined
    : {
        kind: 'invalid',
        code: 'GatewayUserErrorDeviceNotActivated',
        message: 'The device is not activated yet. Activate it and retry the operation.',
      };
}

/** Shares are what users are for, where nothing is said [ours]. */
const userTypeIn = ({ properties: { userType = 'Share' } }: User) => userType;

async function planPut(target: Target, body: User) {
  return [machineStep(target, { kind: 'putUser', user: target.name, userType: userTypeIn(body) })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteUser', user: target.name })];
}

async function view(target: Existing<User>): Promise<View> {
  const rights = await shareAccessRights(target);
  return {
    properties: {
      // No example shows an empty list [S].
      shareAccessRights: rights.length === 0 ? undefined : rights,
      userType: userTypeIn(target.resource.body),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users'),
  };
}

/** What the shares of the device allow the user. */
async function shareAccessRights(target: Existing) {
  const shares = await target.ports.childrenOf<SharedWithUsers>(deviceOf(target).key, SHARES);
  return shares.flatMap(({ id: shareId, body: { properties } }) =>
    (properties.userAccessRights ?? [])
      .filter(({ userId }) => keyOf(userId) === target.key)
      .map(({ accessType }) => ({ shareId, accessType })),
  );
}
