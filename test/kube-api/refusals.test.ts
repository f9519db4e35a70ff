/**
 * Issue 10, bad input and recorded errors: each refusal has the real server's code, reason, message and details, and changes
 * nothing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import { DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import { accessOf, type KubeSend, kubeSender } from '../support/kube-http.ts';
import { type Cluster, startCluster } from '../support/kubectl.ts';
import {
  APPS,
  type Case,
  config,
  CORE,
  deployment,
  json,
  PATCHES,
  RECORDED,
  SUBDOMAIN,
  TYPES,
} from './recorded.ts';

const OTHER = DEVICE.replace('edge1', 'edge2');

const BAD: readonly Case[] = [
  [
    'an unknown field, read strictly',
    [
      'POST',
      `${CORE}/pods?fieldValidation=Strict`,
      json({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'y' },
        spec: { containers: [{ name: 'a', image: 'a', foo: 1 }] },
      }),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].foo"',
    },
  ],
  [
    'duplicate keys, read strictly',
    [
      'POST',
      `${APPS}/deployments?fieldValidation=Strict`,
      {
        body: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"foo":1,"replicas":1,"replicas":2,"selector":{},"template":{}}}',
      },
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", duplicate field "spec.replicas"',
    },
  ],
  [
    'a value of another type',
    ['POST', `${APPS}/deployments`, json(deployment({ replicas: 'x' }))],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    },
  ],
  [
    'a quantity that is none',
    [
      'POST',
      `${CORE}/resourcequotas`,
      json({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q' },
        spec: { hard: { pods: 'x' } },
      }),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message: `ResourceQuota in version "v1" cannot be handled as a ResourceQuota: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    },
  ],
  [
    'two documents in one body',
    ['POST', `${CORE}/configmaps`, { body: '{"a":1} {"b":2}' }],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        "couldn't get version/kind; json parse error: invalid character '{' after top-level value",
    },
  ],
  [
    'half a body',
    ['POST', `${CORE}/configmaps`, { body: '{"kind":"ConfigMap"' }],
    {
      code: 400,
      reason: 'BadRequest',
      message: "couldn't get version/kind; json parse error: unexpected end of JSON input",
    },
  ],
  [
    'a body that is no JSON',
    ['POST', `${CORE}/configmaps`, { body: 'kind: ConfigMap' }],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        "couldn't get version/kind; json parse error: invalid character 'k' looking for beginning of value",
    },
  ],
  [
    'a body of another kind',
    ['POST', `${CORE}/secrets`, json(config('a'))],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'ConfigMap in version "v1" cannot be handled as a Secret: converting (v1.ConfigMap) to (core.Secret): unknown conversion',
    },
  ],
  [
    'a body of an unknown kind',
    ['POST', `${CORE}/secrets`, json({ apiVersion: 'v1', kind: 'Foo', metadata: { name: 'a' } })],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'Foo in version "v1" cannot be handled as a Secret: no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    },
  ],
  [
    'a body over the limit',
    ['POST', `${CORE}/configmaps`, { body: ' '.repeat(3 * 1024 * 1024 + 1) }],
    {
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
    },
  ],
  [
    'a body that is nested too deeply',
    [
      'POST',
      `${APPS}/controllerrevisions`,
      {
        body: `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"d"},"revision":1,"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      },
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message: "couldn't get version/kind; json parse error: exceeded max depth",
    },
  ],
  [
    'a patch that is nested too deeply',
    [
      'PATCH',
      `${CORE}/configmaps/kube-root-ca.crt`,
      {
        body: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
        type: 'application/merge-patch+json',
      },
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message: 'error decoding patch: exceeded max depth',
    },
  ],
  [
    'an unknown media type',
    ['POST', `${CORE}/configmaps`, json(config('a'), { type: 'text/plain' })],
    {
      code: 415,
      reason: 'UnsupportedMediaType',
      message: `the body of the request was in an unknown format - accepted media types include: ${TYPES}`,
    },
  ],
  [
    'a patch of an unknown media type',
    ['PATCH', `${CORE}/configmaps/kube-root-ca.crt`, json({})],
    {
      code: 415,
      reason: 'UnsupportedMediaType',
      message: `the body of the request was in an unknown format - accepted media types include: ${PATCHES}`,
    },
  ],
  [
    'an answer that cannot be given',
    ['GET', `${CORE}/configmaps`, { headers: { accept: 'text/html' } }],
    {
      code: 406,
      reason: 'NotAcceptable',
      message: `only the following media types are accepted: ${TYPES}`,
    },
  ],
  [
    'a bad label selector',
    ['GET', `${CORE}/pods?labelSelector=a%20in%20b`],
    {
      code: 400,
      reason: 'BadRequest',
      message: "unable to parse requirement: found 'b' expected: '('",
    },
  ],
  [
    'a bad field selector',
    ['GET', `${CORE}/pods?fieldSelector=foo`],
    {
      code: 400,
      reason: 'BadRequest',
      message: "invalid selector: 'foo'; can't understand 'foo'",
    },
  ],
  [
    'a wrong name',
    ['POST', `${CORE}/configmaps`, json(config('A_b'))],
    {
      code: 422,
      reason: 'Invalid',
      message: `ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": ${SUBDOMAIN}`,
      details: {
        name: 'A_b',
        kind: 'ConfigMap',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: `Invalid value: "A_b": ${SUBDOMAIN}`,
            field: 'metadata.name',
          },
        ],
      },
    },
  ],
  [
    'another namespace than the path’s, new',
    [
      'POST',
      `${CORE}/configmaps`,
      json(config('a', { metadata: { name: 'a', namespace: 'other' } })),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'the namespace of the provided object does not match the namespace sent on the request',
    },
  ],
  [
    'another namespace than the path’s, changed',
    [
      'PUT',
      `${CORE}/configmaps/kube-root-ca.crt`,
      json(config('a', { metadata: { name: 'kube-root-ca.crt', namespace: 'other' } })),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'the namespace of the object (other) does not match the namespace on the request (default)',
    },
  ],
  [
    'another name than the path’s',
    ['PUT', `${CORE}/configmaps/kube-root-ca.crt`, json(config('a'))],
    {
      code: 400,
      reason: 'BadRequest',
      message: 'the name of the object (a) does not match the name on the URL (kube-root-ca.crt)',
    },
  ],
  [
    'a list from the future',
    ['GET', `${CORE}/pods?resourceVersion=99999999`],
    {
      code: 504,
      reason: 'Timeout',
      message: 'Timeout: Too large resource version: 99999999, current: %',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    },
  ],
  [
    'a watch from the future',
    ['GET', `${CORE}/pods?watch=true&resourceVersion=99999999`],
    {
      code: 504,
      reason: 'Timeout',
      message: 'Timeout: Too large resource version: 99999999, current: %',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    },
  ],
  [
    'a continue token that is none',
    ['GET', `${CORE}/pods?continue=x`],
    { code: 400, reason: 'BadRequest', message: 'invalid continue token: %' },
  ],
  [
    'force on a plain patch',
    [
      'PATCH',
      `${CORE}/configmaps/kube-root-ca.crt?force=true`,
      json({}, { type: 'application/merge-patch+json' }),
    ],
    {
      code: 422,
      reason: 'Invalid',
      message:
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      details: {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueForbidden',
            message: 'Forbidden: may not be specified for non-apply patch',
            field: 'force',
          },
        ],
      },
    },
  ],
  [
    'a document of another version',
    [
      'PATCH',
      `${APPS}/deployments/web?fieldManager=m1`,
      json(
        { ...deployment(), apiVersion: 'apps/v1beta1' },
        { type: 'application/apply-patch+yaml' },
      ),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'Incorrect version specified in apply patch. Specified patch version: apps/v1beta1, expected: apps/v1',
    },
  ],
  [
    'a JSON patch that is no list',
    ['PATCH', `${APPS}/deployments/web`, json(true, { type: 'application/json-patch+json' })],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'error decoding patch: json: cannot unmarshal bool into Go value of type jsonpatch.Patch',
    },
  ],
  [
    'a JSON patch of what are no operations',
    ['PATCH', `${APPS}/deployments/web`, json(['x'], { type: 'application/json-patch+json' })],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'error decoding patch: json: cannot unmarshal string into Go value of type jsonpatch.Operation',
    },
  ],
  [
    'an applied list',
    [
      'PATCH',
      `${APPS}/deployments/web?fieldManager=m1`,
      json([deployment()], { type: 'application/apply-patch+yaml' }),
    ],
    {
      code: 400,
      reason: 'BadRequest',
      message:
        'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    },
  ],
  [
    'a path whose escapes cannot be read',
    ['GET', `${CORE}/pods/%zz`],
    {
      code: 400,
      reason: 'BadRequest',
      message: 'parse "/api/v1/namespaces/default/pods/%zz": invalid URL escape "%zz"',
    },
  ],
  [
    'a method that means nothing here',
    ['PUT', `${CORE}/pods`, json({})],
    {
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
      details: {},
    },
  ],
];

describe('a refusal', { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let send: KubeSend;
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    cluster = await startCluster({ after: (end) => void ends.push(end as () => Promise<void>) });
    send = kubeSender(accessOf(cluster.kubeconfig));
    const made = await send(
      'PATCH',
      `${APPS}/deployments/web?fieldManager=m1`,
      json(deployment(), { type: 'application/apply-patch+yaml' }),
    );
    assert.equal(made.status, 201, made.body);
    const finalized = { ...config('last'), metadata: { name: 'last', finalizers: ['a.b/c'] } };
    for (const [method, path, body] of [
      ['POST', '/api/v1/namespaces', { metadata: { name: 'gone' } }],
      ['POST', '/api/v1/namespaces/gone/configmaps', finalized],
      ['DELETE', '/api/v1/namespaces/gone', {}],
    ] as const) {
      const { status, body: said } = await send(method, path, json(body));
      assert.ok(status < 300, said);
    }
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** The cluster's newest revision: any write makes another. */
  const revision = async (): Promise<unknown> => {
    const { metadata } = (await send('GET', '/api/v1/namespaces')).json() as {
      metadata: { resourceVersion: string };
    };
    return metadata.resourceVersion;
  };

  for (const [what, request, expected] of [...RECORDED, ...BAD]) {
    test(`of ${what} (issue 10)`, async () => {
      const earlier = await revision();
      const answer = await send(...request);
      const status = answer.json() as Record<string, unknown>;
      const { message, ...rest } = expected;
      const { message: said, ...others } = status;
      assert.deepEqual(others, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        ...rest,
      });
      // What is not known before stands there as a percent sign.
      const open = message.endsWith('%') ? message.slice(0, -1) : undefined;
      if (open === undefined) assert.equal(said, message);
      else assert.ok(String(said).startsWith(open), String(said));
      assert.equal(answer.status, expected.code);
      assert.equal(await revision(), earlier);
    });
  }

  test('of fields that are only warned of changes nothing but the warnings (issue 10)', async () => {
    const { status, headers } = await send(
      'POST',
      `${CORE}/configmaps?dryRun=All`,
      json({ ...config('warned'), foo: 1, bar: { a: 1 } }),
    );
    assert.equal(status, 201);
    assert.equal(
      headers['warning'],
      '299 - "unknown field \\"foo\\"", 299 - "unknown field \\"bar\\""',
    );
  });

  test('of credentials: another cluster’s certificate, a broken and an expired token; nobody is anonymous (issue 10)', async (t) => {
    const unauthorized = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    };
    const access = accessOf(cluster.kubeconfig);
    const anonymous = kubeSender(access, true);
    const { arm } = cluster;
    await arm.activeDevice({}, OTHER);
    await arm.done('put', `${OTHER}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
    const other = accessOf(
      await (await fetch(`${arm.origin}/_edgetwin/appliances/kubeconfig?resource=${OTHER}`)).text(),
    );
    const foreign = kubeSender({ ...access, cert: other.cert, key: other.key });
    assert.deepEqual((await foreign('GET', `${CORE}/pods`)).json(), unauthorized);
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual(
      (await anonymous('GET', `${CORE}/pods`, bearer('x.y.z'))).json(),
      unauthorized,
    );
    const asked = await send(
      'POST',
      `${CORE}/serviceaccounts/default/token`,
      json({ spec: { audiences: [], expirationSeconds: 600 } }),
    );
    const { token } = (asked.json() as { status: { token: string } }).status;
    const known = await anonymous('GET', `${CORE}/pods`, bearer(token));
    assert.match(known.body, /User \\"system:serviceaccount:default:default\\" cannot list/);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 601_000 });
    assert.deepEqual((await anonymous('GET', `${CORE}/pods`, bearer(token))).json(), unauthorized);
    t.mock.timers.reset();
    const nobody = (await anonymous('GET', `${CORE}/pods`)).json() as { message: string };
    assert.equal(
      nobody.message,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });
});
