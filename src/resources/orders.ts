/**
 * orders/default: the order of the machine. Its journey from Untracked to Delivered takes simulated days; device
 * billing begins with the delivery (appliance.md §2, §17). Shapes: [S]; the first history entry as recorded.
 */
import { Type } from 'typebox';
import {
  named,
  object,
  oneOf,
  onlyIn,
  openEnum,
  readOnlyIn,
  since,
  spelledIn,
  valuesIn,
} from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  dateTime,
  optional,
  optionalString,
  readOnly,
  readOnlyList,
  readOnlyMap,
  readOnlyString,
  requiredExceptIn,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedOrder } from '#fleet/fleet.ts';
import type { ErrorBody, Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { guid, text } from '#shared/random.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import { defineAction, defineResource, type Existing, type Target } from './base/define.ts';

const LATER_STATES = '2020-09-01..';

const STATES = [
  'Untracked',
  'AwaitingFulfillment',
  'AwaitingPreparation',
  'AwaitingShipment',
  'Shipped',
  'Arriving',
  'Delivered',
  'ReplacementRequested',
  'LostDevice',
  'Declined',
  'ReturnInitiated',
  'AwaitingReturnShipment',
  'ShippedBack',
  'CollectedAtMicrosoft',
  'AwaitingPickup',
  'PickupCompleted',
  'AwaitingDrop',
] as const;

const trackingInfo = object(
  {
    serialNumber: optionalString(),
    carrierName: optionalString(),
    trackingId: optionalString(),
    trackingUrl: optionalString(),
  },
  named('TrackingInfo'),
);

const orderStatus = object(
  {
    status: openEnum(STATES, {
      ...named('OrderState'),
      ...valuesIn({
        AwaitingPickup: LATER_STATES,
        PickupCompleted: LATER_STATES,
        AwaitingDrop: LATER_STATES,
      }),
      // The one value that was renamed on the wire (VERSIONS.md).
      ...spelledIn({ AwaitingFulfillment: { in: '..2020-12-01', as: 'AwaitingFulfilment' } }),
    }),
    updateDateTime: readOnlyString(dateTime),
    comments: optionalString(),
    trackingInformation: readOnly(trackingInfo, since('2020-09-01')),
    additionalOrderDetails: readOnlyMap(Type.String()),
  },
  named('OrderStatus'),
);

/** The oldest version asks for a whole address. */
const lineOfAddress = requiredExceptIn('2020-09-01..', Type.String());

const address = object(
  {
    addressLine1: lineOfAddress,
    addressLine2: optionalString(),
    addressLine3: optionalString(),
    postalCode: lineOfAddress,
    city: lineOfAddress,
    state: lineOfAddress,
    country: Type.String(),
  },
  named('Address'),
);

const contact = object(
  {
    contactPerson: Type.String(),
    companyName: Type.String(),
    phone: Type.String(),
    emailList: Type.Array(Type.String()),
  },
  named('ContactDetails'),
);

/** Two previews made the contact optional, and two members came with one of them before they came to stay. */
const PREVIEWS = '2021-06-01-preview 2022-04-01-preview';
const TOLD = onlyIn('2021-06-01-preview 2022-03-01..');

const schema = object(
  {
    ...envelope,
    kind: readOnlyString(TOLD),
    systemData: systemDataSince('2021-02-01'),
    properties: optional(
      object(
        {
          orderId: readOnlyString(TOLD),
          contactInformation: requiredExceptIn(PREVIEWS, contact),
          shippingAddress: requiredExceptIn('2020-09-01..', address),
          currentStatus: optional(orderStatus, readOnlyIn('2020-09-01..')),
          orderHistory: readOnlyList(orderStatus),
          serialNumber: readOnlyString(),
          deliveryTrackingInfo: readOnlyList(trackingInfo),
          returnTrackingInfo: readOnlyList(trackingInfo),
          shipmentType: optional(
            oneOf(['NotApplicable', 'ShippedToCustomer', 'SelfPickup'], named('ShipmentType')),
            since('2020-09-01'),
          ),
        },
        named('OrderProperties'),
      ),
    ),
  },
  named('Order'),
);

const accessCode = object(
  { properties: optional(object({ authCode: optionalString() }, named('DCAccessCodeProperties'))) },
  named('DCAccessCode'),
);

type Order = Accepted<typeof schema>;
type View = Shown<typeof schema>;

export const orders = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/orders',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'Orders_ListByDataBoxEdgeDevice' },
    get: { id: 'Orders_Get' },
    put: { id: 'Orders_CreateOrUpdate', plan: planPut, notAllowed },
    delete: { id: 'Orders_Delete', plan: planDelete },
    actions: {
      listDCAccessCode: defineAction({
        id: 'Orders_ListDCAccessCode',
        since: '2020-09-01',
        answer: accessCode,
        act: listAccessCode,
      }),
    },
  },
  check,
  view,
});

const CODE_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

async function listAccessCode(target: Existing<Order>): Promise<Shown<typeof accessCode>> {
  return { properties: { authCode: accessCodeOf(target) } };
}

/**
 * The code for whoever picks the device up at a datacenter: eight characters, as in the example [S]. It is the same as long
 * as the order stands, and every order has one, whether or not it is picked up [ours].
 */
function accessCodeOf(target: Existing): string {
  return text(CODE_LETTERS, 8, target.ports.seed, 'access-code', target.resource.incarnation);
}

/** Most addresses an order notifies (ehc). */
const MAX_EMAILS = 20;

async function check(_target: Target, { properties }: Order): Promise<readonly Fault[]> {
  const emails = properties?.contactInformation?.emailList ?? [];
  if (emails.length <= MAX_EMAILS) return [];
  const target = 'properties.contactInformation.emailList';
  return [{ target, message: `An order notifies at most ${MAX_EMAILS} addresses.` }];
}

/** Refused from January 2025 on [rec 12]; billing begins with an order, so here that is a choice (`EDGETWIN_ORDERS`). */
async function notAllowed({ ports }: Target): Promise<ErrorBody | undefined> {
  return ports.takesOrders
    ? undefined
    : {
        code: 'GatewayUserErrorOrderingPutNotSupported',
        message:
          'Create or Update order is not supported. For creation of a new order use the Azure Edge Hardware Center.',
      };
}

async function planPut(target: Target, order: Order) {
  const isPickup = order.properties?.shipmentType === 'SelfPickup';
  return [
    machineStep(target, isPickup ? { kind: 'placeOrder', isPickup } : { kind: 'placeOrder' }),
  ];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'cancelOrder' })];
}

async function view(target: Existing<Order>): Promise<View> {
  const asked = target.resource.body.properties;
  const { order } = await observe(target);
  return {
    properties: {
      orderId: guid(target.ports.seed, 'order', target.resource.incarnation),
      contactInformation: asked?.contactInformation,
      shippingAddress: asked?.shippingAddress,
      ...journey(order),
      shipmentType: asked?.shipmentType ?? 'ShippedToCustomer',
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/orders'),
  };
}

function journey(order: ObservedOrder | undefined): NonNullable<View['properties']> {
  const history = (order?.history ?? []).map(
    (entry): Shown<typeof orderStatus> => ({
      status: entry.state,
      // The service stamps the untracked beginning with .NET's first date [rec].
      updateDateTime: entry.state === 'Untracked' ? '0001-01-01T00:00:00' : formatInstant(entry.at),
      comments: entry.comments,
      additionalOrderDetails: {},
    }),
  );
  return {
    currentStatus: history.at(-1),
    orderHistory: history,
    serialNumber: order?.serialNumber,
    deliveryTrackingInfo: trackingOf(order, order?.delivery),
    returnTrackingInfo: trackingOf(order, order?.returning),
  };
}

function trackingOf(
  order: ObservedOrder | undefined,
  tracking: ObservedOrder['delivery'],
): Shown<typeof trackingInfo>[] {
  if (tracking === undefined) return [];
  return [
    {
      serialNumber: order?.serialNumber ?? '',
      carrierName: tracking.carrier,
      trackingId: tracking.trackingId,
      trackingUrl: tracking.trackingUrl,
    },
  ];
}
