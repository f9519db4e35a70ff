/**
 * The world that a release leaves behind for its successors: part of the story, with something of each kind in it, and two
 * operations and a deployment that still run. `make-world.ts` makes it with the release that it belongs to; `releases.test.ts` opens
 * it with the present code.
 */
import assert from 'node:assert/strict';
import { days, hours, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import {
  CLOUD_SHARE,
  CREDENTIAL,
  OFFER_REQUEST,
  ORDER,
  SCHEDULE,
  USER,
} from '../support/bodies.ts';

const PLATFORM = 'api-version=2021-04-01';
export const SECOND = DEVICE.replace(/edge1$/, 'edge2');
export const THIRD = DEVICE.replace(/edge1$/, 'edge3');
/** Its creation runs when the world is left. */
export const RUNNING_ROLE = `${THIRD}/roles/kubernetes`;
export const CONNECTED = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1?api-version=2021-10-01`;
const LOCK = `${SECOND}/providers/Microsoft.Authorization/locks/keep?api-version=2016-09-01`;
const CUSTOM_ROLE = '0f5b0b4e-52a5-4a7b-9f0d-3c1a53a4ad11';
const ASSIGNMENT = 'a7c8b1d2-8d5c-4c8f-8d7e-5b1f0f0f5f01';
const AUTHORIZATION = 'providers/Microsoft.Authorization';
const deployment = (name: string): string =>
  `${GROUP}/providers/Microsoft.Resources/deployments/${name}?${PLATFORM}`;
/** Ended when the world is left. */
export const DEPLOYMENT = deployment('ended');
/** Not yet. */
export const RUNNING_DEPLOYMENT = deployment('running');

const template = (name: string, resources: readonly Json[]): JsonObject => ({
  properties: {
    mode: 'Incremental',
    template: {
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters: { password: { type: 'securestring' } },
      resources: [...resources],
      outputs: { name: { type: 'string', value: name } },
    },
    parameters: { password: { value: 'Plain-Passw0rd-of-a-template' } },
  },
});

const userNamed = (name: string): JsonObject => ({
  type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users',
  apiVersion: '2023-12-01',
  name: `edge1/${name}`,
  properties: {
    userType: 'Share',
    encryptedPassword: { value: "[parameters('password')]", encryptionAlgorithm: 'None' },
  },
});

/** Plays it. What is asked is a frozen clock and an empty world. */
export async function makeWorld(arm: ArmClient): Promise<void> {
  await arm.put(`${GROUP}?${PLATFORM}`, { location: 'eastus', tags: { team: 'edge' } }, 201);
  await arm.put(`${GROUP.replace(/[^/]+$/, 'Other')}?${PLATFORM}`, { location: 'westeurope' }, 201);
  await arm.post(
    `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/register?${PLATFORM}`,
  );
  await arm.device({ tags: { team: 'edge', floor: '3' } });
  await arm.done('put', `${DEVICE}/orders/default`, ORDER, hours(1));
  await arm.advance(days(14));
  await arm.activeDevice({ tags: { team: 'edge', floor: '3' } });
  await arm.device({ sku: { name: 'EdgeMR_Mini' } }, SECOND);
  await arm.put(LOCK, { properties: { level: 'CanNotDelete', notes: 'Do not touch' } }, 201);
  await makeRoles(arm);
  await arm.done('put', `${DEVICE}/users/anna`, USER);
  await arm.done('put', `${DEVICE}/storageAccountCredentials/sac1`, CREDENTIAL);
  await arm.done('put', `${DEVICE}/shares/cameras`, CLOUD_SHARE);
  await arm.done('put', `${DEVICE}/bandwidthSchedules/nights`, SCHEDULE);
  await arm.done('put', `${DEVICE}/roles/kubernetes`, KUBERNETES_ROLE);
  await arm.done('put', `${DEVICE}/roles/kubernetes/addons/arc`, arcAddon('arc1'));
  await arm.post('/_edgetwin/supportRequests', OFFER_REQUEST, 201);
  await arm.done('post', `${DEVICE}/scanForUpdates`);
  await arm.put(DEPLOYMENT, template('ended', [userNamed('bert')]), 201);
  await arm.activeDevice({}, THIRD);
  await arm.advance(minutes(30));
  await arm.accepted('put', RUNNING_ROLE, KUBERNETES_ROLE);
  await arm.put(RUNNING_DEPLOYMENT, template('running', [userNamed('carl')]), 201);
  await arm.advance(minutes(0));
}

async function makeRoles(arm: ArmClient): Promise<void> {
  await arm.put(
    `/subscriptions/${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/${CUSTOM_ROLE}?api-version=2022-04-01`,
    {
      properties: {
        roleName: 'Edge operator',
        description: 'Runs devices',
        permissions: [{ actions: ['Microsoft.DataBoxEdge/*'], notActions: [] }],
        assignableScopes: [`/subscriptions/${SUBSCRIPTION}`],
      },
    },
    201,
  );
  await arm.put(
    `${GROUP}/${AUTHORIZATION}/roleAssignments/${ASSIGNMENT}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/${CUSTOM_ROLE}`,
        principalId: 'b7c8b1d2-8d5c-4c8f-8d7e-5b1f0f0f5f02',
      },
    },
    201,
  );
}

const SUBSCRIPTION_URL = `/subscriptions/${SUBSCRIPTION}`;
/** Whatever a client can read of it. */
const READS: readonly string[] = [
  `${SUBSCRIPTION_URL}?${PLATFORM}`,
  `${SUBSCRIPTION_URL}/resourceGroups?${PLATFORM}`,
  `${SUBSCRIPTION_URL}/resources?${PLATFORM}`,
  `${GROUP}/resources?${PLATFORM}&$expand=createdTime,provisioningState`,
  `${SUBSCRIPTION_URL}/${AUTHORIZATION}/locks?api-version=2016-09-01`,
  `${SUBSCRIPTION_URL}/${AUTHORIZATION}/roleAssignments?api-version=2022-04-01`,
  `${SUBSCRIPTION_URL}/${AUTHORIZATION}/roleDefinitions?api-version=2022-04-01`,
  `${SUBSCRIPTION_URL}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`,
  DEVICE,
  ...[
    ...['orders', 'users', 'storageAccountCredentials', 'shares', 'bandwidthSchedules', 'roles'],
    ...['roles/kubernetes/addons', 'alerts', 'nodes', 'networkSettings/default'],
    ...['updateSummary/default', 'users/anna', 'shares/cameras', 'roles/kubernetes/addons/arc'],
  ].map((below) => `${DEVICE}/${below}`),
  SECOND,
  THIRD,
  CONNECTED,
  DEPLOYMENT,
  RUNNING_DEPLOYMENT,
  DEPLOYMENT.replace('?', '/operations?'),
  '/_edgetwin/clock',
  ...['offers', 'usage', 'invoices'].map(
    (what) => `/_edgetwin/billing/${what}?subscription=${SUBSCRIPTION}`,
  ),
];

/** All that there is to read of it, and how its device's operations ended. */
export const readsOf = async (arm: ArmClient): Promise<readonly string[]> => [
  ...READS,
  ...(await operationUrls(arm)),
];

/** The answers to `urls`. */
export async function seenAt(arm: ArmClient, urls: readonly string[]): Promise<JsonObject> {
  const seen: JsonObject = {};
  for (const url of urls) {
    const { status, body } = await arm.call('get', url);
    seen[url] = { status, body: body as Json };
  }
  return seen;
}

async function operationUrls(arm: ArmClient): Promise<string[]> {
  const { value } = await arm.get(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`);
  const facts = value as { kind: string; resource: string; data: { operation?: string } }[];
  const ids = facts
    .filter(({ kind, resource }) => kind === 'operation.accepted' && resource.startsWith(DEVICE))
    .flatMap(({ data }) => data.operation ?? []);
  assert.ok(ids.length > 5, 'the device has had operations');
  return ids.flatMap((id) => [`${DEVICE}/operationsStatus/${id}`, `${DEVICE}/jobs/${id}`]);
}
