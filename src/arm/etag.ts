/**
 * Etags: a weak one of two stamps, as devices show it in their body [rec 2], and the conditions that a request may put
 * on it (arm-protocol §3). Compared as opaque texts.
 */
import { formatInstant, type Instant } from '#shared/instant.ts';
import type { ResourceRow } from '#store/resources.ts';
import { errors } from './errors.ts';

type Stamped = Pick<ResourceRow, 'createdAt' | 'changedAt' | 'revision'>;

/** Rows are never changed and are read many times: what was made of one is kept with it. */
const made = new WeakMap<Stamped, string>();

/** The resource's etag; the revision fills the digits that milliseconds leave free, so each write has its own. */
export function etagOf(resource: Stamped): string {
  let etag = made.get(resource);
  if (etag === undefined) {
    const { createdAt, changedAt, revision } = resource;
    etag = `W/"${stamp(createdAt, 0)}"_W/"${stamp(changedAt, revision)}"`;
    made.set(resource, etag);
  }
  return etag;
}

function stamp(at: Instant, revision: number): string {
  const text = formatInstant(at).slice(0, -1).replaceAll(':', '%3A');
  return `datetime'${text}${String(revision % 10_000).padStart(4, '0')}Z'`;
}

/** The conditions of a request, as its headers say them. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** Refuses with 412 where the resource is not in the state that the request was made for [rpc]. */
export function checkConditions(
  { ifMatch, ifNoneMatch }: Conditions,
  resource: ResourceRow | undefined,
): void {
  if (resource === undefined) {
    if (ifMatch !== undefined) throw errors.preconditionFailed();
    return;
  }
  if (ifNoneMatch === '*') throw errors.preconditionFailed();
  if (ifMatch === undefined || ifMatch === '*') return;
  if (ifMatch !== etagOf(resource)) throw errors.preconditionFailed();
}
