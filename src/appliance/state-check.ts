/**
 * Checks that JSON has the shape of a machine's state: every required member is present and of the right kind, and this
 * release can continue every activity. Nothing is repaired.
 */
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { MachineSpec } from './commands.ts';
import { isCommandKind } from './processes.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import type { Activity, ApplianceState, FaultRecord } from './state.ts';

/** A stored state that cannot be read, because it is damaged or was written by a later release. */
export class UnreadableStateError extends Error {
  constructor(reason: string) {
    super(`The stored state of an appliance cannot be read: ${reason}`);
    this.name = 'UnreadableStateError';
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isFinite(value);

const KINDS = {
  'a string': isText,
  'a number': isNumber,
  'a boolean': (value: unknown) => typeof value === 'boolean',
  'an object': isJsonObject,
  'a list of strings': (value: unknown) => Array.isArray(value) && value.every(isText),
  'a list of numbers': (value: unknown) => Array.isArray(value) && value.every(isNumber),
  'a list of objects': (value: unknown) => Array.isArray(value) && value.every(isJsonObject),
  'a list of named objects': (value: unknown) =>
    Array.isArray(value) && value.every((entry) => isJsonObject(entry) && isText(entry.name)),
} as const;

type Kind = keyof typeof KINDS;
/** The kind of each member. */
type Shape<T> = { readonly [Member in keyof T]-?: Kind };

const SPEC: Shape<MachineSpec> = {
  sku: 'a string',
  nodeCount: 'a number',
  release: 'a string',
  seed: 'a string',
  createdAt: 'a number',
};

const STATE: Shape<ApplianceState> = {
  spec: 'an object',
  at: 'a number',
  isActive: 'a boolean',
  activatedAt: 'a number',
  release: 'a string',
  order: 'an object',
  cluster: 'an object',
  arc: 'an object',
  iotEdge: 'an object',
  shares: 'a list of named objects',
  formerShares: 'a list of named objects',
  users: 'a list of named objects',
  bandwidthSchedules: 'a list of named objects',
  credentials: 'a list of strings',
  storageAccounts: 'a list of named objects',
  triggers: 'a list of named objects',
  roles: 'a list of named objects',
  monitoredRoles: 'a list of strings',
  support: 'an object',
  password: 'an object',
  updates: 'an object',
  jobs: 'a list of named objects',
  activities: 'a list of objects',
  faults: 'a list of objects',
  campaigns: 'a list of objects',
  local: 'an object',
  clusterSubnets: 'an object',
};

const OPTIONAL: readonly string[] = [
  'activatedAt',
  'order',
  'cluster',
  'arc',
  'iotEdge',
  'password',
  'formerShares',
  'campaigns',
  'local',
  'clusterSubnets',
];
const OPTIONAL_OF_ACTIVITY = ['heldSince', 'isUndelivered', 'slowedBy', 'throttledBy', 'cause'];
const OPTIONAL_OF_FAULT = ['node', 'disk', 'supply', 'stage', 'endsAt'];

const ACTIVITY: Shape<Activity> = {
  id: 'a string',
  command: 'an object',
  stages: 'a list of strings',
  schedule: 'an object',
  played: 'a number',
  heldSince: 'a number',
  isUndelivered: 'a boolean',
  slowedBy: 'a number',
  throttledBy: 'a number',
  cause: 'a string',
};

const FAULT: Shape<FaultRecord> = {
  id: 'a string',
  kind: 'a string',
  node: 'a number',
  disk: 'a number',
  supply: 'a number',
  stage: 'a string',
  beginsAt: 'a number',
  endsAt: 'a number',
  hasBegun: 'a boolean',
};

const SCHEDULE: Shape<Activity['schedule']> = {
  startedAt: 'a number',
  endsAt: 'a list of numbers',
};

/** Throws when a member of `object` is missing or of another kind; `path` precedes its name in the message. */
function checkShape<T>(
  object: JsonObject,
  shape: Shape<T>,
  { path = '', optional = [] }: { readonly path?: string; readonly optional?: readonly string[] },
): void {
  for (const [member, kind] of Object.entries<Kind>(shape)) {
    const value = object[member];
    if (value === undefined && optional.includes(member)) continue;
    if (!KINDS[kind](value)) throw new UnreadableStateError(`${path}${member} is not ${kind}`);
  }
}

function checkActivity(activity: JsonObject, index: number): void {
  const path = `activities[${index}].`;
  checkShape(activity, ACTIVITY, { path, optional: OPTIONAL_OF_ACTIVITY });
  const { command, schedule, stages } = activity as unknown as Activity & JsonObject;
  checkShape(schedule as unknown as JsonObject, SCHEDULE, { path: `${path}schedule.` });
  if (!isCommandKind(command.kind)) {
    throw new UnreadableStateError(`${path}command.kind is not a command of this release`);
  }
  if (schedule.endsAt.length !== stages.length) {
    throw new UnreadableStateError(`${path}schedule does not have one end for each stage`);
  }
}

/** `json` as a state. Throws `UnreadableStateError` when it isn't one. */
export function checkedState(json: JsonObject): ApplianceState {
  checkShape(json, STATE, { optional: OPTIONAL });
  checkShape(json.spec as JsonObject, SPEC, { path: 'spec.' });
  for (const [index, activity] of (json.activities as JsonObject[]).entries()) {
    checkActivity(activity, index);
  }
  for (const [index, fault] of (json.faults as JsonObject[]).entries()) {
    checkShape(fault, FAULT, { path: `faults[${index}].`, optional: OPTIONAL_OF_FAULT });
    if (!FAULT_KINDS.some((kind) => kind === fault.kind)) {
      throw new UnreadableStateError(`faults[${index}].kind is not one of this release`);
    }
  }
  return json as unknown as ApplianceState;
}
