/**
 * ARM ids: how every room takes them apart, compares them and puts them together. Ids compare without case, so each has a
 * key in lower case; shown ids keep the casing of their first writing (arm-protocol §1.1). Pure.
 *
 * An id from a request is parsed, and `undefined` means that it is malformed. An id that we stored ourselves is well formed,
 * so the functions that end in `Of` and take a text assert that it is.
 */
import { present } from './assert.ts';

/** The id of a resource in a resource group, taken apart. */
export interface ResourceId {
  /** As written, one leading slash, none doubled, none at the end. */
  readonly id: string;
  /** The id in lower case: how it is compared and stored. */
  readonly key: string;
  /** In lower case. */
  readonly subscriptionId: string;
  /** As written. */
  readonly resourceGroup: string;
  /** `Microsoft.DataBoxEdge`, as written. */
  readonly namespace: string;
  /** Types from the top: `['dataBoxEdgeDevices', 'shares']`, as written. */
  readonly types: readonly string[];
  /** Names from the top, one for each type, as written. */
  readonly names: readonly string[];
}

const RESOURCE_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/([^/]+)((?:\/[^/]+\/[^/]+)+)$/i;

/** Takes a resource's id apart; undefined when it is not the id of a resource. `text` is already decoded. */
export function parseResourceId(text: string): ResourceId | undefined {
  const id = cleanPath(text);
  const match = RESOURCE_ID.exec(id);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup = '', namespace = '', rest = ''] = match;
  const segments = rest.slice(1).split('/');
  return {
    id,
    key: id.toLowerCase(),
    subscriptionId: subscriptionId.toLowerCase(),
    resourceGroup,
    namespace,
    types: segments.filter((_, index) => index % 2 === 0),
    names: segments.filter((_, index) => index % 2 === 1),
  };
}

/** As `parseResourceId`, for an id or key that we stored or built ourselves: a malformed one is a bug. */
export const resourceIdOf = (text: string): ResourceId =>
  present(parseResourceId(text), `the id of a resource in '${text}'`);

/** What an id of any kind begins with: its subscription in lower case, and its resource group as written, if any. */
export interface Enclosing {
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;
}

const ENCLOSING = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?(?:\/|$)/i;

/** The subscription and the group that an id is in; undefined when the id is in no subscription. */
export function parseEnclosing(id: string): Enclosing | undefined {
  const match = ENCLOSING.exec(id);
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup] = match;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup };
}

/** As `parseEnclosing`, for an id or key that we stored or built ourselves. */
export const enclosingOf = (id: string): Enclosing =>
  present(parseEnclosing(id), `the subscription in '${id}'`);

/** The subscription of an id or key of any kind, in lower case. */
export const subscriptionIdOf = (id: string): string => enclosingOf(id).subscriptionId;

/** `/subscriptions/{s}/resourcegroups/{name}` in lower case: the key of a resource group. */
export const resourceGroupKey = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourcegroups/${name}`.toLowerCase();

/** The key of the resource group that a resource is in. */
export const groupKeyOf = (id: ResourceId): string =>
  resourceGroupKey(id.subscriptionId, id.resourceGroup);

/** `/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/{name}`: what follows the resource group in an id, as written. */
export const pathInGroup = ({ id }: ResourceId): string => `/${id.split('/').slice(5).join('/')}`;

/** `microsoft.databoxedge/databoxedgedevices/shares`. */
export const typeKeyOf = (id: ResourceId): string =>
  `${id.namespace}/${id.types.join('/')}`.toLowerCase();

/** The name of the resource itself: the last one. */
export const nameOf = (id: ResourceId): string => present(id.names.at(-1), 'the name in an id');

/** A path up to its `count`th segment, the empty one before the first slash included; the path itself where it has no more. */
export function firstSegments(path: string, count: number): string {
  let end = -1;
  for (let segment = 0; segment < count; segment++) {
    end = path.indexOf('/', end + 1);
    if (end === -1) return path;
  }
  return path.slice(0, end);
}

/** What stands behind the last slash of an id, a key, a type or a path: the name of what it names. */
export const lastSegmentOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The key of the resource above, or undefined for a top-level one. */
export const parentKeyOf = (id: ResourceId): string | undefined =>
  id.types.length < 2 ? undefined : above(id, id.types.length - 1).toLowerCase();

/** The id of the top-level resource that it belongs to, as written: itself for a top-level one. */
export const rootIdOf = (id: ResourceId): string => above(id, 1);

/** The key of the top-level resource that it belongs to. */
export const rootKeyOf = (id: ResourceId): string => rootIdOf(id).toLowerCase();

/** The id up to its `count`th name, as written: eight segments lead to the first name, and two to each further one. */
const above = ({ id }: ResourceId, count: number): string => firstSegments(id, 7 + 2 * count);

/**
 * The scopes at which what holds at `scope` may be set: everything (empty), its subscription, its group, the resources above it, and
 * itself, which is the last. In the casing of `scope`.
 */
export function scopesAbove(scope: string): string[] {
  const segments = scope.split('/');
  // `/subscriptions/{s}`, `/resourceGroups/{g}`, then `/providers/{namespace}/{type}/{name}` and pairs of type and name.
  const isEnd = (end: number): boolean => end === 3 || end === 5 || (end >= 9 && end % 2 === 1);
  const above = segments.flatMap((_, end) => (isEnd(end) ? segments.slice(0, end).join('/') : []));
  return scope === '' ? [''] : ['', ...above, scope];
}

/** The namespace of a type such as `Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares`. */
export const namespaceOfType = (type: string): string => type.split('/')[0] ?? '';

/** What follows the namespace in a type: `dataBoxEdgeDevices/shares`. */
export const pathOfType = (type: string): string => type.split('/').slice(1).join('/');

/** Whether `key` is the key `enclosing`, or lies below it. */
export const isWithin = (key: string, enclosing: string): boolean =>
  key === enclosing || key.startsWith(`${enclosing}/`);

/**
 * The range that everything below a key is in, for a comparison byte by byte: greater than `after` and less than `before`.
 * Every key below begins with the key and a slash, and `0` is the character that follows the slash.
 */
export const rangeBelow = (key: string): { readonly after: string; readonly before: string } => ({
  after: `${key}/`,
  before: `${key}0`,
});

/** Doubled slashes made one and the one at the end dropped: az sends both (arm-protocol §1.1). */
export function cleanPath(path: string): string {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** The id as the path of a URL: names may have letters that no header carries, and `#` [rpc: ids are not encoded]. */
export const urlPathOf = (id: string): string => id.split('/').map(encodeURIComponent).join('/');
