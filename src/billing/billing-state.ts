/**
 * The billing state of a device: what it is charged for between two facts, and how each fact changes that. Used by
 * `meters.ts` and by `offers.ts`, so that both read the facts the same way. Knows neither prices nor months.
 * Every change is idempotent: a fact that repeats the present state changes nothing.
 * Sources: bill, ovw, return (appliance.md §17); seed (§10.6). That a reset ends the charges but not the offer is
 * [ours]: the offer belongs to the resource, and only the deletion of the resource ends that.
 */
import { assert } from '#shared/assert.ts';
import type { Instant } from '#shared/instant.ts';
import type { BillableFact } from './journal.ts';

/** How Arc is charged on a device: normally, or free of charge for participants of its preview (seed). */
export type ArcOffer = 'standard' | 'previewNoCharge';

export interface BillingState {
  /** SKU of the device that is paid for; undefined while none is. */
  readonly deviceSku: string | undefined;
  /** vCPUs connected to Arc; undefined while no cluster is. */
  readonly arcCoreCount: number | undefined;
  readonly offer: ArcOffer;
  /** Since when `offer` holds; undefined where it has been the same since the device was created. */
  readonly offerSince: Instant | undefined;
}

/** The state of a device before its first fact: nothing is charged, and Arc would be charged normally. */
export const INITIAL_STATE: BillingState = {
  deviceSku: undefined,
  arcCoreCount: undefined,
  offer: 'standard',
  offerSince: undefined,
};

/** The kinds of facts that change what a device costs while it exists. */
export const BILLED_KINDS: readonly string[] = [
  ...['order.delivered', 'order.returnInitiated', 'machine.reset'],
  ...['arc.connected', 'arc.coreCountChanged', 'arc.disconnected'],
  ...['billing.offerGranted', 'billing.offerRevoked'],
];

/** Of these, the ones that change the offer. */
export const OFFER_KINDS: readonly string[] = ['billing.offerGranted', 'billing.offerRevoked'];

/** The kind of fact that ends all that a device costs; told of every other resource as well. */
export const DELETED_KIND = 'resource.deleted';
/** The kind of fact that gives a device another id; its data has the former one as `from`. */
export const MOVED_KIND = 'resource.moved';

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

/** `state` with `offer` from `at` on; an offer that holds already keeps its first instant. */
function withOffer(state: BillingState, offer: ArcOffer, at: Instant): BillingState {
  return state.offer === offer ? state : { ...state, offer, offerSince: at };
}

/**
 * `state` after `fact`; facts of other kinds leave it as it is. A fact without the data that its kind must have is an
 * error of its writer, and throws instead of being billed as something else.
 */
export function stateAfter(state: BillingState, fact: BillableFact): BillingState {
  switch (fact.kind) {
    case 'order.delivered':
      return { ...state, deviceSku: skuOf(fact) };
    // The FAQ ends billing here, the article on returns at the arrival in the datacenter: we follow the FAQ [D].
    case 'order.returnInitiated':
      return { ...state, deviceSku: undefined };
    case 'machine.reset':
      return { ...state, deviceSku: undefined, arcCoreCount: undefined };
    case 'resource.deleted':
      return INITIAL_STATE;
    case 'arc.connected':
      return { ...state, arcCoreCount: coreCountOf(fact) };
    case 'arc.coreCountChanged':
      return state.arcCoreCount === undefined
        ? state
        : { ...state, arcCoreCount: coreCountOf(fact) };
    case 'arc.disconnected':
      return { ...state, arcCoreCount: undefined };
    case 'billing.offerGranted':
      assert(
        fact.data.offer === 'previewNoCharge',
        `fact ${String(fact.sequence)} (${fact.kind}) names a known offer`,
      );
      return withOffer(state, 'previewNoCharge', fact.at);
    case 'billing.offerRevoked':
      return withOffer(state, 'standard', fact.at);
    default:
      return state;
  }
}
