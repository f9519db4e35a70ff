/** What a route of the platform is: a path, what it asks of a caller, and who carries it out. Mounted by `http.ts`. */
import type { Answer } from './polling.ts';
import type { Arrival } from './provider.ts';
import type { Actor } from './system-data.ts';
import type { Json } from '#shared/json.ts';

/** Somebody who has signed in. */
export interface Caller {
  /** Of the service principal or user: what roles are assigned to. Lower case. */
  readonly objectId: string;
  /** The client id, or the user's name: how ARM's texts call it. */
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
  readonly origin: string;
  /** The whole URL as the caller used it. */
  readonly url: string;
  readonly correlationId: string;
  /** Who says that they call: for `systemData`, where that is no matter of access. */
  readonly actor: Actor;
  /** Who calls; undefined where nobody has to sign in. */
  readonly caller: Caller | undefined;
  /** Refuses another request of the same caller's, which this one would make. */
  admit(other: Omit<Arrival, 'headers'>): Promise<void>;
}

export interface PlatformRoute {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly summary: string;
  /** The type that access is asked for, such as `Microsoft.Resources/subscriptions/resourceGroups`. */
  readonly type: string;
  /** `read`, `write`, `delete`, `x/action`. */
  readonly permission: string;
  /** Reads the body in place of JSON's strict reader; throws a refusal. */
  readonly readBody?: (text: string) => Json | undefined;
  carryOut(call: PlatformCall): Promise<Answer>;
}
