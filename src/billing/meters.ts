/**
 * The meters: facts in, usage records out. Called by `control/` for what is read over billing; `invoices.ts` adds
 * them up. Pure and complete: the same facts, moment and prices give the same records, and a record whose month is
 * over never changes by looking later.
 * Never stores a record and never rounds one by itself: quantity and cost are rounded on the running total of their invoice
 * line, and each record gets the difference. So records add up exactly however finely time is split, a line's cost is
 * its quantity × unit price, and a whole month of a device is exactly 1 (a record may be a millionth off by itself).
 * Sources: bill, ovw (appliance.md §17), seed (§10.6). Months are UTC, and a part of a month costs its milliseconds'
 * share of that very month [ours]: the documents only say "monthly".
 */
import { type Instant, calendarOf, earlier, startOfMonth } from '#shared/instant.ts';
import { type BillableFact, type DeviceHistory, historiesOf } from './journal.ts';
import { decimalOf, roundedRatio } from './micros.ts';
import { type Prices, PRICE_SCALE, billionthsOf, monthlyFeeOf } from './prices.ts';
import { type ArcOffer, NEW_DEVICE, type Standing, standingAfter } from './standing.ts';

export type Meter = 'device' | 'arc-vcpu';
export type UsageUnit = 'device-month' | 'vCPU-hour';

/** One stretch of use within one calendar month, at one price and one amount. */
export interface UsageRecord {
  readonly subscriptionId: string;
  /** ARM id of the device. */
  readonly resourceId: string;
  readonly meter: Meter;
  /** `YYYY-MM`, UTC. */
  readonly period: string;
  readonly from: Instant;
  /** Exclusive; the moment of looking while the use goes on. */
  readonly to: Instant;
  /** In `unit`, at most six decimals. */
  readonly quantity: number;
  readonly unit: UsageUnit;
  /** The device's own fee is always `standard`: the offer is about Arc. */
  readonly offer: ArcOffer;
  /** What one unit is charged at, 0 under the offer. */
  readonly unitPrice: number;
  /** In `currency`, at most six decimals. */
  readonly cost: number;
  readonly currency: string;
  /** Meter `device` only: what was billed. */
  readonly sku?: string;
  /** Meter `arc-vcpu` only: how many vCPUs were connected all the while. */
  readonly coreCount?: number;
}

/** What a meter charges while a standing lasts. */
interface Charge {
  readonly meter: Meter;
  readonly offer: ArcOffer;
  readonly unitPrice: number;
  /** How many devices or vCPUs. */
  readonly amount: number;
  readonly detail: { readonly sku: string } | { readonly coreCount: number };
}

interface Stretch {
  readonly charge: Charge;
  readonly from: Instant;
  readonly to: Instant;
}

type ChargeOf = (standing: Standing, prices: Prices) => Charge | undefined;

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

/** The longest stretches without a change: a fact that changes nothing for this meter doesn't cut it. */
function stretchesOf(
  standings: readonly (readonly [Instant, Standing])[],
  bill: (standing: Standing) => Charge | undefined,
  until: Instant,
): Stretch[] {
  const stretches: Stretch[] = [];
  standings.forEach(([from, standing], index) => {
    const to = standings[index + 1]?.[0] ?? until;
    const charge = bill(standing);
    if (charge === undefined || from === to) return;
    const last = stretches.at(-1);
    if (last?.to === from && isSameCharge(last.charge, charge)) {
      stretches[stretches.length - 1] = { ...last, to };
    } else {
      stretches.push({ charge, from, to });
    }
  });
  return stretches;
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

function splitByMonth({ charge, from, to }: Stretch): Stretch[] {
  const parts: Stretch[] = [];
  for (let at = from; at < to; ) {
    const end = earlier(monthOf(at).to, to);
    parts.push({ charge, from: at, to: end });
    at = end;
  }
  return parts;
}

/** Running totals of the lines of one device, so that rounding never adds up. */
class RunningTotals {
  readonly #millisecondsByLine = new Map<string, number>();
  readonly #prices: Prices;

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  /** The record of `stretch`, which lies within one month and follows those recorded before. */
  record({ charge, from, to }: Stretch, device: DeviceHistory): UsageRecord {
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
  const standings: (readonly [Instant, Standing])[] = [];
  let standing = NEW_DEVICE;
  for (const fact of device.facts) {
    if (fact.at > until) break;
    standing = standingAfter(standing, fact);
    standings.push([fact.at, standing]);
  }
  const totals = new RunningTotals(prices);
  return METERS.flatMap((chargeOf) =>
    stretchesOf(standings, (held) => chargeOf(held, prices), until),
  )
    .flatMap(splitByMonth)
    .map((stretch) => totals.record(stretch, device));
}

/**
 * The usage of all devices in `facts` up to `until`, which facts after it don't touch: by device, then meter, then
 * time. Records end at month boundaries, at changes of the core count and where the offer is granted or revoked.
 */
export function usageOf(
  facts: readonly BillableFact[],
  until: Instant,
  prices: Prices,
): UsageRecord[] {
  return [...historiesOf(facts).values()].flatMap((device) => usageOfDevice(device, until, prices));
}
