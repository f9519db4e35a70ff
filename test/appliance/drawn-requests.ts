/**
 * Random sequences of requests to one machine, drawn from a seed: all kinds of commands, with few names, so that commands affect
 * each other. Used by `time.test.ts`.
 */
import type { Command, DataPolicy, FaultPlace, MachineSpec, Request } from '#appliance/commands.ts';
import { describeFaultKinds, FAILING_STAGES, FAULT_KINDS } from '#appliance/fault-kinds.ts';
import {
  days,
  type Duration,
  hours,
  type Instant,
  milliseconds,
  minutes,
  plus,
} from '#shared/instant.ts';
import type { VmSize } from '#kubernetes/nodes.ts';
import { fraction, wholeNumber } from '#shared/random.ts';
import { BORN_AT, specOf } from './machine.ts';

/** The seeds of all sequences. */
export const SEEDS = Array.from({ length: 80 }, (_, index) => `time-${index}`);

export interface Asked extends Request {
  readonly at: Instant;
}

/** Draws a command of each kind, about one of two things of every kind. */
const COMMANDS: {
  readonly [Kind in Command['kind']]: (draw: string) => Extract<Command, { kind: Kind }>;
} = {
  injectFault: (draw) => ({
    kind: 'injectFault',
    fault: draw,
    faultKind: FAULT_KINDS[wholeNumber(0, FAULT_KINDS.length - 1, draw, 'fault')]!,
    ...(fraction(draw, 'after') < 0.4 ? { after: lengthOf(draw, 'after') } : {}),
    ...(fraction(draw, 'for') < 0.8 ? { for: lengthOf(draw, 'for') } : {}),
    ...placeFor(draw),
  }),
  healFault: (draw) => ({
    kind: 'healFault',
    // One of the latest few requests may have been a fault.
    fault: draw.replace(/\d+$/, (index) =>
      String(Number(index) - wholeNumber(1, 12, draw, 'back')),
    ),
  }),
  beginCampaign: (draw) => ({
    kind: 'beginCampaign',
    campaign: nameOf(draw, 'campaign'),
    seed: draw,
    kinds: fraction(draw, 'kinds') < 0.5 ? [] : ['uplinkDown', 'nodeDown'],
    every: hours(6),
    for: lengthOf(draw, 'for'),
  }),
  configureLocally: () => ({ kind: 'configureLocally', declarations: ['Time'], config: {} }),
  runDiagnostics: () => ({ kind: 'runDiagnostics' }),
  setClusterNetwork: (draw) => ({
    kind: 'setClusterNetwork',
    podSubnet: `10.${wholeNumber(0, 99, draw, 'pods')}.0.0/16`,
    serviceSubnet: `10.${wholeNumber(100, 199, draw, 'services')}.0.0/16`,
  }),
  endCampaign: (draw) => ({ kind: 'endCampaign', campaign: nameOf(draw, 'campaign') }),
  activate: () => ({ kind: 'activate' }),
  placeOrder: (draw) =>
    fraction(draw, 'pickup') < 0.3
      ? { kind: 'placeOrder', isPickup: true }
      : { kind: 'placeOrder' },
  cancelOrder: () => ({ kind: 'cancelOrder' }),
  changeOrder: (draw) => ({
    kind: 'changeOrder',
    to: (['Declined', 'LostDevice', 'ReplacementRequested'] as const)[
      wholeNumber(0, 2, draw, 'order')
    ]!,
  }),
  returnMachine: () => ({ kind: 'returnMachine' }),
  createCluster: (draw) => ({
    kind: 'createCluster',
    role: nameOf(draw, 'role'),
    mounts: mountsOf(draw),
    ...workerOf(draw),
  }),
  configureCluster: (draw) => ({
    kind: 'configureCluster',
    role: nameOf(draw, 'role'),
    mounts: mountsOf(draw),
    ...workerOf(draw),
  }),
  deleteCluster: (draw) => ({ kind: 'deleteCluster', role: nameOf(draw, 'role') }),
  connectArc: (draw) => ({
    kind: 'connectArc',
    addon: nameOf(draw, 'addon'),
    role: nameOf(draw, 'role'),
    connectedClusterId: '/cluster',
  }),
  disconnectArc: (draw) => ({ kind: 'disconnectArc', addon: nameOf(draw, 'addon') }),
  installIotEdge: (draw) => ({
    kind: 'installIotEdge',
    addon: nameOf(draw, 'runtime'),
    role: nameOf(draw, 'role'),
  }),
  removeIotEdge: (draw) => ({ kind: 'removeIotEdge', addon: nameOf(draw, 'runtime') }),
  putRole: (draw) => ({
    kind: 'putRole',
    role: nameOf(draw, fraction(draw, 'cluster') < 0.1 ? 'role' : 'plain-role'),
    roleKind: fraction(draw, 'kind') < 0.7 ? 'IOT' : 'MEC',
    mounts: mountsOf(draw),
  }),
  deleteRole: (draw) => ({ kind: 'deleteRole', role: nameOf(draw, 'plain-role') }),
  putMonitoring: (draw) => ({ kind: 'putMonitoring', role: nameOf(draw, 'role') }),
  deleteMonitoring: (draw) => ({ kind: 'deleteMonitoring', role: nameOf(draw, 'role') }),
  putShare: (draw) => ({
    kind: 'putShare',
    share: nameOf(draw, 'share'),
    protocol: 'SMB',
    dataPolicy: policyOf(draw),
    needs: fraction(draw, 'needs') < 0.3 ? [`user/${nameOf(draw, 'user')}`] : [],
  }),
  deleteShare: (draw) => ({ kind: 'deleteShare', share: nameOf(draw, 'share') }),
  refreshShare: (draw) => ({ kind: 'refreshShare', share: nameOf(draw, 'share'), job: draw }),
  putCredential: (draw) => ({ kind: 'putCredential', credential: nameOf(draw, 'credential') }),
  deleteCredential: (draw) => ({
    kind: 'deleteCredential',
    credential: nameOf(draw, 'credential'),
  }),
  putStorageAccount: (draw) => ({
    kind: 'putStorageAccount',
    account: nameOf(draw, 'account'),
    dataPolicy: policyOf(draw),
    needs: fraction(draw, 'needs') < 0.3 ? [`credential/${nameOf(draw, 'credential')}`] : [],
  }),
  deleteStorageAccount: (draw) => ({
    kind: 'deleteStorageAccount',
    account: nameOf(draw, 'account'),
  }),
  putContainer: (draw) => ({ kind: 'putContainer', ...containerOf(draw) }),
  deleteContainer: (draw) => ({ kind: 'deleteContainer', ...containerOf(draw) }),
  refreshContainer: (draw) => ({ kind: 'refreshContainer', ...containerOf(draw), job: draw }),
  putTrigger: (draw) => ({
    kind: 'putTrigger',
    trigger: nameOf(draw, 'trigger'),
    needs: [`share/${nameOf(draw, 'share')}`, `role/${nameOf(draw, 'role')}`],
  }),
  deleteTrigger: (draw) => ({ kind: 'deleteTrigger', trigger: nameOf(draw, 'trigger') }),
  putUser: (draw) => ({
    kind: 'putUser',
    user: fraction(draw, 'reserved') < 0.1 ? 'guest' : nameOf(draw, 'user'),
    userType: 'Share',
  }),
  deleteUser: (draw) => ({ kind: 'deleteUser', user: nameOf(draw, 'user') }),
  putBandwidthSchedule: (draw) => ({
    kind: 'putBandwidthSchedule',
    schedule: nameOf(draw, 'schedule'),
    limit: {
      weekdays: [0, 1, 2, 3, 4, 5, 6].filter((day) => fraction(draw, 'on', day) < 0.7),
      startSecond: wholeNumber(0, 86_399, draw, 'start'),
      stopSecond: wholeNumber(0, 86_399, draw, 'stop'),
      rateInMbps: fraction(draw, 'unlimited') < 0.2 ? 0 : wholeNumber(20, 150, draw, 'rate'),
    },
  }),
  deleteBandwidthSchedule: (draw) => ({
    kind: 'deleteBandwidthSchedule',
    schedule: nameOf(draw, 'schedule'),
  }),
  changePassword: () => ({ kind: 'changePassword' }),
  setLogCollection: (draw) => ({
    kind: 'setLogCollection',
    isEnabled: fraction(draw, 'enabled') < 0.5,
  }),
  setRemoteSupport: (draw) => ({
    kind: 'setRemoteSupport',
    sessions:
      fraction(draw, 'session') < 0.7
        ? [{ application: 'Powershell', access: 'ReadOnly', expiresAt: expiryOf(draw) }]
        : [],
  }),
  triggerSupportPackage: (draw) => ({ kind: 'triggerSupportPackage', job: draw }),
  checkCapacity: () => ({ kind: 'checkCapacity' }),
  scanForUpdates: (draw) => ({ kind: 'scanForUpdates', job: draw }),
  downloadUpdates: (draw) => ({ kind: 'downloadUpdates', job: draw }),
  installUpdates: (draw) => ({ kind: 'installUpdates', job: draw }),
  reset: () => ({ kind: 'reset' }),
};

/** Relative frequencies, 1 by default: what other commands need is frequent, what ends everything is rare. */
const WEIGHTS: Readonly<Partial<Record<Command['kind'], number>>> = {
  deleteContainer: 3,
  activate: 8,
  injectFault: 6,
  healFault: 6,
  placeOrder: 2,
  changeOrder: 2,
  createCluster: 5,
  deleteCluster: 0.5,
  connectArc: 2,
  installIotEdge: 3,
  putShare: 4,
  putStorageAccount: 2,
  putContainer: 3,
  putTrigger: 6,
  putRole: 3,
  putUser: 2,
  downloadUpdates: 2,
  installUpdates: 2,
  reset: 0.4,
};

export const KINDS = Object.keys(COMMANDS) as Command['kind'][];
const WEIGHTED = KINDS.map((kind) => [kind, WEIGHTS[kind] ?? 1] as const);
const WEIGHT = WEIGHTED.reduce((sum, [, weight]) => sum + weight, 0);

function commandOf(draw: string): Command {
  let left = fraction(draw, 'command') * WEIGHT;
  const [kind] = WEIGHTED.find(([, weight]) => (left -= weight) < 0)!;
  return COMMANDS[kind](draw);
}

const lengthOf = (draw: string, what: string): Duration =>
  milliseconds(
    fraction(draw, what, 'length') *
      [minutes(5), hours(2), days(3)][wholeNumber(0, 2, draw, what)]! +
      1,
  );

/** The place of the fault that `draw` draws: mostly a good one. */
function placeFor(draw: string): FaultPlace {
  const kind = FAULT_KINDS[wholeNumber(0, FAULT_KINDS.length - 1, draw, 'fault')]!;
  const members = describeFaultKinds().find((one) => one.kind === kind)!.members;
  const has = (name: string): boolean => members.some((member) => member.name === name);
  return {
    ...(has('node') ? { node: fraction(draw, 'node') < 0.5 ? 1 : 2 } : {}),
    ...(has('disk') ? { disk: wholeNumber(1, 2, draw, 'disk') } : {}),
    ...(has('supply') && fraction(draw, 'supply') < 0.5 ? { supply: wholeNumber(1, 2, draw) } : {}),
    ...(has('stage')
      ? { stage: FAILING_STAGES[wholeNumber(0, FAILING_STAGES.length - 1, draw, 'stage')]! }
      : {}),
  };
}

const mountsOf = (draw: string): readonly string[] =>
  fraction(draw, 'mounts') < 0.3 ? [nameOf(draw, 'share')] : [];

/** Worker VMs of a size that most machines can have, or of the usual one. */
const workerOf = (draw: string): { readonly worker?: VmSize } =>
  fraction(draw, 'worker') < 0.5 ? { worker: { processorCount: 8, memoryBytes: 2 ** 33 } } : {};

const policyOf = (draw: string): DataPolicy => (fraction(draw, 'policy') < 0.8 ? 'Cloud' : 'Local');

const containerOf = (draw: string) => ({
  account: nameOf(draw, 'account'),
  container: nameOf(draw, 'container'),
});

const expiryOf = (draw: string): Instant =>
  plus(BORN_AT, milliseconds(fraction(draw, 'expiry') * days(60)));

const nameOf = (draw: string, what: string): string => `${what}-${wholeNumber(1, 2, draw, what)}`;

export function specFor(seed: string): MachineSpec {
  const releases = ['2210', '2309', '2309', '2403', '2510'];
  return specOf({
    seed,
    sku: fraction(seed, 'sku') < 0.9 ? 'EdgeP_Base' : 'Edge',
    nodeCount: fraction(seed, 'nodes') < 0.6 ? 1 : 2,
    release: releases[wholeNumber(0, releases.length - 1, seed, 'release')]!,
  });
}

/** A hundred and thirty requests, some with an id used before; mostly minutes apart, sometimes seconds or days. */
export function requestsOf(seed: string): readonly Asked[] {
  let at = specFor(seed).createdAt;
  return Array.from({ length: 130 }, (_, index) => {
    const draw = `${seed}-${index}`;
    const scale = [1_000, 60_000, 60_000 * 20, 60_000 * 90, days(2)];
    const step = scale[wholeNumber(0, scale.length - 1, draw, 'scale')]!;
    at = plus(at, milliseconds(fraction(draw, 'step') * step));
    const repeats = fraction(draw, 'repeat') < 0.1 && index > 0;
    return { id: `request-${repeats ? index - 1 : index}`, command: commandOf(draw), at };
  });
}
