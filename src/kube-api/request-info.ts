/**
 * What a URL asks for: a resource with its namespace, name and subresource, or a path that is none.
 * Source: apiserver endpoints/request/requestinfo.go.
 */

export interface ResourceRequest {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Reads a path below the cluster's own; undefined where it names no resource. */
export function resourceRequestOf(path: string): ResourceRequest | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const [root] = parts;
  const isCore = root === 'api';
  if (!isCore && root !== 'apis') return undefined;
  const [group = '', version] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(isCore ? 2 : 3);
  if (version === undefined || rest.length === 0) return undefined;
  const base = { group, version };
  const [first = '', second, third = '', ...more] = rest;
  // `namespaces/x/pods` is about pods; `namespaces/x`, its status and its finalizers are about the namespace.
  const isInside =
    first === 'namespaces' &&
    second !== undefined &&
    third !== '' &&
    !(isCore && (third === 'status' || third === 'finalize') && more.length === 0);
  if (isInside) {
    if (more.length > 2) return undefined;
    return { ...base, namespace: second, resource: third, name: more[0], subresource: more[1] };
  }
  if (more.length > 0) return undefined;
  return {
    ...base,
    namespace: undefined,
    resource: first,
    name: second,
    subresource: third === '' ? undefined : third,
  };
}

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection';

/** The verb of a request, as RBAC names it; undefined for methods that mean nothing. */
export function verbOf(
  method: string,
  { name }: ResourceRequest,
  query: URLSearchParams,
): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD': {
      const isWatch = ['1', 'true'].includes(query.get('watch') ?? '');
      if (isWatch) return 'watch';
      return name === undefined ? 'list' : 'get';
    }
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}
