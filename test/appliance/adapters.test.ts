import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS } from '#appliance/models.ts';
import { Machine } from './machine.ts';

const speedsOf = (sku: string): number[] =>
  Machine.active({ sku }).observed.adapters.map((adapter) => adapter.speedBitsPerSecond / 1e9);

test('each model has the ports of its data sheet', () => {
  assert.deepEqual(speedsOf('EdgeP_Base'), [1, 1, 25, 25, 25, 25]);
  assert.deepEqual(speedsOf('EdgePR_Base'), [1, 1, 25, 25]);
  assert.deepEqual(speedsOf('EdgeMR_Mini'), [1, 1, 10, 10]);
  assert.deepEqual(speedsOf('EP2_128_GPU1_Mx1_W'), [10, 10, 100, 100]);
  assert.deepEqual(speedsOf('Gateway'), [10]);
});

test('there are no adapters before activation', () => {
  assert.deepEqual(new Machine().observed.adapters, []);
});

test('management and compute are in use: static addresses of the device’s network', () => {
  const { adapters } = Machine.active().observed;
  assert.deepEqual(
    adapters.map((adapter) => [adapter.name, adapter.isActive, adapter.hasDhcp, adapter.group]),
    [
      ['Port1', true, false, 'NonRDMA'],
      ['Port2', true, false, 'NonRDMA'],
      ['Port3', false, true, 'RDMA'],
      ['Port4', false, true, 'RDMA'],
      ['Port5', false, true, 'RDMA'],
      ['Port6', false, true, 'RDMA'],
    ],
  );
  const [management, compute, idle] = adapters;
  assert.match(management!.ipv4!.address, /^10\.\d+\.\d+\.2$/);
  assert.equal(compute!.ipv4!.address, management!.ipv4!.address.replace(/2$/, '3'));
  assert.match(management!.macAddress, /^00155D[0-9A-F]{6}$/);
  const last = management!.macAddress.slice(8).toLowerCase();
  const tail = Number.parseInt(last, 16).toString(16);
  assert.match(management!.ipv6LinkLocalAddress!, /^fe80::215:5dff:fe[0-9a-f]{2}:[0-9a-f]+%1$/);
  assert.ok(management!.ipv6LinkLocalAddress!.endsWith(`:${tail}%1`));
  assert.deepEqual([idle!.ipv4, idle!.dnsServers], [undefined, []]);
});

test('two nodes have two sets, with no address or id twice, and none of the cluster’s', () => {
  const machine = Machine.withCluster({ nodeCount: 2 });
  const { adapters, hardware, cluster } = machine.observed;
  assert.equal(adapters.length, 12);
  for (const value of ['id', 'macAddress'] as const) {
    assert.equal(new Set(adapters.map((adapter) => adapter[value])).size, 12, value);
  }
  const addresses = [
    ...adapters.flatMap((adapter) => adapter.ipv4?.address ?? []),
    ...cluster!.nodes.flatMap((node) => node.ipAddresses.map(({ ipAddress }) => ipAddress)),
  ];
  assert.equal(new Set(addresses).size, addresses.length);
  assert.deepEqual(
    [...new Set(adapters.map((adapter) => adapter.nodeId))],
    hardware!.nodes.map((node) => node.id),
  );
});

test('every model has adapters', () => {
  for (const model of MODELS) assert.ok(model.ports.length > 0 && model.numaNodeCount > 0);
});
