/**
 * orders/default: the order of the machine. Its journey from Untracked to Delivered takes simulated days; device
 * billing begins with the delivery (appliance.md §2, §17). Shapes: [S]; the first history entry as recorded.
 */
import { Type } from 'typebox';
import { defineResource, type Existing, objectIn, type Target } from '#arm/resource-type.ts';
import { object, oneOf, shownObject, shownObjects, shownText, since } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { ObservedOrder } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { envelope } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import type { Ports } from './base/ports.ts';

const line = Type.Optional(Type.String());

const schema = object({
  ...envelope,
  kind: shownText(since('2022-03-01')),
  systemData: shownObject(since('2021-02-01')),
  properties: Type.Optional(
    object({
      orderId: shownText(since('2022-03-01')),
      contactInformation: object({
        contactPerson: Type.String(),
        companyName: Type.String(),
        phone: Type.String(),
        emailList: Type.Array(Type.String()),
      }),
      shippingAddress: Type.Optional(
        object({
          addressLine1: line,
          addressLine2: line,
          addressLine3: line,
          postalCode: line,
          city: line,
          state: line,
          country: Type.String(),
        }),
      ),
      currentStatus: shownObject(),
      orderHistory: shownObjects(),
      serialNumber: shownText(),
      deliveryTrackingInfo: shownObjects(),
      returnTrackingInfo: shownObjects(),
      shipmentType: Type.Optional(
        oneOf(['NotApplicable', 'ShippedToCustomer', 'SelfPickup'], { ...since('2020-09-01') }),
      ),
    }),
  ),
});

export const orders = defineResource<Ports>({
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
  },
  check,
  view,
});

/** Most addresses an order notifies (ehc). */
const MOST_EMAILS = 20;

async function check(_target: Target<Ports>, body: JsonObject): Promise<readonly Fault[]> {
  const contact = objectIn(objectIn(body, 'properties'), 'contactInformation');
  const emails = (contact.emailList ?? []) as string[];
  if (emails.length <= MOST_EMAILS) return [];
  const target = 'properties.contactInformation.emailList';
  return [{ target, message: `An order notifies at most ${MOST_EMAILS} addresses.` }];
}

async function planPut(target: Target<Ports>) {
  return [machineStep(target, { kind: 'placeOrder' })];
}

async function planDelete(target: Existing<Ports>) {
  return [machineStep(target, { kind: 'cancelOrder' })];
}

async function view(target: Existing<Ports>): Promise<JsonObject> {
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
