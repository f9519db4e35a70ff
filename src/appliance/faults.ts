/**
 * Faults: injected and healed by commands, begun and ended by the clock. A fault that has begun is a cause, nothing more: what
 * follows from it is asked of `conditions.ts`.
 */
import { formatInstant, type Instant, milliseconds, plus } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { andThen, causedBy, type Change, unchanged, withFact } from './change.ts';
import type { CommandOf, Process } from './process.ts';
import { faultOfPlace, impossibleOn, needsNode } from './fault-kinds.ts';
import { alreadyThere, invalidPlace, limitReached, notFound, unsupported } from './refusals.ts';
import type { ApplianceState, FaultRecord } from './state.ts';

/** How many faults a machine has at a time, those to come included `[ours]`: its state stays small. */
const MAX_FAULTS = 50;

/** What of a fault is told in its facts. */
function placeOf({ node, disk, supply, stage }: Partial<FaultRecord>): JsonObject {
  return {
    ...(node === undefined ? {} : { node }),
    ...(disk === undefined ? {} : { disk }),
    ...(supply === undefined ? {} : { supply }),
    ...(stage === undefined ? {} : { stage }),
  };
}

const dataOf = (fault: FaultRecord): JsonObject => ({
  fault: fault.id,
  kind: fault.kind,
  ...placeOf(fault),
});

const isSamePlace = (one: Partial<FaultRecord>, other: Partial<FaultRecord>): boolean =>
  JSON.stringify(placeOf(one)) === JSON.stringify(placeOf(other));

const without = (state: ApplianceState, fault: FaultRecord): ApplianceState => ({
  ...state,
  faults: state.faults.filter((other) => other !== fault),
});

/** Begins `fault` at `state.at`. */
function began(state: ApplianceState, fault: FaultRecord): Change {
  const faults = state.faults.map((other) =>
    other === fault ? { ...fault, hasBegun: true } : other,
  );
  return causedBy(
    withFact({ ...state, faults }, 'fault.began', dataOf(fault)),
    `fault/${fault.id}`,
  );
}

/** Ends `fault`, whose time is over. */
const elapsed = (state: ApplianceState, fault: FaultRecord): Change =>
  withFact(without(state, fault), 'fault.ended', { ...dataOf(fault), how: 'elapsed' });

/** A fault that begins or ends next, and when. */
export interface FaultDue {
  readonly fault: FaultRecord;
  readonly at: Instant;
}

/** The next beginning or end of a fault; undefined when none is to come. */
export function nextFaultDue(state: ApplianceState): FaultDue | undefined {
  let next: FaultDue | undefined;
  for (const fault of state.faults) {
    const at = fault.hasBegun ? fault.endsAt : fault.beginsAt;
    if (at !== undefined && (next === undefined || at < next.at)) next = { fault, at };
  }
  return next;
}

/** Plays the beginning or the end of a fault at `state.at`. */
export const playFault = (state: ApplianceState, { fault }: FaultDue): Change =>
  fault.hasBegun ? elapsed(state, fault) : began(state, fault);

/** The place of a fault as it is kept: on a machine with one node, the only one need not be named. */
function recordOf(state: ApplianceState, command: CommandOf<'injectFault'>): FaultRecord {
  const { fault: id, faultKind: kind, node, disk, supply, stage } = command;
  const beginsAt = plus(state.at, command.after ?? milliseconds(0));
  const isOnOnlyNode = state.spec.nodeCount === 1 && (needsNode(kind) || supply !== undefined);
  return {
    id,
    kind,
    ...placeOf({
      ...(isOnOnlyNode ? { node: 1 } : node === undefined ? {} : { node }),
      ...(disk === undefined ? {} : { disk }),
      ...(supply === undefined ? {} : { supply }),
      ...(stage === undefined ? {} : { stage }),
    }),
    beginsAt,
    ...(command.for === undefined ? {} : { endsAt: plus(beginsAt, command.for) }),
    hasBegun: false,
  };
}

export const injectFault: Process<CommandOf<'injectFault'>> = {
  subject: ({ fault }) => fault,
  needs: 'nothing',
  causeOf: ({ fault }) => `fault/${fault}`,
  refuse: (state, command) => {
    const { faultKind: kind } = command;
    const impossible = impossibleOn(state.spec, kind);
    if (impossible !== undefined) {
      return unsupported(`A fault of kind ${kind} is impossible: ${impossible}`);
    }
    const wrong = faultOfPlace(state.spec, kind, command);
    if (wrong !== undefined) return { ...invalidPlace(wrong.message), target: wrong.member };
    if (state.faults.length >= MAX_FAULTS) {
      return limitReached(`The device has ${MAX_FAULTS} faults already, and may have no more.`);
    }
    const record = recordOf(state, command);
    const same = state.faults.find((other) => other.kind === kind && isSamePlace(other, record));
    return same === undefined || !overlaps(same, record)
      ? undefined
      : alreadyThere(`The device has that fault already, under the id ${same.id}.`);
  },
  table: () => [],
  begin: (state, { command }) => {
    const record = recordOf(state, command);
    const added = { ...state, faults: [...state.faults, record] };
    const { beginsAt, endsAt } = record;
    const injected = withFact(added, 'fault.injected', {
      ...dataOf(record),
      beginsAt: formatInstant(beginsAt),
      ...(endsAt === undefined ? {} : { endsAt: formatInstant(endsAt) }),
    });
    return beginsAt > state.at ? injected : andThen(injected, (next) => began(next, record));
  },
};

const overlaps = (one: FaultRecord, other: FaultRecord): boolean =>
  (one.endsAt === undefined || other.beginsAt < one.endsAt) &&
  (other.endsAt === undefined || one.beginsAt < other.endsAt);

export const healFault: Process<CommandOf<'healFault'>> = {
  subject: ({ fault }) => fault,
  needs: 'nothing',
  causeOf: ({ fault }) => `fault/${fault}`,
  refuse: (state, { fault }) =>
    state.faults.some(({ id }) => id === fault) ? undefined : notFound(fault),
  table: () => [],
  begin: (state, { command }) => {
    const fault = state.faults.find((other) => other.id === command.fault);
    if (fault === undefined) return unchanged(state);
    const how = fault.hasBegun ? 'healed' : 'called off';
    return withFact(without(state, fault), 'fault.ended', { ...dataOf(fault), how });
  },
};
