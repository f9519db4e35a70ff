/**
 * Alerts: conditions and events that need somebody's attention. None is stored: each is computed from the state, so the
 * alert about a condition disappears with the condition. No API call clears an alert.
 * Sources: alerts, plog, upd, rsup (appliance.md §14); [S] AlertGetAllInDevice. Texts are `[ours]` unless an example has
 * them, and so are all types except PasswordChangedEvent; their endings follow the convention of §14.
 */
import { later } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { type AlertText, textOf } from './alert-texts.ts';
import type { FailingStage } from './commands.ts';
import { type Condition, conditionsOf, isOut, nodesOf } from './conditions.ts';
import { friendlyNameOf } from './identity.ts';
import { vmMemoryLimitMb } from './capacity.ts';
import { capacityOf } from './occupancy.ts';
import type { ObservedAlert } from './inspection.ts';
import type { ApplianceState } from './state.ts';
import { openSessionsOf } from './support.ts';

/** An alert before it gets its name. `about` distinguishes it from other alerts of its type. */
type Raised = AlertText &
  Pick<ObservedAlert, 'appearedAt'> &
  Partial<Pick<ObservedAlert, 'occurrences'>> & { readonly about: string | number };

/** All alerts that are active at `state.at`, the newest first [S]. */
export function alertsOf(state: ApplianceState): readonly ObservedAlert[] {
  if (!state.isActive) return [];
  return [
    ...alertsOfConditions(state, conditionsOf(state)),
    ...[
      ...updateAlerts(state),
      ...failureAlerts(state),
      ...memoryAlerts(state),
      ...securityAlerts(state),
    ].map((alert) => namedAlert(state, alert)),
  ].sort((a, b) => b.appearedAt - a.appearedAt || a.type.localeCompare(b.type));
}

/** The alert types of the parts of an update that can fail; the first is of the examples [S], the last of plog. */
const FAILURE_ALERTS: Readonly<Record<FailingStage, readonly [type: string, title: string]>> = {
  scan: ['UpdateScanFailedEvent', 'Could not scan for updates.'],
  download: ['UpdateDownloadFailedEvent', 'Could not download the updates.'],
  installSoftware: ['UpdateInstallFailedEvent', 'Could not install the updates.'],
  installKubernetes: ['UpdateInstallFailedEvent', 'Could not install the Kubernetes update.'],
};

function failureAlerts({ updates: { failure } }: ApplianceState): readonly Raised[] {
  if (failure === undefined) return [];
  const [type, title] = FAILURE_ALERTS[failure.stage];
  return [
    {
      type,
      about: failure.at,
      title,
      recommendation: 'Try again. If it fails again, contact support.',
      severity: 'Critical',
      appearedAt: failure.at,
      occurrences: failure.count ?? 1,
    },
  ];
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

/**
 * Of two nodes each keeps half of its memory free of VMs (k8sfail, alerts). Larger worker VMs are refused (worker-size.ts), so that this is about
 * those that an earlier release has made.
 */
function memoryAlerts(state: ApplianceState): readonly Raised[] {
  const { cluster, spec } = state;
  const limitMb = vmMemoryLimitMb(spec);
  if (limitMb === undefined || cluster === undefined) return [];
  return capacityOf(state)
    .hosts.filter(({ vms }) => vms.reduce((sum, { memoryMb }) => sum + memoryMb, 0) > limitMb)
    .map(({ name }) => ({
      type: 'VmMemoryOverCondition',
      about: name,
      title: `The VMs of the node ${name} use more than half of its memory.`,
      recommendation:
        'Make the VMs of the device smaller. If a node fails, not all of its workloads find room on the other one.',
      severity: 'Warning',
      appearedAt: cluster.resizedAt ?? cluster.createdAt ?? spec.createdAt,
      details: { node: name },
    }));
}

/** The alerts that follow from conditions, in the order of the conditions; none on a machine that is not active. */
export function alertsOfConditions(
  state: ApplianceState,
  conditions: readonly Condition[],
): readonly ObservedAlert[] {
  if (!state.isActive || conditions.length === 0) return [];
  return [
    ...heartbeatAlerts(state, conditions),
    ...conditions.flatMap((condition) => alertOf(state, condition) ?? []),
  ].map((alert) => namedAlert(state, alert));
}

/**
 * The device is not heard of any more: because of the first condition that keeps it from being heard (upd, alerts). A machine
 * with two nodes stays in touch while one of them runs.
 */
function heartbeatAlerts(
  state: ApplianceState,
  conditions: readonly Condition[],
): readonly Raised[] {
  const areNodesOut = nodesOf(state).every((node) => isOut(conditions, node));
  const silencing = conditions.filter(
    ({ kind }) =>
      kind === 'uplinkDown' ||
      kind === 'storageLost' ||
      kind === 'quorumLost' ||
      (areNodesOut && (kind === 'nodeDown' || kind === 'nodeRebooting')),
  );
  const first = silencing.reduce<Condition | undefined>(
    (found, one) => (found === undefined || one.since < found.since ? one : found),
    undefined,
  );
  if (first === undefined) return [];
  return [
    {
      type: 'HeartbeatLostCondition',
      about: first.about,
      title: `The heartbeat of the device ${friendlyNameOf(state.spec)} was lost.`,
      recommendation:
        'The device is off, has no connection to Azure, or restarts for an update. If it does not come back, check its power and its network.',
      severity: 'Critical',
      appearedAt: first.since,
    },
  ];
}

/** The alert about one condition; undefined where there is none. */
function alertOf(state: ApplianceState, condition: Condition): Raised | undefined {
  const text = textOf(state, condition);
  if (text === undefined) return undefined;
  const { since, about } = condition;
  return { ...text, about, appearedAt: since };
}

/** The same object with the name under which it is found. */
const namedAlert = (state: ApplianceState, { about, ...alert }: Raised): ObservedAlert => ({
  occurrences: 1,
  details: {},
  ...alert,
  name: guid(state.spec.seed, 'alert', alert.type, about),
});

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
