/**
 * Roles other than Kubernetes: IoT Edge, network functions (MEC), and the cloud management of virtual machines, which every
 * active machine has. Connection strings are unknown here, and no IoT hub is contacted.
 * Sources: compinc, mcomp, access, iotapi (appliance.md §10.1, §16), [rec] for the role that every active machine has.
 */
import type { Failure } from '#shared/failure.ts';
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { PlainRoleKind } from './commands.ts';
import { conditionsOf, isVaultGone } from './conditions.ts';
import { itemProcesses, recordsIn } from './items.ts';
import { hardwareOf } from './models.ts';
import { mountingOf } from './mounting.ts';
import { needsOfMounts, refuseMissing } from './needs.ts';
import type { ObservedMount, ObservedRole } from './observation.ts';
import type { CommandOf } from './process.ts';
import { alreadyThere, unsupported, vaultGone, wrongState } from './refusals.ts';
import {
  type ApplianceState,
  recordOf,
  type RoleRecord,
  withoutMonitoringOf,
  withoutNamed,
} from './state.ts';
import { statusOf } from './status.ts';

const RUNTIME = '[ours] some minutes: two images and their start';

const IOT_ROLE_CREATION: readonly Stage[] = [
  { name: 'fetchRuntime', lasts: [seconds(60), seconds(120)], source: `compinc; ${RUNTIME}` },
  { name: 'startAgent', lasts: [seconds(30), seconds(60)], source: `compinc; ${RUNTIME}` },
  { name: 'startHub', lasts: [seconds(30), seconds(60)], source: `compinc; ${RUNTIME}` },
];
const MEC_ROLE_CREATION: readonly Stage[] = [
  { name: 'register', lasts: [seconds(30), seconds(90)], source: 'access; [ours] about a minute' },
];
const ROLE_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(10), seconds(40)], source: '[ours] nothing is installed' },
];
const ROLE_REMOVAL: readonly Stage[] = [
  { name: 'stop', lasts: [seconds(20), seconds(40)], source: '[ours] about a minute' },
  { name: 'remove', lasts: [seconds(20), seconds(40)], source: '[ours] about a minute' },
];
/** The role that every active machine has, under this name [rec]. */
const BUILT_IN: RoleRecord = {
  name: 'CloudEdgeManagementRole',
  kind: 'CloudEdgeManagement',
  mounts: [],
};

/** The roles of a machine that was just activated. */
export const ROLES_AT_ACTIVATION: readonly RoleRecord[] = [BUILT_IN];

const CREATIONS: Readonly<Record<PlainRoleKind, readonly Stage[]>> = {
  IOT: IOT_ROLE_CREATION,
  MEC: MEC_ROLE_CREATION,
  CloudEdgeManagement: ROLE_CHANGE,
};

/** Why this machine can never have a role of that kind. */
function refuseUnable(state: ApplianceState, kind: PlainRoleKind): Failure | undefined {
  const hardware = hardwareOf(state.spec.sku);
  return kind === 'CloudEdgeManagement' || hardware.hasCompute
    ? undefined
    : unsupported(`Edge compute is not supported on this device (${hardware.name}).`);
}

/** Network functions need the machine online and fully connected (access). */
const refuseUnlessOnline = (state: ApplianceState, kind: PlainRoleKind): Failure | undefined =>
  kind === 'MEC' && statusOf(state) !== 'Online'
    ? wrongState(`The device is ${statusOf(state)}; a role of kind MEC needs it Online.`)
    : undefined;

/** The connection strings of compute and of network functions are encrypted (tact: configure compute). */
const refuseWithoutVault = (state: ApplianceState, kind: PlainRoleKind): Failure | undefined =>
  kind !== 'CloudEdgeManagement' && isVaultGone(conditionsOf(state)) ? vaultGone() : undefined;

/**
 * Why there can't be this role beside the others: a machine has one role of each kind `[ours]`, since a role is its one
 * connection to a service.
 */
function refuseSecond(
  state: ApplianceState,
  role: string,
  kind: PlainRoleKind,
): Failure | undefined {
  const others = [
    ...state.roles.filter((other) => other.kind === kind || other.name === role),
    ...(state.cluster?.role === role ? [{ name: role, kind: 'Kubernetes' }] : []),
  ];
  const other = others.find((one) => one.name !== role || one.kind !== kind);
  return other === undefined
    ? undefined
    : alreadyThere(`The device has a role ${other.name} of kind ${other.kind} already.`);
}

export const { put: putRole, remove: deleteRole } = itemProcesses<
  CommandOf<'putRole'>,
  CommandOf<'deleteRole'>,
  RoleRecord
>({
  noun: 'role',
  subject: 'role',
  key: ['role'],
  kinds: { put: 'putRole', remove: 'deleteRole' },
  records: {
    ...recordsIn('roles'),
    remove: (state, [role = '']) =>
      withoutMonitoringOf({ ...state, roles: withoutNamed(state.roles, role) }, role),
  },
  stages: {
    creation: ({ roleKind }) => CREATIONS[roleKind],
    change: ROLE_CHANGE,
    extra: ({ mounts }, before) => mountingOf(before?.mounts, mounts),
    removal: ROLE_REMOVAL,
  },
  // The role shows its shares only after they are mounted.
  recordAtBegin: ({ role, roleKind }, before) =>
    before ?? { name: role, kind: roleKind, mounts: [] },
  recordAtEnd: ({ role, roleKind, mounts = [] }) => ({ name: role, kind: roleKind, mounts }),
  isProvisioning: true,
  asNeed: (name) => `role/${name}`,
  refusePut: {
    first: (state, { roleKind }) => refuseUnable(state, roleKind),
    last: (state, { role, roleKind, mounts }) =>
      refuseWithoutVault(state, roleKind) ??
      refuseUnlessOnline(state, roleKind) ??
      refuseSecond(state, role, roleKind) ??
      refuseMissing(state, needsOfMounts(mounts)),
  },
  refuseDelete: {
    first: (_state, { role }) =>
      role === BUILT_IN.name
        ? unsupported(`The role ${role} is built into the device and can't be deleted.`)
        : undefined,
  },
  factOfPut: ({ roleKind }) => ({ kind: roleKind }),
  factOfDelete: ({ kind }) => ({ kind }),
});

/** The mount of a share for an IoT Edge module. */
const hostPath = (share: string): ObservedMount => ({
  share,
  // The path is that of the FPGA device [U]; a host path, since modules are containers.
  mountPoint: `/home/hcsshares/${share}`,
  type: 'HostPath',
});

/** The observation of the roles. */
export const observedRolesOf = (state: ApplianceState): Readonly<Record<string, ObservedRole>> =>
  recordOf(
    state.roles.map(({ name, kind, mounts }) => [name, { kind, mounts: mounts.map(hostPath) }]),
  );
