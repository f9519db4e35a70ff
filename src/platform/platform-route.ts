/** What a route of the platform is: a path, what it asks of a caller, and who carries it out. Mounted by `http.ts`. */
import type { Answer } from '#arm/polling.ts';
import type { Json } from '#shared/json.ts';
import type { Caller } from './sign-in/callers.ts';

/** A call that has passed the checks. */
export interface PlatformCall {
  readonly parameters: Readonly<Record<string, string>>;
  /** Lower case; empty on tenant-wide paths. */
  readonly subscriptionId: string;
  /** Decoded and cleaned. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Json | undefined;
  readonly origin: string;
  /** The whole URL as the caller used it. */
  readonly url: string;
  readonly correlationId: string;
  /** Who calls; undefined where nobody has to sign in. */
  readonly caller: Caller | undefined;
}

export interface PlatformRoute {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly summary: string;
  /** The type that access is asked for, such as `Microsoft.Resources/subscriptions/resourceGroups`. */
  readonly type: string;
  /** `read`, `write`, `delete`, `x/action`. */
  readonly permission: string;
  carryOut(call: PlatformCall): Promise<Answer>;
}
