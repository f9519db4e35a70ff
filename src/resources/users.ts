/**
 * users: accounts on the device for shares and local management. The password arrives encrypted for the device, is
 * opened by the vault, sealed at rest, and never comes back.
 * Sources: users §7.2, sdk §2.2, [S] (UserPut, UserGet: nothing but `userType` is shown).
 */
import { Type } from 'typebox';
import type { Received, ResourceRow } from '#arm/resource-type.ts';
import { named, object, oneOf, readOnlyIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optionalList, requiredExceptIn } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { present } from '#shared/assert.ts';
import type { Failure } from '#shared/failure.ts';
import { encryptedSecret, withSealedSecrets } from './base/encrypted-secret.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { equalityFilter } from './base/filters.ts';
import { deviceOf, identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Page, type Target } from './base/define.ts';
import type { Ports } from './base/ports.ts';
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
  views,
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

function viewOf(target: Existing<User>, rights: readonly Right[]): View {
  return {
    properties: {
      // No example shows an empty list [S].
      shareAccessRights: rights.length === 0 ? undefined : [...rights],
      userType: userTypeIn(target.resource.body),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users'),
  };
}

async function view(target: Existing<User>): Promise<View> {
  const rights = await rightsOn(deviceOf(target), target.ports);
  return viewOf(target, rights.get(target.key) ?? []);
}

/** All users of a page are on one device. */
async function views({ targets, ports }: Page<User>) {
  const rights = await rightsOn(present(targets[0]?.root, 'the device of a page of users'), ports);
  return targets.map((target) => ({
    view: viewOf({ ...target, ports }, rights.get(target.key) ?? []),
  }));
}

/** What a share allows a user. */
type Right = NonNullable<NonNullable<View['properties']>['shareAccessRights']>[number];

/** What the shares of a device allow each user, by the user's key. */
async function rightsOn(device: ResourceRow, ports: Ports): Promise<Map<string, Right[]>> {
  const byUser = new Map<string, Right[]>();
  for (const share of await ports.childrenOf<SharedWithUsers>(device.key, SHARES)) {
    for (const { userId, accessType } of share.body.properties.userAccessRights ?? []) {
      const user = keyOf(userId);
      if (user === undefined) continue;
      byUser.set(user, [...(byUser.get(user) ?? []), { shareId: share.id, accessType }]);
    }
  }
  return byUser;
}
