/**
 * What a resource type does: the functions that the verbs call, beside what it declares (`declaration.ts`). `resources/` has
 * one definition for each type and binds it to the running service; `verbs/` carries the operations out, the same way for
 * every type. The verbs see bodies as JSON.
 */
import type { Step } from '#operations/operation.ts';
import type { ErrorBody, Failure, Fault } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Writer } from '#store/database.ts';
import type { PollStyle } from '#store/operations.ts';
import type { ResourceRow } from '#store/resources.ts';
import {
  type DeclaredAction,
  type DeclaredList,
  type DeclaredOperation,
  type DeclaredPatch,
  type DeclaredWrite,
  type ResourceDeclaration,
  typeKey,
} from './declaration.ts';

export type { PollStyle } from '#store/operations.ts';
export type { ResourceRow } from '#store/resources.ts';

/** A transaction, which a type hands on to its ports and does not look into. */
export type Transaction = Writer;

/** A stored resource whose body is known to be a `Body`. */
export type RowOf<Body> = Omit<ResourceRow, 'body'> & { readonly body: Body };

/** The resource that a request or an operation is about, and the one at the top above it. */
export interface Target<Body = JsonObject> {
  /** As first written. */
  readonly id: string;
  readonly key: string;
  readonly name: string;
  /** As stored; undefined when it does not exist (yet). */
  readonly resource: RowOf<Body> | undefined;
  /** The tracked resource at the top: itself for a top-level type. Undefined only when that is itself and does not exist. */
  readonly root: ResourceRow | undefined;
  readonly now: Instant;
}

/** A target whose resource exists. */
export type Existing<Body = JsonObject> = Target<Body> & { readonly resource: RowOf<Body> };

/** Something that is observed on a device, or a collection of such things. */
export type ObservedTarget = Target & { readonly device: ResourceRow };

/** What a list of a subscription type is for. */
export interface SubscriptionTarget {
  readonly subscriptionId: string;
}

/** A body as it may be stored, or what is wrong with it. */
export type Received<Body = JsonObject> =
  | { readonly body: Body }
  | { readonly faults: readonly Fault[] };

/** The steps of a long-running operation. */
export type Plan = readonly Step[];

/**
 * The types that the functions of a type are written in. A definition in `resources/` has those that follow from its schema;
 * the verbs have `JsonShapes`.
 */
export interface Shapes {
  /** What a target has with it besides the resource. */
  readonly context: object;
  /** A body as a client may send it. */
  readonly accepted: object;
  /** A body as it is stored. */
  readonly stored: object;
  /** The resource as a GET shows it. */
  readonly shown: object;
}

interface JsonShapes extends Shapes {
  readonly accepted: JsonObject;
  readonly stored: JsonObject;
  readonly shown: JsonObject;
}

type TargetIn<S extends Shapes> = Target<S['stored']> & S['context'];
type ExistingIn<S extends Shapes> = Existing<S['stored']> & S['context'];
type ObservedIn<S extends Shapes> = ObservedTarget & S['context'];

/** What holds for every resource of a type, or depends on the body that is stored. */
type ByBody<T extends string | boolean, S extends Shapes> = T | ((body: S['stored']) => T);

/** `given` for a resource with that body. */
export const forBody = <T extends string | boolean>(
  given: ByBody<T, JsonShapes> | undefined,
  body: JsonObject,
): T | undefined => (typeof given === 'function' ? given(body) : given);

export interface PutOperation<S extends Shapes = JsonShapes> extends DeclaredWrite {
  /** The steps to the desired state. Default: the put is synchronous. */
  readonly plan?: (target: TargetIn<S>, body: S['stored']) => Promise<Plan>;
  /** Why it is not put over ARM at all: 405. */
  readonly notAllowed?: (target: TargetIn<S>) => Promise<ErrorBody | undefined>;
  /** The headers that tell where to poll. Default: `location` (202 without a body). */
  readonly style?: ByBody<PollStyle, S>;
  /** A GET shows it at once, as Creating (clusters, addons). Default: 404 until it is created. */
  readonly isVisibleAtOnce?: ByBody<boolean, S>;
}

export interface DeleteOperation<S extends Shapes = JsonShapes> extends DeclaredOperation {
  /** The steps to its end; undefined: it is deleted at once, with a 200. */
  readonly plan: (target: ExistingIn<S>) => Promise<Plan | undefined>;
  /** Why it may not be deleted now: 409. */
  readonly refusal?: (target: ExistingIn<S>) => Promise<Failure | undefined>;
  readonly style?: ByBody<PollStyle, S>;
}

/** An action on a target `T`, which gets a `Body` and gives an `Answer`. It has exactly one of `act` and `plan`. */
interface ActionOperation<T, Body, Answer> extends DeclaredAction {
  /** Does it now, and gives the body of the answer. */
  readonly act?: (target: T, body: Body) => Promise<Answer>;
  /** The steps of a long-running one. */
  readonly plan?: (target: T, body: Body, operationId: string) => Promise<Plan>;
  /** All faults of a well-formed body, given what is around it. */
  readonly check?: (target: T, body: Body) => Promise<readonly Fault[]>;
  /** The body holds secrets, so it is not stored: a `plan` gets an empty one. */
  readonly isBodySecret?: boolean;
  readonly style?: PollStyle;
  /** It changes nothing of the resource: it waits for no other operation, and none waits for it. Always so for jobs. */
  readonly leavesFree?: boolean;
}

export interface StoredAction<
  T extends Existing<unknown> = Existing,
  Body = JsonObject,
  Answer = JsonObject,
> extends ActionOperation<T, Body, Answer> {
  /** The resource's body afterwards, if `act` changes it: written first, so `act` sees it. */
  readonly change?: (target: T, body: Body) => T['resource']['body'];
}

/** An action on something observed; nothing is stored that another operation could have to wait for. */
export interface ObservedAction<T = ObservedTarget, Body = JsonObject, Answer = JsonObject>
  extends ActionOperation<T, Body, Answer> {
  readonly leavesFree: true;
}

export interface ListOperation<S extends Shapes = JsonShapes> extends DeclaredList {
  /** Reads `$filter`: the condition on an entry, or undefined if the text cannot be read. Default: `$filter` is ignored. */
  readonly filter?: (text: string) => ((view: S['shown']) => boolean) | undefined;
}

/** A resource that a device has by itself, with the body that a PUT would have stored. */
export interface BuiltIn<Body = JsonObject> {
  readonly name: string;
  readonly body: Body;
}

/** What a GET shows of a resource. */
export interface Viewed<Shown = JsonObject> {
  readonly view: Shown;
  /** What it was made from besides the row, if that is one object that never changes. */
  readonly seen?: object;
}

/** What the generic lists show of a resource of any type. */
export interface Summary {
  readonly kind?: string;
  readonly location?: string;
  readonly sku?: JsonObject;
  readonly identity?: JsonObject;
  readonly tags?: JsonObject;
}

/** A type whose resources are stored. */
export interface StoredType<S extends Shapes = JsonShapes> extends ResourceDeclaration {
  readonly category: 'stored';
  readonly operations: {
    readonly list?: ListOperation<S>;
    readonly get?: DeclaredOperation;
    readonly put?: PutOperation<S>;
    readonly patch?: DeclaredPatch;
    readonly delete?: DeleteOperation<S>;
    readonly actions?: Readonly<Record<string, StoredAction<ExistingIn<S>>>>;
  };
  /** What is wrong with a name, beyond ARM's own rules; undefined: nothing. */
  readonly nameFault?: (name: string) => string | undefined;
  /** Takes in what must not be stored as sent: puts defaults in, opens and seals secrets, or says what is wrong with them. */
  readonly receive?: (target: TargetIn<S>, body: S['accepted']) => Promise<Received<S['stored']>>;
  /** All faults of a well-formed body, given what is around it. */
  readonly check?: (target: TargetIn<S>, body: S['stored']) => Promise<readonly Fault[]>;
  /** Why a put may not happen now, whatever its body. */
  readonly refusal?: (target: TargetIn<S>, body: S['stored']) => Promise<Failure | undefined>;
  /** What a GET shows, in the newest shape: the desired state joined with the observed one. */
  readonly view: (target: ExistingIn<S>) => Promise<S['shown']>;
  /** As `view`, of the targets of a page of a list: reads together what they need. Default: `view` of each. */
  readonly views?: (
    page: { readonly targets: readonly Existing<S['stored']>[] } & S['context'],
  ) => Promise<readonly Viewed<S['shown']>[]>;
  /**
   * The `seen` of a `Viewed`, when it is known without reading anything: as long as the row and this object are the same, so is
   * what is shown, and it need not be made again. Left out if the view reads more than that, or is rarely asked for.
   */
  readonly seen?: (target: ExistingIn<S>) => object | undefined;
  /**
   * What the generic lists show of a tracked resource besides its id, name and type; from the row alone. Default: location and tags.
   */
  readonly summary?: (target: ExistingIn<S>) => Summary;
  /** What the answer of a put or patch shows [rec 3]. Default: `view`. */
  readonly viewAfterWrite?: (target: ExistingIn<S>) => Promise<S['shown']>;
  /** What a device has by itself, for types right below one; a PUT under such a name stores it, nothing deletes it. */
  readonly builtIns?: (device: Existing & S['context']) => Promise<readonly BuiltIn<S['stored']>[]>;
  /** Removes what belongs to it outside the resources table, in the transaction that removes it. */
  readonly onDelete?: (
    target: { readonly resource: RowOf<S['stored']> } & S['context'],
    transaction: Transaction,
  ) => Promise<void>;
}

/** A type whose resources are observed on a device; they may be nested, down from the device. */
export interface ObservedType<S extends Shapes = JsonShapes> extends ResourceDeclaration {
  readonly category: 'observed';
  readonly operations: {
    readonly list?: ListOperation<S>;
    readonly get?: DeclaredOperation;
    readonly actions?: Readonly<Record<string, ObservedAction<ObservedIn<S>>>>;
  };
  /** The one of the target's name; undefined: it does not exist. */
  readonly find?: (target: ObservedIn<S>) => Promise<S['shown'] | undefined>;
  /** All of them below the target; undefined: the target itself does not exist. */
  readonly findAll?: (above: ObservedIn<S>) => Promise<readonly S['shown'][] | undefined>;
  /** As `find`, for a poll target whose device is deleted: clients poll the deletion to its end [rpc, rec 11]. */
  readonly findWithoutDevice?: (target: Target & S['context']) => Promise<S['shown'] | undefined>;
}

/** A type whose entries are listed for a whole subscription, and nothing else. */
export interface SubscriptionType<S extends Shapes = JsonShapes> extends ResourceDeclaration {
  readonly category: 'subscription';
  readonly operations: { readonly list: ListOperation<S> };
  readonly findInSubscription: (
    target: SubscriptionTarget & S['context'],
  ) => Promise<readonly S['shown'][]>;
}

export type ResourceType = StoredType | ObservedType | SubscriptionType;

/** The types by key. Built once in `app.ts` from the explicit list. */
export type Registry = ReadonlyMap<string, ResourceType>;

export const registryOf = (types: readonly ResourceType[]): Registry =>
  new Map(types.map((type) => [typeKey(type), type]));

/** The stored type of a key; undefined: there is none, or it is of another category. */
export function storedTypeOf(registry: Registry, key: string): StoredType | undefined {
  const type = registry.get(key);
  return type?.category === 'stored' ? type : undefined;
}
