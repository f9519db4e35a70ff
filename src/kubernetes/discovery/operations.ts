/** What the OpenAPI documents say that can be done with each kind, and where. Source: kube-openapi; kubernetes-api.md 1.3. */
import type { Json, JsonObject } from '#shared/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { SUBRESOURCES } from './subresources.ts';

/** What a write may say in its query; kubectl looks for `fieldValidation` and `dryRun`. */
export const WRITE_PARAMETERS: readonly string[] = ['dryRun', 'fieldManager', 'fieldValidation'];

export const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** How a version of OpenAPI writes an operation, and a parameter of a path. */
interface Writers {
  readonly operation: (kind: Kind, action: string) => JsonObject;
  readonly path: (name: string) => JsonObject;
}

/** The paths of a kind. */
export function pathsOfKind(kind: Kind, { operation, path }: Writers): { [path: string]: Json } {
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
  const collection = `${base}${kind.isNamespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`;
  const shared = kind.isNamespaced ? [path('namespace')] : [];
  const named = [path('name'), ...shared];
  const single = (): JsonObject => ({
    get: operation(kind, 'get'),
    put: operation(kind, 'put'),
    patch: operation(kind, 'patch'),
  });
  const paths: { [path: string]: Json } = {
    [collection]: {
      get: operation(kind, 'list'),
      post: operation(kind, 'post'),
      delete: operation(kind, 'deletecollection'),
      parameters: shared,
    },
    [`${collection}/{name}`]: {
      ...single(),
      delete: operation(kind, 'delete'),
      parameters: named,
    },
  };
  if (kind.isNamespaced) paths[`${base}/${kind.resource}`] = { get: operation(kind, 'list') };
  const below = [
    ...(kind.hasStatus ? ['status'] : []),
    ...(SUBRESOURCES[kind.key] ?? []).map(({ name }) => name),
  ];
  for (const name of below) {
    paths[`${collection}/{name}/${name}`] = { ...single(), parameters: named };
  }
  return paths;
}
