/** What expressions are evaluated in: the names that they may use, and the place and moment of the deployment. */
import type { Instant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { Want } from './template-error.ts';

/** A function that the template itself declares. */
export interface UserFunction {
  readonly parameters: readonly string[];
  readonly value: Json;
}

/** Where a deployment deploys to. */
export interface Place {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Absent at subscription scope. */
  readonly group:
    | { readonly name: string; readonly location: string; readonly tags: JsonObject }
    | undefined;
}

/** The same for all expressions of a deployment. */
export interface World {
  readonly place: Place;
  /** For default values of parameters only: the moment, and a new GUID at every call, the same ones in every evaluation. */
  readonly fresh: { readonly now: Instant; readonly newGuid: () => string } | undefined;
  /** What `deployment()` gives. */
  readonly deployment: JsonObject;
  /** What `providers()` gives; undefined for an unknown type. */
  readonly providers: (namespace: string, type: string | undefined) => Json | undefined;
  /** Id, name, type and api-version of a resource of the template by its symbolic name. */
  readonly resourceInfo: (symbol: string) => JsonObject | undefined;
  /** Symbolic names of a copy loop's instances. */
  readonly instancesOf: (symbol: string) => readonly string[] | undefined;
  /** The answer to a want; throws a WantedError where it is not at hand. */
  readonly answer: (want: Want) => Json;
}

export interface Scope {
  readonly world: World;
  /** Undefined for an unknown name. */
  readonly parameter: (name: string) => Json | undefined;
  readonly variable: (name: string) => Json | undefined;
  readonly userFunction: (name: string) => UserFunction | undefined;
  /** Index by name of each copy loop around; the innermost is under an empty name too. */
  readonly loops: Readonly<Record<string, number>>;
  /** Variables of the lambdas around. */
  readonly lambdas: Readonly<Record<string, Json>>;
}

/** `scope` inside one turn of a copy loop. */
export const inLoop = (scope: Scope, name: string, index: number): Scope => ({
  ...scope,
  loops: { ...scope.loops, '': index, [name.toLowerCase()]: index },
});
