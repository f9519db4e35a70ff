/**
 * The state of a machine on which nothing has been set up: as the factory delivers it, and as a reset leaves it.
 */
import type { MachineSpec } from './commands.ts';
import type { ApplianceState, SupportRecord } from './state.ts';

/** The settings of a new machine: logs are collected (plog), remote sessions are not enabled (rsup). */
const INITIAL_SUPPORT: SupportRecord = { collectsLogs: true, sessions: [] };

/** The members that a reset keeps: hardware and its faults, software, the order, and the activities that run. */
type Lasting = 'spec' | 'at' | 'release' | 'order' | 'activities' | 'faults' | 'campaigns';

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
  release: spec.release,
  activities: [],
  faults: [],
  ...emptyState(),
});

/** `state` without anything that was set up on the machine. */
export const wipedState = (state: ApplianceState): ApplianceState => {
  const { spec, at, release, order, activities, faults, campaigns } = state;
  return {
    ...{ spec, at, release, activities, faults },
    ...(order === undefined ? {} : { order }),
    ...(campaigns === undefined ? {} : { campaigns }),
    ...emptyState(),
  };
};
