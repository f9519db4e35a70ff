/**
 * The roles that are no cluster: IoT Edge, network functions (MEC), and the management of virtual machines from the
 * cloud, which every active machine has from the start. Called through `processes.ts`; `observe.ts` shows them. Never
 * knows a connection string, and never talks to an IoT hub.
 * Sources: compinc, mcomp, access, iotapi (appliance.md §10.1, §16), [rec] for the role that is there from the start.
 */
import type { Failure } from '#shared/failure.ts';
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import type { PlainRoleKind } from './commands.ts';
import { hardwareOf } from './models.ts';
import { withoutMonitoringOf } from './monitoring.ts';
import { needsOfMounts, refuseMissing, refuseNeeded } from './needs.ts';
import type { ObservedMount, ObservedRole } from './observation.ts';
import type { CommandOf, Process } from './process.ts';
import {
  alreadyThere,
  busy,
  refuseProvisioning,
  refuseWhileInstalling,
  unsupported,
  wrongState,
} from './refusals.ts';
import {
  type ApplianceState,
  named,
  recordOf,
  type RoleRecord,
  withNamed,
  withoutNamed,
  activitiesOf,
} from './state.ts';

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

const refuseBusy = (state: ApplianceState, role: string): Failure | undefined =>
  [...activitiesOf(state, 'putRole'), ...activitiesOf(state, 'deleteRole')].some(
    (activity) => activity.command.role === role,
  )
    ? busy(`The role ${role} is being created, changed or removed.`)
    : undefined;

/** Why this machine can't have a role of that kind, whatever its state. */
function refuseUnable(state: ApplianceState, kind: PlainRoleKind): Failure | undefined {
  const hardware = hardwareOf(state.spec.sku);
  return kind === 'CloudEdgeManagement' || hardware.hasCompute
    ? undefined
    : unsupported(`Edge compute is not supported on this device (${hardware.name}).`);
}

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

export const putRole: Process<CommandOf<'putRole'>> = {
  subject: (command) => command.role,
  refuse: (state, { role, roleKind, mounts = [] }) => {
    const refused =
      refuseUnable(state, roleKind) ?? refuseProvisioning(state) ?? refuseBusy(state, role);
    if (refused !== undefined) return refused;
    // Network functions want the machine online and fully connected (access).
    if (roleKind === 'MEC' && state.status !== 'Online') {
      return wrongState(`The device is ${state.status}; a role of kind MEC needs it Online.`);
    }
    return refuseSecond(state, role, roleKind) ?? refuseMissing(state, needsOfMounts(mounts));
  },
  table: (state, { role, roleKind, mounts }) => {
    const before = named(state.roles, role);
    const own = before === undefined ? CREATIONS[roleKind] : ROLE_CHANGE;
    return [...own, ...mountingOf(before?.mounts, mounts)];
  },
  begin: (state, { command: { role: name, roleKind: kind } }) =>
    unchanged(
      named(state.roles, name) === undefined
        ? { ...state, roles: [...state.roles, { name, kind, mounts: [] }] }
        : state,
    ),
  finish: (state, { command: { role: name, roleKind: kind, mounts = [] }, stages }) =>
    withFact(
      { ...state, roles: withNamed(state.roles, { name, kind, mounts }) },
      stages[0] === 'apply' ? 'role.changed' : 'role.created',
      { role: name, kind },
    ),
};

export const deleteRole: Process<CommandOf<'deleteRole'>> = {
  subject: (command) => command.role,
  refuse: (state, { role }) => {
    if (role === BUILT_IN.name) {
      return unsupported(`The role ${role} is built into the device and can't be deleted.`);
    }
    return (
      refuseWhileInstalling(state) ?? refuseBusy(state, role) ?? refuseNeeded(state, `role/${role}`)
    );
  },
  table: (state, { role }) => (named(state.roles, role) === undefined ? [] : ROLE_REMOVAL),
  finish: (state, { command: { role } }) => {
    const record = named(state.roles, role);
    return record === undefined
      ? unchanged(state)
      : withFact(
          withoutMonitoringOf({ ...state, roles: withoutNamed(state.roles, role) }, role),
          'role.deleted',
          { role, kind: record.kind },
        );
  },
};

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
