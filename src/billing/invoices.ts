/**
 * Invoices: the usage records of one subscription in one calendar month, added up. Read over `control/`.
 * Metering and pricing are done in `meters.ts`. Nothing is rounded here: every sum is exact, so that each line is the sum
 * of its records and the total is the sum of its lines.
 * Invoices are not stored. They are computed from the records at each request, so that a changed price file changes past
 * invoices too [ours].
 * Source: appliance.md §17 ("monthly recurring"); the form of an invoice is [ours].
 */
import { assert } from '#shared/assert.ts';
import type { Instant } from '#shared/instant.ts';
import { compareStrings, identityOf } from './journal.ts';
import { type Meter, type UsageRecord, type UsageUnit, monthOf } from './meters.ts';
import { exactSum } from './micros.ts';
import type { ArcOffer } from './billing-state.ts';

/** What one device used of one meter under one offer at one price. `cost` is `quantity` × `unitPrice`. */
export interface InvoiceLine {
  readonly resourceId: string;
  readonly meter: Meter;
  readonly offer: ArcOffer;
  readonly quantity: number;
  readonly unit: UsageUnit;
  readonly unitPrice: number;
  readonly cost: number;
}

export interface Invoice {
  readonly subscriptionId: string;
  /** `YYYY-MM`, UTC. */
  readonly period: string;
  readonly from: Instant;
  /** Exclusive: the first instant of the next month. */
  readonly to: Instant;
  /** `open` while its month runs, and its sums still grow. */
  readonly status: 'open' | 'closed';
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  /** The sum of the lines of each meter. */
  readonly totalByMeter: Readonly<Record<Meter, number>>;
  readonly total: number;
}

/** The records grouped by `keyOf`, the groups in the order of their first records. */
function grouped(
  records: readonly UsageRecord[],
  keyOf: (record: UsageRecord) => string,
): [UsageRecord, ...UsageRecord[]][] {
  const groups = new Map<string, [UsageRecord, ...UsageRecord[]]>();
  for (const record of records) {
    const key = keyOf(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

function lineOf(records: readonly [UsageRecord, ...UsageRecord[]]): InvoiceLine {
  const [{ resourceId, meter, offer, unit, unitPrice }] = records;
  return {
    resourceId,
    meter,
    offer,
    quantity: exactSum(records.map((record) => record.quantity)),
    unit,
    unitPrice,
    cost: exactSum(records.map((record) => record.cost)),
  };
}

function invoiceOf(records: readonly [UsageRecord, ...UsageRecord[]], until: Instant): Invoice {
  const [{ subscriptionId, period, currency, from: firstUse }] = records;
  assert(
    records.every((record) => record.currency === currency),
    'an invoice has one currency',
  );
  const { from, to } = monthOf(firstUse);
  const lines = grouped(records, (record) =>
    [identityOf(record.resourceId), record.meter, record.offer, record.unitPrice].join(' '),
  ).map(lineOf);
  const totalOf = (meter: Meter): number =>
    exactSum(lines.filter((line) => line.meter === meter).map((line) => line.cost));
  return {
    subscriptionId,
    period,
    from,
    to,
    status: to <= until ? 'closed' : 'open',
    currency,
    lines,
    totalByMeter: { device: totalOf('device'), 'arc-vcpu': totalOf('arc-vcpu') },
    total: exactSum(lines.map((line) => line.cost)),
  };
}

/**
 * The invoices of `usage` (all of it, from `usageOf` with the same `until`): by subscription, then month. A month
 * without usage has none. A month is closed from the first instant of the next one on.
 */
export function invoicesOf(usage: readonly UsageRecord[], until: Instant): Invoice[] {
  return grouped(usage, (record) => `${identityOf(record.subscriptionId)} ${record.period}`)
    .map((records) => invoiceOf(records, until))
    .sort(
      (a, b) =>
        compareStrings(identityOf(a.subscriptionId), identityOf(b.subscriptionId)) ||
        a.from - b.from,
    );
}
