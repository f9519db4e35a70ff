/**
 * users: accounts on the device for shares and local management. The password arrives encrypted for the device, is
 * opened by the vault, sealed at rest, and never comes back.
 * Sources: users §7.2, sdk §2.2, [S] (UserPut, UserGet: nothing but `userType` is shown).
 */
import { Type } from 'typebox';
import type { ResourceRow } from '#arm/resource-type.ts';
import { named, object, oneOf, optionalIn, readOnlyIn } from '#arm/schema.ts';
import { mayList } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { present } from '#shared/assert.ts';
import type { Failure } from '#shared/failure.ts';
import { isJsonObject, type JsonObject, objectIn, textIn } from '#shared/json.ts';
import {
  encryptedSecret,
  hasSecretAt,
  type SecretPlace,
  withSealedSecrets,
} from './base/encrypted-secret.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { equalityFilter } from './base/filters.ts';
import { deviceOf, identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Page, type Target } from './base/define.ts';
import type { Ports } from './base/ports.ts';
import { keyOf } from './base/references.ts';

const PASSWORD: SecretPlace = ['encryptedPassword'];
const SHARES = 'microsoft.databoxedge/databoxedgedevices/shares';
const USER_TYPES = ['Share', 'LocalManagement', 'ARM'] as const;

const properties = object(
  {
    encryptedPassword: encryptedSecret(),
    // Before 2020-09-01 a client could write them by the contract, and was told not to: they follow from the shares.
    shareAccessRights: mayList(
      object(
        {
          shareId: Type.String(),
          accessType: oneOf(['Change', 'Read', 'Custom'], named('ShareAccessType')),
        },
        named('ShareAccessRight'),
      ),
      readOnlyIn('2020-09-01..'),
    ),
    userType: oneOf(USER_TYPES, { ...named('UserType'), ...optionalIn('2020-09-01') }),
  },
  named('UserProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('User'),
);

export const users = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/users',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: {
      id: 'Users_ListByDataBoxEdgeDevice',
      filter: equalityFilter('Type', (view) => textIn(objectIn(view, 'properties'), 'userType')),
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
async function receive(target: Target, body: JsonObject) {
  const { shareAccessRights: _derived, ...asked } = objectIn(body, 'properties');
  if (!hasSecretAt(body, PASSWORD) && !hasSecretAt(target.resource?.body, PASSWORD)) {
    return {
      faults: [{ target: 'properties.encryptedPassword', message: 'A new user needs a password.' }],
    };
  }
  return await withSealedSecrets(target, { ...body, properties: asked }, [PASSWORD]);
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
const userTypeIn = (body: JsonObject): string => {
  const { userType } = objectIn(body, 'properties');
  return typeof userType === 'string' ? userType : 'Share';
};

async function planPut(target: Target, body: JsonObject) {
  return [machineStep(target, { kind: 'putUser', user: target.name, userType: userTypeIn(body) })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteUser', user: target.name })];
}

function viewOf(target: Existing, rights: readonly JsonObject[]): JsonObject {
  return {
    properties: {
      // No example shows an empty list [S].
      ...(rights.length === 0 ? {} : { shareAccessRights: [...rights] }),
      userType: userTypeIn(target.resource.body),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users'),
  };
}

async function view(target: Existing): Promise<JsonObject> {
  const rights = await rightsOn(deviceOf(target), target.ports);
  return viewOf(target, rights.get(target.key) ?? []);
}

/** All users of a page are on one device. */
async function views({ targets, ports }: Page) {
  const rights = await rightsOn(present(targets[0]?.root, 'the device of a page of users'), ports);
  return targets.map((target) => ({
    view: viewOf({ ...target, ports }, rights.get(target.key) ?? []),
  }));
}

/** What the shares of a device allow each user, by the user's key. */
async function rightsOn(device: ResourceRow, ports: Ports): Promise<Map<string, JsonObject[]>> {
  const byUser = new Map<string, JsonObject[]>();
  for (const share of await ports.childrenOf(device.key, SHARES)) {
    const { userAccessRights } = objectIn(share.body, 'properties');
    const rights = Array.isArray(userAccessRights) ? userAccessRights.filter(isJsonObject) : [];
    for (const right of rights) {
      const user = keyOf(textIn(right, 'userId'));
      if (user === undefined) continue;
      const shown = { shareId: share.id, accessType: right.accessType ?? 'Custom' };
      byUser.set(user, [...(byUser.get(user) ?? []), shown]);
    }
  }
  return byUser;
}
