/** Templates as Bicep writes them, and the calls that deploy them, for the tests of deployments. */
import type { Response } from 'supertest';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { type ArmClient, GROUP, pathIn, propertiesOf } from '../support/arm-client.ts';
import { ORDER } from '../support/bodies.ts';

const DEPLOYMENTS_VERSION = '?api-version=2021-04-01';

export const deploymentUrl = (name: string, rest = '', scope = GROUP): string =>
  `${scope}/providers/Microsoft.Resources/deployments/${name}${rest}${DEPLOYMENTS_VERSION}`;

export const template = (more: JsonObject): JsonObject => ({
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  resources: [],
  ...more,
});

export const request = (own: JsonObject, parameters: JsonObject = {}): JsonObject => ({
  properties: {
    mode: 'Incremental',
    template: template(own),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value }]),
    ),
  },
});

/** The group of the tests. */
export async function makeGroup(arm: ArmClient): Promise<void> {
  await arm.call('put', `${GROUP}${DEPLOYMENTS_VERSION}`, { location: 'eastus' });
}

/** PUTs the deployment and lets it run to its end: as it then is. */
export async function deployed(
  arm: ArmClient,
  name: string,
  body: Json,
  length = minutes(30),
): Promise<JsonObject> {
  const response = await arm.call('put', deploymentUrl(name), body);
  if (response.status > 201) throw new Error(JSON.stringify(response.body));
  await arm.advance(length);
  return propertiesOf(await arm.get(deploymentUrl(name)));
}

/** Where a deployment's PUT says to poll, without its host. */
export const statusUrl = (response: Response): string =>
  pathIn((response.headers as Record<string, string>)['azure-asyncoperation'] ?? '');

/** A device with users, bandwidth schedules and, where asked, an order: what Bicep makes of a small module. */
export const DEVICE_TEMPLATE = {
  metadata: { _generator: { name: 'bicep', version: '0.30.23.60470', templateHash: '1' } },
  parameters: {
    deviceName: { type: 'string', minLength: 3, maxLength: 24 },
    location: { type: 'string', defaultValue: '[resourceGroup().location]' },
    userNames: { type: 'array', defaultValue: ['anna', 'bert'] },
    password: { type: 'securestring' },
    isOrdered: { type: 'bool', defaultValue: true },
    rateMbps: { type: 'int', minValue: 20, defaultValue: 100 },
  },
  variables: {
    tags: { project: "[toUpper('edge')]", device: "[parameters('deviceName')]" },
    copy: [
      {
        name: 'schedules',
        count: 2,
        input: {
          name: "[format('schedule{0}', copyIndex('schedules', 1))]",
          start: "[format('{0}:0:0', mul(copyIndex('schedules'), 12))]",
          stop: "[format('{0}:0:0', add(6, mul(copyIndex('schedules'), 12)))]",
        },
      },
    ],
  },
  resources: [
    {
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
      apiVersion: '2023-12-01',
      name: "[parameters('deviceName')]",
      location: "[parameters('location')]",
      tags: "[variables('tags')]",
      sku: { name: 'EdgeP_Base' },
    },
    {
      condition: "[parameters('isOrdered')]",
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/orders',
      apiVersion: '2022-03-01',
      name: "[concat(parameters('deviceName'), '/default')]",
      properties: ORDER.properties,
      dependsOn: [
        "[resourceId('Microsoft.DataBoxEdge/dataBoxEdgeDevices', parameters('deviceName'))]",
      ],
    },
    {
      copy: { name: 'schedules', count: "[length(variables('schedules'))]" },
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules',
      apiVersion: '2023-12-01',
      name: "[format('{0}/{1}', parameters('deviceName'), variables('schedules')[copyIndex()].name)]",
      properties: {
        start: "[variables('schedules')[copyIndex()].start]",
        stop: "[variables('schedules')[copyIndex()].stop]",
        rateInMbps: "[parameters('rateMbps')]",
        copy: [
          {
            name: 'days',
            count: 2,
            input: "[createArray('Sunday', 'Monday')[copyIndex('days')]]",
          },
        ],
      },
      dependsOn: [
        "[resourceId('Microsoft.DataBoxEdge/dataBoxEdgeDevices', parameters('deviceName'))]",
      ],
    },
    {
      copy: {
        name: 'users',
        count: "[length(parameters('userNames'))]",
        mode: 'serial',
        batchSize: 1,
      },
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/users',
      apiVersion: '2023-12-01',
      name: "[format('{0}/{1}', parameters('deviceName'), parameters('userNames')[copyIndex()])]",
      properties: {
        userType: 'Share',
        encryptedPassword: { value: "[parameters('password')]", encryptionAlgorithm: 'None' },
      },
      dependsOn: ['schedules'],
    },
  ],
  outputs: {
    deviceId: {
      type: 'string',
      value: "[resourceId('Microsoft.DataBoxEdge/dataBoxEdgeDevices', parameters('deviceName'))]",
    },
    status: {
      type: 'string',
      value:
        "[reference(resourceId('Microsoft.DataBoxEdge/dataBoxEdgeDevices', parameters('deviceName')), '2023-12-01', 'Full').location]",
    },
    rate: {
      type: 'int',
      value:
        "[reference(resourceId('Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules', parameters('deviceName'), 'schedule1')).rateInMbps]",
    },
    names: {
      type: 'array',
      copy: {
        count: "[length(parameters('userNames'))]",
        input: "[toUpper(parameters('userNames')[copyIndex()])]",
      },
    },
    secret: { type: 'securestring', value: "[parameters('password')]" },
  },
} as unknown as JsonObject;
