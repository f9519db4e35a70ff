/**
 * A machine on which nobody has set up anything: what the factory delivers and what a reset leaves behind. Called by
 * `appliance.ts` and `reset.ts`.
 */
import type { MachineSpec } from './commands.ts';
import type { ApplianceState } from './state.ts';
import { INITIAL_SUPPORT } from './support.ts';

/** What a reset does not touch: the hardware, the software, the order, and what goes on. */
type Lasting = 'spec' | 'at' | 'status' | 'release' | 'order' | 'activities';

/** Everything that is set up on a machine, when nothing is. */
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

/** A machine as it leaves the factory, at `spec.createdAt`. */
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
