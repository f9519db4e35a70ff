/** Bodies as clients send them, one of each kind, for tests that need a good one to begin with; and what they refer to. */
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, SUBSCRIPTION } from './arm-client.ts';

export const SCHEDULE = {
  properties: { start: '0:0:0', stop: '13:59:0', rateInMbps: 100, days: ['Sunday', 'Monday'] },
} as const satisfies Json;

export const LOCAL_SHARE = {
  properties: {
    shareStatus: 'OK',
    monitoringStatus: 'Enabled',
    accessProtocol: 'NFS',
    clientAccessRights: [{ client: '10.0.0.1', accessPermission: 'ReadWrite' }],
    dataPolicy: 'Local',
  },
} as const satisfies Json;

export const CLOUD_SHARE = {
  properties: {
    description: 'Cameras',
    // Official examples send a status that is not among the enum's (databoxedge-contract §9).
    shareStatus: 'Online',
    monitoringStatus: 'Enabled',
    azureContainerInfo: {
      storageAccountCredentialId: `${DEVICE}/storageAccountCredentials/sac1`,
      containerName: 'cameras',
      dataFormat: 'BlockBlob',
    },
    accessProtocol: 'SMB',
    userAccessRights: [{ userId: `${DEVICE}/users/anna`, accessType: 'Change' }],
    dataPolicy: 'Cloud',
  },
} as const satisfies Json;

export const PASSWORD = 'Plain-Passw0rd-of-a-test';

export const USER = {
  properties: {
    userType: 'Share',
    encryptedPassword: { value: PASSWORD, encryptionAlgorithm: 'None' },
  },
} as const satisfies Json;

export const CREDENTIAL = {
  properties: {
    alias: 'cameras',
    userName: 'cameras',
    accountKey: { value: 'Plain-Account-Key-of-a-test', encryptionAlgorithm: 'None' },
    sslStatus: 'Enabled',
    accountType: 'GeneralPurposeStorage',
  },
} as const satisfies Json;

export const ORDER = {
  properties: {
    contactInformation: {
      contactPerson: 'Anna Contact',
      companyName: 'Contoso',
      phone: '(800) 555-0100',
      emailList: ['anna@example.com'],
    },
    shippingAddress: {
      addressLine1: '1 Example Street',
      postalCode: '98052',
      city: 'Redmond',
      state: 'WA',
      country: 'United States',
    },
  },
} as const satisfies Json;

/** A support request that asks for the Arc preview offer, in exactly the documented words. */
export const OFFER_REQUEST = {
  issueType: 'Billing',
  subscription: SUBSCRIPTION,
  service: 'Azure Stack Edge',
  resource: DEVICE,
  summary: 'Arc was in preview when we began',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
} as const satisfies Json;

export const STORAGE_ACCOUNT = {
  properties: {
    description: 'Readings',
    // By the contract a client may send it; it is not looked at.
    storageAccountStatus: 'Offline',
    dataPolicy: 'Cloud',
    storageAccountCredentialId: `${DEVICE}/storageAccountCredentials/sac1`,
  },
} as const satisfies Json;

export const CONTAINER = { properties: { dataFormat: 'BlockBlob' } } as const satisfies Json;

export const CONNECTION = 'HostName=hub.azure-devices.net;SharedAccessKey=Plain-Key-of-a-test';

const iotDevice = (deviceId: string) => ({
  deviceId,
  ioTHostHub: 'hub.azure-devices.net',
  authentication: {
    symmetricKey: { connectionString: { value: CONNECTION, encryptionAlgorithm: 'None' } },
  },
});

export const IOT_ROLE = {
  kind: 'IOT',
  properties: {
    hostPlatform: 'Linux',
    ioTDeviceDetails: iotDevice('device'),
    ioTEdgeDeviceDetails: iotDevice('edge'),
    shareMappings: [],
    roleStatus: 'Enabled',
  },
} as const satisfies Json;

export const IOT_ADDON = {
  kind: 'IotEdge',
  properties: {
    ioTDeviceDetails: iotDevice('device'),
    ioTEdgeDeviceDetails: iotDevice('edge'),
  },
} as const satisfies Json;

export const FILE_TRIGGER = {
  kind: 'FileEvent',
  properties: {
    sourceInfo: { shareId: `${DEVICE}/shares/data` },
    sinkInfo: { roleId: `${DEVICE}/roles/iot` },
    customContextTag: 'counter',
  },
} as const satisfies Json;

export const TIMER_TRIGGER = {
  kind: 'PeriodicTimerEvent',
  properties: {
    sourceInfo: { startTime: '2026-03-02T09:00:00Z', schedule: '0.1:0:0', topic: 'hours' },
    sinkInfo: { roleId: `${DEVICE}/roles/iot` },
  },
} as const satisfies Json;

/** An active device with what `CLOUD_SHARE` refers to: its user and its storage account. */
export async function activeDeviceForClouds(arm: ArmClient): Promise<void> {
  await arm.activeDevice();
  await arm.call('put', `${DEVICE}/users/anna`, USER);
  await arm.call('put', `${DEVICE}/storageAccountCredentials/sac1`, CREDENTIAL);
  await arm.advance(minutes(1));
}

/** `body` with some of its `properties` replaced; one that is undefined is left out. */
export function changed(
  body: { readonly properties: object },
  properties: Readonly<Record<string, Json | undefined>>,
): JsonObject {
  return JSON.parse(
    JSON.stringify({ ...body, properties: { ...body.properties, ...properties } }),
  ) as JsonObject;
}
