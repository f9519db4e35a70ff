/**
 * ARM ids: how they are taken apart, compared and put together. Ids compare without case; shown ids keep the casing of
 * their first writing (arm-protocol §1.1).
 */
import { resourceGroupKey } from '#store/resource-groups.ts';

export interface ResourceId {
  /** As written, one leading slash, none doubled, none at the end. */
  readonly id: string;
  /** The id in lower case: how it is compared and stored. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** `Microsoft.DataBoxEdge`, as written. */
  readonly namespace: string;
  /** Types from the top: `['dataBoxEdgeDevices', 'shares']`, as written. */
  readonly types: readonly string[];
  /** Names from the top, one a type. */
  readonly names: readonly string[];
}

const RESOURCE_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/([^/]+)((?:\/[^/]+\/[^/]+)+)$/i;

/** Takes a resource's id apart; undefined when it is none. `text` is decoded already. */
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

/** Doubled slashes made one, the trailing one dropped: az sends both (arm-protocol §1.1). */
export function cleanPath(path: string): string {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** The id as the path of a URL: names may have letters that no header carries, and `#` [rpc: ids are not encoded]. */
export function urlPathOf(id: string): string {
  return id.split('/').map(encodeURIComponent).join('/');
}

/** `microsoft.databoxedge/databoxedgedevices/shares`. */
export function typeKeyOf(id: ResourceId): string {
  return `${id.namespace}/${id.types.join('/')}`.toLowerCase();
}

/** Key of the resource above, or undefined for a top-level one. */
export function parentKeyOf(id: ResourceId): string | undefined {
  return id.types.length < 2 ? undefined : id.key.split('/').slice(0, -2).join('/');
}

/** Key of the top-level resource it belongs to: itself for a top-level one. */
export function rootKeyOf(id: ResourceId): string {
  return id.key.split('/').slice(0, 9).join('/');
}

/** Whether the resource of `key` is the one of `above`, or below it. */
export function isWithin(key: string, above: string): boolean {
  return key === above || key.startsWith(`${above}/`);
}

export function groupKeyOf(id: ResourceId): string {
  return resourceGroupKey(id.subscriptionId, id.resourceGroup);
}

/** The last name. */
export function nameOf(id: ResourceId): string {
  return id.names.at(-1) ?? '';
}
