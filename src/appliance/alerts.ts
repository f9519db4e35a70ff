/**
 * Alerts: conditions and events that need somebody's attention. None is stored: each is computed from the state, so the
 * alert about a condition disappears with the condition. No API call clears an alert.
 * Sources: alerts, plog, upd, rsup (appliance.md §14); [S] AlertGetAllInDevice. Texts are `[ours]` unless an example has
 * them, and so are all types except PasswordChangedEvent; their endings follow the convention of §14.
 */
import { type Instant, later } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { friendlyNameOf, serialNumbersOf } from './identity.ts';
import type { ObservedAlert } from './inspection.ts';
import { stageOf } from './observe-updates.ts';
import { activitiesOf, type Activity, type ApplianceState } from './state.ts';
import { openSessionsOf } from './support.ts';

/** An alert before it gets its name. `about` distinguishes it from other alerts of its type. */
type Raised = Omit<ObservedAlert, 'name' | 'occurrences' | 'details'> &
  Partial<Pick<ObservedAlert, 'occurrences' | 'details'>> & { readonly about: string | number };

/** All alerts that are active at `state.at`, the newest first [S]. */
export function alertsOf(state: ApplianceState): readonly ObservedAlert[] {
  if (!state.isActive) return [];
  return [...updateAlerts(state), ...restartAlerts(state), ...securityAlerts(state)]
    .map(({ about, ...alert }) => ({
      occurrences: 1,
      details: {},
      ...alert,
      name: guid(state.spec.seed, 'alert', alert.type, about),
    }))
    .sort((a, b) => b.appearedAt - a.appearedAt || a.type.localeCompare(b.type));
}

function updateAlerts(state: ApplianceState): readonly Raised[] {
  const { offer } = state.updates;
  if (offer === undefined) return [];
  const count = offer.parts.filter((part) => part.status !== 'InstallCompleted').length;
  if (count === 0) return [];
  return [
    {
      type: 'UpdateAvailableCondition',
      about: offer.release,
      title: count === 1 ? '1 update is available.' : `${count} updates are available.`,
      recommendation: 'Download and install the updates when the device may be out of reach.',
      severity: 'Informational',
      appearedAt: offer.foundAt,
      details: { release: offer.release },
    },
  ];
}

/** When the stage of that name began in `activity`. */
const beginOf = (activity: Activity, stage: string): Instant =>
  activity.schedule.endsAt[activity.stages.indexOf(stage) - 1] ?? activity.schedule.startedAt;

/**
 * Alerts while a node restarts for an update. A machine with one node loses its heartbeat (upd); of two nodes, the other
 * one reports that its neighbour is down (alerts).
 */
function restartAlerts(state: ApplianceState): readonly Raised[] {
  const update = activitiesOf(state, 'installUpdates')[0];
  const stage = update === undefined ? undefined : stageOf(state, update);
  if (update === undefined || stage?.startsWith('rebootNode') !== true) return [];
  const appearedAt = beginOf(update, stage);
  if (state.spec.nodeCount === 1) {
    return [
      {
        type: 'HeartbeatLostCondition',
        about: appearedAt,
        title: `The heartbeat of the device ${friendlyNameOf(state.spec)} was lost.`,
        recommendation:
          'The device is off, has no connection to Azure, or restarts for an update. If it does not come back, check its power and its network.',
        severity: 'Critical',
        appearedAt,
      },
    ];
  }
  const node = serialNumbersOf(state.spec)[Number(stage.slice('rebootNode'.length)) - 1] ?? '';
  return [
    {
      type: 'ClusterNodeDownCondition',
      about: appearedAt,
      title: `The node ${node} of the device is down.`,
      recommendation:
        'The node is off, has no connection to its neighbour, or restarts for an update. If it does not come back, check its power and its network.',
      severity: 'Critical',
      appearedAt,
      details: { node },
    },
  ];
}

function securityAlerts(state: ApplianceState): readonly Raised[] {
  const alerts: Raised[] = [];
  const { password } = state;
  if (password !== undefined) {
    alerts.push({
      type: 'PasswordChangedEvent',
      about: '',
      // Title and recommendation say what the example says [S], in other words.
      title: 'Device password has changed',
      recommendation:
        'The password of the device administrator has changed, at the first setup or by a regular change. Nothing more need be done.',
      severity: 'Informational',
      appearedAt: password.changedAt,
      occurrences: password.count,
    });
  }
  const sessions = openSessionsOf(state);
  const first = sessions[0];
  if (first !== undefined) {
    const enabledAt = sessions.reduce(
      (at, session) => later(at, session.enabledAt),
      first.enabledAt,
    );
    alerts.push({
      type: 'SupportSessionEnabledCondition',
      about: enabledAt,
      title: 'A support session is enabled.',
      recommendation:
        'Support may come in to look at the device until the session ends. Revoke the session if it is not wanted any more.',
      severity: 'Informational',
      appearedAt: enabledAt,
      details: { applications: sessions.map((session) => session.application).join(', ') },
    });
  }
  return alerts;
}
