/** kubectl applies on the server's side: fields have managers, who wants another's is told so in the real words, and may insist. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { NODES } from '#kubernetes/kinds/nodes.ts';
import { exampleOf } from '../support/kube-objects.ts';
import { type Cluster, withCluster, withKubectl } from '../support/kubectl.ts';

const deployment = (
  replicas: number | undefined,
  image: string,
  more: Readonly<Record<string, unknown>> = {},
): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...more },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
      },
    },
  });

/** What kubectl says after a conflict. */
const ADVICE = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

describe('kubectl apply --server-side', { ...withKubectl, timeout: 240_000 }, () => {
  let cluster: Cluster;
  withCluster((started) => {
    cluster = started;
  });

  const managersOf = async (name: string): Promise<Record<string, unknown>> => {
    const text = await cluster.k(`get ${name} --show-managed-fields -o json`);
    const { metadata } = JSON.parse(text) as {
      metadata: {
        managedFields: {
          manager: string;
          operation: string;
          subresource?: string;
          fieldsV1: unknown;
        }[];
      };
    };
    return Object.fromEntries(
      metadata.managedFields.map(({ manager, operation, subresource, fieldsV1 }) => [
        [operation, manager, ...(subresource === undefined ? [] : [subresource])].join(' '),
        fieldsV1,
      ]),
    );
  };

  test('makes what is not there, and says so', async () => {
    assert.equal(
      await cluster.k('apply --server-side -f -', deployment(2, 'nginx:1.7.9')),
      'deployment.apps/web serverside-applied\n',
    );
    assert.deepEqual(await managersOf('deploy/web'), {
      'Apply kubectl': {
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"web"}': {
                  '.': {},
                  'f:image': {},
                  'f:name': {},
                  'f:ports': {
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  test('changes nothing, not even the revision, where the same is applied again', async () => {
    const revision = 'get deploy web -o jsonpath={.metadata.resourceVersion}';
    const before = await cluster.k(revision);
    await cluster.k('apply --server-side -f -', deployment(2, 'nginx:1.7.9'));
    assert.equal(await cluster.k(revision), before);
  });

  test('tells who has what is wanted otherwise, takes it when told to, and shares what is equal', async () => {
    assert.equal(
      await cluster.refused(
        'apply --server-side --field-manager=m1 -f -',
        deployment(3, 'nginx:1.7.9'),
      ),
      `error: Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas\n${ADVICE}`,
    );
    assert.equal(
      await cluster.refused(
        'apply --server-side --field-manager=m1 -f -',
        deployment(3, 'nginx:1.8'),
      ),
      `error: Apply failed with 2 conflicts: conflicts with "kubectl":\n- .spec.replicas\n- .spec.template.spec.containers[name="web"].image\n${ADVICE}`,
    );
    await cluster.k(
      'apply --server-side --field-manager=m1 --force-conflicts -f -',
      deployment(3, 'nginx:1.7.9'),
    );
    const { 'Apply kubectl': first, 'Apply m1': second } = (await managersOf(
      'deploy/web',
    )) as Record<string, { 'f:spec': Record<string, unknown> }>;
    assert.deepEqual(
      [first?.['f:spec']['f:replicas'], second?.['f:spec']['f:replicas']],
      [undefined, {}],
    );
    assert.deepEqual(first?.['f:spec']['f:template'], second?.['f:spec']['f:template']);
    await cluster.k('scale deploy web --replicas 4');
    assert.equal(
      await cluster.refused(
        'apply --server-side --field-manager=m1 -f -',
        deployment(3, 'nginx:1.7.9'),
      ),
      `error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas\n${ADVICE}`,
    );
  });

  test('takes away what is not in the document any more, unless somebody else has it', async () => {
    const labels = (...names: string[]): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'shared', labels: Object.fromEntries(names.map((name) => [name, 'x'])) },
        data: Object.fromEntries(names.map((name) => [name, '1'])),
      });
    await cluster.k('apply --server-side -f -', labels('a', 'b', 'c'));
    await cluster.k('apply --server-side --field-manager=other -f -', labels('b'));
    await cluster.k('apply --server-side -f -', labels('a'));
    const shown = JSON.parse(await cluster.k('get cm shared -o json')) as {
      data: object;
      metadata: { labels: object };
    };
    assert.deepEqual(Object.keys(shown.data), ['a', 'b']);
    assert.deepEqual(Object.keys(shown.metadata.labels), ['a', 'b']);
    await cluster.k('delete cm shared');
  });

  test('takes over what was applied from the client’s side', async () => {
    await cluster.k('delete deploy web --wait=false');
    await cluster.k('apply -f -', deployment(2, 'nginx:1.7.9'));
    assert.equal(
      await cluster.k('apply --server-side -f -', deployment(2, 'nginx:1.8')),
      'deployment.apps/web serverside-applied\n',
    );
    assert.deepEqual(Object.keys(await managersOf('deploy/web')), [
      'Apply kubectl',
      'Apply kubectl-last-applied',
    ]);
    const annotation =
      'get deploy web -o jsonpath={.metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration}';
    assert.match(await cluster.k(annotation), /nginx:1\.8/);
    // And back again, as kubectl allows.
    assert.equal(
      await cluster.k('apply -f -', deployment(2, 'nginx:1.9')),
      'deployment.apps/web configured\n',
    );
    await cluster.k('delete deploy web --wait=false');
  });

  test('applies every kind that is served, and the same again without a change', async () => {
    for (const kind of SERVED) {
      // A node that the appliance does not have is removed at once.
      if (kind === NODES) continue;
      const example = exampleOf(kind);
      const metadata = { ...example.metadata, labels: { tier: 'gold' } };
      const document = JSON.stringify({ ...example, metadata });
      const said = await cluster.k('apply --server-side -f -', document);
      assert.match(said, /probe serverside-applied\n$/, kind.kind);
      const name = `${kind.resource}${kind.group === '' ? '' : `.${kind.group}`} probe`;
      const read = `get ${name} -o jsonpath={.metadata.resourceVersion}`;
      const revision = await cluster.k(read);
      await cluster.k('apply --server-side -f -', document);
      assert.equal(await cluster.k(read), revision, name);
      await cluster.k(`delete ${name} --wait=false`);
    }
  });

  test('prunes what is not in the documents any more, of the kinds that it is told', async () => {
    const config = (name: string): string =>
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}","labels":{"set":"s"}}}`;
    const apply = 'apply --prune -l set=s --prune-allowlist=core/v1/ConfigMap -f -';
    assert.equal(
      await cluster.k(
        apply,
        `{"apiVersion":"v1","kind":"List","items":[${config('p1')},${config('p2')}]}`,
      ),
      'configmap/p1 created\nconfigmap/p2 created\n',
    );
    assert.equal(
      await cluster.k(apply, config('p2')),
      'configmap/p2 unchanged\nconfigmap/p1 pruned\n',
    );
    await cluster.k('delete cm p2');
  });

  test('is refused what is no document of the kind', async () => {
    const body = deployment(2, 'nginx').replace('"replicas":2', '"foo":1');
    assert.equal(
      await cluster.refused('apply --server-side --validate=false -f -', body),
      'Error from server (BadRequest): failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
    );
    assert.match(await cluster.refused('get deploy web'), /not found/);
  });
});
