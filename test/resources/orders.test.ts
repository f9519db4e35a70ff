import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, hours, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, pollUrl, propertiesOf, textOf } from '../support/arm-client.ts';
import { changed, ORDER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/orders/default`;

interface Status {
  status: string;
  updateDateTime: string;
  comments: string;
}
const statusOf = (order: JsonObject): Status =>
  propertiesOf(order).currentStatus as unknown as Status;
const historyOf = (order: JsonObject): Status[] =>
  propertiesOf(order).orderHistory as unknown as Status[];

describe('create', () => {
  test('accepted with a Location, unseen until it is done; a fresh device will do', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { headers } = await arm.accepted('put', URL, ORDER);
    assert.match(headers.location ?? '', /\/orders\/default\/operationResults\//);
    await arm.refused('get', URL, 404);
    assert.deepEqual(await arm.get(`${DEVICE}/orders`), { value: [] });
    await arm.advance(minutes(1));
    await arm.get(URL);
  });
});

describe('read back', () => {
  test('it begins Untracked, as recorded', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER, minutes(1));
    const shown = await arm.get(URL);
    const entry = {
      status: 'Untracked',
      updateDateTime: '0001-01-01T00:00:00',
      comments: 'Initialising Order with Untracked status',
      additionalOrderDetails: {},
    };
    const { orderId, ...properties } = propertiesOf(shown);
    assert.match(textOf(orderId), /^[0-9a-f-]{36}$/);
    assert.deepEqual(properties, {
      ...ORDER.properties,
      currentStatus: entry,
      orderHistory: [entry],
      deliveryTrackingInfo: [],
      returnTrackingInfo: [],
      shipmentType: 'ShippedToCustomer',
    });
    assert.deepEqual(
      [shown.id, shown.name, shown.type],
      [URL, 'default', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/orders'],
    );
    assert.deepEqual(await arm.get(`${DEVICE}/orders`), { value: [shown] });
  });

  test('it travels for days to Delivered, with history, serial number and tracking', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER, minutes(1));
    const seen = new Set<string>();
    for (let hour = 0; hour < 14 * 24; hour += 6) {
      seen.add(statusOf(await arm.get(URL)).status);
      await arm.advance(hours(6));
    }
    assert.deepEqual(
      [...seen],
      [
        'Untracked',
        'AwaitingFulfillment',
        'AwaitingPreparation',
        'AwaitingShipment',
        'Shipped',
        'Arriving',
        'Delivered',
      ],
    );
    const order = await arm.get(URL);
    assert.deepEqual(
      historyOf(order).map(({ status }) => status),
      [...seen],
    );
    const times = historyOf(order).slice(1);
    assert.deepEqual(
      times.map(({ updateDateTime }) => updateDateTime).sort(),
      times.map(({ updateDateTime }) => updateDateTime),
    );
    const { serialNumber, deliveryTrackingInfo } = propertiesOf(order);
    const [tracking] = deliveryTrackingInfo as {
      serialNumber: string;
      carrierName: string;
      trackingId: string;
      trackingUrl: string;
    }[];
    assert.equal(tracking?.serialNumber, serialNumber);
    assert.ok(tracking?.carrierName !== '' && tracking?.trackingId !== '');
    assert.match(tracking?.trackingUrl ?? '', /^https:\/\//);
  });

  test('an older api-version shows no order id and no kind', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER, minutes(1));
    const old = propertiesOf(await arm.get(`${URL}?api-version=2021-06-01`));
    assert.equal(old.orderId, undefined);
    assert.equal(old.shipmentType, 'ShippedToCustomer');
    const oldest = propertiesOf(await arm.get(`${URL}?api-version=2019-08-01`));
    assert.equal(oldest.shipmentType, undefined);
    const preview = propertiesOf(await arm.get(`${URL}?api-version=2021-06-01-preview`));
    assert.notEqual(preview.orderId, undefined);
  });

  test('one state is spelled otherwise up to 2020-12-01', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER, minutes(1));
    await arm.advance(hours(2));
    for (const [version, status] of [
      ['2019-08-01', 'AwaitingFulfilment'],
      ['2020-12-01', 'AwaitingFulfilment'],
      ['2021-02-01', 'AwaitingFulfillment'],
      ['2023-12-01', 'AwaitingFulfillment'],
    ] as const) {
      const order = await arm.get(`${URL}?api-version=${version}`);
      assert.equal(statusOf(order).status, status, version);
      assert.equal(historyOf(order).at(-1)?.status, status, version);
    }
  });
});

describe('listDCAccessCode', () => {
  test('a code of eight characters, the same as long as the order stands [S]', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const url = `${URL}/listDCAccessCode`;
    assert.equal((await arm.refused('post', url, 404)).code, 'GatewayUserErrorEntityNotFound');
    await arm.done('put', URL, ORDER, minutes(1));
    const first = await arm.post(url);
    assert.match(textOf(propertiesOf(first).authCode), /^[\w-]{8}$/);
    assert.deepEqual(await arm.post(url), first);
    await arm.done('delete', URL, undefined, minutes(1));
    await arm.done('put', URL, ORDER, minutes(1));
    assert.notDeepEqual(await arm.post(url), first);
    await arm.refused('post', `${url}?api-version=2019-08-01`, 404);
  });
});

describe('what an api-version asks for', () => {
  test('the oldest a whole address; two previews no contact; all others a contact', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { contactInformation } = ORDER.properties;
    const bare = { properties: { contactInformation, shippingAddress: { country: 'Norway' } } };
    const old = await arm.refused('put', `${URL}?api-version=2019-08-01`, 400, bare);
    assert.deepEqual(old.details?.map(({ target }) => target?.split('.').at(-1)).sort(), [
      'addressLine1',
      'city',
      'postalCode',
      'state',
    ]);
    const none = { properties: {} };
    const { target } = await arm.refused('put', URL, 400, none);
    assert.equal(target, 'properties.contactInformation');
    await arm.done('put', `${URL}?api-version=2022-04-01-preview`, none, minutes(1));
    await arm.done('put', `${URL}?api-version=2020-09-01`, bare, minutes(1));
  });
});

describe('refuse', () => {
  test('what an address and a contact need, all at once: not eight, all', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const contactInformation = { contactPerson: 1, companyName: 2, phone: 3, emailList: [4, 5, 6] };
    const lines = { addressLine1: 1, addressLine2: 2, addressLine3: 3, postalCode: 4 };
    const shippingAddress = { ...lines, city: 5, state: 6 };
    const { details, message } = await arm.refused('put', URL, 400, {
      properties: { contactInformation, shippingAddress, shipmentType: 'Drone' },
    });
    assert.deepEqual(details?.map(({ target }) => target?.replace('properties.', '')).sort(), [
      'contactInformation.companyName',
      'contactInformation.contactPerson',
      'contactInformation.emailList[0]',
      'contactInformation.emailList[1]',
      'contactInformation.emailList[2]',
      'contactInformation.phone',
      'shipmentType',
      'shippingAddress.addressLine1',
      'shippingAddress.addressLine2',
      'shippingAddress.addressLine3',
      'shippingAddress.city',
      'shippingAddress.country',
      'shippingAddress.postalCode',
      'shippingAddress.state',
    ]);
    assert.match(message, /and 13 more/);
  });

  test('more than 20 addresses to notify (ehc)', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const emailList = Array.from({ length: 21 }, (_, index) => `a${index}@example.com`);
    const { contactInformation } = ORDER.properties;
    const body = changed(ORDER, { contactInformation: { ...contactInformation, emailList } });
    const { target } = await arm.refused('put', URL, 400, body);
    assert.equal(target, 'properties.contactInformation.emailList');
  });

  test('any name but default: there is no such order', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const other = `${DEVICE}/orders/second`;
    for (const method of ['get', 'put', 'delete'] as const) {
      const body = method === 'put' ? ORDER : undefined;
      const { code } = await arm.refused(method, other, 404, body);
      assert.equal(code, 'GatewayUserErrorEntityNotFound', method);
    }
  });
});

describe('change', () => {
  test('another address, without a second journey; a GET’s body can be put back', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER);
    await arm.advance(days(2));
    const before = await arm.get(URL);
    const shippingAddress = { country: 'Germany', city: 'Berlin' };
    await arm.done('put', URL, changed(ORDER, { shippingAddress }), minutes(1));
    const after = propertiesOf(await arm.get(URL));
    assert.deepEqual(after.shippingAddress, shippingAddress);
    assert.deepEqual(after.orderHistory, propertiesOf(before).orderHistory);
    await arm.done('put', URL, before, minutes(1));
    assert.deepEqual(await arm.get(URL), before);
  });
});

describe('remove', () => {
  test('before its preparation: 202, then 204; the next order is another one', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER, minutes(1));
    const first = propertiesOf(await arm.get(URL)).orderId;
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    assert.equal((await arm.refused('get', URL, 404)).code, 'GatewayUserErrorEntityNotFound');
    await arm.done('put', URL, ORDER, minutes(1));
    assert.notEqual(propertiesOf(await arm.get(URL)).orderId, first);
  });

  test('not once preparation has begun (return)', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', URL, ORDER);
    await arm.advance(days(3));
    const { code, message } = await arm.refused('delete', URL, 409);
    assert.equal(code, 'GatewayUserErrorInvalidState');
    assert.match(message, /Awaiting/);
    await arm.get(URL);
  });
});
