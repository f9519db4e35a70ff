/**
 * The order and its journey: from the warehouse to the customer and, once, back. Addresses and prices are unknown here. The
 * journey continues whether the machine is active, being updated or reset, since the order is not on the machine.
 * Sources: [S] OrderState, arm-protocol §0.2 (the comment of the first entry), return, ehc (appliance.md §2, §17).
 */
import { days, hours, seconds } from '#shared/instant.ts';
import { text } from '#shared/random.ts';
import type { Stage } from '#shared/stages.ts';
import { type Change, unchanged, withFact } from './change.ts';
import type { MachineSpec } from './commands.ts';
import { serialNumberOfMachine } from './identity.ts';
import type { ObservedOrder, OrderState } from './observation.ts';
import { type CommandOf, type Effect, type Process, startActivity } from './process.ts';
import { causeOfWork } from './progress.ts';
import { wrongState } from './refusals.ts';
import { type ApplianceState, type Journey, type OrderRecord, without } from './state.ts';

const OURS = '[ours] no document gives a length; so that a journey takes about a week';

/** The stages have the names of the states in which they end. */
const JOURNEY: readonly Stage<OrderState>[] = [
  { name: 'AwaitingFulfillment', lasts: hours(1), source: OURS },
  { name: 'AwaitingPreparation', lasts: [days(1), days(2)], source: OURS },
  { name: 'AwaitingShipment', lasts: [days(1), days(2)], source: OURS },
  { name: 'Shipped', lasts: [days(1), days(2)], source: OURS },
  { name: 'Arriving', lasts: [days(1), days(2)], source: OURS },
  { name: 'Delivered', lasts: [hours(6), hours(24)], source: OURS },
];
/** The customer fetches the machine where it was prepared. */
const PICKUP: readonly Stage<OrderState>[] = [
  ...JOURNEY.slice(0, 2),
  { name: 'AwaitingPickup', lasts: [days(1), days(2)], source: OURS },
  { name: 'PickupCompleted', lasts: [days(1), days(2)], source: OURS },
];
/** The way back. */
const RETURN: readonly Stage<OrderState>[] = [
  { name: 'AwaitingReturnShipment', lasts: [hours(12), hours(36)], source: OURS },
  { name: 'ShippedBack', lasts: [days(1), days(2)], source: OURS },
  { name: 'CollectedAtMicrosoft', lasts: [days(2), days(4)], source: OURS },
];

/** How long the order desk takes to answer a request. */
const ORDER_DESK: readonly Stage[] = [
  {
    name: 'register',
    lasts: [seconds(5), seconds(40)],
    source: '[ours] an answer within a minute',
  },
];

/** The comment of the first entry in a recorded order (arm-protocol §0.2). */
const FIRST_COMMENT = 'Initialising Order with Untracked status';
/** Comments of all states; [ours] except the first, since no recording shows another. */
const COMMENTS: Readonly<Record<OrderState, string>> = {
  Untracked: FIRST_COMMENT,
  AwaitingFulfillment: 'The order was received.',
  AwaitingPreparation: 'The order is confirmed and awaits preparation.',
  AwaitingShipment: 'The device is prepared and awaits shipment.',
  Shipped: 'The device was handed to the carrier.',
  Arriving: 'The device is in the area of its destination.',
  Delivered: 'The device was delivered.',
  Declined: 'The order was declined.',
  LostDevice: 'The device was lost on its way.',
  ReplacementRequested: 'A replacement of the device was requested.',
  AwaitingPickup: 'The device is ready to be picked up.',
  PickupCompleted: 'The device was picked up.',
  ReturnInitiated: 'The return was initiated.',
  AwaitingReturnShipment: 'The device awaits its shipment back.',
  ShippedBack: 'The device was handed to the carrier.',
  CollectedAtMicrosoft: 'The device has arrived at Microsoft.',
};

const stateOf = (order: OrderRecord): OrderState => order.history.at(-1)?.state ?? 'Untracked';

const has = (order: OrderRecord, state: OrderState): boolean =>
  order.history.some((entry) => entry.state === state);

/** `state` with another state of the order appended. */
function withOrderState(state: ApplianceState, to: OrderState): ApplianceState {
  const entry = { state: to, at: state.at, comments: COMMENTS[to] };
  return { ...state, order: { history: [...(state.order?.history ?? []), entry] } };
}

const enter =
  (to: OrderState): Effect<Journey> =>
  (state) =>
    unchanged(withOrderState(state, to));

function ship(state: ApplianceState): Change {
  const delivery = trackingOf(state.spec, 'delivery');
  return withFact(withOrderState(state, 'Shipped'), 'order.shipped', {
    serialNumber: serialNumberOfMachine(state.spec),
    carrier: delivery.carrier,
    trackingId: delivery.trackingId,
  });
}

export const journey: Process<Journey> = {
  needs: 'nothing',
  subject: ({ way = '' }) => way,
  refuse: () => undefined,
  table: (_state, { way }) => (way === 'pickup' ? PICKUP : way === 'return' ? RETURN : JOURNEY),
  effects: {
    AwaitingFulfillment: enter('AwaitingFulfillment'),
    AwaitingPreparation: enter('AwaitingPreparation'),
    AwaitingShipment: enter('AwaitingShipment'),
    Shipped: ship,
    Arriving: enter('Arriving'),
    AwaitingPickup: enter('AwaitingPickup'),
    AwaitingReturnShipment: enter('AwaitingReturnShipment'),
    ShippedBack: enter('ShippedBack'),
  },
  finish: (state, { command: { way } }) => {
    const data = { sku: state.spec.sku, serialNumber: serialNumberOfMachine(state.spec) };
    if (way === 'return') {
      return withFact(withOrderState(state, 'CollectedAtMicrosoft'), 'order.collected', data);
    }
    // The customer has the machine either way, and pays for it from then on (ovw, bill).
    const last = way === 'pickup' ? 'PickupCompleted' : 'Delivered';
    return withFact(withOrderState(state, last), 'order.delivered', data);
  },
};

/**
 * Creates the order. Placing an existing order again changes addresses only, which the machine doesn't know, so there is no
 * second journey.
 */
export const placeOrder: Process<CommandOf<'placeOrder'>> = {
  subject: () => '',
  needs: 'nothing',
  refuse: () => undefined,
  table: () => ORDER_DESK,
  begin: (state, placing) => {
    if (state.order !== undefined) return unchanged(state);
    const placed = withOrderState(state, 'Untracked');
    const started = startActivity(placed, journey, {
      id: 'journey',
      command:
        placing.command.isPickup === true
          ? { kind: 'journey', way: 'pickup' }
          : { kind: 'journey' },
    });
    const travel = { ...started, cause: causeOfWork(placing) };
    return withFact({ ...placed, activities: [...placed.activities, travel] }, 'order.placed', {
      sku: state.spec.sku,
    });
  },
};

export const cancelOrder: Process<CommandOf<'cancelOrder'>> = {
  needs: 'nothing',
  subject: () => '',
  refuse: (state) =>
    // An order can be canceled 'after order but before preparation' (return).
    state.order !== undefined &&
    has(state.order, 'AwaitingPreparation') &&
    !has(state.order, 'Declined')
      ? wrongState(
          `The order is in state ${stateOf(state.order)}. It can be canceled only before its preparation.`,
        )
      : undefined,
  table: () => ORDER_DESK,
  begin: (state) => {
    if (state.order === undefined) return unchanged(state);
    const activities = state.activities.filter((activity) => activity.command.kind !== 'journey');
    return withFact(without({ ...state, activities }, 'order'), 'order.canceled', {
      sku: state.spec.sku,
    });
  },
};

type Changed = CommandOf<'changeOrder'>['to'];

/** In which states of an order each change is possible [D], from what the states mean. */
const CHANGES: Readonly<
  Record<Changed, { readonly from: readonly OrderState[]; readonly fact: string }>
> = {
  Declined: {
    from: ['Untracked', 'AwaitingFulfillment', 'AwaitingPreparation', 'AwaitingShipment'],
    fact: 'order.declined',
  },
  LostDevice: {
    from: ['Shipped', 'Arriving', 'AwaitingReturnShipment', 'ShippedBack'],
    fact: 'order.lost',
  },
  // The customer keeps the machine, and pays for it, until the new one is there (bill).
  ReplacementRequested: {
    from: ['Delivered', 'PickupCompleted'],
    fact: 'order.replacementRequested',
  },
};

export const changeOrder: Process<CommandOf<'changeOrder'>> = {
  subject: ({ to }) => to,
  needs: 'nothing',
  refuse: (state, { to }) => {
    const present = state.order === undefined ? undefined : stateOf(state.order);
    if (present !== undefined && CHANGES[to].from.includes(present)) return undefined;
    return wrongState(
      `The order is in state ${present ?? 'Untracked'}; it can be ${to} from ${CHANGES[to].from.join(', ')} only.`,
    );
  },
  table: () => [],
  finish: (state, { command: { to } }) => {
    const activities =
      to === 'ReplacementRequested'
        ? state.activities
        : state.activities.filter((activity) => activity.command.kind !== 'journey');
    return withFact(withOrderState({ ...state, activities }, to), CHANGES[to].fact, {
      sku: state.spec.sku,
      serialNumber: serialNumberOfMachine(state.spec),
    });
  },
};

export const returnMachine: Process<CommandOf<'returnMachine'>> = {
  needs: 'nothing',
  subject: () => '',
  refuse: (state) => {
    if (state.order === undefined)
      return wrongState('The device has no order that can be returned.');
    if (has(state.order, 'ReturnInitiated')) return wrongState('The return was initiated already.');
    if (has(state.order, 'Delivered') || has(state.order, 'PickupCompleted')) return undefined;
    return wrongState(
      `The order is in state ${stateOf(state.order)}. A device can be returned only after its delivery.`,
    );
  },
  table: () => [],
  finish: (state, returning) => {
    const returned = withOrderState(state, 'ReturnInitiated');
    const started = startActivity(returned, journey, {
      id: 'return',
      command: { kind: 'journey', way: 'return' },
    });
    const activities = [...returned.activities, { ...started, cause: causeOfWork(returning) }];
    return withFact({ ...returned, activities }, 'order.returnInitiated', {
      sku: state.spec.sku,
      serialNumber: serialNumberOfMachine(state.spec),
    });
  },
};

/** Carrier and tracking number. All of it is [ours]; the domain is a reserved one, so that no real parcel is looked up. */
function trackingOf(
  spec: MachineSpec,
  way: 'delivery' | 'return',
): { carrier: string; trackingId: string; trackingUrl: string } {
  const trackingId = `1Z${text('0123456789ABCDEFGHJKLMNPRSTUVWXY', 16, spec.seed, 'tracking', way)}`;
  return {
    carrier: 'UPS',
    trackingId,
    trackingUrl: `https://tracking.example.com/${trackingId}`,
  };
}

/** The observation of the order; undefined without one. */
export function observedOrderOf(state: ApplianceState): ObservedOrder | undefined {
  const { order, spec } = state;
  if (order === undefined) return undefined;
  return {
    history: order.history,
    // The unit is chosen during preparation [ours].
    ...(has(order, 'AwaitingShipment') || has(order, 'AwaitingPickup')
      ? { serialNumber: serialNumberOfMachine(spec) }
      : {}),
    ...(has(order, 'Shipped') ? { delivery: trackingOf(spec, 'delivery') } : {}),
    ...(has(order, 'ReturnInitiated') ? { returning: trackingOf(spec, 'return') } : {}),
  };
}
