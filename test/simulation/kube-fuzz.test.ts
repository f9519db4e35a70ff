/** Twenty thousand drawn requests against the clusters' door: no fault of ours, every refusal a Status that changes nothing, the other cluster untouched. */
import assert from 'node:assert/strict';
import { Agent, request as ask } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { parse } from 'yaml';
import { KINDS } from '#kubernetes/kinds/index.ts';
import { fraction } from '#shared/random.ts';
import { minutes } from '#shared/instant.ts';
import { DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { startCluster } from '../support/kubectl.ts';

const COUNT = 20_000;
const AT_ONCE = 16;
const OTHER = DEVICE.replace('edge1', 'edge2');

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Send = (method: string, path: string, body?: string, type?: string) => Promise<Answer>;

/** Sends requests to the cluster of a kubeconfig, as its user. */
function senderOf(kubeconfig: string, agent: Agent): Send {
  const config = parse(kubeconfig) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  return async (method, path, body, type = 'application/json') =>
    await new Promise((resolve, reject) => {
      const sent = ask(
        `${cluster.server}${path}`,
        {
          method,
          agent,
          ca: plain(cluster['certificate-authority-data']),
          cert: plain(user['client-certificate-data']),
          key: plain(user['client-key-data']),
          ...(body === undefined
            ? {}
            : { headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) } }),
        },
        (response) => {
          text(response).then((said) => {
            resolve({ status: response.statusCode ?? 0, body: said });
          }, reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T;
const NAMES = ['a', 'b', 'kube-root-ca.crt', 'A_b', '..', 'x%2Fy', 'default', ''];
const VALUES = [
  'null',
  '1',
  '-1',
  '1e400',
  '"x"',
  '""',
  '[]',
  '{}',
  '[{}]',
  'true',
  '"\\u0000"',
  '{"name":1}',
  '[[1]]',
  '{"__proto__":{}}',
];
const QUERIES = [
  '',
  '?limit=1',
  '?continue=x',
  '?resourceVersion=x',
  '?resourceVersion=99999999',
  '?labelSelector=a%20in',
  '?labelSelector=a%3Db',
  '?fieldSelector=spec.x%3D1',
  '?dryRun=All',
  '?dryRun=x',
  '?fieldValidation=Strict',
  '?propagationPolicy=x',
  '?fieldManager=' + 'x'.repeat(200),
];
const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
];

function drawn(index: number): Parameters<Send> {
  const draw = (...words: (string | number)[]): number => fraction('kube-fuzz', index, ...words);
  const kind = pick(KINDS, draw('kind'));
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
  const home =
    draw('home') < 0.8
      ? `/namespaces/${pick(['default', 'nowhere', 'kube-system'], draw('namespace'))}`
      : '';
  const name = pick(NAMES, draw('name'));
  const sub =
    draw('sub') < 0.2
      ? `/${pick(['status', 'scale', 'finalize', 'log', 'binding', 'eviction', 'token', 'x'], draw('which'))}`
      : '';
  const path = `${base}${kind.isNamespaced ? home : ''}/${kind.resource}${draw('named') < 0.6 ? `/${name}${sub}` : ''}${pick(QUERIES, draw('query'))}`;
  const method = pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'], draw('method'));
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return [method, path];
  const value = (word: string): string => pick(VALUES, draw('value', word));
  const bodies = [
    `{"apiVersion":"${kind.apiVersion}","kind":"${kind.kind}","metadata":{"name":"${name}","labels":${value('labels')}},"spec":${value('spec')},"data":${value('data')}}`,
    `{"metadata":${value('metadata')},"spec":{"replicas":${value('replicas')},"template":${value('template')},"containers":${value('containers')},"ports":${value('ports')}}}`,
    `[{"op":"${pick(['add', 'remove', 'test', 'move', 'x'], draw('op'))}","path":"/${pick(['metadata/labels', 'spec', 'data/a', 'metadata/name', '~2'], draw('path'))}","value":${value('patch')}}]`,
    `{"spec":{"$setElementOrder/containers":${value('order')},"containers":[{"$patch":${value('directive')}}]}}`,
    '{',
    '',
    'k8s\0\x0a\x05',
    value('whole'),
  ];
  return [method, path, pick(bodies, draw('body')), pick(TYPES, draw('type'))];
}

test(`${COUNT} drawn requests`, { timeout: 300_000 }, async (t) => {
  const cluster = await startCluster(t);
  const { arm } = cluster;
  await arm.activeDevice({}, OTHER);
  await arm.done('put', `${OTHER}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const other = await (
    await fetch(`${arm.origin}/_edgetwin/appliances/kubeconfig?resource=${OTHER}`)
  ).text();
  const agents = [
    new Agent({ keepAlive: true, maxSockets: AT_ONCE }),
    new Agent({ keepAlive: true }),
  ];
  t.after(() => {
    for (const agent of agents) agent.destroy();
  });
  const [send, sendOther] = [senderOf(cluster.kubeconfig, agents[0]!), senderOf(other, agents[1]!)];
  const everything = async (): Promise<string> => {
    const lists = await Promise.all(
      KINDS.map(
        async (kind) =>
          (
            await sendOther(
              'GET',
              `${kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`}/${kind.resource}`,
            )
          ).body,
      ),
    );
    return lists.join('\n').replace(/"resourceVersion":"\d+"},"items"/g, '"items"');
  };
  const before = await everything();
  const revision = async (): Promise<string> => {
    const { body } = await send('GET', '/api/v1/namespaces?limit=1');
    return (JSON.parse(body) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  };
  let refusals = 0;
  const check = async (index: number): Promise<void> => {
    const words = drawn(index);
    const { status, body } = await send(...words);
    const told = `${index} ${JSON.stringify(words)}: ${status} ${body.slice(0, 300)}`;
    assert.ok(status < 500 || status === 504, told);
    if (status < 400 || words[0] === 'HEAD') return;
    refusals++;
    const said = JSON.parse(body) as {
      kind?: string;
      status?: string;
      code?: number;
      message?: string;
    };
    assert.deepEqual([said.kind, said.status, said.code], ['Status', 'Failure', status], told);
    assert.ok(said.message !== '', told);
  };
  for (let index = 0; index < COUNT; index += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, lane) => check(index + lane)));
  }
  assert.ok(refusals > COUNT / 4, `${refusals} are refused`);
  // One at a time: what is refused moves the cluster by nothing.
  for (let index = COUNT; index < COUNT + 300; index++) {
    const from = await revision();
    const { status } = await send(...drawn(index));
    if (status >= 400) assert.equal(await revision(), from, JSON.stringify(drawn(index)));
  }
  assert.equal(await everything(), before, 'the other cluster is as it was');
});
