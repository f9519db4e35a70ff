/** What the local web interface sets of a device: its ports, its network for compute, its certificates and keys. ARM shows the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, KUBERNETES_ROLE, propertiesOf, textOf } from '../support/arm-client.ts';
import { Box } from '../support/box.ts';
import { startListening } from '../support/listening.ts';
import {
  activationKeyOf,
  compute,
  CONFIGURATION,
  FIRST,
  packageOf,
  PASSWORD,
  start,
} from '../support/local-box.ts';

const ROLE = `${DEVICE}/roles/kubernetesRole`;

test('a device that is activated by hand has no network for compute unless its package sets one up', async (t) => {
  const { arm, box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  const switchesOf = async (): Promise<JsonObject[]> => {
    const { device } = await box.get(CONFIGURATION);
    return ((device as JsonObject).network as JsonObject).vSwitches as JsonObject[];
  };
  const isForCompute = ({ enabledForCompute }: JsonObject): boolean => enabledForCompute === true;
  assert.equal((await switchesOf()).length, 3);
  assert.ok(!(await switchesOf()).some(isForCompute));
  const activation = { activationKey: await activationKeyOf(arm), serviceEncryptionKey: '' };
  assert.equal((await box.call('POST', CONFIGURATION, { device: { activation } })).status, 200);
  await arm.advance(minutes(15));
  const { message } = await arm.refused('put', ROLE, 400, KUBERNETES_ROLE);
  assert.match(message, /No virtual switch of the device is enabled for compute/);
  const network = { vSwitches: [compute('10.126.75.200-10.126.75.201')] };
  assert.equal((await box.call('POST', CONFIGURATION, { device: { network } })).status, 200);
  await arm.advance(minutes(15));
  await arm.done('put', ROLE, KUBERNETES_ROLE);
});

test('the technician of a device that is activated by itself has set up the network for compute', async (t) => {
  const arm = await startListening(t);
  await arm.activeDevice();
  const box = new Box(arm.origin);
  await box.signIn(FIRST, PASSWORD);
  const { device } = await box.get(CONFIGURATION);
  const [first] = ((device as JsonObject).network as JsonObject).vSwitches as JsonObject[];
  assert.deepEqual(
    (first?.ipAddressPools as JsonObject[]).map(({ name }) => name),
    ['KubernetesNodeIPs', 'KubernetesServiceIPs'],
  );
  await arm.done('put', ROLE, KUBERNETES_ROLE);
  const role = JSON.stringify(await arm.get(ROLE));
  for (const pool of first?.ipAddressPools as JsonObject[]) {
    assert.ok(role.includes(textOf(pool.ipAddressRange).split('-')[0] ?? ''), textOf(pool.name));
  }
});

test('ports are set for each node, ARM shows what was set, and what is read can be written', async (t) => {
  const { arm, box } = await start(t, { tags: { 'edgetwin-nodes': '2' } });
  await box.signIn(FIRST, PASSWORD);
  await box.call('POST', CONFIGURATION, packageOf(await activationKeyOf(arm), '10.1.1.2-10.1.1.4'));
  await arm.advance(minutes(15));
  const read = async (): Promise<JsonObject> => (await box.get(CONFIGURATION)).device as JsonObject;
  const before = await read();
  const { deviceInfo: _known, ...written } = before;
  const posted = await box.call('POST', CONFIGURATION, { device: written });
  assert.equal(posted.status, 200, JSON.stringify(posted.body));
  await arm.advance(minutes(15));
  assert.deepEqual(await read(), before);
  const { nodes } = before.deviceInfo as { nodes: { id: string; name: string }[] };
  const second = nodes[1]!;
  const port = {
    ...{ Name: 'port3', NodeName: second.name, IsDhcpEnabled: false },
    IPv4: { Address: '192.168.4.7', SubnetMask: '255.255.255.0', Gateway: null },
    ...{ DnsServerAddresses: ['192.168.4.1'], DnsSuffix: 'contoso.com' },
  };
  await box.call('POST', CONFIGURATION, { device: { network: { interfaces: [port] } } });
  await arm.advance(minutes(15));
  const shown = ((await read()).network as JsonObject).interfaces as JsonObject[];
  assert.deepEqual(
    shown.find(({ name, nodeId }) => name === 'Port3' && nodeId === second.id),
    {
      ...{ name: 'Port3', nodeName: second.name, nodeId: second.id, isDhcpEnabled: false },
      iPv4: { address: '192.168.4.7', subnetMask: '255.255.255.0', gateway: null },
      ...{ iPv6: null, dnsServerAddresses: ['192.168.4.1'], dnsSuffix: 'contoso.com' },
      ...{ routes: null, ipConfigType: 'IP' },
    },
  );
  const settings = propertiesOf(await arm.get(`${DEVICE}/networkSettings/default`));
  const adapters = (settings.networkAdapters as JsonObject[]).filter(
    ({ label, nodeId }) => label === 'Port3' && nodeId === second.id,
  );
  assert.deepEqual(
    adapters.map(({ dhcpStatus, ipv4Configuration, dnsServers }) => [
      dhcpStatus,
      (ipv4Configuration as JsonObject).ipAddress,
      dnsServers,
    ]),
    [['Disabled', '192.168.4.7', ['192.168.4.1']]],
  );
  const twice = await box.call('POST', CONFIGURATION, {
    device: { network: { interfaces: [port, { ...port, NodeName: nodes[0]!.name }] } },
  });
  assert.match(JSON.stringify(twice.body), /given to two ports/);
});

test('another name needs certificates before the activation; one that has expired fails its test', async (t) => {
  const { arm, box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  const activation = { activationKey: await activationKeyOf(arm), serviceEncryptionKey: '' };
  const renamed = { activation, deviceEndpoint: { name: 'edge-7', dnsDomain: 'contoso.com' } };
  const refused = await box.call('POST', CONFIGURATION, { device: renamed });
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(refused.body), /device\.certificates/);
  const { publicKey: content } = await arm.post(`${DEVICE}/generateCertificate`);
  const certificates = [{ type: 'localui', content: content! }];
  const wrong = [{ ...certificates[0]!, thumbprint: 'AB' }];
  const misnamed = { device: { ...renamed, certificates: wrong } };
  assert.equal((await box.call('POST', CONFIGURATION, misnamed)).status, 400);
  const taken = await box.call('POST', CONFIGURATION, { device: { ...renamed, certificates } });
  assert.equal(taken.status, 200, JSON.stringify(taken.body));
  await arm.advance(minutes(15));
  assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
  const test = async (): Promise<JsonObject | undefined> => {
    await box.call('POST', `${CONFIGURATION}/diagnostic`, {});
    await arm.advance(minutes(5));
    const { diagnostics } = await box.get(`${CONFIGURATION}/diagnostic`);
    return (diagnostics as JsonObject[]).find((result) => result.test === 'Certificates');
  };
  assert.equal((await test())?.status, 'Succeeded');
  await arm.advance(days(4000));
  const failed = await test();
  assert.equal(failed?.status, 'Failed');
  assert.match(textOf(failed.recommendedActions), /LocalUI has expired/);
});

test('only rugged models take encryption-at-rest keys, which are never shown', async (t) => {
  const arm = await startListening(t, { EDGETWIN_ACTIVATION: 'manual' });
  await arm.device({ sku: { name: 'EdgeMR_Mini', tier: 'Standard' } });
  const box = new Box(arm.origin);
  await box.signIn(FIRST, PASSWORD);
  const keysOf = async (key: string): Promise<number> => {
    const device = { encryptionAtRestKeys: { InternalKey: key } };
    return (await box.call('POST', CONFIGURATION, { device })).status;
  };
  assert.equal(await keysOf('c2hvcnQ='), 400);
  assert.equal(await keysOf(Buffer.alloc(32, 7).toString('base64')), 200);
  assert.equal(((await box.get(CONFIGURATION)).device as JsonObject).encryptionAtRestKeys, null);
});
