import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invoicesOf } from '#billing/invoices.ts';
import { usageOf } from '#billing/meters.ts';
import { DEFAULT_PRICES } from '#billing/prices.ts';
import { DELIVERED, GRANTED, SUBSCRIPTION, at, connected, deviceId, factsOf } from './facts.ts';

const PRICES = { ...DEFAULT_PRICES, deviceMonthlyFee: 300, arcVcpuHour: 0.01 };

const YEAR_END = [
  ...factsOf('a', [
    ['2026-11-16', 'order.delivered', DELIVERED],
    ['2026-11-30', 'arc.connected', connected(10)],
    ['2026-11-30T12:00', 'billing.offerGranted', GRANTED],
  ]),
  ...factsOf('b', [['2026-12-01', 'order.delivered', DELIVERED]], 10),
];

test('one invoice a subscription and month, with a line per device, meter and offer', () => {
  const until = at('2026-12-16T12:00');
  const [november, december, ...rest] = invoicesOf(usageOf(YEAR_END, until, PRICES), until);
  assert.deepEqual(rest, []);
  const own = { resourceId: deviceId('a') };
  const device = { meter: 'device', offer: 'standard', unit: 'device-month', unitPrice: 300 };
  const arc = { ...own, meter: 'arc-vcpu', unit: 'vCPU-hour' };
  assert.deepEqual(november, {
    subscriptionId: SUBSCRIPTION,
    period: '2026-11',
    from: at('2026-11-01'),
    to: at('2026-12-01'),
    status: 'closed',
    currency: 'USD',
    lines: [
      { ...own, ...device, quantity: 0.5, cost: 150 },
      { ...arc, offer: 'standard', quantity: 120, unitPrice: 0.01, cost: 1.2 },
      { ...arc, offer: 'previewNoCharge', quantity: 120, unitPrice: 0, cost: 0 },
    ],
    totalByMeter: { device: 150, 'arc-vcpu': 1.2 },
    total: 151.2,
  });
  assert.equal(december?.status, 'open');
  assert.deepEqual(december.lines, [
    { ...own, ...device, quantity: 0.5, cost: 150 },
    { ...arc, offer: 'previewNoCharge', quantity: 3720, unitPrice: 0, cost: 0 },
    { resourceId: deviceId('b'), ...device, quantity: 0.5, cost: 150 },
  ]);
  assert.equal(december.total, 300);
});

test('a month closes with its last millisecond', () => {
  const statusAt = (until: ReturnType<typeof at>) =>
    invoicesOf(usageOf(YEAR_END, until, PRICES), until).map(({ status }) => status);
  assert.deepEqual(statusAt(at('2026-11-30T23:59')), ['open']);
  assert.deepEqual(statusAt(at('2026-12-01')), ['closed']);
});

test('records of one line are one line, and subscriptions are told apart whatever their case', () => {
  const until = at('2026-11-11');
  const facts = factsOf('a', [
    ['2026-11-01', 'arc.connected', connected(1)],
    ['2026-11-02', 'arc.coreCountChanged', { coreCount: 3 }],
  ]);
  const shouted = factsOf('b', [['2026-11-01', 'arc.connected', connected(1)]], 20).map((fact) => ({
    ...fact,
    subscriptionId: SUBSCRIPTION.toUpperCase(),
  }));
  const other = factsOf('c', [['2026-11-01', 'arc.connected', connected(1)]], 30).map((fact) => ({
    ...fact,
    subscriptionId: 'ffffffff-0000-0000-0000-000000000000',
  }));
  const invoices = invoicesOf(usageOf([...other, ...shouted, ...facts], until, PRICES), until);
  assert.deepEqual(
    invoices.map(({ lines }) => lines.map(({ quantity }) => quantity)),
    [[24 + 9 * 72, 240], [240]],
  );
});

test('no usage, no invoice', () => {
  assert.deepEqual(invoicesOf([], at('2026-11-11')), []);
});
