import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, pathIn, textOf } from '../../support/arm-client.ts';
import { startService } from '../../support/service.ts';

const VERSION = 'api-version=2023-01-01-preview';
const OFFER = `${DEVICE}/publishers/microsoftwindowsserver/offers/windowsserver`;
const SKU = `${OFFER}/skus/2022-datacenter-azure-edition-core`;
const IMAGE = `${SKU}/versions/20348.707.220505`;

const at = (path: string): string => `${path}?${VERSION}`;
const namesIn = (list: JsonObject): string[] =>
  (list.value as { name: string }[]).map(({ name }) => name);

describe('read back', () => {
  test('publishers, their offers, the SKUs of one and its versions, as the examples show them [S]', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const publishers = await arm.get(at(`${DEVICE}/publishers`));
    assert.deepEqual(namesIn(publishers), ['microsoftwindowsserver', 'tidalmediainc']);
    assert.deepEqual((publishers.value as object[])[0], {
      properties: { provisioningState: 'Succeeded' },
      id: `${DEVICE}/publishers/microsoftwindowsserver`,
      name: 'microsoftwindowsserver',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/publishers',
    });
    const offer = {
      properties: { publisherId: 'microsoftwindowsserver', provisioningState: 'Succeeded' },
      id: OFFER,
      name: 'windowsserver',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/publishers/offers',
    };
    const below = `${DEVICE}/publishers/MicrosoftWindowsServer/offers`;
    assert.deepEqual(await arm.get(at(below)), { value: [offer] });
    const offers = await arm.get(at(`${DEVICE}/offers`));
    assert.deepEqual(namesIn(offers), ['windowsserver', 'ubuntu-20-04', 'ubuntu-18-04']);
    assert.deepEqual((offers.value as object[])[0], offer);
    assert.equal(namesIn(await arm.get(at(`${OFFER}/skus`))).length, 4);
    const versions = await arm.get(at(`${SKU}/versions`));
    const image = await arm.get(at(IMAGE));
    assert.ok((versions.value as JsonObject[]).some((version) => version.id === image.id));
    assert.deepEqual(image, {
      properties: {
        publisherId: 'microsoftwindowsserver',
        offerId: 'windowsserver',
        skuId: '2022-datacenter-azure-edition-core',
        provisioningState: 'Succeeded',
      },
      id: IMAGE,
      name: '20348.707.220505',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/publishers/offers/skus/versions',
    });
  });
});

describe('generatesastoken', () => {
  test('202 with the status and where to poll; then the link, which leads nowhere', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { headers, body } = await arm.accepted('post', at(`${IMAGE}/generatesastoken`));
    assert.deepEqual(body, { status: 'InProgress' });
    const poll = pathIn(textOf(headers['azure-asyncoperation']));
    assert.ok(poll.startsWith(`${IMAGE}/generatesastoken/operationResults/`), poll);
    await arm.advance(seconds(1));
    const { status, sasUri, ...rest } = await arm.get(poll);
    assert.deepEqual([status, rest], ['Succeeded', {}]);
    assert.match(textOf(sasUri), /^https:\/\/[\w.-]+\.invalid\/\w+\/abcd\?sv=.*&sig=.+/);
    const other = await arm.accepted('post', at(`${IMAGE}/generatesastoken`));
    await arm.advance(seconds(1));
    const second = await arm.get(pathIn(textOf(other.headers['azure-asyncoperation'])));
    assert.notEqual(second.sasUri, sasUri);
    assert.equal((await arm.call('get', DEVICE)).status, 200);
  });

  test('with poll headers for every poller the link is at Location', async (t) => {
    const arm = await startService(t, { EDGETWIN_LRO_STYLE: 'azure-async' });
    await arm.device();
    const { headers } = await arm.accepted('post', at(`${IMAGE}/generatesastoken`));
    await arm.advance(seconds(1));
    const status = await arm.get(textOf(headers['azure-asyncoperation']));
    assert.equal(status.status, 'Succeeded');
    assert.ok('sasUri' in (await arm.get(textOf(headers.location))));
  });
});

describe('refuse', () => {
  test('what is not in the catalogue, at any depth', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const nobody = await arm.refused('get', at(`${DEVICE}/publishers/nobody/offers`), 404);
    assert.equal(nobody.code, 'ParentResourceNotFound');
    await arm.refused('get', at(`${OFFER}x/skus`), 404);
    await arm.refused('get', at(`${SKU}x/versions`), 404);
    const image = await arm.refused('get', at(`${IMAGE}0`), 404);
    assert.equal(image.code, 'GatewayUserErrorEntityNotFound');
    await arm.refused('post', at(`${IMAGE}0/generatesastoken`), 404);
    for (const name of ['constructor', '__proto__']) {
      await arm.refused('get', at(`${DEVICE}/publishers/${name}/offers`), 404);
    }
    await arm.refused('get', at(`${DEVICE}2/publishers`), 404);
  });

  test('names beyond the contract’s pattern', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const odd = encodeURIComponent('näh');
    const { code } = await arm.refused('get', at(`${DEVICE}/publishers/${odd}/offers`), 400);
    assert.equal(code, 'InvalidResourceName');
    await arm.refused('get', at(`${SKU}/versions/${odd}`), 400);
  });

  test('every version but the two previews', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const url = `${DEVICE}/publishers`;
    await arm.get(`${url}?api-version=2022-12-01-preview`);
    for (const version of ['2023-12-01', '2023-07-01', '2022-04-01-preview', '2022-03-01']) {
      const { code } = await arm.refused('get', `${url}?api-version=${version}`, 404);
      assert.equal(code, 'InvalidResourceType', version);
    }
  });
});
