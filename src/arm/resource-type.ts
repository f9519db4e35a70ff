/**
 * What a resource type is: one declaration from which routes, body checks, per-version shapes, poll behaviour and the
 * OpenAPI document follow. `resources/` writes them; `verbs/` carries them out, the same way for every type.
 *
 * `Ports` is what the declarations need of the world (the fleet, the vault); this room passes it through unseen.
 */
import type { TSchema } from 'typebox';
import type { Step } from '#operations/operation.ts';
import type { Failure, Fault } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { Writer } from '#store/database.ts';
import type { PollStyle } from '#store/operations.ts';
import type { ResourceRow } from '#store/resources.ts';

import type { NamespaceVersions, Span } from './versions.ts';

export type { ResourceRow } from '#store/resources.ts';

/** A transaction, to be handed to a port and looked at by nobody on the way. */
export type Transaction = Writer;

/** The resource that a request or an operation is about, and what stands above it. */
export interface Target<Ports> {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly ports: Ports;
  /** As stored; undefined where it does not exist (yet). */
  readonly resource: ResourceRow | undefined;
  /** The tracked resource at the top: itself for a top-level type. Undefined only where itself does not exist yet. */
  readonly root: ResourceRow | undefined;
  readonly now: Instant;
}

/** A target whose resource exists. */
export type Existing<Ports> = Target<Ports> & { readonly resource: ResourceRow };

/** A body as it may be stored, or what is wrong with it. */
export type Received = { readonly body: JsonObject } | { readonly faults: readonly Fault[] };

/** A plan, or why there is none. */
export type Plan = readonly Step[];

/** What the published contract of an operation says beyond what follows from its verb. */
export interface Published {
  /** Statuses of success, in place of the verb's own. */
  readonly statuses?: readonly number[];
  /** Api-versions whose answers are published without a body. */
  readonly bodilessIn?: Span;
  /** Api-versions that mark it as long-running. Default: all, where it takes steps. */
  readonly longRunningIn?: Span;
  /** Where a client reads how it ended, and the api-versions that say so. */
  readonly finalState?: { readonly via: 'location' | 'azure-async-operation'; readonly in: Span };
  /** What a page of a list is called, where it is not the resource's name with `List` behind it. */
  readonly listName?: string;
  /** Parameters of the query, each with the api-versions that have it. */
  readonly query?: Readonly<Record<string, Span>>;
}

interface Operation {
  /** The official operation id, such as `Shares_Get`. */
  readonly id: string;
  /** First and last api-version that has it; absent: all of the namespace. */
  readonly since?: string;
  readonly until?: string;
  readonly published?: Published;
}

export interface PutOperation<Ports> extends Operation {
  /** Steps to the desired state; without it the put is synchronous. */
  readonly plan?: (target: Target<Ports>, body: JsonObject) => Promise<Plan>;
  /** Poll headers; default `location` (202 without a body). */
  readonly style?: PollStyle;
  /** Seen at once as Creating, rather than 404 until done (roles, addons). */
  readonly isVisibleAtOnce?: boolean;
}

export interface PatchOperation extends Operation {
  /** What may be sent. */
  readonly body: TSchema;
  /** The resource's body with the patch in it. Default: RFC 7396 with `tags` replaced whole. */
  readonly merge?: (resource: ResourceRow, patch: JsonObject) => JsonObject;
}

export interface DeleteOperation<Ports> extends Operation {
  /** Steps to its end; undefined: it goes at once, with a 200. */
  readonly plan: (target: Existing<Ports>) => Promise<Plan | undefined>;
  /** Why it may not go now: 409. */
  readonly refusal?: (target: Existing<Ports>) => Promise<Failure | undefined>;
  readonly style?: PollStyle;
}

export interface ActionOperation<Ports> extends Operation {
  readonly body?: TSchema;
  /** Nothing need be sent. */
  readonly isBodyOptional?: boolean;
  /** The shape of a synchronous answer, for the OpenAPI document. */
  readonly answer?: TSchema;
  /** Does it now; the answer's body. Exactly one of `act` and `plan`. */
  readonly act?: (target: Existing<Ports>, body: JsonObject) => Promise<JsonObject>;
  readonly plan?: (target: Existing<Ports>, body: JsonObject, operationId: string) => Promise<Plan>;
  /** Takes in what must not be stored as sent, as the type's own `receive` does. */
  readonly receive?: (target: Existing<Ports>, body: JsonObject) => Promise<Received>;
  /** The resource's body afterwards, where `act` changes it: written first, so `act` sees it. */
  readonly change?: (target: Existing<Ports>, body: JsonObject) => JsonObject;
  readonly style?: PollStyle;
  /** It changes nothing of the resource: it waits for no other operation, and none waits for it. Jobs are so anyway. */
  readonly leavesFree?: boolean;
  /** What it comes to is the whole body of its poll URL, with the status beside it; else it is in `properties` there. */
  readonly isOutputFlat?: boolean;
  /** Where below the resource its poll URL hangs, such as `securitySettings/default` [rec 11]; default: directly. */
  readonly pollPath?: string;
}

export interface ListOperation extends Operation {
  /** Reads `$filter`: what an entry must be, or undefined where the text cannot be read. Absent: `$filter` is ignored. */
  readonly filter?: (text: string) => ((view: JsonObject) => boolean) | undefined;
  /** `ListBySubscription` beside `ListByResourceGroup` of a tracked type. */
  readonly bySubscription?: Operation;
}

export interface Operations<Ports> {
  readonly list?: ListOperation;
  readonly get?: Operation;
  readonly put?: PutOperation<Ports>;
  readonly patch?: PatchOperation;
  readonly delete?: DeleteOperation<Ports>;
  /** By the action's name as it stands in the URL. */
  readonly actions?: Readonly<Record<string, ActionOperation<Ports>>>;
}

/** Locations of a tracked type: the names shown, such as `East US`. */
export type Locations = readonly string[];

export interface ResourceType<Ports> {
  /** `Microsoft.DataBoxEdge`. */
  readonly namespace: string;
  /** `dataBoxEdgeDevices/shares`. */
  readonly type: string;
  /** The type in the casing that ARM registered, for its own errors [rec 17]. */
  readonly registeredType?: string;
  readonly versions: NamespaceVersions;
  /** Tracked: location, tags, a resource of ARM's own. Needs `locations`. */
  readonly locations?: Locations;
  /** Its URLs are poll URLs: the service's own old versions are taken too [rec 14]. */
  readonly isPollTarget?: boolean;
  /** The name's parameter in the official paths: `deviceName`, `name`, `roleName`. */
  readonly nameParameter: string;
  /** As `nameParameter`, where it stands above a child. Default: the same. */
  readonly parentParameter?: string;
  /** Lives in a subscription rather than in a resource group: it can only be listed (`availableSkus`). */
  readonly isSubscriptionWide?: boolean;
  /** Only this name exists. */
  readonly singleton?: string;
  /** Of types that are found: what a name may look like at all, as the contract says. */
  readonly namePattern?: RegExp;
  /** What the operations list calls such resources; default: the type's last segment in words. */
  readonly title?: string;
  /** What others offer on such resources, as the operations list shows it. */
  readonly furtherOperations?: readonly JsonObject[];
  /** What is wrong with a name, or undefined; beyond ARM's own rules. */
  readonly nameFault?: (name: string) => string | undefined;
  /** The whole resource in its newest shape, with marks. */
  readonly schema: TSchema;
  /** By `kind`, for types whose properties depend on it. One that some api-versions lack is not seen in those. */
  readonly kinds?: Readonly<Record<string, TSchema>>;
  readonly operations: Operations<Ports>;
  /** Takes in what must not be stored as sent: secrets are opened and sealed, or a fault says why not. */
  readonly receive?: (target: Target<Ports>, body: JsonObject) => Promise<Received>;
  /** All faults of a well-formed body, given what stands around it. */
  readonly check?: (target: Target<Ports>, body: JsonObject) => Promise<readonly Fault[]>;
  /** Why a put may not happen now, whatever its body: 400 unless it says otherwise. */
  readonly refusal?: (target: Target<Ports>, body: JsonObject) => Promise<Failure | undefined>;
  /** What a GET shows, newest shape: desired joined with observed. */
  readonly view: (target: Existing<Ports>) => Promise<JsonObject>;
  /**
   * What `view` reads besides the row, as one object that never changes: as long as both are the same, so is what is shown,
   * and it is not made again. Absent where the view reads more than that, or is seldom asked for.
   */
  readonly seen?: (target: Existing<Ports>) => object | Promise<object>;
  /** What the answer of a put or patch shows, where that is not the view [rec 3]. */
  readonly viewAfterWrite?: (target: Existing<Ports>) => Promise<JsonObject>;
  /** What a device has of it by itself, for types right below one; a PUT under such a name stores it, nothing deletes it. */
  readonly builtIns?: (device: Existing<Ports>) => Promise<readonly BuiltIn[]>;
  /**
   * For types that are not in the store: finds one by name on the machine. What stands above one of these may be found
   * as well, down from the device. An action on one gets the device as the target's `resource`.
   */
  readonly find?: (target: Target<Ports>) => Promise<JsonObject | undefined>;
  /** As `find`, all below the target; undefined where that is not there. */
  readonly findAll?: (target: Target<Ports>) => Promise<readonly JsonObject[] | undefined>;
  /** As `findAll`, for a subscription-wide type. */
  readonly findInSubscription?: (
    target: SubscriptionTarget<Ports>,
  ) => Promise<readonly JsonObject[]>;
  /** Removes what hangs on it outside the resources table, in the transaction that removes it. */
  readonly forget?: (
    ports: Ports,
    resource: ResourceRow,
    transaction: Transaction,
  ) => Promise<void>;
}

/** Where a list of a subscription-wide type looks. */
export interface SubscriptionTarget<Ports> {
  readonly subscriptionId: string;
  readonly ports: Ports;
}

/** A resource that is there without anybody's PUT, with the body that a PUT would have stored. */
export interface BuiltIn {
  readonly name: string;
  readonly body: JsonObject;
}

/** Declares a resource type; the identity function, for its types and to be found by name. */
export function defineResource<Ports>(definition: ResourceType<Ports>): ResourceType<Ports> {
  return definition;
}

/** `microsoft.databoxedge/databoxedgedevices/shares`. */
export function typeKey(type: { readonly namespace: string; readonly type: string }): string {
  return `${type.namespace}/${type.type}`.toLowerCase();
}

/** The types by key. Built once in `app.ts` from the explicit list. */
export type Registry<Ports> = ReadonlyMap<string, ResourceType<Ports>>;

export function registryOf<Ports>(types: readonly ResourceType<Ports>[]): Registry<Ports> {
  return new Map(types.map((type) => [typeKey(type), type]));
}

/** A member of a stored body that is a text, or an empty one. */
export function textIn(body: JsonObject, name: string): string {
  const value: Json | undefined = body[name];
  return typeof value === 'string' ? value : '';
}

/** A member of a stored body that is an object, or an empty one. */
export function objectIn(body: JsonObject, name: string): JsonObject {
  const value: Json | undefined = body[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
