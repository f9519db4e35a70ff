/** Properties of random years: whatever happens and however time is cut, everything adds up to the last millionth. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant, plus, days } from '#shared/instant.ts';
import { fraction, wholeNumber } from '#shared/random.ts';
import type { BillableFact } from '#billing/journal.ts';
import { invoicesOf } from '#billing/invoices.ts';
import { type UsageRecord, monthOf, usageOf } from '#billing/meters.ts';
import { exactSum, microsOf } from '#billing/micros.ts';
import { DEFAULT_PRICES } from '#billing/prices.ts';
import { DELIVERED, GRANTED, at, connected, factsOf } from './facts.ts';

const SEEDS = Array.from({ length: 150 }, (_, index) => `year-${String(index)}`);
const PRICES = { ...DEFAULT_PRICES, deviceMonthlyFee: 717.33, arcVcpuHour: 0.002739726 };
const START = at('2027-11-20');
const UNTIL = at('2028-11-11T11:11');

const KINDS = [
  'order.delivered',
  'order.returnInitiated',
  'machine.reset',
  'resource.deleted',
  'arc.connected',
  'arc.coreCountChanged',
  'arc.disconnected',
  'billing.offerGranted',
  'billing.offerRevoked',
];

const dataOf = (kind: string, coreCount: number) => ({
  ...DELIVERED,
  ...GRANTED,
  ...(kind.startsWith('arc.') ? connected(coreCount) : {}),
});

function randomYear(seed: string): BillableFact[] {
  const count = wholeNumber(5, 60, seed, 'count');
  const moments = Array.from({ length: count }, (_, index) =>
    instant(START + fraction(seed, 'at', index) * (UNTIL - START)),
  ).sort((a, b) => a - b);
  return factsOf(
    'a',
    moments.map((moment, index) => {
      const kind = KINDS[wholeNumber(0, KINDS.length - 1, seed, 'kind', index)] ?? '';
      return [moment, kind, dataOf(kind, wholeNumber(0, 64, seed, 'cores', index))];
    }),
  );
}

/** Millionths by line, counted the slow way: no intervals, no running totals. */
function countedByLine(facts: readonly BillableFact[]): Map<string, bigint> {
  const exact = new Map<string, { amount: bigint; unit: bigint }>();
  let sku = false;
  let cores = -1;
  let offer = 'standard';
  const count = (line: string, from: Instant, amount: bigint) => {
    const { period, from: start, to: end } = monthOf(from);
    const unit = line === 'device' ? BigInt(end - start) : 3_600_000n;
    const key = `${line} ${period}`;
    exact.set(key, { amount: (exact.get(key)?.amount ?? 0n) + amount, unit });
  };
  facts.forEach((fact, index) => {
    const kind = fact.kind;
    const over = kind === 'machine.reset' || kind === 'resource.deleted';
    if (kind === 'order.delivered') sku = true;
    if (kind === 'order.returnInitiated' || over) sku = false;
    if (kind === 'arc.connected' || (kind === 'arc.coreCountChanged' && cores >= 0)) {
      cores = Number(fact.data.coreCount);
    }
    if (kind === 'arc.disconnected' || over) cores = -1;
    if (kind === 'billing.offerGranted') offer = 'previewNoCharge';
    if (kind === 'billing.offerRevoked' || kind === 'resource.deleted') offer = 'standard';
    const end = facts[index + 1]?.at ?? UNTIL;
    for (let from = fact.at; from < end; ) {
      const to = Math.min(monthOf(from).to, end);
      if (sku) count('device', from, BigInt(to - from));
      if (cores >= 0) count(`arc-vcpu ${offer}`, from, BigInt(cores) * BigInt(to - from));
      from = instant(to);
    }
  });
  return new Map(
    [...exact].map(([key, { amount, unit }]) => [
      key,
      (amount * 1_000_000n * 2n + unit) / (2n * unit),
    ]),
  );
}

const lineOf = ({ meter, offer, period }: UsageRecord): string =>
  meter === 'device' ? `device ${period}` : `arc-vcpu ${offer} ${period}`;

function meteredByLine(usage: readonly UsageRecord[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const record of usage) {
    const key = lineOf(record);
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(microsOf(record.quantity)));
  }
  return sums;
}

const sorted = (sums: Map<string, bigint>) => [...sums].sort(([a], [b]) => (a < b ? -1 : 1));

test('the records of a line add up to what a slow count finds, exactly', () => {
  for (const seed of SEEDS) {
    const facts = randomYear(seed);
    const usage = usageOf(facts, UNTIL, PRICES);
    assert.deepEqual(sorted(meteredByLine(usage)), sorted(countedByLine(facts)), seed);
  }
});

test('cutting time with facts that change nothing never changes a record', () => {
  for (const seed of SEEDS) {
    const facts = randomYear(seed);
    const cuts = facts.map((fact, index): BillableFact => {
      const next = facts[index + 1]?.at ?? UNTIL;
      const moment = instant(fact.at + fraction(seed, 'cut', index) * (next - fact.at));
      return { ...fact, sequence: 1000 + index, at: moment };
    });
    assert.deepEqual(
      usageOf([...cuts, ...facts], UNTIL, PRICES),
      usageOf(facts, UNTIL, PRICES),
      seed,
    );
  }
});

test('real cuts never change a line: thousands of records add up to the one they replace', () => {
  for (const seed of SEEDS.slice(0, 20)) {
    const step = wholeNumber(60_001, 3_599_999, seed, 'step');
    // The fee is the same for both SKUs, so each delivery begins a record and none begins a line.
    const deliveries = factsOf(
      'a',
      Array.from({ length: 2000 }, (_, index) => [
        START + step * index,
        'order.delivered',
        { sku: index % 2 === 0 ? 'EdgeP_Base' : 'EdgeP_High' },
      ]),
    );
    const until = instant(START + step * 2000);
    const cut = usageOf(deliveries, until, PRICES);
    const whole = usageOf(deliveries.slice(0, 1), until, PRICES);
    assert.ok(cut.length >= 2000 && whole.length < 10);
    assert.deepEqual(invoicesOf(cut, until), invoicesOf(whole, until), seed);
  }
});

test('what is closed stays as it is, whenever one looks', () => {
  for (const seed of SEEDS.slice(0, 40)) {
    const facts = randomYear(seed);
    const look = plus(START, days(wholeNumber(1, 350, seed, 'look')));
    const closed = (usage: UsageRecord[]) => usage.filter(({ from }) => monthOf(from).to <= look);
    assert.deepEqual(
      closed(usageOf(facts, look, PRICES)),
      closed(usageOf(facts, UNTIL, PRICES)),
      seed,
    );
  }
});

test('lines add up to their invoice, and each is its quantity times its price', () => {
  for (const seed of SEEDS) {
    const usage = usageOf(randomYear(seed), UNTIL, PRICES);
    const invoices = invoicesOf(usage, UNTIL);
    for (const { lines, total, totalByMeter } of invoices) {
      assert.equal(exactSum(lines.map(({ cost }) => cost)), total, seed);
      assert.equal(exactSum(Object.values(totalByMeter)), total, seed);
      for (const { quantity, unitPrice, cost } of lines) {
        const product = BigInt(microsOf(quantity)) * BigInt(Math.round(unitPrice * 1e9));
        assert.equal(BigInt(microsOf(cost)), (product * 2n + 1_000_000_000n) / 2_000_000_000n);
      }
    }
    assert.equal(
      exactSum(invoices.map(({ total }) => total)),
      exactSum(usage.map(({ cost }) => cost)),
      seed,
    );
  }
});
