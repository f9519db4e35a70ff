import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInstant } from '#shared/instant.ts';
import { type UsageRecord, usageOf } from '#billing/meters.ts';
import { DEFAULT_PRICES } from '#billing/prices.ts';
import { DELIVERED, GRANTED, at, connected, deviceId, factsOf } from './facts.ts';

const PRICES = {
  ...DEFAULT_PRICES,
  deviceMonthlyFee: 300,
  deviceMonthlyFeeBySku: { EdgeMR_Mini: 620 },
  arcVcpuHour: 0.01,
};

/** A record in one line: what, when, how much. */
const lineOf = (record: UsageRecord): string =>
  [
    record.meter,
    record.period,
    formatInstant(record.from).slice(0, 16),
    formatInstant(record.to).slice(0, 16),
    record.offer,
    record.quantity,
    record.cost,
  ].join(' ');

test('a device is billed from delivery on, by calendar month', () => {
  const facts = factsOf('a', [['2026-11-16', 'order.delivered', DELIVERED]]);
  assert.deepEqual(usageOf(facts, at('2027-01-01'), PRICES).map(lineOf), [
    'device 2026-11 2026-11-16T00:00 2026-12-01T00:00 standard 0.5 150',
    'device 2026-12 2026-12-01T00:00 2027-01-01T00:00 standard 1 300',
  ]);
});

test('a record has everything that an invoice needs', () => {
  const facts = factsOf('a', [
    ['2026-11-01', 'order.delivered', { sku: 'EdgeMR_Mini' }],
    ['2026-11-01', 'arc.connected', connected(6)],
  ]);
  const [device, arc] = usageOf(facts, at('2026-11-02'), PRICES);
  const shared = {
    subscriptionId: facts[0]?.subscriptionId,
    resourceId: deviceId('a'),
    period: '2026-11',
    from: at('2026-11-01'),
    to: at('2026-11-02'),
    offer: 'standard',
    currency: 'USD',
  };
  assert.deepEqual(device, {
    ...shared,
    meter: 'device',
    quantity: 0.033333,
    unit: 'device-month',
    unitPrice: 620,
    cost: 20.66646,
    sku: 'EdgeMR_Mini',
  });
  assert.deepEqual(arc, {
    ...shared,
    meter: 'arc-vcpu',
    quantity: 144,
    unit: 'vCPU-hour',
    unitPrice: 0.01,
    cost: 1.44,
    coreCount: 6,
  });
});

test('February of a leap year has 29 days', () => {
  const facts = factsOf('a', [['2028-02-29', 'order.delivered', DELIVERED]]);
  const plain = factsOf('a', [['2027-02-28', 'order.delivered', DELIVERED]]);
  assert.equal(usageOf(facts, at('2028-03-01'), PRICES)[0]?.quantity, 0.034483);
  assert.equal(usageOf(plain, at('2027-03-01'), PRICES)[0]?.quantity, 0.035714);
  const whole = factsOf('a', [['2028-02-01', 'order.delivered', DELIVERED]]);
  assert.equal(usageOf(whole, at('2028-03-01'), PRICES)[0]?.cost, 300);
});

test('without an order a device costs nothing, and Arc is metered all the same', () => {
  const facts = factsOf('a', [['2026-11-01', 'arc.connected', connected(4)]]);
  assert.deepEqual(usageOf(facts, at('2026-11-01T02:00'), PRICES).map(lineOf), [
    'arc-vcpu 2026-11 2026-11-01T00:00 2026-11-01T02:00 standard 8 0.08',
  ]);
});

test('the return stops the device, not Arc; a reset and a deletion stop everything', () => {
  for (const [end, lasts] of [
    ['order.returnInitiated', '2026-11-03T00:00'],
    ['machine.reset', '2026-11-02T00:00'],
    ['resource.deleted', '2026-11-02T00:00'],
  ] as const) {
    const facts = factsOf('a', [
      ['2026-11-01', 'order.delivered', DELIVERED],
      ['2026-11-01', 'arc.connected', connected(4)],
      ['2026-11-02', end],
    ]);
    const usage = usageOf(facts, at('2026-11-03'), PRICES);
    assert.deepEqual(
      usage.map(({ meter, to }) => `${meter} ${formatInstant(to).slice(0, 16)}`),
      ['device 2026-11-02T00:00', `arc-vcpu ${lasts}`],
      end,
    );
  }
});

test('the offer counts from its granting on, for Arc alone', () => {
  const facts = factsOf('a', [
    ['2026-11-01', 'order.delivered', DELIVERED],
    ['2026-11-01', 'arc.connected', connected(10)],
    ['2026-11-16', 'billing.offerGranted', GRANTED],
    ['2026-11-26', 'billing.offerRevoked'],
  ]);
  const usage = usageOf(facts, at('2026-12-01'), PRICES);
  assert.deepEqual(usage.map(lineOf), [
    'device 2026-11 2026-11-01T00:00 2026-12-01T00:00 standard 1 300',
    'arc-vcpu 2026-11 2026-11-01T00:00 2026-11-16T00:00 standard 3600 36',
    'arc-vcpu 2026-11 2026-11-16T00:00 2026-11-26T00:00 previewNoCharge 2400 0',
    'arc-vcpu 2026-11 2026-11-26T00:00 2026-12-01T00:00 standard 1200 12',
  ]);
  assert.equal(usage[2]?.unitPrice, 0);
});

test('a change of the core count splits the record; disconnecting ends it', () => {
  const facts = factsOf('a', [
    ['2026-11-01T00:00', 'arc.coreCountChanged', { coreCount: 99 }],
    ['2026-11-01T01:00', 'arc.connected', connected(4)],
    ['2026-11-01T02:00', 'arc.coreCountChanged', { coreCount: 10 }],
    ['2026-11-01T03:00', 'arc.disconnected'],
    ['2026-11-01T04:00', 'arc.coreCountChanged', { coreCount: 12 }],
    ['2026-11-01T05:00', 'arc.connected', connected(12)],
  ]);
  const usage = usageOf(facts, at('2026-11-01T06:00'), PRICES);
  assert.deepEqual(
    usage.map(({ coreCount, quantity }) => [coreCount, quantity]),
    [
      [4, 4],
      [10, 10],
      [12, 12],
    ],
  );
});

test('a device recreated under the same id begins at the standard offer', () => {
  const facts = [
    ...factsOf('a', [
      ['2026-11-01', 'order.delivered', DELIVERED],
      ['2026-11-01', 'billing.offerGranted', GRANTED],
      ['2026-11-01', 'arc.connected', connected(1)],
      ['2026-11-02', 'resource.deleted'],
    ]),
    ...factsOf('A', [['2026-11-03', 'arc.connected', connected(1)]], 10),
  ];
  assert.deepEqual(usageOf(facts, at('2026-11-04'), PRICES).map(lineOf), [
    'device 2026-11 2026-11-01T00:00 2026-11-02T00:00 standard 0.033333 9.9999',
    'arc-vcpu 2026-11 2026-11-01T00:00 2026-11-02T00:00 previewNoCharge 24 0',
    'arc-vcpu 2026-11 2026-11-03T00:00 2026-11-04T00:00 standard 24 0.24',
  ]);
});

test('repeated, reordered and foreign facts change nothing; later ones are not there yet', () => {
  const facts = factsOf('a', [
    ['2026-11-01', 'order.delivered', DELIVERED],
    ['2026-11-01', 'arc.connected', connected(4)],
    ['2026-11-05', 'order.returnInitiated'],
  ]);
  const until = at('2026-11-09');
  const expected = usageOf(facts, until, PRICES);
  const more = [
    ...factsOf('a', [['2026-11-02', 'order.delivered', DELIVERED]], 20),
    ...factsOf('a', [['2026-11-03', 'arc.connected', connected(4)]], 21),
    ...factsOf('a', [['2026-11-04', 'share.created', { share: 's' }]], 22),
    ...factsOf('a', [['2026-11-10', 'resource.deleted']], 23),
  ];
  const shuffled = [...more, ...facts, ...facts].toReversed();
  assert.deepEqual(usageOf(shuffled, until, PRICES), expected);
  assert.deepEqual(usageOf(facts, at('2026-10-31'), PRICES), []);
});

test('a fact without the data of its kind is a broken invariant, not a free device', () => {
  const until = at('2026-11-09');
  assert.throws(() => usageOf(factsOf('a', [['2026-11-01', 'order.delivered']]), until, PRICES));
  assert.throws(() => usageOf(factsOf('a', [['2026-11-01', 'arc.connected']]), until, PRICES));
});
