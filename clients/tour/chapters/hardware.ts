/** The chapters about the hardware: the device as a resource, its order, its activation. */
import { createHash, randomBytes } from 'node:crypto';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import { byTime, type Guide } from '../guide.ts';
import type { Place } from '../place.ts';

export async function createDevice(guide: Guide, { group, device }: Place): Promise<void> {
  await guide.chapter('A device resource');
  guide.screen.say(
    'Any GUID is a subscription. A device is a resource first: its PUT is answered at once with 200, and the machine behind it waits for its activation.',
  );
  await guide.call('PUT', group, { status: 201, body: { location: 'eastus' } });
  await guide.call('PUT', device, {
    body: { location: 'eastus', sku: { name: 'EdgeP_Base' }, tags: { 'edgetwin-nodes': '2' } },
  });
  const { body } = await guide.call('PATCH', device, {
    body: { tags: { site: 'harbour', 'edgetwin-nodes': '2' } },
  });
  const properties = body.properties as JsonObject;
  guide.screen.facts([
    ['SKU', 'EdgeP_Base: Azure Stack Edge Pro with one GPU'],
    ['nodes', 'two, as the tag edgetwin-nodes asks for'],
    ['status', textOf(properties.dataBoxEdgeDeviceStatus)],
  ]);
}

/** The states of an order, from its creation to the delivery. */
const JOURNEY = [
  'Untracked',
  'AwaitingFulfillment',
  'AwaitingPreparation',
  'AwaitingShipment',
  'Shipped',
  'Arriving',
  'Delivered',
];

export async function orderDevice(guide: Guide, { device }: Place): Promise<void> {
  await guide.chapter('The order');
  guide.screen.say(
    'The order is a child of the device. Its PUT is a long-running operation: 202 and a Location to poll.',
  );
  const order = `${device}/orders/default`;
  const operation = await guide.begin('PUT', order, {
    properties: {
      contactInformation: {
        contactPerson: 'Ada Muster',
        companyName: 'Harbour Works',
        phone: '555-0100',
        emailList: ['ada@example.com'],
      },
      shippingAddress: { addressLine1: 'Quay 7', city: 'Portland', country: 'United States' },
    },
  });
  await guide.follow(operation, async (passed) => ({
    label: 'Placing the order',
    percent: byTime(passed, minutes(1)),
  }));
  guide.screen.jump('Shipping takes days: the clock is advanced, six hours at a time.');
  await guide.watch(
    async () => {
      const { currentStatus } = await guide.properties(order);
      const state = textOf((currentStatus as JsonObject | undefined)?.status ?? 'Untracked');
      const percent = (JOURNEY.indexOf(state) * 100) / (JOURNEY.length - 1);
      return { label: state, percent, isDone: state === 'Delivered' };
    },
    { step: 'PT6H' },
  );
  const { deliveryTrackingInfo, orderHistory } = await guide.properties(order);
  const [tracking] = deliveryTrackingInfo as JsonObject[];
  guide.screen.facts([
    ['history', `${(orderHistory as JsonObject[]).length} states, each with its time`],
    ['tracking', `${textOf(tracking?.carrierName)} ${textOf(tracking?.trackingId)}`],
    ['billing', 'the monthly fee of the device begins with its delivery'],
  ]);
}

export async function activateDevice(guide: Guide, place: Place): Promise<void> {
  const { device } = place;
  await guide.chapter('Activation');
  guide.screen.say(
    'Real key material: a self-signed RSA certificate, and an encryption key that only the holder of the channel integrity key can read. Then a technician enters the activation key.',
  );
  const { body: certificate } = await guide.call('POST', `${device}/generateCertificate`);
  const { body: uploaded } = await guide.call('POST', `${device}/uploadCertificate`, {
    body: { properties: { certificate: certificate.publicKey ?? '' } },
  });
  const { body: extended } = await guide.call('POST', `${device}/getExtendedInformation`);
  let { encryptionKeyThumbprint: thumbprint } = extended.properties as JsonObject;
  if (thumbprint === undefined) {
    // EDGETWIN_ACTIVATION=manual: no technician is simulated, so the tour enters the activation key.
    const activationKey = activationKeyOf(place, certificate, uploaded);
    await guide.call('POST', '/_edgetwin/appliances/activate', {
      status: 202,
      body: { activationKey },
    });
    const { body: later } = await guide.call('POST', `${device}/getExtendedInformation`);
    thumbprint = (later.properties as JsonObject).encryptionKeyThumbprint;
  }
  await guide.watch(async (passed) => {
    const { dataBoxEdgeDeviceStatus: status } = await guide.properties(device);
    return {
      label: textOf(status),
      percent: byTime(passed, minutes(6)),
      isDone: status === 'Online',
    };
  });
  const seen = await guide.properties(device);
  guide.screen.facts([
    ['model', textOf(seen.deviceModel)],
    ['serial number', textOf(seen.serialNumber)],
    ['software', textOf(seen.deviceSoftwareVersion)],
    ['capacity', `${(Number(seen.deviceLocalCapacity) / 1024 / 1024).toFixed(1)} TiB usable`],
    ['encryption key', `thumbprint ${textOf(thumbprint)}`],
  ]);
}

/** The activation key, as SDKs make it on the client: base64 of the members, and the start of its SHA-512. */
function activationKeyOf(place: Place, certificate: JsonObject, uploaded: JsonObject): string {
  const members = {
    SubscriptionId: place.subscription,
    ResourceType: 'dataBoxEdgeDevices',
    ResourceName: place.device.split('/').at(-1),
    ManagementCert: certificate.privateKey,
    ResourceId: uploaded.resourceId,
    AadAuthority: uploaded.aadAuthority,
    AadAudience: uploaded.aadAudience,
    AadTenantId: uploaded.aadTenantId,
    ServicePrincipalClientId: uploaded.servicePrincipalClientId,
    AzureManagementEndpointAudience: uploaded.azureManagementEndpointAudience,
    ProviderNamespace: 'Microsoft.DataBoxEdge',
    ResourceGroup: place.groupName,
    ServiceDataIntegrityKey: randomBytes(128).toString('base64').slice(0, 128),
    IdentityProvider: 'AAD',
  };
  const content = Buffer.from(JSON.stringify(members), 'utf8').toString('base64');
  return `${content}#${createHash('sha512').update(content).digest('hex').slice(0, 16)}`;
}
