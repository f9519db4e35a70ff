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
  optionalIn,
  readOnlyIn,
  shownText,
  since,
  spelledIn,
  valuesIn,
} from '#arm/schema.ts';
import { dateTime, mayBe, mayText, shownAs, shownList, shownMap } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedOrder } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { type JsonObject, objectIn } from '#shared/json.ts';
import { guid, text } from '#shared/random.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

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
    serialNumber: mayText(),
    carrierName: mayText(),
    trackingId: mayText(),
    trackingUrl: mayText(),
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
    updateDateTime: shownText(dateTime),
    comments: mayText(),
    trackingInformation: shownAs(trackingInfo, since('2020-09-01')),
    additionalOrderDetails: shownMap(Type.String()),
  },
  named('OrderStatus'),
);

/** The oldest version asks for a whole address. */
const lineOfAddress = Type.String(optionalIn('2020-09-01..'));

const address = object(
  {
    addressLine1: lineOfAddress,
    addressLine2: mayText(),
    addressLine3: mayText(),
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
    kind: shownText(TOLD),
    systemData: systemDataSince('2021-02-01'),
    properties: mayBe(
      object(
        {
          orderId: shownText(TOLD),
          contactInformation: { ...contact, ...optionalIn(PREVIEWS) },
          shippingAddress: { ...address, ...optionalIn('2020-09-01..') },
          currentStatus: mayBe(orderStatus, readOnlyIn('2020-09-01..')),
          orderHistory: shownList(orderStatus),
          serialNumber: shownText(),
          deliveryTrackingInfo: shownList(trackingInfo),
          returnTrackingInfo: shownList(trackingInfo),
          shipmentType: mayBe(
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
  { properties: mayBe(object({ authCode: mayText() }, named('DCAccessCodeProperties'))) },
  named('DCAccessCode'),
);

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
    put: { id: 'Orders_CreateOrUpdate', plan: planPut },
    delete: { id: 'Orders_Delete', plan: planDelete },
    actions: {
      listDCAccessCode: {
        id: 'Orders_ListDCAccessCode',
        since: '2020-09-01',
        answer: accessCode,
        act: async (target) => ({ properties: { authCode: accessCodeOf(target) } }),
      },
    },
  },
  check,
  view,
});

const CODE_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/**
 * The code for whoever picks the device up at a datacenter: eight characters, as in the example [S]. It is the same as long
 * as the order stands, and every order has one, whether or not it is picked up [ours].
 */
function accessCodeOf(target: Existing): string {
  return text(CODE_LETTERS, 8, target.ports.seed, 'access-code', target.resource.incarnation);
}

/** Most addresses an order notifies (ehc). */
const MOST_EMAILS = 20;

async function check(_target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const contact = objectIn(objectIn(body, 'properties'), 'contactInformation');
  const emails = (contact.emailList ?? []) as string[];
  if (emails.length <= MOST_EMAILS) return [];
  const target = 'properties.contactInformation.emailList';
  return [{ target, message: `An order notifies at most ${MOST_EMAILS} addresses.` }];
}

async function planPut(target: Target) {
  return [machineStep(target, { kind: 'placeOrder' })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'cancelOrder' })];
}

async function view(target: Existing): Promise<JsonObject> {
  const asked = objectIn(target.resource.body, 'properties');
  const { order } = await observe(target);
  return {
    properties: {
      orderId: guid(target.ports.seed, 'order', target.resource.incarnation),
      ...(asked.contactInformation === undefined
        ? {}
        : { contactInformation: asked.contactInformation }),
      ...(asked.shippingAddress === undefined ? {} : { shippingAddress: asked.shippingAddress }),
      ...journey(order),
      shipmentType: asked.shipmentType ?? 'ShippedToCustomer',
    },
    ...identity(target, 'dataBoxEdgeDevices/orders'),
  };
}

function journey(order: ObservedOrder | undefined): JsonObject {
  const history = (order?.history ?? []).map((entry) => ({
    status: entry.state,
    // The service stamps the untracked beginning with .NET's first date [rec].
    updateDateTime: entry.state === 'Untracked' ? '0001-01-01T00:00:00' : formatInstant(entry.at),
    comments: entry.comments,
    additionalOrderDetails: {},
  }));
  const last = history.at(-1);
  return {
    ...(last === undefined ? {} : { currentStatus: last }),
    orderHistory: history,
    ...(order?.serialNumber === undefined ? {} : { serialNumber: order.serialNumber }),
    deliveryTrackingInfo: trackingOf(order, order?.delivery),
    returnTrackingInfo: trackingOf(order, order?.returning),
  };
}

function trackingOf(
  order: ObservedOrder | undefined,
  tracking: ObservedOrder['delivery'],
): JsonObject[] {
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
