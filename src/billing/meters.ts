/**
 * The meters: usage records from facts. Read over `control/`; `invoices.ts` adds the records up. Pure: the same facts,
 * instant and prices give the same records, and a record whose month has ended stays the same afterwards.
 * Records are not stored, and are not rounded one by one: quantity and cost are rounded on the running total of their
 * invoice line, and each record gets the difference. So records add up exactly however finely time is split, a line's cost
 * is its quantity × unit price, and a whole month of a device is exactly 1 (a single record may be off by a millionth).
 * Sources: bill, ovw (appliance.md §17), seed (§10.6). Months are UTC, and a part of a month costs its milliseconds'
 * share of that very month [ours]: the documents only say "monthly".
 */
import { type Instant, calendarOf, earlier, startOfMonth } from '#shared/instant.ts';
import { type BillableFact, type DeviceHistory, historiesOf } from './journal.ts';
import { decimalOf, roundedRatio } from './micros.ts';
import { type Prices, PRICE_SCALE, billionthsOf, monthlyFeeOf } from './prices.ts';
import { type ArcOffer, INITIAL_STATE, type BillingState, stateAfter } from './billing-state.ts';

export type Meter = 'device' | 'arc-vcpu';
export type UsageUnit = 'device-month' | 'vCPU-hour';

/** Use within one calendar month, at one price and with one amount all the time. */
export interface UsageRecord {
  readonly subscriptionId: string;
  /** ARM id of the device. */
  readonly resourceId: string;
  readonly meter: Meter;
  /** `YYYY-MM`, UTC. */
  readonly period: string;
  readonly from: Instant;
  /** Exclusive; the instant of the request while the use goes on. */
  readonly to: Instant;
  /** In `unit`, at most six decimals. */
  readonly quantity: number;
  readonly unit: UsageUnit;
  /** The device's own fee is always `standard`: the offer is about Arc. */
  readonly offer: ArcOffer;
  /** The price of one unit; 0 under the offer. */
  readonly unitPrice: number;
  /** In `currency`, at most six decimals. */
  readonly cost: number;
  readonly currency: string;
  /** Meter `device` only: what was billed. */
  readonly sku?: string;
  /** Meter `arc-vcpu` only: how many vCPUs were connected during that time. */
  readonly coreCount?: number;
}

/** What a meter charges as long as the device is in one state. */
interface Charge {
  readonly meter: Meter;
  readonly offer: ArcOffer;
  readonly unitPrice: number;
  /** How many devices or vCPUs. */
  readonly amount: number;
  readonly detail: { readonly sku: string } | { readonly coreCount: number };
}

interface UsageInterval {
  readonly charge: Charge;
  readonly from: Instant;
  readonly to: Instant;
}

type ChargeOf = (state: BillingState, prices: Prices) => Charge | undefined;

const MILLISECONDS_PER_HOUR = 3_600_000;
const MICROS_PER_UNIT = 1_000_000;

const deviceCharge: ChargeOf = ({ deviceSku: sku }, prices) =>
  sku === undefined
    ? undefined
    : {
        meter: 'device',
        offer: 'standard',
        unitPrice: monthlyFeeOf(prices, sku),
        amount: 1,
        detail: { sku },
      };

const arcCharge: ChargeOf = ({ arcCoreCount: coreCount, offer }, prices) =>
  coreCount === undefined
    ? undefined
    : {
        meter: 'arc-vcpu',
        offer,
        unitPrice: offer === 'previewNoCharge' ? 0 : prices.arcVcpuHour,
        amount: coreCount,
        detail: { coreCount },
      };

const METERS: readonly ChargeOf[] = [deviceCharge, arcCharge];

function isSameCharge(a: Charge, b: Charge): boolean {
  return a.offer === b.offer && JSON.stringify(a.detail) === JSON.stringify(b.detail);
}

/** The longest intervals at one charge: a fact that does not change this meter's charge does not split them. */
function intervalsOf(
  states: readonly (readonly [Instant, BillingState])[],
  chargeOf: (state: BillingState) => Charge | undefined,
  until: Instant,
): UsageInterval[] {
  const intervals: UsageInterval[] = [];
  states.forEach(([from, state], index) => {
    const to = states[index + 1]?.[0] ?? until;
    const charge = chargeOf(state);
    if (charge === undefined || from === to) return;
    const last = intervals.at(-1);
    if (last?.to === from && isSameCharge(last.charge, charge)) {
      intervals[intervals.length - 1] = { ...last, to };
    } else {
      intervals.push({ charge, from, to });
    }
  });
  return intervals;
}

/** The calendar month (UTC) that `at` is in: its name `YYYY-MM`, its first instant, and the next month's. */
export function monthOf(at: Instant): { period: string; from: Instant; to: Instant } {
  const { year, month } = calendarOf(at);
  return {
    period: `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`,
    from: startOfMonth(year, month),
    to: startOfMonth(year, month + 1),
  };
}

function splitByMonth({ charge, from, to }: UsageInterval): UsageInterval[] {
  const parts: UsageInterval[] = [];
  for (let at = from; at < to; ) {
    const end = earlier(monthOf(at).to, to);
    parts.push({ charge, from: at, to: end });
    at = end;
  }
  return parts;
}

/** Running totals of the lines of one device, so that rounding errors do not accumulate. */
class RunningTotals {
  readonly #millisecondsByLine = new Map<string, number>();
  readonly #prices: Prices;

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  /** The record of an interval, which lies within one month and follows those recorded before. */
  record({ charge, from, to }: UsageInterval, device: DeviceHistory): UsageRecord {
    const { meter, offer, unitPrice, amount, detail } = charge;
    const { period, from: start, to: end } = monthOf(from);
    const unitMilliseconds = meter === 'device' ? end - start : MILLISECONDS_PER_HOUR;
    const line = `${meter} ${period} ${offer} ${String(unitPrice)}`;
    const before = this.#millisecondsByLine.get(line) ?? 0;
    const after = before + amount * (to - from);
    this.#millisecondsByLine.set(line, after);
    const quantityAt = (total: number): number =>
      roundedRatio(total, MICROS_PER_UNIT, unitMilliseconds);
    const costAt = (total: number): number =>
      roundedRatio(quantityAt(total), billionthsOf(unitPrice), PRICE_SCALE);
    return {
      subscriptionId: device.subscriptionId,
      resourceId: device.resourceId,
      meter,
      period,
      from,
      to,
      quantity: decimalOf(quantityAt(after) - quantityAt(before)),
      unit: meter === 'device' ? 'device-month' : 'vCPU-hour',
      offer,
      unitPrice,
      cost: decimalOf(costAt(after) - costAt(before)),
      currency: this.#prices.currency,
      ...detail,
    };
  }
}

function usageOfDevice(device: DeviceHistory, until: Instant, prices: Prices): UsageRecord[] {
  const states: (readonly [Instant, BillingState])[] = [];
  let state = INITIAL_STATE;
  for (const fact of device.facts) {
    if (fact.at > until) break;
    state = stateAfter(state, fact);
    states.push([fact.at, state]);
  }
  const totals = new RunningTotals(prices);
  return METERS.flatMap((chargeOf) =>
    intervalsOf(states, (state) => chargeOf(state, prices), until),
  )
    .flatMap(splitByMonth)
    .map((interval) => totals.record(interval, device));
}

/**
 * The usage of all devices in `facts` up to `until`, ordered by device, then meter, then time; later facts are ignored.
 * Records end at month boundaries, at changes of the core count, and where the offer is granted or revoked.
 */
export function usageOf(
  facts: readonly BillableFact[],
  until: Instant,
  prices: Prices,
): UsageRecord[] {
  return [...historiesOf(facts).values()].flatMap((device) => usageOfDevice(device, until, prices));
}
