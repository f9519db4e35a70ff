/**
 * The status of the machine and the consequences of a change. Used by every process that makes the machine unreachable and
 * reachable again.
 * Sources: upd, arcconn (appliance.md §12–13, §10.4).
 */
import { type Change, unchanged, withFact } from './change.ts';
import { resumed, silenced } from './heartbeat.ts';
import type { MachineStatus } from './observation.ts';
import type { ApplianceState } from './state.ts';

/** Sets the status and reports `machine.statusChanged`. Arc receives heartbeats only while the machine is Online. */
export function withStatus(state: ApplianceState, status: MachineStatus): Change {
  if (state.status === status) return unchanged(state);
  const change = withFact({ ...state, status }, 'machine.statusChanged', {
    from: state.status,
    to: status,
  });
  if (state.arc === undefined) return change;
  const arc = status === 'Online' ? resumed(state.arc, state.at) : silenced(state.arc, state.at);
  return { ...change, state: { ...change.state, arc } };
}
