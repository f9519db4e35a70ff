/**
 * How a resource type is defined: what it declares, and what it does, as functions of a target that has the ports with it.
 * `resourceTypes` (index.ts) binds the definitions to the ports of a running service; routes and documents are made from the
 * definitions as they are.
 */
import type {
  Existing as ArmExisting,
  ObservedTarget as ArmObservedTarget,
  ObservedType,
  ResourceType,
  Shapes,
  StoredAction as ArmStoredAction,
  StoredType,
  SubscriptionType,
  Target as ArmTarget,
} from '#arm/resource-type.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Ports } from './ports.ts';

/** What every target of a definition has with it. */
interface Context {
  readonly ports: Ports;
}

export type Target<Body = JsonObject> = ArmTarget<Body> & Context;
export type Existing<Body = JsonObject> = ArmExisting<Body> & Context;
/** The targets of a page of a list. */
export type Page = { readonly targets: readonly ArmExisting[] } & Context;
export type ObservedTarget = ArmObservedTarget & Context;
export type StoredAction = ArmStoredAction<Existing>;

interface WithPorts extends Shapes {
  readonly context: Context;
  readonly accepted: JsonObject;
  readonly stored: JsonObject;
  readonly shown: JsonObject;
}

type StoredDefinition = StoredType<WithPorts>;
type ObservedDefinition = ObservedType<WithPorts>;
type SubscriptionDefinition = SubscriptionType<WithPorts>;
export type Definition = StoredDefinition | ObservedDefinition | SubscriptionDefinition;

/** Defines a type whose resources are stored. */
export const defineResource = (
  definition: Omit<StoredDefinition, 'category'>,
): StoredDefinition => ({ ...definition, category: 'stored' });

/** Defines a type whose resources are observed on a device. */
export const defineObserved = (
  definition: Omit<ObservedDefinition, 'category'>,
): ObservedDefinition => ({ ...definition, category: 'observed' });

/** Defines a type whose entries are listed for a whole subscription. */
export const defineSubscriptionType = (
  definition: Omit<SubscriptionDefinition, 'category'>,
): SubscriptionDefinition => ({ ...definition, category: 'subscription' });

type Members = Readonly<Record<string, unknown>>;
type Behaviour = (target: object, ...rest: unknown[]) => unknown;

/** Functions of a definition whose first argument is not a target. */
const WITHOUT_TARGET: readonly string[] = ['nameFault', 'filter'];

/** `part` with the ports in the first argument of all of its functions that have a target there. */
function withPorts(part: Members, ports: Ports): Members {
  const bound = (name: string, value: unknown): unknown => {
    if (typeof value !== 'function' || WITHOUT_TARGET.includes(name)) return value;
    const behaviour = value as Behaviour;
    return (target: object, ...rest: unknown[]) => behaviour({ ...target, ports }, ...rest);
  };
  return mapped(part, bound);
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
