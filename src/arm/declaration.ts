/**
 * What a resource type says of itself without a running service: its names, api-versions, schemas and operations. The routes
 * (`routes.ts`) and the OpenAPI documents (`document.ts`) are made from this alone; what a type does is in
 * `resource-type.ts`.
 */
import type { TSchema } from 'typebox';
import type { JsonObject } from '#shared/json.ts';
import type { NamespaceVersions, Span } from './versions.ts';

/** Any function: a declaration says that there is one, and never calls it. */
type Behaviour = (...args: never[]) => unknown;

/** What the published contract of an operation says beyond what follows from its verb. */
export interface Published {
  /** Statuses of success, in place of the verb's own. */
  readonly statuses?: readonly number[];
  /** Api-versions whose answers are published without a body. */
  readonly bodilessIn?: Span;
  /** Api-versions that mark it as long-running. Default: all of them if it takes steps, else none. */
  readonly longRunningIn?: Span;
  /** Where a client reads the final state, and the api-versions that say so. */
  readonly finalState?: { readonly via: 'location' | 'azure-async-operation'; readonly in: Span };
  /** The schema name of a list's page. Default: the resource's name followed by `List`. */
  readonly listName?: string;
  /** Parameters of the query, each with the api-versions that have it. */
  readonly query?: Readonly<Record<string, Span>>;
}

export interface DeclaredOperation {
  /** The official operation id, such as `Shares_Get`. */
  readonly id: string;
  /** The first and the last api-version that has it. Default: all of the namespace. */
  readonly since?: string;
  readonly until?: string;
  readonly published?: Published;
}

export interface DeclaredList extends DeclaredOperation {
  /** `ListBySubscription` beside `ListByResourceGroup` of a tracked type. */
  readonly bySubscription?: DeclaredOperation;
}

/** An operation that takes steps has a plan; one without is synchronous. */
export interface DeclaredWrite extends DeclaredOperation {
  readonly plan?: Behaviour;
}

export interface DeclaredPatch extends DeclaredOperation {
  /** What may be sent. */
  readonly body: TSchema;
}

export interface DeclaredAction extends DeclaredWrite {
  /** What is sent. Default: nothing. */
  readonly body?: TSchema;
  /** The body may be left out. */
  readonly isBodyOptional?: boolean;
  /** The body of the answer. Default: whatever it is, it is not published. */
  readonly answer?: TSchema;
  /** The output is the whole body of its poll URL, with the status beside it. Default: it is in `properties` there. */
  readonly isOutputFlat?: boolean;
  /** Where its poll URL is below the resource, such as `securitySettings/default` [rec 11]. Default: directly below. */
  readonly pollPath?: string;
}

export interface DeclaredOperations {
  readonly list?: DeclaredList;
  readonly get?: DeclaredOperation;
  readonly put?: DeclaredWrite;
  readonly patch?: DeclaredPatch;
  readonly delete?: DeclaredOperation;
  /** By the action's name as it is in the URL. */
  readonly actions?: Readonly<Record<string, DeclaredAction>>;
}

/**
 * - `stored`: what clients have asked for is in the store; a GET joins it with what is observed.
 * - `observed`: nothing is stored; a GET shows what is found on the device.
 * - `subscription`: it is in a subscription rather than in a resource group, and can only be listed.
 */
export type Category = 'stored' | 'observed' | 'subscription';

export interface ResourceDeclaration {
  readonly category: Category;
  /** `Microsoft.DataBoxEdge`. */
  readonly namespace: string;
  /** `dataBoxEdgeDevices/shares`. */
  readonly type: string;
  /** The type in the casing that ARM registered, for its own errors [rec 17]. Default: `type`. */
  readonly registeredType?: string;
  readonly versions: NamespaceVersions;
  /** The locations of a tracked type, as shown, such as `East US`. Default: the type is not tracked. */
  readonly locations?: readonly string[];
  /** Its URLs are poll URLs: the service's own old versions are accepted too [rec 14]. */
  readonly isPollTarget?: boolean;
  /** The name's parameter in the official paths: `deviceName`, `name`, `roleName`. */
  readonly nameParameter: string;
  /** As `nameParameter`, in the paths of its children. Default: the same. */
  readonly parentParameter?: string;
  /** The only name that such a resource can have. */
  readonly singleton?: string;
  /** What the contract says that a name must match; another is refused with 400. */
  readonly namePattern?: RegExp;
  /** What the operations list calls such resources. Default: the type's last segment in words. */
  readonly title?: string;
  /** What other providers offer on such resources, as the operations list shows it. */
  readonly furtherOperations?: readonly JsonObject[];
  /** The whole resource in its newest shape, with marks. */
  readonly schema: TSchema;
  /** The whole resource by `kind`, for types whose properties depend on it. A kind may be missing in some api-versions. */
  readonly kinds?: Readonly<Record<string, TSchema>>;
  readonly operations: DeclaredOperations;
}

/** `microsoft.databoxedge/databoxedgedevices/shares`. */
export const typeKey = (type: Pick<ResourceDeclaration, 'namespace' | 'type'>): string =>
  `${type.namespace}/${type.type}`.toLowerCase();
