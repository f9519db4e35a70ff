/**
 * The facts that billing reads, ordered into one history for each device. Read by every other file of this room;
 * `control/` passes rows of the journal (store/journal.ts), which have the shape of `BillableFact`.
 * Stores nothing, and relies neither on the order nor on the uniqueness of the facts.
 * Sources: bill, ovw (appliance.md §17); the order by instant, then by sequence, is [ours]: a machine that is advanced
 * late reports earlier events, so that the sequence alone would put them after younger ones.
 */
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';

/** One row of the journal, with the columns that billing reads. Facts of kinds that cost nothing may be among them. */
export interface BillableFact {
  /** The row's number: a row that is passed twice counts once. */
  readonly sequence: number;
  readonly at: Instant;
  readonly subscriptionId: string;
  /** ARM id of the device, as written; compared without regard to case, as ARM does. */
  readonly resourceId: string;
  readonly kind: string;
  readonly data: JsonObject;
}

/** All facts of one device id, oldest first; several devices may have had the id one after another. */
export interface DeviceHistory {
  readonly subscriptionId: string;
  /** As its newest fact spells it. */
  readonly resourceId: string;
  readonly facts: readonly BillableFact[];
}

/** The form in which ARM ids and GUIDs are compared. */
export const identityOf = (id: string): string => id.toLowerCase();

/** Orders two strings by code units: the same on every machine, whatever its locale. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const inOrder = (a: BillableFact, b: BillableFact): number =>
  a.at === b.at ? a.sequence - b.sequence : a.at - b.at;

/** A device that was moved keeps its history under its new id. */
function carryHistoryOver(
  byDevice: Map<string, BillableFact[]>,
  fact: BillableFact,
  key: string,
): void {
  const { from } = fact.data;
  if (fact.kind !== 'resource.moved' || typeof from !== 'string') return;
  const history = byDevice.get(identityOf(from));
  if (history === undefined || byDevice.has(key)) return;
  byDevice.delete(identityOf(from));
  byDevice.set(key, history);
}

/** The history of each device by its identity, ordered by identity, whatever the order of `facts`. */
export function historiesOf(facts: readonly BillableFact[]): ReadonlyMap<string, DeviceHistory> {
  const byDevice = new Map<string, BillableFact[]>();
  for (const fact of facts.toSorted(inOrder)) {
    const key = identityOf(fact.resourceId);
    carryHistoryOver(byDevice, fact, key);
    const known = byDevice.get(key);
    if (known === undefined) byDevice.set(key, [fact]);
    else if (known.at(-1)?.sequence !== fact.sequence) known.push(fact);
  }
  const histories = new Map<string, DeviceHistory>();
  for (const [key, own] of [...byDevice].sort(([a], [b]) => compareStrings(a, b))) {
    // The newest fact has the id that the device has now.
    const last = own.at(-1);
    if (last === undefined) continue;
    const { subscriptionId, resourceId } = last;
    histories.set(key, { subscriptionId, resourceId, facts: own });
  }
  return histories;
}
