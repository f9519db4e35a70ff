/**
 * `systemData`: who made a resource and who last asked for a change of it. Kept for every write, shown where the service is
 * told to (`EDGETWIN_SYSTEM_DATA`) and the type has it: no recorded answer of the real service does [rec 8].
 */
import { formatInstant, type Instant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { ResourceRow } from '#store/resources.ts';

/** Who sends a request. */
export interface Actor {
  readonly name: string;
  readonly type: 'User' | 'Application';
}

/** Who sends no token, or one that says nothing [ours]. */
const ANONYMOUS: Actor = { name: 'anonymous', type: 'User' };
/** Deployments, deletions of groups and the like: the service's own requests [ours]. */
export const PLATFORM: Actor = { name: 'Microsoft.Resources', type: 'Application' };

/** Who the bearer token names. Not a check: where that counts, the gate has made it already. */
export function actorOf(authorization: string | undefined): Actor {
  const [, payload] = /^Bearer +[\w-]*\.([\w-]*)\./i.exec(authorization ?? '') ?? [];
  const claims = payload === undefined ? undefined : claimsIn(payload);
  if (typeof claims?.upn === 'string') return { name: claims.upn, type: 'User' };
  const id = claims?.appid ?? claims?.oid;
  return typeof id === 'string' ? { name: id, type: 'Application' } : ANONYMOUS;
}

function claimsIn(payload: string): JsonObject | undefined {
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Json;
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** What is kept of a write by `actor`; times are those of the request, whatever becomes of its operation [rpc]. */
export function systemDataOf(actor: Actor, now: Instant, old: ResourceRow | undefined): JsonObject {
  const at = formatInstant(now);
  const created = old?.systemData ?? {
    createdBy: actor.name,
    createdByType: actor.type,
    // Of a row from before this was kept, the moment is known and the rest is taken from whoever changes it [rad].
    createdAt: formatInstant(old?.createdAt ?? now),
  };
  return {
    ...created,
    lastModifiedBy: actor.name,
    lastModifiedByType: actor.type,
    lastModifiedAt: at,
  };
}
