/** The subnets of pods and services: shown and set by the cmdlets of the device, and what becomes of them in the cluster (ps, net). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import { runClusterCommand } from '../../clients/cluster/commands.ts';
import { DEVICE, KUBERNETES_ROLE, textOf } from '../support/arm-client.ts';
import { KubeHttps } from '../support/kube-https.ts';
import { startListening } from '../support/listening.ts';
import { startService } from '../support/service.ts';

const NETWORK = '/_edgetwin/appliances/kubernetes/network';
const ROLE = `${DEVICE}/roles/kubernetesRole`;
const OTHER = DEVICE.replace('edge1', 'edge2');
const SUBNETS = { podSubnet: '10.96.0.1/16', serviceSubnet: '10.97.0.1/16' };

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
    readonly status: Readonly<Record<string, unknown>>;
  }[];
}

test('a device has the documented subnets until others are set; they show as they were written', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const shown = await arm.get(`${NETWORK}?resource=${DEVICE}`);
  assert.match(textOf(shown.id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(shown, {
    resource: DEVICE,
    id: shown.id,
    podSubnet: '172.27.0.0/16',
    serviceSubnet: '172.28.0.0/16',
  });
  const set = await arm.put(NETWORK, { resource: DEVICE, ...SUBNETS });
  assert.deepEqual(set, { ...shown, ...SUBNETS });
  await arm.activeDevice({}, OTHER);
  const other = await arm.get(`${NETWORK}?resource=${OTHER}`);
  assert.equal(other.podSubnet, '172.27.0.0/16');
  assert.notEqual(other.id, shown.id);
});

describe('refuse', () => {
  test('what is no subnet, too small or too large, all at once; and subnets that overlap', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const wrong = { resource: DEVICE, podSubnet: '10.96.0.0/23', serviceSubnet: '10.256.0.0/16' };
    const { details } = await arm.refused('put', NETWORK, 400, wrong);
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['podSubnet', 'serviceSubnet'],
    );
    for (const podSubnet of ['10.96.0.0', '10.96.0.0/33', '10.0.0.0/7', 'fd00::/64', '10.96/16']) {
      const { target } = await arm.refused('put', NETWORK, 400, {
        ...wrong,
        ...SUBNETS,
        podSubnet,
      });
      assert.equal(target, 'podSubnet', podSubnet);
    }
    const within = { resource: DEVICE, podSubnet: '10.97.128.9/20', serviceSubnet: '10.97.0.1/16' };
    const { message } = await arm.refused('put', NETWORK, 400, within);
    assert.match(message, /10\.97\.128\.9\/20 and 10\.97\.0\.1\/16 overlap/);
    await arm.refused('put', NETWORK, 400, { resource: DEVICE, podSubnet: '10.96.0.0/16' });
    await arm.refused('put', NETWORK, 404, { ...SUBNETS, resource: `${DEVICE}0` });
  });

  test('once compute is configured, from the beginning of its cluster to the end of its removal', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('put', ROLE, KUBERNETES_ROLE);
    const whole = { resource: DEVICE, ...SUBNETS };
    const { code, message } = await arm.refused('put', NETWORK, 409, whole);
    assert.equal(code, 'GatewayUserErrorInvalidState');
    assert.match(message, /before compute is configured only/);
    await arm.advance(minutes(60));
    await arm.refused('put', NETWORK, 409, whole);
    await arm.done('delete', ROLE, undefined, minutes(60));
    await arm.put(NETWORK, whole);
  });

  test('on a device without Kubernetes, and while a device is off', async (t) => {
    const arm = await startService(t);
    await arm.device({ sku: { name: 'Gateway' } });
    const whole = { resource: DEVICE, ...SUBNETS };
    const { message } = await arm.refused('put', NETWORK, 409, whole);
    assert.match(message, /Kubernetes is not supported/);
    await arm.activeDevice({}, OTHER);
    const resource = OTHER;
    await arm.post('/_edgetwin/faults', { resource, kind: 'nodeDown', node: 1 }, 201);
    await arm.refused('put', NETWORK, 409, { ...whole, resource });
  });
});

test('the cluster has them: its role, nodes, services and pods; and edgetwin has the cmdlets', async (t) => {
  const arm = await startListening(t);
  await arm.activeDevice();
  const run = async (name: string, ...words: string[]): Promise<string> => {
    const answer = await runClusterCommand(name, [DEVICE, ...words], arm.origin);
    return 'text' in answer ? answer.text : `refused: ${answer.refused}`;
  };
  const asked = ['-PodSubnet', SUBNETS.podSubnet, '-ServiceSubnet', SUBNETS.serviceSubnet];
  assert.equal(await run('Set-HcsKubeClusterNetworkInfo', ...asked), '');
  assert.match(
    await run('Get-HcsKubeClusterNetworkInfo'),
    /^Id +PodSubnet +ServiceSubnet\n-- +--------- +-------------\n[0-9a-f-]{36} 10\.96\.0\.1\/16 10\.97\.0\.1\/16\n$/,
  );
  await arm.done('put', ROLE, KUBERNETES_ROLE, minutes(60));
  const role = JSON.stringify(await arm.get(ROLE));
  assert.match(role, /"podSubnet":"10\.96\.0\.0\/16","serviceSubnet":"10\.97\.0\.0\/16"/);
  assert.match(
    await run('set-hcskubeclusternetworkinfo', ...asked),
    /^refused: .* before compute is configured only/,
  );

  const kube = new KubeHttps(t, await run('kubeconfig'));
  const list = async (path: string): Promise<Listed> =>
    JSON.parse((await kube.call('GET', path)).body) as Listed;
  const { items: nodes } = await list('/api/v1/nodes');
  assert.deepEqual(nodes.map(({ spec }) => spec.podCIDR).sort(), ['10.96.0.0/24', '10.96.1.0/24']);
  const { items: services } = await list('/api/v1/services');
  const ipOf = (name: string): unknown =>
    present(
      services.find(({ metadata }) => metadata.name === name),
      name,
    ).spec.clusterIP;
  assert.equal(ipOf('kubernetes'), '10.97.0.1');
  assert.equal(ipOf('kube-dns'), '10.97.0.10');
  for (const { spec } of services) assert.match(String(spec.clusterIP), /^10\.97\./);
  const { items: pods } = await list('/api/v1/pods');
  const own = pods.filter(({ spec }) => spec.hostNetwork !== true);
  assert.ok(own.length > 2);
  for (const { status, metadata } of own) {
    assert.match(String(status.podIP), /^10\.96\.[01]\./, metadata.name);
  }
  const made = { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
  const service = await kube.call('POST', '/api/v1/namespaces/default/services', made);
  assert.match(service.body, /"clusterIP":"10\.97\./);
  const wrong = {
    metadata: { name: 'wrong' },
    spec: { clusterIP: '172.28.0.9', ports: [{ port: 80 }] },
  };
  const refused = await kube.call('POST', '/api/v1/namespaces/default/services', wrong);
  assert.match(refused.body, /The range of valid IPs is 10\.97\.0\.0\/16/);
});
