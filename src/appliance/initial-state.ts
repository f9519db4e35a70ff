/**
 * The state of a machine on which nothing has been set up: as the factory delivers it, and as a reset leaves it.
 */
import type { MachineSpec } from './commands.ts';
import type { ApplianceState, SupportRecord } from './state.ts';

/** The settings of a new machine: logs are collected (plog), remote sessions are not enabled (rsup). */
const INITIAL_SUPPORT: SupportRecord = { collectsLogs: true, sessions: [] };

/** The members that a reset keeps: hardware, software, the order, and the activities that run. */
type Lasting = 'spec' | 'at' | 'status' | 'release' | 'order' | 'activities';

/** All members that describe what is set up on a machine, empty. */
export const emptyState = (): Omit<ApplianceState, Lasting> => ({
  isActive: false,
  shares: [],
  users: [],
  bandwidthSchedules: [],
  credentials: [],
  storageAccounts: [],
  triggers: [],
  roles: [],
  monitoredRoles: [],
  support: INITIAL_SUPPORT,
  updates: {},
  jobs: [],
});

/** The state of a machine that leaves the factory at `spec.createdAt`. */
export const initialState = (spec: MachineSpec): ApplianceState => ({
  spec,
  at: spec.createdAt,
  status: 'ReadyToSetup',
  release: spec.release,
  activities: [],
  ...emptyState(),
});

/** `state` without anything that was set up on the machine. */
export const wipedState = (state: ApplianceState): ApplianceState => {
  const { spec, at, status, release, order, activities } = state;
  return {
    ...{ spec, at, status, release, activities },
    ...(order === undefined ? {} : { order }),
    ...emptyState(),
  };
};
