/**
 * The roles that are no cluster: IoT Edge, network functions (MEC), and the management of virtual machines from the
 * cloud, which every active machine has from the start. Called through `processes.ts`; `observe.ts` shows them. Never
 * knows a connection string, and never talks to an IoT hub.
 * Sources: compinc, mcomp, access, iotapi (appliance.md §10.1, §16), [rec] for the role that is there from the start.
 */
import type { Failure } from '#shared/failure.ts';
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { PlainRoleKind } from './commands.ts';
import { itemProcesses, recordsIn } from './items.ts';
import { hardwareOf } from './models.ts';
import { withoutMonitoringOf } from './monitoring.ts';
import { needsOfMounts, refuseMissing } from './needs.ts';
import type { ObservedMount, ObservedRole } from './observation.ts';
import type { CommandOf } from './process.ts';
import { alreadyThere, unsupported, wrongState } from './refusals.ts';
import { type ApplianceState, recordOf, type RoleRecord, withoutNamed } from './state.ts';

const RUNTIME = '[ours] some minutes: two images and their start';

export const IOT_ROLE_CREATION: readonly Stage[] = [
  { name: 'fetchRuntime', lasts: [seconds(60), seconds(120)], source: `compinc; ${RUNTIME}` },
  { name: 'startAgent', lasts: [seconds(30), seconds(60)], source: `compinc; ${RUNTIME}` },
  { name: 'startHub', lasts: [seconds(30), seconds(60)], source: `compinc; ${RUNTIME}` },
];
export const MEC_ROLE_CREATION: readonly Stage[] = [
  { name: 'register', lasts: [seconds(30), seconds(90)], source: 'access; [ours] about a minute' },
];
export const ROLE_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(10), seconds(40)], source: '[ours] nothing is installed' },
];
export const ROLE_REMOVAL: readonly Stage[] = [
  { name: 'stop', lasts: [seconds(20), seconds(40)], source: '[ours] about a minute' },
  { name: 'remove', lasts: [seconds(20), seconds(40)], source: '[ours] about a minute' },
];
/** On top of anything that mounts shares, or mounts others. */
export const MOUNTING: readonly Stage[] = [
  { name: 'mountShares', lasts: [minutes(2), minutes(4)], source: 'aks: a few minutes' },
];

/** There from activation on, under this name [rec]. */
const BUILT_IN: RoleRecord = {
  name: 'CloudEdgeManagementRole',
  kind: 'CloudEdgeManagement',
  mounts: [],
};

/** The roles of a machine that was just activated. */
export const ROLES_AT_ACTIVATION: readonly RoleRecord[] = [BUILT_IN];

/** The stages of a change of what is mounted; none where it stays. */
export const mountingOf = (
  before: readonly string[] = [],
  after: readonly string[] = [],
): readonly Stage[] => (before.toSorted().join() === after.toSorted().join() ? [] : MOUNTING);

const CREATIONS: Readonly<Record<PlainRoleKind, readonly Stage[]>> = {
  IOT: IOT_ROLE_CREATION,
  MEC: MEC_ROLE_CREATION,
  CloudEdgeManagement: ROLE_CHANGE,
};

/** Why this machine can't have a role of that kind, whatever its state. */
function refuseUnable(state: ApplianceState, kind: PlainRoleKind): Failure | undefined {
  const hardware = hardwareOf(state.spec.sku);
  return kind === 'CloudEdgeManagement' || hardware.hasCompute
    ? undefined
    : unsupported(`Edge compute is not supported on this device (${hardware.name}).`);
}

/** Network functions need the machine online and fully connected (access). */
const refuseUnlessOnline = (state: ApplianceState, kind: PlainRoleKind): Failure | undefined =>
  kind === 'MEC' && state.status !== 'Online'
    ? wrongState(`The device is ${state.status}; a role of kind MEC needs it Online.`)
    : undefined;

/** One role a kind `[ours]`: each is the machine's one connection to one service. */
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
  // The shares are seen in the role once they are mounted.
  recordAtBegin: ({ role, roleKind }, before) =>
    before ?? { name: role, kind: roleKind, mounts: [] },
  recordAtEnd: ({ role, roleKind, mounts = [] }) => ({ name: role, kind: roleKind, mounts }),
  isProvisioning: true,
  asNeed: (name) => `role/${name}`,
  refusePut: {
    first: (state, { roleKind }) => refuseUnable(state, roleKind),
    last: (state, { role, roleKind, mounts }) =>
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

/** Where an IoT Edge module finds a share. */
const hostPath = (share: string): ObservedMount => ({
  share,
  // The path is of the FPGA device's days [U]; a host path, since modules are containers.
  mountPoint: `/home/hcsshares/${share}`,
  type: 'HostPath',
});

/** The roles as they are seen. */
export const observedRolesOf = (state: ApplianceState): Readonly<Record<string, ObservedRole>> =>
  recordOf(
    state.roles.map(({ name, kind, mounts }) => [name, { kind, mounts: mounts.map(hostPath) }]),
  );
