/**
 * The IOT role: IoT Edge beside the cluster, connected to an IoT hub. Deprecated by the product and whole in every version
 * of the contract.
 * Sources: compinc, mcomp, iotapi (appliance.md §10.1), [S] RolePut, RoleGet; [rec] what it shows on a device with a cluster.
 */
import { Type } from 'typebox';
import { named, object, oneOf, since } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { int32, int64, optional, optionalList, readOnlyEnum } from '#arm/shapes.ts';
import type { Observation } from '#fleet/fleet.ts';
import { present } from '#shared/assert.ts';
import type { Existing } from '../base/define.ts';
import { encryptedSecret, withoutSecrets } from '../base/encrypted-secret.ts';
import { IOT_SECRETS, iotDeviceFaults, iotDevices } from '../base/iot-device.ts';
import { mountedShares, mountFaults, mountPointMap, mountView } from '../base/mounts.ts';
import {
  defineRoleKind,
  hostPlatform,
  platformFaults,
  roleEnvelope,
  roleStatus,
} from './role-kind.ts';

const SECRETS = [...IOT_SECRETS, ['ioTEdgeAgentInfo', 'imageRepository', 'password'] as const];
const later = since('2020-09-01');

const imageRepository = object(
  { imageRepositoryUrl: Type.String(), userName: Type.String(), password: encryptedSecret() },
  named('ImageRepositoryCredential'),
);

const agent = object(
  { imageName: Type.String(), tag: Type.String(), imageRepository: optional(imageRepository) },
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
    ...iotDevices,
    shareMappings: optionalList(mountPointMap),
    ioTEdgeAgentInfo: optional(agent, later),
    hostPlatformType: readOnlyEnum(
      ['KubernetesCluster', 'LinuxVM'],
      named('HostPlatformType'),
      later,
    ),
    computeResource: optional(computeResource, later),
    roleStatus,
  },
  named('IoTRoleProperties'),
);

const schema = object(
  { kind: oneOf(['IOT']), ...roleEnvelope, properties: optional(properties) },
  named('IoTRole'),
);

/** What runs on a device that has a cluster, where the client has said nothing else [rec]. */
const ON_CLUSTER = {
  ioTEdgeAgentInfo: { imageName: 'mcr.microsoft.com/azureiotedge-agent', tag: '1.0' },
  hostPlatformType: 'KubernetesCluster',
  computeResource: { processorCount: 4, memoryInGB: 4 },
} as const;
/** Without a cluster it has a virtual machine of its own (rn2301+), and no such members [rec]. */
const BESIDE_NONE = { hostPlatformType: 'LinuxVM' } as const;

export const iotRole = defineRoleKind({
  schema,
  secrets: SECRETS,
  check: async (target, asked) => [
    ...platformFaults(asked.hostPlatform, 'IOT'),
    ...iotDeviceFaults(asked),
    ...(await mountFaults(target, asked.shareMappings ?? [], 'properties.shareMappings')),
  ],
  commandFor: async (target, asked) => ({
    kind: 'putRole',
    role: target.name,
    roleKind: 'IOT',
    mounts: await mountedShares(target, asked.shareMappings ?? []),
  }),
  removalOf: (target) => ({ kind: 'deleteRole', role: target.name }),
  view,
});

function view(
  target: Existing<Accepted<typeof schema>>,
  seen: Observation,
): Shown<typeof properties> {
  const stored = present(target.resource.body.properties, 'the properties of a role');
  const { shareMappings: _asked, roleStatus: status, ...rest } = withoutSecrets(stored, SECRETS);
  const mounts = seen.roles[target.name]?.mounts ?? [];
  return {
    ...(seen.cluster === undefined ? BESIDE_NONE : ON_CLUSTER),
    ...rest,
    shareMappings: mounts.map((mount) =>
      mountView(target, { mount, role: target.name, kind: 'IOT' }),
    ),
    roleStatus: status,
  };
}
