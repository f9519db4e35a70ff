import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, hours, minutes, seconds } from '#shared/instant.ts';
import { assertMinutes, BORN_AT, Machine } from './machine.ts';

const JOURNEY = [
  'Untracked',
  'AwaitingFulfillment',
  'AwaitingPreparation',
  'AwaitingShipment',
  'Shipped',
  'Arriving',
  'Delivered',
];
const statesOf = (machine: Machine) => machine.observed.order!.history.map((entry) => entry.state);

test('placing an order ends within a minute, and the journey continues', () => {
  const machine = new Machine();
  assertMinutes(machine.do({ kind: 'placeOrder' }), 0, 1);
  assert.deepEqual(machine.observed.order, {
    history: [
      { state: 'Untracked', at: BORN_AT, comments: 'Initialising Order with Untracked status' },
    ],
  });
  assert.deepEqual(machine.factKinds, ['order.placed']);
  machine.pass(hours(1));
  assert.deepEqual(statesOf(machine), JOURNEY.slice(0, 2));
});

test('the order goes through all states in days, with tracking from Shipped on', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder' });
  const seen = new Map<string, string>();
  for (let hour = 0; hour < 24 * 11; hour++) {
    machine.pass(hours(1));
    const order = machine.observed.order!;
    const has = [
      order.serialNumber && 'serial',
      order.delivery && 'delivery',
      order.returning && 'returning',
    ];
    seen.set(order.history.at(-1)!.state, has.filter(Boolean).join('+'));
  }
  assert.deepEqual(
    [...seen],
    [
      ['AwaitingFulfillment', ''],
      ['AwaitingPreparation', ''],
      ['AwaitingShipment', 'serial'],
      ['Shipped', 'serial+delivery'],
      ['Arriving', 'serial+delivery'],
      ['Delivered', 'serial+delivery'],
    ],
  );
  assert.deepEqual(statesOf(machine), JOURNEY);
  assert.deepEqual(machine.factKinds, ['order.placed', 'order.shipped', 'order.delivered']);
  assert.equal(machine.data('order.delivered').sku, 'EdgeP_Base');
  const at = machine.observed.order!.history.map((entry) => entry.at);
  assert.equal(machine.facts.at(-1)!.at, at.at(-1));
  const length = at.at(-1)! - at[0]!;
  assert.ok(length > days(4) && length < days(9.1), String(length / days(1)));
});

test('placing the order again starts no new journey and reports no second fact', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder' });
  machine.pass(days(3));
  const before = statesOf(machine);
  assertMinutes(machine.do({ kind: 'placeOrder' }), 0, 1);
  assert.deepEqual(statesOf(machine), before);
  machine.pass(days(10));
  assert.deepEqual(statesOf(machine), JOURNEY);
  assert.equal(machine.factKinds.filter((kind) => kind === 'order.placed').length, 1);
});

test('the order can be canceled before preparation, and placed again', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder' });
  machine.pass(hours(2));
  machine.do({ kind: 'cancelOrder' });
  assert.equal(machine.observed.order, undefined);
  machine.pass(days(20));
  assert.deepEqual(machine.factKinds, ['order.placed', 'order.canceled']);
  machine.do({ kind: 'placeOrder' });
  machine.pass(days(20));
  assert.deepEqual(statesOf(machine), JOURNEY);
});

test('canceling an order while it is being placed ends both tasks and leaves no order', () => {
  const machine = new Machine();
  const placed = machine.start({ kind: 'placeOrder' });
  machine.pass(seconds(1));
  const canceled = machine.start({ kind: 'cancelOrder' });
  machine.pass(minutes(2));
  assert.equal(machine.task(placed).state, 'succeeded');
  assert.equal(machine.task(canceled).state, 'succeeded');
  assert.equal(machine.observed.order, undefined);
});

test('the order can’t be canceled from preparation on', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder' });
  machine.pass(days(2.5));
  const { code, message } = machine.refusal({ kind: 'cancelOrder' });
  assert.equal(code, 'GatewayUserErrorInvalidState');
  assert.match(message, /AwaitingPreparation|AwaitingShipment/);
  machine.pass(days(30));
  assert.match(machine.refusal({ kind: 'cancelOrder' }).message, /Delivered/);
});

test('the machine can be returned once, after delivery', () => {
  const machine = new Machine();
  assert.match(machine.refusal({ kind: 'returnMachine' }).message, /no order/);
  machine.do({ kind: 'placeOrder' });
  assert.match(machine.refusal({ kind: 'returnMachine' }).message, /Untracked/);
  machine.pass(days(12));
  const id = machine.start({ kind: 'returnMachine' });
  assert.equal(machine.task(id).state, 'succeeded');
  assert.equal(machine.observed.order!.history.at(-1)!.state, 'ReturnInitiated');
  const { delivery, returning } = machine.observed.order!;
  assert.notEqual(returning!.trackingId, delivery!.trackingId);
  assert.equal(machine.factKinds.at(-1), 'order.returnInitiated');
  assert.match(machine.refusal({ kind: 'returnMachine' }).message, /already/);
});

test('the order doesn’t depend on the state of the machine', () => {
  const machine = Machine.withCluster();
  machine.do({ kind: 'placeOrder' });
  machine.do({ kind: 'reset' });
  machine.pass(days(12));
  assert.deepEqual(statesOf(machine), JOURNEY);
});

test('a machine that is returned arrives at Microsoft within days', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder' });
  machine.pass(days(12));
  machine.start({ kind: 'returnMachine' });
  machine.pass(days(9));
  assert.deepEqual(statesOf(machine).slice(JOURNEY.length), [
    ...['ReturnInitiated', 'AwaitingReturnShipment', 'ShippedBack', 'CollectedAtMicrosoft'],
  ]);
  assert.equal(machine.factKinds.at(-1), 'order.collected');
});

test('a customer who picks the machine up has it without a carrier, and can return it', () => {
  const machine = new Machine();
  machine.do({ kind: 'placeOrder', isPickup: true });
  machine.pass(days(9));
  assert.deepEqual(statesOf(machine), [
    ...JOURNEY.slice(0, 3),
    ...['AwaitingPickup', 'PickupCompleted'],
  ]);
  const { delivery, serialNumber } = machine.observed.order!;
  assert.deepEqual([delivery, serialNumber?.length], [undefined, 7]);
  assert.deepEqual(machine.factKinds, ['order.placed', 'order.delivered']);
  machine.start({ kind: 'returnMachine' });
});

test('an order is declined before its shipment, lost on its way, replaced after delivery; nothing else', () => {
  const change = (to: 'Declined' | 'LostDevice' | 'ReplacementRequested') =>
    ({ kind: 'changeOrder', to }) as const;
  const declined = new Machine();
  assert.match(declined.refusal(change('Declined')).message, /Untracked/);
  declined.do({ kind: 'placeOrder' });
  declined.refusal(change('LostDevice'));
  declined.do(change('Declined'));
  declined.pass(days(20));
  assert.deepEqual(statesOf(declined), ['Untracked', 'Declined']);
  declined.do({ kind: 'cancelOrder' });
  const lost = new Machine();
  lost.do({ kind: 'placeOrder' });
  while (statesOf(lost).at(-1) !== 'Shipped') lost.pass(hours(6));
  lost.refusal(change('Declined'));
  lost.do(change('LostDevice'));
  lost.pass(days(20));
  assert.equal(statesOf(lost).at(-1), 'LostDevice');
  assert.ok(!lost.factKinds.includes('order.delivered'), 'nobody pays for it');
  const replaced = new Machine();
  replaced.do({ kind: 'placeOrder' });
  replaced.pass(days(12));
  replaced.do(change('ReplacementRequested'));
  replaced.start({ kind: 'returnMachine' });
  assert.equal(statesOf(replaced).at(-1), 'ReturnInitiated');
});
