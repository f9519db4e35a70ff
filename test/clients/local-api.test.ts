/**
 * The local web interface as the vendor's configuration module drives it: its requests, cookies and token header. A device with two
 * nodes is set up from a package, activated by its key, and gets a cluster in the pools that the package names; a pulled uplink shows in
 * its diagnostics.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { DEVICE, KUBERNETES_ROLE, propertiesOf } from '../support/arm-client.ts';
import { Box } from '../support/box.ts';
import {
  activationKeyOf,
  CONFIGURATION,
  FIRST,
  packageOf,
  PASSWORD,
  start,
} from '../support/local-box.ts';

const ROLE = `${DEVICE}/roles/kubernetesRole`;
const statusOf = async (box: Box): Promise<JsonObject> =>
  (await box.get(`${CONFIGURATION}/Status`)).deviceConfiguration as JsonObject;

test('a device with two nodes is set up, activated and given a cluster in the pools of the package', async (t) => {
  const { arm, box } = await start(t, { tags: { 'edgetwin-nodes': '2' } });
  assert.equal(await box.signIn(FIRST, PASSWORD), 200);
  const before = (await box.get(CONFIGURATION)).device as JsonObject;
  const info = before.deviceInfo as JsonObject;
  assert.deepEqual([info.isActivated, (info.nodes as Json[]).length], [false, 2]);
  const key = await activationKeyOf(arm);
  const posted = await box.call(
    'POST',
    CONFIGURATION,
    packageOf(key, '10.126.75.200-10.126.75.202'),
  );
  assert.equal(posted.status, 200, JSON.stringify(posted.body));
  assert.equal((await statusOf(box)).status, 'InProgress');
  const again = await box.call(
    'POST',
    CONFIGURATION,
    packageOf(key, '10.126.75.200-10.126.75.202'),
  );
  assert.equal(again.status, 409);
  await arm.advance(minutes(15));
  const { status, results } = await statusOf(box);
  assert.equal(status, 'Complete');
  assert.deepEqual(
    (results as JsonObject[]).map(({ declarationName, resultCode }) => [
      declarationName,
      resultCode,
    ]),
    [
      ['Network', 'Success'],
      ['Activation', 'Success'],
      ['DeviceEndpoint', 'NotExecuted'],
      ['WebProxy', 'NotExecuted'],
      ['Time', 'Success'],
      ['Update', 'NotExecuted'],
    ],
  );
  const after = (await box.get(CONFIGURATION)).device as JsonObject;
  assert.equal((after.time as JsonObject).primaryTimeServer, 'time.contoso.com');
  assert.equal((after.deviceInfo as JsonObject).isActivated, true);
  const seen = propertiesOf(await arm.get(DEVICE));
  assert.deepEqual([seen.dataBoxEdgeDeviceStatus, seen.timeZone], ['Online', 'UTC']);
  await arm.done('put', ROLE, KUBERNETES_ROLE);
  const role = JSON.stringify(await arm.get(ROLE));
  for (const address of [
    '10.126.75.200',
    '10.126.75.201',
    '10.126.75.202',
    '10.126.75.210-10.126.75.220',
  ]) {
    assert.ok(role.includes(address), address);
  }
});

test('a pool that is too small for the Kubernetes VMs refuses compute', async (t) => {
  const { arm, box } = await start(t);
  assert.equal(await box.signIn(FIRST, PASSWORD), 200);
  const key = await activationKeyOf(arm);
  await box.call('POST', CONFIGURATION, packageOf(key, '10.126.75.200'));
  await arm.advance(minutes(15));
  const { message } = await arm.refused('put', ROLE, 400, KUBERNETES_ROLE);
  assert.match(message, /needs 2 contiguous static node IPs/);
});

test('diagnostics: what a pulled uplink breaks fails, with what to do about it', async (t) => {
  const { arm, box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  await box.call('POST', CONFIGURATION, packageOf(await activationKeyOf(arm), '10.1.1.2-10.1.1.4'));
  await arm.advance(minutes(15));
  const url = `${CONFIGURATION}/diagnostic`;
  const failed = async (): Promise<unknown[]> => {
    const { status } = await box.call('POST', url, {});
    assert.equal(status, 200);
    assert.equal((await box.get(url)).status, 'InProgress');
    await arm.advance(minutes(5));
    const run = await box.get(url);
    assert.equal(run.status, 'Complete');
    const results = run.diagnostics as JsonObject[];
    assert.equal(results.length, 18);
    return results
      .filter((result) => result.status === 'Failed')
      .map((result) => {
        assert.notEqual(result.recommendedActions, '');
        return result.test;
      });
  };
  assert.deepEqual(await failed(), []);
  await arm.post('/_edgetwin/faults', { resource: DEVICE, kind: 'uplinkDown' }, 201);
  assert.deepEqual(await failed(), [
    'Network interfaces',
    'Internet connectivity',
    'Time sync',
    'Azure portal connectivity',
  ]);
});

describe('sign-in', () => {
  test('the first demands another password; then only that one is good', async (t) => {
    const { arm, box } = await start(t);
    assert.equal(await box.signIn(FIRST), 403);
    assert.equal(await box.signIn(FIRST, 'short'), 400);
    assert.equal(await box.signIn('wrong', PASSWORD), 401);
    assert.equal(await box.signIn(FIRST, PASSWORD), 200);
    const other = new Box(arm.origin);
    assert.equal((await other.call('GET', CONFIGURATION)).status, 401);
    assert.equal(await other.signIn(FIRST, PASSWORD), 401);
    assert.equal(await other.signIn(PASSWORD), 200);
    await other.get(CONFIGURATION);
    assert.equal(await new Box(arm.origin, `${DEVICE}2`).signIn(FIRST, PASSWORD), 404);
  });

  test('a write needs the token of the sign-in; a session of one device is none of another', async (t) => {
    const { arm, box } = await start(t);
    await box.signIn(FIRST, PASSWORD);
    const path = `${CONFIGURATION}/diagnostic`;
    assert.equal((await box.call('POST', path, {}, false)).status, 403);
    await arm.device({}, `${DEVICE}2`);
    const foreign = await fetch(`${arm.origin}/local${DEVICE}2${CONFIGURATION}`, {
      headers: { cookie: 'edgetwin-local=abc' },
    });
    assert.equal(foreign.status, 401);
    await foreign.body?.cancel();
  });
});

test('what a package cannot have is refused with all faults at once, and changes nothing', async (t) => {
  const { box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  const wrong = {
    device: {
      deviceEndpoint: { name: 'much-too-long-a-name', dnsDomain: '' },
      webProxy: { isEnabled: true, connectionURI: 'https://proxy', authentication: 'NTLM' },
      time: { primaryTimeServer: 'time server' },
      update: { serverType: 'WSUS' },
      certificates: [{ type: 'Colour', content: 'abc' }],
      encryptionAtRestKeys: { internalKey: 'abc' },
      network: {
        interfaces: [
          { name: 'Port1', nodeName: 'NOSUCH1' },
          {
            ...{ name: 'Port77', isDhcpEnabled: false, dnsServerAddresses: ['dns'] },
            iPv4: { address: '10.1.1.256', subnetMask: '255.0.255.0', gateway: 'no' },
          },
        ],
        vSwitches: [
          {
            ...{ name: '', interfaceName: 'Port9', mtu: 100 },
            ipAddressPools: [{ name: 'Others', ipAddressRange: '10.1.1.9-10.1.1.300' }],
          },
        ],
        virtualNetworks: [{ vlanId: 5000, vSwitchName: 'vSwitch9', gateway: '10.1' }],
      },
    },
  };
  const { status, body } = await box.call('POST', CONFIGURATION, wrong);
  assert.equal(status, 400);
  const { details } = (body as { error: { details: { target: string }[] } }).error;
  assert.deepEqual(
    details.map(({ target }) => target.replace('device.', '')),
    [
      ...['network.interfaces[0].nodeName', 'network.interfaces[0].iPv4'],
      ...['network.interfaces[1].name', 'network.interfaces[1].iPv4.address'],
      ...['network.interfaces[1].iPv4.subnetMask', 'network.interfaces[1].iPv4.gateway'],
      ...['network.interfaces[1].dnsServerAddresses', 'network.vSwitches[0].name'],
      ...['network.vSwitches[0].interfaceName', 'network.vSwitches[0].mtu'],
      'network.vSwitches[0].ipAddressPools[0].name',
      'network.vSwitches[0].ipAddressPools[0].ipAddressRange',
      ...['network.virtualNetworks[0].vlanId', 'network.virtualNetworks[0].vSwitchName'],
      ...['network.virtualNetworks[0].gateway', 'deviceEndpoint.name', 'deviceEndpoint.dnsDomain'],
      ...['time.primaryTimeServer', 'update.wsusServerURI', 'webProxy.connectionURI'],
      ...['webProxy.authentication', 'certificates[0].type', 'certificates[0].content'],
      'encryptionAtRestKeys',
    ],
  );
  assert.equal((await statusOf(box)).status, 'Complete');
  const foreign = { device: { activation: { activationKey: 'abc' } } };
  assert.equal((await box.call('POST', CONFIGURATION, foreign)).status, 400);
});

test('a key that is too old, or not the latest, activates nothing and leaves the package undone', async (t) => {
  const { arm, box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  const refusalOf = async (key: string): Promise<string> => {
    const { status, body } = await box.call(
      'POST',
      CONFIGURATION,
      packageOf(key, '10.1.1.2-10.1.1.4'),
    );
    assert.equal(status, 400);
    const { code, target, message } = (body as { error: Record<string, string> }).error;
    assert.deepEqual([code, target], ['InvalidConfiguration', 'device.activation.activationKey']);
    return message ?? '';
  };
  const first = await activationKeyOf(arm);
  const second = await activationKeyOf(arm);
  assert.match(await refusalOf(first), /generated last/);
  await arm.advance(days(3));
  assert.match(await refusalOf(second), /expired at 2026-03-05T09:00:00/);
  assert.equal((await statusOf(box)).status, 'Complete', 'nothing of the package was taken');
  const third = packageOf(await activationKeyOf(arm), '10.1.1.2-10.1.1.4');
  assert.equal((await box.call('POST', CONFIGURATION, third)).status, 200);
});

test('log consent here and in ARM are one setting', async (t) => {
  const { arm, box } = await start(t);
  await box.signIn(FIRST, PASSWORD);
  await box.call('POST', CONFIGURATION, packageOf(await activationKeyOf(arm), '10.1.1.2-10.1.1.4'));
  await arm.advance(minutes(15));
  const url = `${CONFIGURATION}/supportConsent`;
  assert.equal((await box.call('GET', url)).body, true);
  assert.equal((await box.call('POST', url, false)).body, false);
  await arm.advance(minutes(1));
  assert.equal((await box.call('GET', url)).body, false);
  const setting = `${DEVICE}/diagnosticProactiveLogCollectionSettings/default`;
  assert.equal(propertiesOf(await arm.get(setting)).userConsent, 'Disabled');
});

test('virtual IPs: of two nodes only, one of each kind', async (t) => {
  const { arm, box } = await start(t, { tags: { 'edgetwin-nodes': '2' } });
  await box.signIn(FIRST, PASSWORD);
  const url = `${CONFIGURATION}/vip`;
  const vip = { Type: 'ACS', VipAddress: '10.1.1.9', ClusterNetworkAddress: '10.1.1.0' };
  assert.equal((await box.call('POST', url, { ...vip, Type: 'SMB' })).status, 400);
  assert.equal((await box.call('POST', url, { ...vip, IsDhcpEnabled: false })).status, 200);
  await arm.advance(minutes(15));
  const { acsVIP, nfsVIP } = await box.get(url);
  assert.deepEqual(
    [acsVIP, nfsVIP].map((one) => (one as JsonObject).address),
    ['10.1.1.9', null],
  );
  await arm.device({}, `${DEVICE}2`);
  const single = new Box(arm.origin, `${DEVICE}2`);
  await single.signIn(FIRST, PASSWORD);
  assert.equal((await single.call('GET', url)).status, 400);
});
