/**
 * users: accounts on the device for shares and local management. The password arrives encrypted for the device, is
 * opened by the vault, sealed at rest, and never comes back.
 * Sources: users §7.2, sdk §2.2, [S] (UserPut, UserGet: nothing but `userType` is shown).
 */
import { Type } from 'typebox';
import {
  defineResource,
  type Existing,
  objectIn,
  type Target,
  textIn,
} from '#arm/resource-type.ts';
import { object, oneOf, secret, shownObject, shownObjects } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Failure } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import type { AsymmetricEncryptedSecret } from '#vault/secrets.ts';
import { envelope } from './base/envelope.ts';
import { deviceOf, identity, machineStep, observe } from './base/machine.ts';
import type { Ports } from './base/ports.ts';

const schema = object({
  ...envelope,
  properties: object({
    encryptedPassword: Type.Optional(
      object(
        {
          value: Type.String(),
          encryptionCertThumbprint: Type.Optional(Type.String()),
          encryptionAlgorithm: oneOf(['None', 'AES256', 'RSAES_PKCS1_v_1_5']),
        },
        { ...secret },
      ),
    ),
    shareAccessRights: shownObjects(),
    userType: oneOf(['Share', 'LocalManagement', 'ARM']),
  }),
  systemData: shownObject(),
});

export const users = defineResource<Ports>({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/users',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'Users_ListByDataBoxEdgeDevice' },
    get: { id: 'Users_Get' },
    put: { id: 'Users_CreateOrUpdate', plan: planPut },
    delete: { id: 'Users_Delete', plan: planDelete },
  },
  refusal,
  receive,
  view,
});

/** A new user needs a password; a change without one keeps the old [ours]. */
async function receive(target: Target<Ports>, body: JsonObject) {
  const asked = objectIn(body, 'properties');
  const { encryptedPassword, ...rest } = asked;
  if (encryptedPassword === undefined) {
    const kept = objectIn(target.resource?.body ?? {}, 'properties').sealedPassword;
    if (kept === undefined) {
      return {
        faults: [
          { target: 'properties.encryptedPassword', message: 'A new user needs a password.' },
        ],
      };
    }
    return { body: { ...body, properties: { ...rest, sealedPassword: kept } } };
  }
  const device = deviceOf(target);
  const opened = await target.ports.vault.open(
    device.incarnation,
    encryptedPassword as unknown as AsymmetricEncryptedSecret,
  );
  if ('fault' in opened) {
    return { faults: [{ target: 'properties.encryptedPassword', message: opened.fault }] };
  }
  const sealedPassword = target.ports.vault.seal(opened.plain, target.key);
  return { body: { ...body, properties: { ...rest, sealedPassword } } };
}

/** There is nobody to tell before activation. */
async function refusal(target: Target<Ports>): Promise<Failure | undefined> {
  const { isActive } = await observe(target);
  return isActive
    ? undefined
    : {
        code: 'GatewayUserErrorDeviceNotActivated',
        message: 'The device is not activated yet. Activate it and retry the operation.',
      };
}

async function planPut(target: Target<Ports>, body: JsonObject) {
  const userType = textIn(objectIn(body, 'properties'), 'userType');
  return [machineStep(target, { kind: 'putUser', user: target.name, userType })];
}

async function planDelete(target: Existing<Ports>) {
  return [machineStep(target, { kind: 'deleteUser', user: target.name })];
}

async function view(target: Existing<Ports>): Promise<JsonObject> {
  const { userType } = objectIn(target.resource.body, 'properties');
  return {
    properties: { userType: userType ?? 'Share' },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users'),
  };
}
