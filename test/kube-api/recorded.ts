/** Refusals that were recorded from a real API server, and what the requests of the other ones are made of. */
import type { KubeRequest } from '../support/kube-http.ts';

export const CORE = '/api/v1/namespaces/default';
export const APPS = '/apis/apps/v1/namespaces/default';

export const json = (value: unknown, more: Omit<KubeRequest, 'body'> = {}): KubeRequest => ({
  body: JSON.stringify(value),
  ...more,
});
export const config = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
export const deployment = (more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    },
    ...more,
  },
});
export const SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;
export const TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
export const PATCHES =
  'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml';

export type Case = readonly [
  what: string,
  request: readonly [method: string, path: string, request?: KubeRequest],
  expected: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: object;
  },
];

/** Recorded from a real server (kubernetes-api.md 1.4). */
export const RECORDED: readonly Case[] = [
  [
    'a missing object',
    ['GET', `${CORE}/pods/nope`],
    {
      code: 404,
      reason: 'NotFound',
      message: 'pods "nope" not found',
      details: { name: 'nope', kind: 'pods' },
    },
  ],
  [
    'a missing object of a group',
    ['GET', `${APPS}/deployments/nope`],
    {
      code: 404,
      reason: 'NotFound',
      message: 'deployments.apps "nope" not found',
      details: { name: 'nope', group: 'apps', kind: 'deployments' },
    },
  ],
  [
    'an unknown resource',
    ['GET', `${CORE}/foos`],
    {
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
      details: {},
    },
  ],
  [
    'a namespace that is not there',
    ['POST', '/api/v1/namespaces/nope/configmaps', json(config('a'))],
    {
      code: 404,
      reason: 'NotFound',
      message: 'namespaces "nope" not found',
      details: { name: 'nope', kind: 'namespaces' },
    },
  ],
  [
    'a name that is taken',
    ['POST', `${APPS}/deployments`, json(deployment())],
    {
      code: 409,
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    },
  ],
  [
    'a stale resourceVersion',
    [
      'PUT',
      `${APPS}/deployments/web`,
      json({ ...deployment(), metadata: { name: 'web', resourceVersion: '1' } }),
    ],
    {
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    },
  ],
  [
    'a field of another manager',
    [
      'PATCH',
      `${APPS}/deployments/web?fieldManager=m2`,
      json(deployment({ replicas: 7 }), { type: 'application/apply-patch+yaml' }),
    ],
    {
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "m1": .spec.replicas',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "m1"',
            field: '.spec.replicas',
          },
        ],
      },
    },
  ],
  [
    'an apply by nobody',
    [
      'PATCH',
      `${APPS}/deployments/web`,
      json(deployment(), { type: 'application/apply-patch+yaml' }),
    ],
    {
      code: 422,
      reason: 'Invalid',
      message:
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      details: {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueRequired',
            message: 'Required value: is required for apply patch',
            field: 'fieldManager',
          },
        ],
      },
    },
  ],
  [
    'an object that its rules do not allow',
    [
      'POST',
      `${CORE}/pods`,
      json({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'y' }, spec: { containers: [] } }),
    ],
    {
      code: 422,
      reason: 'Invalid',
      message: 'Pod "y" is invalid: spec.containers: Required value',
      details: {
        name: 'y',
        kind: 'Pod',
        causes: [
          { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers' },
        ],
      },
    },
  ],
  [
    'a change of what does not change',
    [
      'PATCH',
      `${APPS}/deployments/web`,
      json(
        {
          spec: {
            selector: { matchLabels: { app: 'b' } },
            template: { metadata: { labels: { app: 'b' } } },
          },
        },
        { type: 'application/merge-patch+json' },
      ),
    ],
    {
      code: 422,
      reason: 'Invalid',
      message:
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"b"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
      details: {
        name: 'web',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message:
              'Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"b"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
            field: 'spec.selector',
          },
        ],
      },
    },
  ],
  [
    'a JSON patch whose test fails',
    [
      'PATCH',
      `${APPS}/deployments/web`,
      json([{ op: 'test', path: '/spec/replicas', value: 9 }], {
        type: 'application/json-patch+json',
      }),
    ],
    {
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    },
  ],
  [
    'a field that cannot be selected',
    ['GET', `${CORE}/pods?fieldSelector=spec.foo%3D1`],
    { code: 400, reason: 'BadRequest', message: 'field label not supported: spec.foo' },
  ],
  [
    'what the caller may not do',
    ['GET', `${CORE}/pods`, { headers: { 'impersonate-user': 'dev' } }],
    {
      code: 403,
      reason: 'Forbidden',
      message:
        'pods is forbidden: User "dev" cannot list resource "pods" in API group "" in the namespace "default"',
      details: { kind: 'pods' },
    },
  ],
  [
    'what the caller may not do anywhere',
    ['GET', '/api/v1/nodes/n1', { headers: { 'impersonate-user': 'dev' } }],
    {
      code: 403,
      reason: 'Forbidden',
      message:
        'nodes "n1" is forbidden: User "dev" cannot get resource "nodes" in API group "" at the cluster scope',
      details: { name: 'n1', kind: 'nodes' },
    },
  ],
  [
    'something new in a namespace that goes',
    ['POST', '/api/v1/namespaces/gone/configmaps', json(config('a'))],
    {
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "a" is forbidden: unable to create new content in namespace gone because it is being terminated',
      details: {
        name: 'a',
        kind: 'configmaps',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace gone is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
    },
  ],
];
