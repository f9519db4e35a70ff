import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const PROVIDER = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge`;
const VERSION = '?api-version=2021-04-01';
const BODY = { location: 'eastus', sku: { name: 'EdgeP_Base' } };

test('where registration is enforced, a write is refused until the provider is registered', async (t) => {
  const arm = await startService(t, { EDGETWIN_REGISTRATION: 'enforced' });
  await arm.put(GROUP + VERSION, { location: 'eastus' }, 201);
  const error = await arm.refused('put', DEVICE, 409, BODY);
  assert.equal(error.code, 'MissingSubscriptionRegistration');
  // Python takes the last quoted text of the message, Go the detail's target (arm-protocol §6.3).
  assert.match(error.message, /'Microsoft\.DataBoxEdge'/);
  assert.equal(error.details?.[0]?.target, 'Microsoft.DataBoxEdge');
  const registering = await arm.post(`${PROVIDER}/register${VERSION}`);
  assert.equal(registering.registrationState, 'Registering');
  await arm.advance(minutes(2));
  assert.equal((await arm.get(PROVIDER + VERSION)).registrationState, 'Registered');
  await arm.put(DEVICE, BODY);
  await arm.post(`${PROVIDER}/unregister${VERSION}`);
  await arm.refused('patch', DEVICE, 409, { tags: {} });
  await arm.get(DEVICE);
});

test('the life cycle of a subscription: warned, registered again, and deleted with its resources', async (t) => {
  const arm = await startService(t);
  const cycle = `/subscriptions/${SUBSCRIPTION}?api-version=2.0`;
  await arm.device();
  await arm.put(cycle, { state: 'Warned', properties: { tenantId: 'x' } });
  await arm.get(DEVICE);
  const { code } = await arm.refused('patch', DEVICE, 409, { tags: {} });
  assert.equal(code, 'ReadOnlyDisabledSubscription');
  await arm.put(cycle, { state: 'Registered' });
  assert.equal((await arm.call('patch', DEVICE, { tags: {} })).status, 200);
  await arm.put(cycle, { state: 'Deleted' });
  assert.equal((await arm.refused('get', DEVICE, 404)).code, 'SubscriptionNotFound');
  await arm.put(cycle, { state: 'Registered' });
  assert.equal((await arm.refused('get', DEVICE, 404)).code, 'ResourceGroupNotFound');
  await arm.refused('put', cycle, 400, { state: 'Happy' });
});
