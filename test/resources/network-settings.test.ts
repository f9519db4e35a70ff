import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, propertiesOf, textOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/networkSettings/default`;

const adaptersOf = (body: JsonObject): JsonObject[] =>
  propertiesOf(body).networkAdapters as JsonObject[];

describe('read back', () => {
  test('no adapters before activation, then those of the model', async (t) => {
    const arm = await startService(t);
    await arm.device();
    assert.deepEqual(await arm.get(URL), {
      properties: { networkAdapters: [] },
      id: URL,
      name: 'default',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/networkSettings',
    });
    await arm.activeDevice();
    const [first, , third, ...others] = adaptersOf(await arm.get(URL));
    assert.equal(others.length, 3);
    assert.deepEqual(Object.keys(first!), [
      'adapterId',
      'adapterPosition',
      'index',
      'nodeId',
      'networkAdapterName',
      'label',
      'macAddress',
      'linkSpeed',
      'status',
      'rdmaStatus',
      'dhcpStatus',
      'ipv4Configuration',
      'ipv6LinkLocalAddress',
      'dnsServers',
    ]);
    assert.match(textOf(first!.adapterId), /^\{[0-9A-F-]{36}\}$/);
    assert.deepEqual(
      [first!.index, first!.adapterPosition],
      [1, { networkGroup: 'NonRDMA', port: 0 }],
    );
    assert.deepEqual([first!.status, first!.dhcpStatus], ['Active', 'Disabled']);
    assert.deepEqual(
      [third!.networkAdapterName, third!.linkSpeed, third!.status, third!.rdmaStatus],
      ['Port3', 25_000_000_000, 'Inactive', 'Capable'],
    );
    assert.equal(third!.ipv4Configuration, undefined);
  });

  test('each adapter belongs to a node of the list', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ tags: { 'edgetwin-nodes': '2' } });
    const nodes = (await arm.get(`${DEVICE}/nodes`)).value as JsonObject[];
    const ids = new Set(adaptersOf(await arm.get(URL)).map((adapter) => adapter.nodeId));
    assert.deepEqual(
      [...ids],
      nodes.map((node) => propertiesOf(node).nodeInstanceId),
    );
  });
});

describe('refuse', () => {
  test('another name, a missing device, and writing', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.refused('get', `${DEVICE}/networkSettings/other`, 404);
    await arm.refused('get', URL.replace('edge1', 'edge2'), 404);
    await arm.refused('put', URL, 405, {});
  });
});
