/** One version of a stored object: shared by answers, watchers and rows, so its text is made once. */
import type { JsonObject } from '#shared/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { type KubeObject, nameOf, namespaceOf } from './object.ts';

export class Entry {
  readonly kind: Kind;
  readonly object: KubeObject;
  /** The cluster's revision at which this version came into being. */
  readonly revision: number;
  /** What the simulation remembers of it and clients don't see: the stage of a pod. */
  readonly simulation: JsonObject | undefined;
  /** `namespace/name`: by which controllers know it. The same text in all versions, since it is looked up again and again. */
  readonly key: string;
  /** `kind/namespace/name`: by which its cluster knows it. */
  readonly id: string;
  #json: string | undefined;

  /** `previous`: the version before it, if there is one. */
  constructor(
    kind: Kind,
    object: KubeObject,
    {
      revision,
      simulation,
      previous,
    }: Pick<Entry, 'revision' | 'simulation'> & { readonly previous?: Entry | undefined },
  ) {
    this.kind = kind;
    this.object = object;
    this.revision = revision;
    this.simulation = simulation;
    this.key = previous?.key ?? `${this.namespace}/${this.name}`;
    this.id = previous?.id ?? `${kind.key}/${this.key}`;
  }

  get name(): string {
    return nameOf(this.object);
  }

  get namespace(): string {
    return namespaceOf(this.object);
  }

  /** The object as JSON text. */
  get json(): string {
    this.#json ??= JSON.stringify(this.object);
    return this.#json;
  }
}

export interface ChangeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly entry: Entry;
  /** The version before it; absent for a new object. */
  readonly previous?: Entry;
}
