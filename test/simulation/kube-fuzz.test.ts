/** Twenty thousand drawn requests against the clusters' door: no fault of ours, every refusal a Status that changes nothing, the other cluster untouched. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { KINDS } from '#kubernetes/kinds/index.ts';
import { fraction } from '#shared/random.ts';
import { minutes } from '#shared/instant.ts';
import { DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { KubeHttps } from '../support/kube-https.ts';
import { startCluster } from '../support/kubectl.ts';

const SEED = process.env.SEED ?? 'kube-fuzz';
const COUNT = Number(process.env.REQUESTS ?? 20_000);
const AT_ONCE = 16;
/** So many more go one at a time, with a look before and after each that is refused. */
const ONE_BY_ONE = 1500;
const OTHER = DEVICE.replace('edge1', 'edge2');

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T;
const NAMES = ['a', 'b', 'kube-root-ca.crt', 'A_b', '..', 'x%2Fy', 'default', '', '%00'];
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
  'application/json; charset=utf-16',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  'multipart/form-data; boundary=x',
  '/',
];
const ACCEPTS = [
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'application/xml',
  'application/json;as=x;v=y;g=z',
  ';;;=,',
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'content-encoding': 'gzip' },
  { 'accept-encoding': 'gzip' },
  { 'impersonate-user': 'nobody' },
  { 'impersonate-user': 'system:serviceaccount:x:y', 'impersonate-group': 'a, b' },
  { 'if-none-match': '*' },
  { range: 'bytes=1-2' },
  { 'x-edgetwin-peer': 'AAAA', 'x-edgetwin-play': '1' },
  { 'user-agent': '' },
];
const PATHS = [
  '/',
  '/api',
  '/apis',
  '/apis/apps',
  '/apis/x/v1/y',
  '/version',
  '/openapi/v3',
  '/openapi/v2',
  '/livez',
  '/metrics',
  '/logs',
  '/api/v1/proxy',
  '/api/v2/pods',
  '/apis/apps/v1/namespaces/a/b/c/d/e/f',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

type Request = readonly [
  method: string,
  path: string,
  body: string | Buffer | undefined,
  headers: Readonly<Record<string, string>>,
];

/** Bytes that begin as protobuf does, and go on anyhow. */
function garbage(
  index: number,
  kind: { readonly kind: string; readonly apiVersion: string },
): Buffer {
  const bytes = createHash('sha512').update(`${SEED} ${index}`).digest();
  const text = (tag: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([tag, value.length]), Buffer.from(value)]);
  const type = Buffer.concat([text(0x0a, kind.apiVersion), text(0x12, kind.kind)]);
  const envelope = Buffer.concat([
    Buffer.from([0x0a, type.length]),
    type,
    Buffer.from([0x12, bytes.length]),
    bytes,
  ]);
  return Buffer.concat([
    Buffer.from('k8s\0'),
    index % 3 === 0 ? bytes : index % 3 === 1 ? envelope : envelope.subarray(0, 10 + (index % 60)),
  ]);
}

function drawn(index: number): Request {
  const draw = (...words: (string | number)[]): number => fraction(SEED, index, ...words);
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
  const method = pick(METHODS, draw('method'));
  const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(method);
  // A watch lasts its second: a few of them are enough.
  const watched = method === 'GET' && draw('watch') < 0.02 ? 'watch=1&timeoutSeconds=1' : '';
  const asked = pick(QUERIES, draw('query'));
  const query = watched === '' ? asked : `${asked === '' ? '?' : `${asked}&`}${watched}`;
  const path =
    draw('other') < 0.05
      ? pick(PATHS, draw('path'))
      : `${base}${kind.isNamespaced ? home : ''}/${kind.resource}${draw('named') < 0.6 ? `/${name}${sub}` : ''}${query}`;
  const headers = {
    accept: pick(ACCEPTS, draw('accept')),
    ...(draw('headers') < 0.3 ? pick(HEADERS, draw('header')) : {}),
  };
  if (isRead) return [method, path, undefined, headers];
  const value = (word: string): string => pick(VALUES, draw('value', word));
  const bodies = [
    `{"apiVersion":"${kind.apiVersion}","kind":"${kind.kind}","metadata":{"name":"${name}","labels":${value('labels')}},"spec":${value('spec')},"data":${value('data')}}`,
    `{"metadata":${value('metadata')},"spec":{"replicas":${value('replicas')},"template":${value('template')},"containers":${value('containers')},"ports":${value('ports')}}}`,
    `[{"op":"${pick(['add', 'remove', 'test', 'move', 'copy', 'x'], draw('op'))}","path":"/${pick(['metadata/labels', 'spec', 'data/a', 'metadata/name', '~2', 'metadata/finalizers/-'], draw('pointer'))}","from":"/${pick(['spec', 'x'], draw('from'))}","value":${value('patch')}}]`,
    `{"spec":{"$setElementOrder/containers":${value('order')},"containers":[{"$patch":${value('directive')}}]}}`,
    `{"metadata":{"$deleteFromPrimitiveList/finalizers":${value('finalizers')},"$retainKeys":${value('keys')}}}`,
    `apiVersion: ${kind.apiVersion}\nkind: ${kind.kind}\nmetadata:\n  name: ${name}\n  labels: &a ${value('labels')}\nspec: *a\n`,
    `{"a":`.repeat(2000),
    '[[['.repeat(2000),
    '{',
    '',
    garbage(index, kind),
    value('whole'),
  ];
  const type = pick(TYPES, draw('type'));
  return [method, path, pick(bodies, draw('body')), { ...headers, 'content-type': type }];
}

const pathOfList = (kind: (typeof KINDS)[number]): string =>
  `${kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`}/${kind.resource}`;

/** Every object of a cluster. */
async function everythingIn(kube: KubeHttps): Promise<string> {
  const lists = await Promise.all(
    KINDS.filter(({ verbs }) => verbs.includes('list')).map(async (kind) => {
      const { status, body } = await kube.call('GET', pathOfList(kind));
      assert.equal(status, 200, body);
      return body;
    }),
  );
  return lists.join('\n').replace(/"resourceVersion":"\d+"},"items"/g, '"items"');
}

test(`${COUNT} drawn requests`, { timeout: 300_000 }, async (t) => {
  const cluster = await startCluster(t);
  const { arm } = cluster;
  await arm.activeDevice({}, OTHER);
  await arm.done('put', `${OTHER}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const other = await fetch(`${arm.origin}/_edgetwin/appliances/kubeconfig?resource=${OTHER}`);
  const [kube, otherKube] = [
    new KubeHttps(t, cluster.kubeconfig),
    new KubeHttps(t, await other.text()),
  ];
  const before = await everythingIn(otherKube);
  const revision = async (): Promise<string> => {
    const { metadata } = await kube.done('GET', '/api/v1/namespaces?limit=1');
    return (metadata as { resourceVersion: string }).resourceVersion;
  };
  let refusals = 0;
  /** Sends one and checks its answer; gives whether it was refused. */
  const check = async (index: number): Promise<boolean> => {
    const request = drawn(index);
    const { status, body } = await kube.call(...request);
    const told = `${index} of SEED='${SEED}' ${JSON.stringify(request).slice(0, 400)}: ${status} ${body.slice(0, 300)}`;
    assert.ok(status < 500 || status === 504, told);
    if (status < 400) return false;
    refusals++;
    if (request[0] === 'HEAD') return true;
    const said = JSON.parse(body) as {
      kind?: string;
      status?: string;
      code?: number;
      message?: string;
    };
    assert.deepEqual([said.kind, said.status, said.code], ['Status', 'Failure', status], told);
    assert.ok(said.message !== '', told);
    return true;
  };
  for (let index = 0; index < COUNT; index += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, lane) => check(index + lane)));
  }
  assert.ok(refusals > COUNT / 4, `${refusals} are refused`);
  // One at a time: what is refused moves the cluster by nothing.
  let from = await revision();
  for (let index = COUNT; index < COUNT + ONE_BY_ONE; index++) {
    const isRefused = await check(index);
    const now = await revision();
    if (isRefused) assert.equal(now, from, JSON.stringify(drawn(index)).slice(0, 400));
    from = now;
  }
  assert.equal(await everythingIn(otherKube), before, 'the other cluster is as it was');
});
