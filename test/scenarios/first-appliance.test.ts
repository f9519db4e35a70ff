/** The story of the product, by hand over HTTP: from a PUT to a billed, Arc-connected cluster, and back to nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import {
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const CONNECTED = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1?api-version=2021-10-01`;

test('from a PUT to a billed, Arc-connected cluster, and back', async (t) => {
  const arm = await startService(t);
  await arm.device();
  await arm.done('put', `${DEVICE}/orders/default`, {
    properties: {
      contactInformation: {
        contactPerson: 'A',
        companyName: 'B',
        phone: '1',
        emailList: ['a@example.com'],
      },
    },
  });
  await arm.advance(days(14));
  const order = propertiesOf(await arm.get(`${DEVICE}/orders/default`));
  assert.equal((order.currentStatus as { status: string }).status, 'Delivered');

  const active = propertiesOf(await arm.activeDevice());
  assert.equal(active.dataBoxEdgeDeviceStatus, 'Online');
  const before = active.deviceSoftwareVersion;

  await arm.done('put', `${DEVICE}/roles/kubernetes`, KUBERNETES_ROLE);
  const role = propertiesOf(await arm.get(`${DEVICE}/roles/kubernetes`));
  assert.equal(role.provisioningState, 'Created');

  await arm.done('put', `${DEVICE}/roles/kubernetes/addons/arc`, arcAddon('arc1'));
  const connected = propertiesOf(await arm.get(CONNECTED));
  assert.equal(connected.connectivityStatus, 'Connected');

  await arm.advance(days(3));
  const offer = await arm.post(
    '/_edgetwin/supportRequests',
    {
      issueType: 'Billing',
      subscription: SUBSCRIPTION,
      service: 'Azure Stack Edge',
      resource: DEVICE,
      summary: 'Arc was in preview when we began',
      problemType: 'Unexpected Charges',
      problemSubtype: 'Help me understand charges on my free trial',
    },
    201,
  );
  assert.equal(offer.status, 'Closed');
  const offers = await arm.get(`/_edgetwin/billing/offers?subscription=${SUBSCRIPTION}`);
  assert.equal((offers.value as { arc: string }[])[0]?.arc, 'previewNoCharge');

  for (const action of ['scanForUpdates', 'downloadUpdates', 'installUpdates']) {
    await arm.done('post', `${DEVICE}/${action}`, undefined, minutes(600));
  }
  const updated = propertiesOf(await arm.get(DEVICE));
  assert.notEqual(updated.deviceSoftwareVersion, before);

  await arm.done('delete', `${DEVICE}/roles/kubernetes/addons/arc`);
  await arm.refused('get', CONNECTED, 404);
  await arm.done('delete', `${DEVICE}/roles/kubernetes`);
  await arm.refused('delete', DEVICE, 409);
  await arm.post('/_edgetwin/orders/return', { resource: DEVICE });
  await arm.done('delete', DEVICE);
  await arm.refused('get', DEVICE, 404);
});
