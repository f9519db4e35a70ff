/**
 * Consequences: what follows at once when the conditions of a machine change. The status, the nodes' states and the alerts
 * change, which is told; Arc falls silent or is heard again; the master VM moves; works are held or go on, at the pace that they may have. Called by the engine
 * (`activities.ts`) after everything that happens, and nearly always has nothing to do.
 */
import { alertsOfConditions } from './alerts.ts';
import { andThen, type Change, causedBy, unchanged, withFact } from './change.ts';
import { type Condition, conditionsOf, nodesOf } from './conditions.ts';
import { withFailover } from './failover.ts';
import { connectivityOf, resumed, silenced } from './heartbeat.ts';
import { withHolds } from './holds.ts';
import { serialNumbersOf } from './identity.ts';
import { withPaces, withRateTold } from './pace.ts';
import type { ApplianceState } from './state.ts';
import { shownNodeState, silencesArc, statusOf } from './status.ts';

/** A state and what is the matter with it. */
interface Seen {
  readonly state: ApplianceState;
  readonly conditions: readonly Condition[];
}

/** `change`, which began at `before`, with all that follows from it; `cause` is the cause of what follows. */
export const withConsequences = (before: ApplianceState, change: Change, cause: string): Change =>
  withRateTold(before, settled(before, change, cause), cause);

function settled(before: ApplianceState, change: Change, cause: string): Change {
  const was = { state: before, conditions: conditionsOf(before) };
  const is = { state: change.state, conditions: conditionsOf(change.state) };
  const isSame = was.conditions === is.conditions && before.isActive === is.state.isActive;
  if (isSame) return { ...change, state: withPaces(is.state, is.conditions) };
  const told = andThen(change, (state) => causedBy(tellingOf(was, { ...is, state }), cause));
  return andThen(told, (state) => {
    const followed = arcFollows({ ...is, state }, cause);
    const held = withHolds(withFailover(followed.state, is.conditions, cause), is.conditions);
    return causedBy({ ...followed, state: withPaces(held, is.conditions) }, cause);
  });
}

/** The facts of a changed status, of nodes that have come or gone, and of alerts. */
function tellingOf(was: Seen, is: Seen): Change {
  let change = unchanged(is.state);
  const tell = (kind: string, data: Parameters<typeof withFact>[2]): void => {
    change = andThen(change, (state) => withFact(state, kind, data));
  };
  const [from, to] = [statusOf(was.state, was.conditions), statusOf(is.state, is.conditions)];
  if (from !== to) tell('machine.statusChanged', { from, to });
  const serials = serialNumbersOf(is.state.spec);
  for (const node of nodesOf(is.state)) {
    const before = shownNodeState(was.conditions, node);
    const after = shownNodeState(is.conditions, node);
    if (was.state.isActive && is.state.isActive && before !== after) {
      tell('node.stateChanged', { node: serials[node - 1] ?? '', from: before, to: after });
    }
  }
  const [gone, come] = [
    alertsOfConditions(was.state, was.conditions),
    alertsOfConditions(is.state, is.conditions),
  ];
  for (const { name, type, severity } of come) {
    if (!gone.some((alert) => alert.name === name))
      tell('alert.raised', { alert: name, type, severity });
  }
  for (const { name, type } of gone) {
    if (!come.some((alert) => alert.name === name)) tell('alert.cleared', { alert: name, type });
  }
  return change;
}

/** Arc's heartbeats stop or begin again. An identity that has expired meanwhile stays so (arcconn). */
function arcFollows({ state, conditions }: Seen, cause: string): Change {
  const { arc } = state;
  if (arc === undefined) return unchanged(state);
  if (silencesArc(state, conditions)) {
    return unchanged({ ...state, arc: silenced(arc, state.at, cause) });
  }
  const before = connectivityOf(arc, state.at);
  if (arc.silentSince === undefined || before === 'Expired') return unchanged(state);
  const heard = { ...state, arc: resumed(arc, state.at) };
  return arc.told === undefined
    ? unchanged(heard)
    : withFact(heard, 'arc.connectivityChanged', {
        addon: arc.addon,
        from: before,
        to: connectivityOf(heard.arc, state.at),
      });
}
