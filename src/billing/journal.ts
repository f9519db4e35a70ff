/**
 * The facts that cost money, put in order: one history a device. Read by every other file of this room; `control/`
 * hands in rows of the journal (store/journal.ts), which satisfy `BillableFact` by their shape.
 * Never stores anything, never trusts the order or the uniqueness of what it is given.
 * Sources: bill, ovw (appliance.md §17); the order by instant, then by sequence, is [ours]: a machine that is advanced
 * late reports what happened earlier, so the sequence alone would put its facts behind younger ones.
 */
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';

/** One row of the journal, as far as billing reads it. Facts of other kinds may be among them and cost nothing. */
export interface BillableFact {
  /** The row's number: the same row twice counts once. */
  readonly sequence: number;
  readonly at: Instant;
  readonly subscriptionId: string;
  /** ARM id of the device, as written; compared without regard to case, as ARM does. */
  readonly resourceId: string;
  readonly kind: string;
  readonly data: JsonObject;
}

/** Everything that happened to one device id, oldest first; the id may have lived more than once. */
export interface DeviceHistory {
  readonly subscriptionId: string;
  /** As its newest fact spells it. */
  readonly resourceId: string;
  readonly facts: readonly BillableFact[];
}

/** What an ARM id or a GUID is compared by. */
export const identityOf = (id: string): string => id.toLowerCase();

/** Orders two texts the same way on every machine, whatever its locale. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const inOrder = (a: BillableFact, b: BillableFact): number =>
  a.at === b.at ? a.sequence - b.sequence : a.at - b.at;

/** A moved device brings its history along to its new id. */
function carryOver(byDevice: Map<string, BillableFact[]>, fact: BillableFact, key: string): void {
  const { from } = fact.data;
  if (fact.kind !== 'resource.moved' || typeof from !== 'string') return;
  const history = byDevice.get(identityOf(from));
  if (history === undefined || byDevice.has(key)) return;
  byDevice.delete(identityOf(from));
  byDevice.set(key, history);
}

/** The history of each device by its identity, in the order of the identities: the order of `facts` does not matter. */
export function historiesOf(facts: readonly BillableFact[]): ReadonlyMap<string, DeviceHistory> {
  const byDevice = new Map<string, BillableFact[]>();
  for (const fact of facts.toSorted(inOrder)) {
    const key = identityOf(fact.resourceId);
    carryOver(byDevice, fact, key);
    const known = byDevice.get(key);
    if (known === undefined) byDevice.set(key, [fact]);
    else if (known.at(-1)?.sequence !== fact.sequence) known.push(fact);
  }
  const histories = new Map<string, DeviceHistory>();
  for (const [key, own] of [...byDevice].sort(([a], [b]) => compareTexts(a, b))) {
    // A device that was moved goes by its newest id.
    const last = own.at(-1);
    if (last === undefined) continue;
    const { subscriptionId, resourceId } = last;
    histories.set(key, { subscriptionId, resourceId, facts: own });
  }
  return histories;
}
