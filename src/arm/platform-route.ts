/** The shape of a route of the platform: its path, the permission that it needs, and its handler. */
import type { Answer } from './polling.ts';
import type { IncomingRequest } from './provider.ts';
import type { Actor } from './system-data.ts';
import type { Json } from '#shared/json.ts';

/** A caller who has signed in. */
export interface Caller {
  /** Of the service principal or user, to which roles are assigned. Lower case. */
  readonly objectId: string;
  /** The client id, or the user's name: the name in ARM's messages. */
  readonly name: string;
}

/** A call that has passed the checks. */
export interface PlatformCall {
  readonly parameters: Readonly<Record<string, string>>;
  /** Lower case; empty on tenant-wide paths. */
  readonly subscriptionId: string;
  /** Decoded and cleaned. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Json | undefined;
  /** The body as it was sent; empty where there is none. */
  readonly bodyText: string;
  readonly origin: string;
  /** The whole URL as the caller used it. */
  readonly url: string;
  readonly correlationId: string;
  /** For `systemData`: who the caller claims to be, whether or not sign-in is required. */
  readonly actor: Actor;
  /** The authenticated caller; undefined where callers need not sign in. */
  readonly caller: Caller | undefined;
  /** Checks another request that this call will make for the same caller, and throws where it is refused. */
  admit(other: Omit<IncomingRequest, 'headers'>): Promise<void>;
}

export interface PlatformRoute {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly summary: string;
  /** The type whose permission is checked, such as `Microsoft.Resources/subscriptions/resourceGroups`. */
  readonly type: string;
  /** `read`, `write`, `delete`, `x/action`. */
  readonly permission: string;
  carryOut(call: PlatformCall): Promise<Answer>;
}
