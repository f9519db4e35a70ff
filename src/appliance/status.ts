/**
 * The machine's own status, and what a change of it brings along. Called by every process that takes the machine out of
 * reach and back. Sources: upd, arcconn (appliance.md §12–13, §10.4).
 */
import { type Change, unchanged, withFact } from './change.ts';
import { resumed, silenced } from './heartbeat.ts';
import type { MachineStatus } from './observation.ts';
import type { ApplianceState } from './state.ts';

/** `state` with another status, told as `machine.statusChanged`. Arc hears from a machine only while it is Online. */
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
