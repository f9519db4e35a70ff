/**
 * What a kind declares: its names in discovery, its fields, its columns, its defaults and its rules. Everything that speaks of
 * kinds (discovery, OpenAPI, Tables, selectors, validation, protobuf, RBAC names) reads these declarations.
 */
import type { Instant } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import type { KubeObject } from '../objects/object.ts';
import type { FieldError } from '../status.ts';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly format?: 'name';
  /** Shown with `-o wide` only. */
  readonly isWide: boolean;
  cell(object: KubeObject, at: CellContext): Json;
}

export interface CellContext {
  readonly now: Instant;
}

export type NameRule = 'subdomain' | 'label' | 'label1035' | 'pathSegment';

/** What makes `metadata.generation` count. */
export type Generation = 'never' | 'fixed' | 'spec' | 'specAndAnnotations' | 'content';

export interface KindDeclaration<T extends KubeObject> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural: `pods`. */
  readonly resource: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly isNamespaced: boolean;
  /** Name of its fields in the schema: `core.v1.Pod`. */
  readonly message: string;
  /** Absent: all eight. */
  readonly verbs?: readonly string[];
  readonly hasStatus?: boolean;
  readonly hasScale?: boolean;
  readonly columns: readonly Column[];
  readonly nameRule?: NameRule;
  readonly generation?: Generation;
  /** A PUT of an object that is not there creates it. */
  readonly isCreatedByPut?: boolean;
  /** Its dependents stay when it is deleted, unless the request says otherwise; this is what the answer then warns of. */
  readonly orphanWarning?: string;
  /** A PUT must name the revision that it replaces. */
  readonly needsRevision?: boolean;
  readonly defaults?: (object: T) => T;
  /** What a new object begins with, whatever its body says: status, finalizers. */
  readonly prepareCreate?: (object: T) => T;
  /** What a new object gets once it has its name and uid, by the minor version of the cluster. */
  readonly complete?: (object: T, minor: number) => T;
  /** What a PUT or PATCH of the main resource leaves as it was. */
  readonly prepareUpdate?: (object: T, old: T) => T;
  readonly validate?: (object: T) => readonly FieldError[];
  readonly validateUpdate?: (object: T, old: T) => readonly FieldError[];
  /** Values of the selectable fields besides `metadata.name` and `metadata.namespace`. */
  readonly selectable?: (object: T) => Readonly<Record<string, string>>;
}

/** A kind whose objects are kept as those of another, under other names. */
export interface View {
  readonly of: Kind;
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

export interface Kind
  extends Required<
    Pick<
      KindDeclaration<KubeObject>,
      | 'group'
      | 'version'
      | 'kind'
      | 'resource'
      | 'shortNames'
      | 'categories'
      | 'isNamespaced'
      | 'message'
      | 'verbs'
      | 'hasStatus'
      | 'hasScale'
      | 'columns'
      | 'nameRule'
      | 'generation'
      | 'isCreatedByPut'
      | 'needsRevision'
    >
  > {
  /** `apps/deployments`: names it among all kinds. */
  readonly key: string;
  /** `apps/v1`, or `v1`. */
  readonly apiVersion: string;
  readonly singular: string;
  defaults(object: KubeObject): KubeObject;
  prepareCreate(object: KubeObject): KubeObject;
  complete(object: KubeObject, minor: number): KubeObject;
  readonly orphanWarning?: string;
  prepareUpdate(object: KubeObject, old: KubeObject): KubeObject;
  validate(object: KubeObject): readonly FieldError[];
  validateUpdate(object: KubeObject, old: KubeObject): readonly FieldError[];
  readonly selectable: ((object: KubeObject) => Readonly<Record<string, string>>) | undefined;
  /** Its objects are kept as those of another kind. */
  readonly view?: View;
}

export const ALL_VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** A kind from its declaration. */
export function defineKind<T extends KubeObject>(declaration: KindDeclaration<T>): Kind {
  // The registry hands each kind objects of its own alone.
  const declared = declaration as unknown as KindDeclaration<KubeObject>;
  const { group, version, kind, resource, hasStatus = false } = declared;
  return {
    ...declared,
    key: `${group}/${resource}`,
    apiVersion: group === '' ? version : `${group}/${version}`,
    singular: kind.toLowerCase(),
    shortNames: declared.shortNames ?? [],
    categories: declared.categories ?? [],
    verbs: declared.verbs ?? ALL_VERBS,
    hasStatus,
    hasScale: declared.hasScale ?? false,
    nameRule: declared.nameRule ?? 'subdomain',
    generation: declared.generation ?? 'never',
    isCreatedByPut: declared.isCreatedByPut ?? false,
    needsRevision: declared.needsRevision ?? false,
    defaults: declared.defaults ?? unchanged,
    prepareCreate: declared.prepareCreate ?? (hasStatus ? withoutStatus : unchanged),
    complete: declared.complete ?? unchanged,
    prepareUpdate: (object, old) => {
      const kept = hasStatus ? withStatusOf(object, old) : object;
      return declared.prepareUpdate?.(kept, old) ?? kept;
    },
    validate: declared.validate ?? (() => []),
    validateUpdate: declared.validateUpdate ?? (() => []),
    selectable: declared.selectable,
  };
}

const unchanged = (object: KubeObject): KubeObject => object;

interface WithStatus extends KubeObject {
  status?: unknown;
}

function withoutStatus(object: KubeObject): KubeObject {
  const { status: _status, ...copy }: WithStatus = object;
  return copy;
}

/** `object` with the status of `old`. */
function withStatusOf(object: KubeObject, old: KubeObject): KubeObject {
  const { status } = old as WithStatus;
  return status === undefined ? withoutStatus(object) : ({ ...object, status } as KubeObject);
}
