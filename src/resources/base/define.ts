/**
 * How a resource type is defined: what it declares, and what it does, as functions of a target that has the ports with it.
 * The types of bodies and views follow from the schema. `resourceTypes` (index.ts) binds the definitions to the ports of a
 * running service; routes and documents are made from the definitions as they are.
 */
import type { TSchema } from 'typebox';
import type {
  Existing as ArmExisting,
  ObservedTarget as ArmObservedTarget,
  ObservedType,
  ResourceType,
  Shapes,
  StoredAction,
  StoredType,
  SubscriptionType,
  Target as ArmTarget,
} from '#arm/resource-type.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { withoutUndefined } from '#shared/json.ts';
import type { Ports } from './ports.ts';

/** What every target of a definition has with it. */
interface Context {
  readonly ports: Ports;
}

/** A target of a type whose stored bodies are `Body`; without it, for code that does not look into them. */
export type Target<Body = unknown> = ArmTarget<Body> & Context;
export type Existing<Body = unknown> = ArmExisting<Body> & Context;
/** The targets of a page of a list. */
export type Page<Body = unknown> = { readonly targets: readonly ArmExisting<Body>[] } & Context;
export type ObservedTarget = ArmObservedTarget & Context;

/** The schemas by `kind` of a type that has kinds. */
type Kinds = Readonly<Record<string, TSchema>>;

/** The schema of a whole resource: of any of its kinds, if it has some. */
type Whole<S, K> = K extends Kinds ? K[keyof K] : S;

/** The shapes of a type with schema `S`, whose stored bodies are `Stored`. */
interface ShapesOf<S, Stored> extends Shapes {
  readonly context: Context;
  readonly accepted: Accepted<S> & object;
  readonly stored: Stored & object;
  readonly shown: Shown<S> & object;
}

/** The shapes of a definition whose types are no longer known. */
interface AnyShapes extends Shapes {
  readonly context: Context;
}

/** A resource type as it is defined, in a list with others. */
export type Definition =
  | StoredType<AnyShapes>
  | ObservedType<AnyShapes>
  | SubscriptionType<AnyShapes>;

/**
 * Defines a type whose resources are stored. What is stored is what the schema accepts, unless the type says otherwise: then
 * its `receive` makes the one from the other.
 */
export function defineResource<
  S extends TSchema,
  K extends Kinds | undefined = undefined,
  Stored = Accepted<Whole<S, K>>,
>(
  definition: Omit<
    StoredType<ShapesOf<Whole<S, K>, NoInfer<Stored>>>,
    'category' | 'schema' | 'kinds'
  > & { readonly schema: S } & (K extends Kinds
      ? { readonly kinds: K }
      : { readonly kinds?: never }),
): Definition {
  return { ...definition, category: 'stored' } as unknown as Definition;
}

/** Defines an action on a target `T`; the types of what it gets and gives follow from the schemas `body` and `answer`. */
export function defineAction<
  T extends Existing,
  B extends TSchema = TSchema,
  A extends TSchema = TSchema,
>(
  action: StoredAction<T, Accepted<B>, Shown<A>> & { readonly body?: B; readonly answer?: A },
): StoredAction<T> {
  return action as unknown as StoredAction<T>;
}

/** Defines a type whose resources are observed on a device. */
export function defineObserved<S extends TSchema>(
  definition: Omit<ObservedType<ShapesOf<S, never>>, 'category' | 'schema'> & {
    readonly schema: S;
  },
): Definition {
  return { ...definition, category: 'observed' } as unknown as Definition;
}

/** Defines a type whose entries are listed for a whole subscription. */
export function defineSubscriptionType<S extends TSchema>(
  definition: Omit<SubscriptionType<ShapesOf<S, never>>, 'category' | 'schema'> & {
    readonly schema: S;
  },
): Definition {
  return { ...definition, category: 'subscription' } as unknown as Definition;
}
type Members = Readonly<Record<string, unknown>>;
type Behaviour = (target: object, ...rest: unknown[]) => unknown;

/** Functions of a definition whose first argument is not a target. */
const WITHOUT_TARGET: readonly string[] = ['nameFault', 'filter', 'style', 'isVisibleAtOnce'];

/** Functions of a definition that give views: a member that is undefined is not shown. */
const VIEWS: readonly string[] = [
  'view',
  'viewAfterWrite',
  'find',
  'findAll',
  'findWithoutDevice',
  'findInSubscription',
  'act',
];

/** `part` with the ports in the first argument of all of its functions that have a target there. */
function withPorts(part: Members, ports: Ports): Members {
  return mapped(part, (name, value) => {
    if (typeof value !== 'function' || WITHOUT_TARGET.includes(name)) return value;
    const behaviour = value as Behaviour;
    return VIEWS.includes(name)
      ? async (target: object, ...rest: unknown[]) =>
          withoutUndefined(await behaviour({ ...target, ports }, ...rest))
      : (target: object, ...rest: unknown[]) => behaviour({ ...target, ports }, ...rest);
  });
}

const mapped = (part: Members, change: (name: string, value: unknown) => unknown): Members =>
  Object.fromEntries(Object.entries(part).map(([name, value]) => [name, change(name, value)]));

/** The type that a definition is of, in a service that has these ports. */
export function bindPorts(definition: Definition, ports: Ports): ResourceType {
  const bind = (_name: string, part: unknown): unknown => withPorts(part as Members, ports);
  const operations = mapped({ ...definition.operations }, (verb, operation) =>
    verb === 'actions' ? mapped(operation as Members, bind) : bind(verb, operation),
  );
  // The verbs give no ports and check every body against the schema: what the functions ask for is there.
  return { ...withPorts({ ...definition }, ports), operations } as unknown as ResourceType;
}
