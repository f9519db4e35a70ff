/**
 * The IOT role: IoT Edge beside the cluster, connected to an IoT hub. Deprecated by the product and whole in every version
 * of the contract.
 * Sources: compinc, mcomp, iotapi (appliance.md §10.1), [S] RolePut, RoleGet.
 */
import { Type } from 'typebox';
import { named, object, oneOf, since } from '#arm/schema.ts';
import { int32, int64, mayBe, mayList, shownEnum } from '#arm/shapes.ts';
import { objectIn } from '#shared/json.ts';
import { encryptedSecret, type SecretPlace, withoutSecrets } from '../base/encrypted-secret.ts';
import { IOT_SECRETS, iotDevice, iotDeviceFaults } from '../base/iot-device.ts';
import { mountedShares, mountFaults, mountPointMap, mountView } from '../base/mounts.ts';
import {
  hostPlatform,
  platformFaults,
  roleEnvelope,
  type RoleKind,
  roleStatus,
} from './role-kind.ts';

const PASSWORD: SecretPlace = ['ioTEdgeAgentInfo', 'imageRepository', 'password'];
const SECRETS = [...IOT_SECRETS, PASSWORD];
const later = since('2020-09-01');

const imageRepository = object(
  { imageRepositoryUrl: Type.String(), userName: Type.String(), password: encryptedSecret() },
  named('ImageRepositoryCredential'),
);

const agent = object(
  { imageName: Type.String(), tag: Type.String(), imageRepository: mayBe(imageRepository) },
  named('IoTEdgeAgentInfo'),
);

const computeResource = object(
  {
    processorCount: Type.Integer({ minimum: 1, ...int32 }),
    memoryInGB: Type.Integer({ minimum: 1, ...int64 }),
  },
  named('ComputeResource'),
);

const properties = object(
  {
    hostPlatform,
    ioTDeviceDetails: iotDevice,
    ioTEdgeDeviceDetails: iotDevice,
    shareMappings: mayList(mountPointMap),
    ioTEdgeAgentInfo: mayBe(agent, later),
    hostPlatformType: shownEnum(['KubernetesCluster', 'LinuxVM'], named('HostPlatformType'), later),
    computeResource: mayBe(computeResource, later),
    roleStatus,
  },
  named('IoTRoleProperties'),
);

export const iotRole: RoleKind = {
  schema: object(
    { kind: oneOf(['IOT']), ...roleEnvelope, properties: mayBe(properties) },
    named('IoTRole'),
  ),
  secrets: SECRETS,
  check: async (target, asked) => [
    ...platformFaults(asked, 'IOT'),
    ...iotDeviceFaults(asked),
    ...(await mountFaults(target, asked.shareMappings, 'properties.shareMappings')),
  ],
  commandFor: async (target, asked) => ({
    kind: 'putRole',
    role: target.name,
    roleKind: 'IOT',
    mounts: await mountedShares(target, asked.shareMappings),
  }),
  removalOf: (target) => ({ kind: 'deleteRole', role: target.name }),
  view: (target, seen) => {
    const {
      shareMappings: _asked,
      roleStatus: status,
      ...rest
    } = withoutSecrets(objectIn(target.resource.body, 'properties'), SECRETS);
    const mounts = seen.roles[target.name]?.mounts ?? [];
    return {
      ...rest,
      shareMappings: mounts.map((mount) =>
        mountView(target, { mount, role: target.name, kind: 'IOT' }),
      ),
      // Beside the cluster it has a virtual machine of its own (rn2301+); on the cluster it is an addon.
      hostPlatformType: 'LinuxVM',
      roleStatus: status ?? 'Enabled',
    };
  },
};
