/** What every verb works with: the parts of the running service below the protocol, and the request at hand. */
import type { Clock } from '#schedule/clock.ts';
import { assert } from '#shared/assert.ts';
import type { Json } from '#shared/json.ts';
import type { Logger } from '#shared/logger.ts';
import type { Database } from '#store/database.ts';
import type { Era } from './eras.ts';
import type { Conditions } from './etag.ts';
import type { ResourceId } from '#shared/arm-id.ts';
import type { Registry, ResourceType, StoredType } from './resource-type.ts';
import type { Actor } from './system-data.ts';

export interface Provider {
  readonly database: Database;
  readonly clock: Clock;
  /** The world's seed: ids are drawn from it. */
  readonly seed: string;
  readonly registry: Registry;
  /** The waits of the recordings of one year (`EDGETWIN_ERA`). */
  readonly era: Era;
  /** Poll headers that suit every poller in place of the recorded ones (`EDGETWIN_LRO_STYLE`). */
  readonly isAzureAsync: boolean;
  /** Any GUID is a subscription and comes into being on first use (`EDGETWIN_SUBSCRIPTIONS`). */
  readonly hasOpenSubscriptions: boolean;
  /** Writes need a registered provider (`EDGETWIN_REGISTRATION`). */
  readonly isRegistrationEnforced: boolean;
  /** A newer api-version than we know is served as the newest, with a warning (`EDGETWIN_API_VERSIONS`). */
  readonly hasLooseVersions: boolean;
  /** Answers have `systemData` where the contract has it (`EDGETWIN_SYSTEM_DATA`). */
  readonly showsSystemData: boolean;
  /** Further checks that every request passes, in order, before its body is read: sign-in, locks, … */
  readonly hooks: readonly Hook[];
  readonly log: Logger;
}

/** A request as it arrives, for the hooks. */
export interface IncomingRequest {
  readonly method: string;
  /** Decoded and cleaned, without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Namespace and type in registered casing, where the route has one. */
  readonly type: string | undefined;
  /** `read`, `write`, `delete`, or an action's path followed by `/action`: what access is asked for. */
  readonly permission: string;
}

/** Refuses by throwing; gives a promise only where it has to wait. */
export type Hook = (incoming: IncomingRequest) => Promise<void> | undefined;

/** A request that has passed the hooks: its route, version and subscription are known to be good. */
export interface ArmRequest<T extends ResourceType = ResourceType> {
  readonly type: T;
  /** The kept api-version that serves it. */
  readonly version: string;
  /** The version as sent, for the URLs that go back. */
  readonly askedVersion: string;
  /** `http://host:port` as the caller used it. */
  readonly origin: string;
  /** The whole URL as the caller used it. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly subscriptionId: string;
  /** The resource's id, or undefined for lists. */
  readonly id: ResourceId | undefined;
  readonly conditions: Conditions;
  /** Who sends it. */
  readonly actor: Actor;
  /** It comes from the control door, which may do what clients of ARM may not. */
  readonly isOfControl?: boolean;
  /** As the provider's. */
  readonly showsSystemData: boolean;
  /** The body, or undefined where none was sent. */
  readonly body: Json | undefined;
}

/** True for a request to a type whose resources are stored. */
export const isStoredRequest = (request: ArmRequest): request is ArmRequest<StoredType> =>
  request.type.category === 'stored';

/** The request, whose route or caller knows that the type's resources are stored. */
export function storedRequest(request: ArmRequest): ArmRequest<StoredType> {
  assert(isStoredRequest(request), `resources of type ${request.type.type} are not stored`);
  return request;
}
