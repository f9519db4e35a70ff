import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, hours, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  propertiesOf,
  SUBSCRIPTION,
  textOf,
} from '../support/arm-client.ts';
import { activationKey } from '../support/activation-key.ts';
import { LOCAL_SHARE, OFFER_REQUEST, ORDER, PASSWORD, USER } from '../support/bodies.ts';
import { startListening } from '../support/listening.ts';
import { temporaryFolder } from '../support/process.ts';
import { callRaw } from '../support/raw-http.ts';
import { startService } from '../support/service.ts';

const CLOCK = '/_edgetwin/clock';
const ADVANCE = '/_edgetwin/clock/advance';
const ACTIVATE = '/_edgetwin/appliances/activate';
const SUPPORT = '/_edgetwin/supportRequests';
const RETURN = '/_edgetwin/orders/return';
const keyUrl = (resource = DEVICE): string =>
  `/_edgetwin/appliances/channelIntegrityKey?resource=${resource}`;
const billing = (what: string): string =>
  `/_edgetwin/billing/${what}?subscription=${SUBSCRIPTION.toUpperCase()}`;
const listIn = (answer: JsonObject): JsonObject[] => answer.value as JsonObject[];

describe('the clock', () => {
  test('shows itself, can be set, and goes forward only', async (t) => {
    const arm = await startService(t);
    const start = { now: '2026-03-02T09:00:00.000Z', rate: 60, frozen: true };
    assert.deepEqual(await arm.get(CLOCK), start);
    assert.deepEqual(await arm.put(CLOCK, { rate: 3600 }), { ...start, rate: 3600 });
    const moved = await arm.put(CLOCK, { now: '2026-03-02T12:00:00+01:00', rate: 1 });
    assert.deepEqual(moved, { now: '2026-03-02T11:00:00.000Z', rate: 1, frozen: true });
    const past = await arm.refused('put', CLOCK, 400, { now: '2026-03-02T10:59:59Z' });
    assert.equal(past.target, 'now');
    assert.deepEqual(await arm.get(CLOCK), moved);
  });

  test('runs when it is let go, and stands when it is stopped', async (t) => {
    const arm = await startService(t);
    const running = await arm.put(CLOCK, { frozen: false, rate: 1_000_000 });
    assert.equal(running.frozen, false);
    const first = textOf((await arm.get(CLOCK)).now);
    let later = first;
    while (later === first) later = textOf((await arm.get(CLOCK)).now);
    assert.ok(later > first);
    const stopped = await arm.put(CLOCK, { frozen: true });
    assert.deepEqual(await arm.get(CLOCK), stopped);
  });

  test('refuses what it cannot be, all at once, and changes nothing', async (t) => {
    const arm = await startService(t);
    const before = await arm.get(CLOCK);
    const wrong = { rate: 0, frozen: 'yes', now: 'noon' };
    const { details } = await arm.refused('put', CLOCK, 400, wrong);
    assert.deepEqual(details?.map(({ target }) => target).sort(), ['frozen', 'now', 'rate']);
    for (const body of [{}, null, [], 'x', { speed: 2 }, { rate: 2, now: null }] as Json[]) {
      await arm.refused('put', CLOCK, 400, body);
    }
    for (const rate of [-1, 1e9, null, '60']) await arm.refused('put', CLOCK, 400, { rate });
    assert.deepEqual(await arm.get(CLOCK), before);
  });

  test('advance answers when all that fell due has been worked off', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    const before = textOf((await arm.get(CLOCK)).now);
    const after = await arm.post(ADVANCE, { duration: 'PT40M' });
    assert.equal(Date.parse(textOf(after.now)) - Date.parse(before), minutes(40));
    assert.equal(propertiesOf(await arm.get(`${DEVICE}/roles/k8s`)).provisioningState, 'Created');
  });

  test('a jump to a moment works off what lies between, like an advance', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER, minutes(1));
    await arm.put(CLOCK, { now: '2026-03-20T00:00:00Z' });
    const order = propertiesOf(await arm.get(`${DEVICE}/orders/default`));
    assert.equal((order.currentStatus as JsonObject).status, 'Delivered');
  });

  test('advance refuses what is no duration', async (t) => {
    const arm = await startService(t);
    const wrong = ['25 minutes', 'PT', 'P', 'P1Y', '-PT1M', 'PT1H30', 'P40000D', '', 25, null];
    for (const duration of wrong) {
      const { target } = await arm.refused('post', ADVANCE, 400, { duration });
      assert.equal(target, 'duration', String(duration));
    }
    await arm.refused('post', ADVANCE, 400);
    await arm.refused('post', ADVANCE, 400, { duration: 'PT1M', and: 'more' });
    await arm.post(ADVANCE, { duration: 'PT0S' });
  });
});

describe('activation by key', () => {
  const manual = { EDGETWIN_ACTIVATION: 'manual' };

  test('takes five minutes; the key’s channel integrity key is the device’s from then on', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    await arm.refused('get', keyUrl(), 404);
    const { key, integrityKey } = await activationKey(arm);
    const answer = await arm.post(ACTIVATE, { activationKey: key }, 202);
    assert.deepEqual(answer, { resource: DEVICE, status: 'Activating' });
    await arm.advance(minutes(6));
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
    const shown = await arm.get(keyUrl(DEVICE.toUpperCase()));
    assert.deepEqual(shown, { resource: DEVICE, channelIntegrityKey: integrityKey });
    const { encryptionKey } = propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`));
    assert.notEqual(encryptionKey, undefined);
    await arm.done('put', `${DEVICE}/users/anna`, USER);
  });

  test('refuses a key that was cut, one for no device, and a second activation', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    const { key, integrityKey } = await activationKey(arm);
    const cut = await arm.refused('post', ACTIVATE, 400, { activationKey: key.slice(3) });
    assert.equal(cut.target, 'activationKey');
    for (const body of [{}, { activationKey: 7 }, { activationKey: ' ' }, { key }]) {
      await arm.refused('post', ACTIVATE, 400, body);
    }
    await arm.post(ACTIVATE, { activationKey: ` ${key}\n` }, 202);
    const again = await arm.refused('post', ACTIVATE, 409, { activationKey: key });
    assert.equal(again.code, 'GatewayUserErrorOperationInProgress');
    await arm.advance(minutes(6));
    const other = await activationKey(arm);
    const late = await arm.refused('post', ACTIVATE, 409, { activationKey: other.key });
    assert.equal(late.code, 'GatewayUserErrorInvalidState');
    const kept = await arm.get(keyUrl());
    assert.equal(kept.channelIntegrityKey, integrityKey, 'a refused key changes nothing');
    await arm.device({}, `${DEVICE}2`);
    const orphan = await activationKey(arm, 'edge12');
    await arm.call('delete', `${DEVICE}2`);
    await arm.refused('post', ACTIVATE, 404, { activationKey: orphan.key });
  });
});

describe('the channel integrity key', () => {
  test('is ours where the technician activates, 128 characters, and only a device has one', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { channelIntegrityKey } = await arm.get(keyUrl());
    assert.match(textOf(channelIntegrityKey), /^[A-Za-z0-9+/]{128}$/);
    await arm.done('put', `${DEVICE}/shares/local1`, LOCAL_SHARE);
    for (const resource of [`${DEVICE}/shares/local1`, GROUP, `${DEVICE}2`, 'x', '%00']) {
      assert.equal((await arm.refused('get', keyUrl(resource), 404)).code, 'NotFound');
    }
    assert.equal((await arm.refused('get', keyUrl(''), 400)).target, 'resource');
    await arm.refused('get', '/_edgetwin/appliances/channelIntegrityKey', 400);
  });
});

describe('support requests', () => {
  test('exactly the documented fields turn the Arc offer on', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const answer = await arm.post(SUPPORT, OFFER_REQUEST, 201);
    assert.equal(answer.status, 'Closed');
    assert.equal(answer.resource, DEVICE);
    assert.equal(answer.createdAt, '2026-03-02T09:00:00.000Z');
    assert.match(textOf(answer.answer), /metered and not charged/);
    const [offer] = listIn(await arm.get(billing('offers')));
    assert.deepEqual(offer, {
      resourceId: DEVICE,
      arc: 'previewNoCharge',
      since: '2026-03-02T09:00:00.000Z',
    });
  });

  test('each field that says something else leaves it Open, and says which', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const others = {
      issueType: 'Technical',
      service: 'Azure Arc',
      problemType: 'Refund',
      problemSubtype: 'Other',
    };
    for (const [field, value] of Object.entries(others)) {
      const answer = await arm.post(SUPPORT, { ...OFFER_REQUEST, [field]: value }, 201);
      assert.equal(answer.status, 'Open', field);
      assert.match(textOf(answer.answer), new RegExp(`\\b${field}\\b`));
    }
    const [offer] = listIn(await arm.get(billing('offers')));
    assert.deepEqual(offer, { resourceId: DEVICE, arc: 'standard' });
  });

  test('missing and blank fields are faults, all at once', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { details } = await arm.refused('post', SUPPORT, 400, {});
    assert.deepEqual(
      details?.map(({ target }) => target),
      Object.keys(OFFER_REQUEST),
    );
    const wrong = { ...OFFER_REQUEST, summary: ' ', service: 7, issueType: null };
    const some = await arm.refused('post', SUPPORT, 400, wrong);
    assert.deepEqual(
      some.details?.map(({ target }) => target),
      ['issueType', 'service', 'summary'],
    );
    const strange = { ...OFFER_REQUEST, subscription: SUBSCRIPTION.replace('4', '5') };
    assert.equal((await arm.refused('post', SUPPORT, 400, strange)).target, 'subscription');
    await arm.refused('post', SUPPORT, 404, { ...OFFER_REQUEST, resource: `${DEVICE}2` });
    for (const body of [null, [], 'text'] as Json[]) await arm.refused('post', SUPPORT, 400, body);
    assert.deepEqual(listIn(await arm.get(`/_edgetwin/journal?resource=${DEVICE}`)).length, 1);
  });

  test('two requests are two, also where a client calls both by one correlation id', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const headers = { 'x-ms-correlation-request-id': SUBSCRIPTION };
    const call = { method: 'POST', path: SUPPORT, body: JSON.stringify(OFFER_REQUEST), headers };
    const ids = [];
    for (const { text } of [await callRaw(arm.origin, call), await callRaw(arm.origin, call)]) {
      ids.push((JSON.parse(text) as { id: string }).id);
    }
    assert.notEqual(ids[0], ids[1]);
  });
});

describe('the return of a machine', () => {
  test('ends its billing, and the resource can be deleted', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(20));
    const answer = await arm.post(RETURN, { resource: DEVICE.toUpperCase() });
    assert.deepEqual(answer, { resource: DEVICE, status: 'ReturnInitiated' });
    const order = propertiesOf(await arm.get(`${DEVICE}/orders/default`));
    assert.equal((order.currentStatus as JsonObject).status, 'ReturnInitiated');
    assert.equal((order.returnTrackingInfo as object[]).length, 1);
    const sum = async (): Promise<number> =>
      listIn(await arm.get(billing('usage'))).reduce((all, { cost }) => all + Number(cost), 0);
    const billed = await sum();
    assert.ok(billed > 0);
    await arm.advance(days(40));
    assert.equal(await sum(), billed);
    assert.equal(
      (await arm.refused('post', RETURN, 409, { resource: DEVICE })).code,
      'GatewayUserErrorInvalidState',
    );
    assert.equal((await arm.call('delete', DEVICE)).status, 200);
  });

  test('refuses before delivery, without an order, and of nothing', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.refused('post', RETURN, 409, { resource: DEVICE });
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    const { message } = await arm.refused('post', RETURN, 409, { resource: DEVICE });
    assert.match(message, /after its delivery/);
    await arm.refused('post', RETURN, 404, { resource: `${DEVICE}2` });
    for (const body of [{}, { resource: 7 }, { resource: '' }, { resource: DEVICE, reason: 'x' }]) {
      await arm.refused('post', RETURN, 400, body);
    }
  });
});

describe('billing', () => {
  test('the device from its delivery, Arc per connected vCPU, at zero under the offer', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    assert.deepEqual(await arm.get(billing('usage')), { value: [] });
    assert.deepEqual(await arm.get(billing('invoices')), { value: [] });
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    await arm.done('put', `${DEVICE}/roles/k8s/addons/arc`, arcAddon('arc1'));
    await arm.advance(days(13));
    await arm.post(SUPPORT, OFFER_REQUEST, 201);
    await arm.advance(days(3));
    const usage = listIn(await arm.get(billing('usage')));
    const meters = usage.map(({ meter, offer }) => `${textOf(meter)} ${textOf(offer)}`);
    assert.deepEqual(meters, ['device standard', 'arc-vcpu standard', 'arc-vcpu previewNoCharge']);
    const [device, charged, free] = usage;
    assert.equal(device?.sku, 'EdgeP_Base');
    assert.ok(Number(charged?.cost) > 0 && Number(charged?.coreCount) > 4);
    assert.deepEqual([free?.cost, free?.unitPrice], [0, 0]);
    assert.equal(free?.quantity, Number(free?.coreCount) * 72);
    assert.equal(free.from, charged?.to);
    const order = propertiesOf(await arm.get(`${DEVICE}/orders/default`));
    assert.equal(device.from, (order.currentStatus as JsonObject).updateDateTime);
    const [invoice] = listIn(await arm.get(billing('invoices')));
    assert.deepEqual([invoice?.period, invoice?.status], ['2026-03', 'open']);
    const total = usage.reduce((sum, { cost }) => sum + Number(cost), 0);
    assert.ok(Math.abs(Number(invoice?.total) - total) < 1e-6);
  });

  test('each month has its invoice; the past one is closed', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(40));
    const invoices = listIn(await arm.get(billing('invoices')));
    assert.deepEqual(
      invoices.map(({ period, status }) => [period, status]),
      [
        ['2026-03', 'closed'],
        ['2026-04', 'open'],
      ],
    );
  });

  test('of one subscription only, and only where one is named', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const other = SUBSCRIPTION.replace('4385', '5385');
    assert.deepEqual(await arm.get(`/_edgetwin/billing/offers?subscription=${other}`), {
      value: [],
    });
    for (const what of ['usage', 'offers', 'invoices']) {
      const { target } = await arm.refused('get', `/_edgetwin/billing/${what}`, 400);
      assert.equal(target, 'subscription');
    }
    await arm.refused('get', `/_edgetwin/billing/everything?subscription=${SUBSCRIPTION}`, 404);
  });
});

describe('the journal', () => {
  test('what happened to a resource or in a subscription, in order, each with its cause', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/users/anna`, USER);
    const own = listIn(await arm.get(`/_edgetwin/journal?resource=${DEVICE.toUpperCase()}`));
    const kinds = own.map(({ kind }) => kind);
    assert.equal(kinds[0], 'resource.created');
    assert.ok(kinds.includes('machine.activated') && kinds.includes('user.created'));
    assert.match(textOf(own[0]?.cause), /^request\/[0-9a-f-]{36}$/);
    assert.ok(own.every(({ at }) => textOf(at).startsWith('2026-03-02T')));
    const all = listIn(
      await arm.get(`/_edgetwin/journal?subscription=${SUBSCRIPTION.toUpperCase()}`),
    );
    assert.ok(all.length > own.length);
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      all.map(({ sequence }) => sequence).sort((a, b) => Number(a) - Number(b)),
    );
    assert.ok(!JSON.stringify(all).includes(PASSWORD));
    const { message } = await arm.refused('get', '/_edgetwin/journal', 400);
    assert.match(message, /'resource' \(an ARM id\) or 'subscription' \(a GUID\)/);
    assert.deepEqual(await arm.get(`/_edgetwin/journal?resource=${DEVICE}2`), { value: [] });
  });
});

describe('pages of the journal and of offers', () => {
  test('the journal is read in pages, by kind and time; all faults come at once', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/users/anna`, USER);
    const url = `/_edgetwin/journal?resource=${DEVICE}`;
    const all = listIn(await arm.get(url));
    assert.equal((await arm.get(url)).nextLink, undefined);
    const first = await arm.get(`${url}&limit=2`);
    assert.deepEqual(listIn(first), all.slice(0, 2));
    assert.deepEqual(listIn(await arm.get(textOf(first.nextLink))), all.slice(2, 4));
    assert.deepEqual(await arm.all(`${url}&limit=1`), all);
    const kinds = ['machine.activated', 'user.created'];
    const some = listIn(await arm.get(`${url}&kind=${kinds.join(',')}`));
    assert.deepEqual(
      some.map(({ kind }) => kind),
      kinds,
    );
    const from = textOf(some[1]?.at);
    const since = listIn(await arm.get(`${url}&from=${from}`));
    assert.deepEqual(
      since,
      all.filter(({ at }) => textOf(at) >= from),
    );
    assert.deepEqual(
      listIn(await arm.get(`${url}&to=${from}`)),
      all.filter(({ at }) => textOf(at) < from),
    );
    const both = await arm.get(`${url}&subscription=${SUBSCRIPTION.replace('4', '5')}`);
    assert.deepEqual(both, { value: [] });
    const wrong = `${url}&from=yesterday&to=2026&after=x&limit=1001`;
    const { details } = await arm.refused('get', wrong, 400);
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['after', 'limit', 'from', 'to'],
    );
  });

  test('offers are listed in pages of devices', async (t) => {
    const arm = await startService(t);
    const names = ['edge1', 'edge2', 'edge3'];
    for (const name of names) await arm.device({}, DEVICE.replace('edge1', name));
    const offers = `/_edgetwin/billing/offers?subscription=${SUBSCRIPTION}`;
    const first = await arm.get(`${offers}&limit=2`);
    assert.equal(listIn(first).length, 2);
    const all = await arm.all(`${offers}&limit=2`);
    assert.deepEqual(all, listIn(await arm.get(offers)));
    assert.deepEqual(
      all.map(({ resourceId }) => textOf(resourceId).split('/').at(-1)),
      names,
    );
    await arm.refused('get', `${offers}&limit=0`, 400);
  });
});

test('an offer moves with its device, and the next device of the id does not have it', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.device({}, DEVICE.replace('edge1', 'edge2'));
  await arm.post(SUPPORT, OFFER_REQUEST, 201);
  const other = GROUP.replace('GroupFor', 'OtherFor');
  await arm.put(other, { location: 'eastus' }, 201);
  const move = { targetResourceGroup: other, resources: [DEVICE] };
  await arm.accepted('post', `${GROUP}/moveResources`, move);
  await arm.advance(minutes(5));
  await arm.device();
  const offers = (await arm.all(`${billing('offers')}&limit=1`)).map(({ arc }) => arc);
  assert.deepEqual(offers, ['standard', 'standard', 'previewNoCharge']);
  await arm.call('delete', DEVICE.replace(GROUP, other));
  await arm.device({}, DEVICE.replace(GROUP, other));
  const later = (await arm.all(`${billing('offers')}&limit=1`)).map(({ arc }) => arc);
  assert.deepEqual(later, ['standard', 'standard', 'standard']);
});

describe('reset', () => {
  test('empties the world and begins it anew, at its first moment and with its seed', async (t) => {
    const arm = await startService(t);
    const begin = await arm.get(CLOCK);
    const first = await arm.activeDevice();
    await arm.done('put', `${DEVICE}/orders/default`, ORDER);
    await arm.advance(days(20));
    assert.deepEqual(await arm.post('/_edgetwin/reset'), begin);
    assert.equal((await arm.refused('get', DEVICE, 404)).code, 'ResourceGroupNotFound');
    for (const what of ['usage', 'offers', 'invoices']) {
      assert.deepEqual(await arm.get(billing(what)), { value: [] });
    }
    await arm.refused('get', keyUrl(), 404);
    assert.deepEqual(await arm.activeDevice(), first, 'same seed, same requests, same bytes');
  });

  test('in the middle of an operation leaves nothing of it', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
    await arm.advance(minutes(5));
    await arm.post('/_edgetwin/reset');
    await arm.activeDevice();
    await arm.refused('get', `${DEVICE}/roles/k8s`, 404);
    await arm.advance(hours(2));
    await arm.done('put', `${DEVICE}/roles/k8s`, KUBERNETES_ROLE);
  });
});

const SHARE = `${DEVICE}/shares/local1`;

describe('health and unknown paths', () => {
  test('live and ready, with what was looked at', async (t) => {
    const arm = await startService(t);
    assert.deepEqual(await arm.get('/health/live'), { status: 'live' });
    assert.deepEqual(await arm.get('/health/ready'), {
      status: 'ready',
      checks: { store: 'ok', queue: 'ok', pump: 'ok' },
      details: {
        role: 'all',
        store: { engine: 'sqlite' },
        queue: { name: 'inline', jobs: [] },
        pump: { isElected: true },
      },
    });
  });

  test('metrics count requests, operations, due timers and jobs', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', SHARE, LOCAL_SHARE);
    await arm.refused('get', `${DEVICE}/shares/missing`, 404);
    const { status, headers, text } = await arm.call('get', '/metrics');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
    const valueOf = (name: string): number => {
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1));
    };
    assert.equal(valueOf('edgetwin_operations{status="Running"}'), 1);
    assert.ok(valueOf('edgetwin_http_requests_total{method="PUT",status="202"}') >= 1);
    assert.ok(valueOf('edgetwin_http_requests_total{method="GET",status="404"}') >= 1);
    assert.ok(valueOf('edgetwin_http_request_seconds_total{method="PUT",status="202"}') > 0);
    assert.equal(valueOf('edgetwin_timers_due'), 0);
    assert.equal(valueOf('edgetwin_pump_elected'), 1);
    assert.equal(valueOf('edgetwin_clock_rate'), 0);
    assert.ok(valueOf('nodejs_eventloop_lag_seconds') >= 0);
    assert.ok(valueOf('process_resident_memory_bytes') > 1e6);
  });

  test('a worker answers those who watch it, and nobody else', async (t) => {
    const arm = await startService(t, { EDGETWIN_ROLE: 'worker' });
    const { details } = await arm.get('/health/ready');
    assert.equal((details as { role: string }).role, 'worker');
    assert.equal((await arm.call('get', '/metrics')).status, 200);
    await arm.refused('get', DEVICE, 404);
    await arm.refused('get', CLOCK, 404);
  });

  test('a process that only serves requests is not ready where no other one works, and says so', async (t) => {
    const place = await temporaryFolder(t);
    const api = await startService(t, { EDGETWIN_ROLE: 'api', EDGETWIN_DATA: place });
    const ready = await api.call('get', '/health/ready');
    assert.equal(ready.status, 503);
    const { checks } = ready.body as { checks: { pump: string } };
    assert.equal(checks.pump, 'no process turns due timers into jobs');
  });

  test('what one process accepts, another one does: api and worker on one folder', async (t) => {
    const EDGETWIN_DATA = await temporaryFolder(t);
    const worker = await startService(t, { EDGETWIN_ROLE: 'worker', EDGETWIN_DATA });
    assert.ok(worker.service.pump.isElected);
    const api = await startService(t, { EDGETWIN_ROLE: 'api', EDGETWIN_DATA });
    assert.ok(!api.service.pump.isElected);
    await api.activeDevice();
    await api.done('put', SHARE, LOCAL_SHARE);
    await api.get(SHARE);
  });

  test('not ready once the pump has stopped: 503, and still live', async (t) => {
    const arm = await startService(t);
    await arm.service.pump.stop();
    const { status, body } = await arm.call('get', '/health/ready');
    assert.equal(status, 503);
    assert.equal((body as { checks: { pump: string } }).checks.pump, 'the pump is stopped');
    assert.deepEqual(await arm.get('/health/live'), { status: 'live' });
  });

  test('what is not there answers in the envelope', async (t) => {
    const arm = await startService(t);
    await arm.refused('get', '/_edgetwin/nothing', 404);
    await arm.refused('delete', CLOCK, 404);
    await arm.refused('post', '/health/live', 404);
  });

  test('the documents show what there is', async (t) => {
    const arm = await startListening(t);
    const { text } = await callRaw(arm.origin, { method: 'GET', path: '/openapi.json' });
    const known = Object.keys((JSON.parse(text) as { paths: object }).paths);
    for (const path of [CLOCK, ADVANCE, ACTIVATE, SUPPORT, RETURN, '/health/ready']) {
      assert.ok(known.includes(path), path);
    }
    assert.equal((await arm.call('get', '/docs/')).status, 200);
  });
});
