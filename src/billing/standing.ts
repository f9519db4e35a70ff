/**
 * What runs on a device's account between two facts, and how each fact changes it. Called by `meters.ts` and
 * `offers.ts`, which so can't disagree. Never knows prices or months.
 * Every change is idempotent: a fact that says what is so already changes nothing.
 * Sources: bill, ovw, return (appliance.md §17); seed (§10.6). That a reset ends the charges but not the offer is
 * [ours]: the offer belongs to the resource, and only the deletion of the resource ends that.
 */
import { assert } from '#shared/assert.ts';
import type { Instant } from '#shared/instant.ts';
import type { BillableFact } from './journal.ts';

/** How Arc is charged on a device: normally, or free for those who took part in its preview (seed). */
export type ArcOffer = 'standard' | 'previewNoCharge';

export interface Standing {
  /** SKU of the device that is paid for; undefined while none is. */
  readonly deviceSku: string | undefined;
  /** vCPUs connected to Arc; undefined while no cluster is. */
  readonly arcCoreCount: number | undefined;
  readonly offer: ArcOffer;
  /** Since when `offer` holds; undefined when it was never anything else in this life of the device. */
  readonly offerSince: Instant | undefined;
}

/** A device of which nothing is known yet: nothing runs, and Arc would be charged normally. */
export const NEW_DEVICE: Standing = {
  deviceSku: undefined,
  arcCoreCount: undefined,
  offer: 'standard',
  offerSince: undefined,
};

function skuOf(fact: BillableFact): string {
  const { sku } = fact.data;
  assert(typeof sku === 'string', `fact ${String(fact.sequence)} (${fact.kind}) carries a sku`);
  return sku;
}

function coreCountOf(fact: BillableFact): number {
  const { coreCount } = fact.data;
  assert(
    typeof coreCount === 'number' && Number.isSafeInteger(coreCount) && coreCount >= 0,
    `fact ${String(fact.sequence)} (${fact.kind}) carries a whole coreCount`,
  );
  return coreCount;
}

/** `offer` from `at` on; asked for again, it keeps its first instant. */
function withOffer(standing: Standing, offer: ArcOffer, at: Instant): Standing {
  return standing.offer === offer ? standing : { ...standing, offer, offerSince: at };
}

/**
 * `standing` after `fact`; facts of other kinds leave it as it is. A fact without the data its kind must have is a
 * broken invariant of its writer and throws, rather than being billed as something else.
 */
export function standingAfter(standing: Standing, fact: BillableFact): Standing {
  switch (fact.kind) {
    case 'order.delivered':
      return { ...standing, deviceSku: skuOf(fact) };
    // The FAQ lets billing stop here, the return article on arrival at the datacenter: the FAQ is taken [D].
    case 'order.returnInitiated':
      return { ...standing, deviceSku: undefined };
    case 'machine.reset':
      return { ...standing, deviceSku: undefined, arcCoreCount: undefined };
    case 'resource.deleted':
      return NEW_DEVICE;
    case 'arc.connected':
      return { ...standing, arcCoreCount: coreCountOf(fact) };
    case 'arc.coreCountChanged':
      return standing.arcCoreCount === undefined
        ? standing
        : { ...standing, arcCoreCount: coreCountOf(fact) };
    case 'arc.disconnected':
      return { ...standing, arcCoreCount: undefined };
    case 'billing.offerGranted':
      assert(
        fact.data.offer === 'previewNoCharge',
        `fact ${String(fact.sequence)} (${fact.kind}) names an offer that exists`,
      );
      return withOffer(standing, 'previewNoCharge', fact.at);
    case 'billing.offerRevoked':
      return withOffer(standing, 'standard', fact.at);
    default:
      return standing;
  }
}
