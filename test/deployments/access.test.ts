import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, propertiesOf } from '../support/arm-client.ts';
import { claimsIn, startRequiring, tokenOf } from '../support/sign-in.ts';
import { deploymentUrl, makeGroup, request } from './templates.ts';

const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
const OTHER = GROUP.replace('GroupForEdgeAutomation', 'Other');
const TYPE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const device = (name: string): JsonObject => ({
  type: TYPE,
  apiVersion: '2023-12-01',
  name,
  location: 'eastus',
  sku: { name: 'EdgeP_Base' },
});

test('a deployment may do what its caller may do, and no more', async (t) => {
  const { owner, reader, nobody, anonymous } = await startRequiring(t);
  await owner.device({}, DEVICE.replace('GroupForEdgeAutomation', 'Other'));
  await makeGroup(owner);
  const own = request({ resources: [device('edge1')] });
  await reader.refused('put', deploymentUrl('main'), 403, own);
  const { oid } = claimsIn(await tokenOf(anonymous, 'nobody'));
  await owner.put(
    `${GROUP}/providers/Microsoft.Authorization/roleAssignments/5a6e7a0c-3a0e-4f1f-9a53-0a2b3c4d5e6f`,
    {
      properties: {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${CONTRIBUTOR}`,
        principalId: String(oid),
        principalType: 'ServicePrincipal',
      },
    },
    201,
  );
  await nobody.put(deploymentUrl('main'), own, 201);
  await nobody.advance(minutes(5));
  const done = propertiesOf(await nobody.get(deploymentUrl('main')));
  assert.equal(done.provisioningState, 'Succeeded', JSON.stringify(done.error));

  const intoOther = request({
    resources: [
      {
        type: 'Microsoft.Resources/deployments',
        apiVersion: '2021-04-01',
        name: 'inside',
        resourceGroup: 'Other',
        properties: {
          mode: 'Incremental',
          template: { contentVersion: '1.0.0.0', resources: [device('edge2')] },
        },
      },
    ],
  });
  const ofOther = request({
    outputs: {
      x: { type: 'object', value: `[reference('${OTHER}/providers/${TYPE}/edge1', '2023-12-01')]` },
    },
  });
  for (const body of [intoOther, ofOther]) {
    const { code } = await nobody.refused('put', deploymentUrl('second'), 403, body);
    assert.equal(code, 'AuthorizationFailed');
    await nobody.refused('get', deploymentUrl('second'), 404);
  }
});
