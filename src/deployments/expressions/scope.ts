/** The scope in which expressions are evaluated: names, and the deployment's own scope and time. */
import type { Instant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { Budget } from './budget.ts';
import type { PendingReference } from './template-error.ts';

/** A function that the template itself declares. */
export interface UserFunction {
  readonly parameters: readonly string[];
  readonly value: Json;
}

/** The group or subscription to which a deployment deploys. */
export interface Place {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Absent at subscription scope. */
  readonly group:
    | { readonly name: string; readonly location: string; readonly tags: JsonObject }
    | undefined;
}

/** What all expressions of a deployment share. */
export interface World {
  /** What evaluating may still cost. */
  readonly budget: Budget;
  readonly place: Place;
  /** For default values of parameters only: the time, and GUIDs, new ones at every call but the same in every evaluation. */
  readonly fresh: { readonly now: Instant; readonly newGuid: () => string } | undefined;
  /** The value of `deployment()`. */
  readonly deployment: JsonObject;
  /** The value of `providers()`; undefined for an unknown type. */
  readonly providers: (namespace: string, type: string | undefined) => Json | undefined;
  /** Id, name, type and api-version of a resource of the template by its symbolic name. */
  readonly resourceInfo: (symbol: string) => JsonObject | undefined;
  /** Symbolic names of a copy loop's instances. */
  readonly instancesOf: (symbol: string) => readonly string[] | undefined;
  /** The value of a reference; throws an UnresolvedReferenceError where it has not been read yet. */
  readonly answer: (reference: PendingReference) => Json;
}

export interface Scope {
  readonly world: World;
  /** Undefined for an unknown name. */
  readonly parameter: (name: string) => Json | undefined;
  readonly variable: (name: string) => Json | undefined;
  readonly userFunction: (name: string) => UserFunction | undefined;
  /** The index of each enclosing copy loop by its name; that of the innermost also under an empty name. */
  readonly loops: Readonly<Record<string, number>>;
  /** Variables of the enclosing lambdas. */
  readonly lambdas: Readonly<Record<string, Json>>;
}

/** `scope` inside one iteration of a copy loop. */
export const inLoop = (scope: Scope, name: string, index: number): Scope => ({
  ...scope,
  loops: { ...scope.loops, '': index, [name.toLowerCase()]: index },
});
