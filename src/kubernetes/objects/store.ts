/**
 * The objects of one cluster: one revision counter, objects by kind, namespace and name, the dependents of each owner. It keeps
 * what has changed since the last `takeChanges`, for the rows that must be saved before anybody sees it.
 */
import type { JsonObject } from '#shared/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { type ChangeEvent, Entry } from './entry.ts';
import { changedMeta, type KubeObject, memberOf, nameOf, namespaceOf, withMeta } from './object.ts';

/** What has changed since it was last taken. */
export interface Changes {
  /** Newest versions by row; undefined: the object is gone. */
  readonly rows: ReadonlyMap<string, RowChange>;
  readonly events: readonly ChangeEvent[];
}

export interface RowChange {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly entry: Entry | undefined;
}

type ByName = Map<string, Entry>;

const PODS_KEY = '/pods';
const addressOf = ({ object }: Entry): string | undefined => {
  const { podIP } = memberOf(object, 'status');
  return typeof podIP === 'string' ? podIP : undefined;
};
const nodeNameOf = ({ object }: Entry): string => {
  const { nodeName } = memberOf(object, 'spec');
  return typeof nodeName === 'string' ? nodeName : '';
};

export class ObjectStore {
  #revision: number;
  #size = 0;
  readonly #kinds = new Map<string, Map<string, ByName>>();
  readonly #dependents = new Map<string, Map<string, Entry>>();
  readonly #podsByNode = new Map<string, Map<string, Entry>>();
  /** How many pods of a node have each address. */
  readonly #addressesByNode = new Map<string, Map<string, number>>();
  /** Grows with each change of a pod of the node. */
  readonly #podVersions = new Map<string, number>();
  /** Those that `list` gave, by kind and namespace; of all namespaces under undefined. */
  readonly #sorted = new Map<string, Map<string | undefined, readonly Entry[]>>();
  #rows = new Map<string, RowChange>();
  #events: ChangeEvent[] = [];
  /** Hears of every change at once: the controllers. */
  listener: ((event: ChangeEvent) => void) | undefined;

  constructor(revision: number) {
    this.#revision = revision;
  }

  /** The newest revision. It never goes back. */
  get revision(): number {
    return this.#revision;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#size;
  }

  get(kind: Kind, namespace: string, name: string): Entry | undefined {
    return this.#kinds.get(kind.key)?.get(namespace)?.get(name);
  }

  /** Objects of a kind, in the order of namespace and name; of all namespaces where none is named. */
  list(kind: Kind, namespace?: string): readonly Entry[] {
    let places = this.#sorted.get(kind.key);
    if (places === undefined)
      this.#sorted.set(kind.key, (places = new Map<string | undefined, readonly Entry[]>()));
    const known = places.get(namespace);
    if (known !== undefined) return known;
    const namespaces = this.#kinds.get(kind.key);
    const sorted =
      namespace === undefined
        ? // In the order of `namespace/name`, in which a slash stands behind a hyphen.
          [...(namespaces?.keys() ?? [])]
            .sort((one, other) => (`${one}/` < `${other}/` ? -1 : 1))
            .flatMap((one) => this.list(kind, one))
        : [...(namespaces?.get(namespace)?.values() ?? [])].sort((one, other) =>
            one.name < other.name ? -1 : 1,
          );
    places.set(namespace, sorted);
    return sorted;
  }

  /** The same of one namespace, in no order: for who looks through all of them after each change. */
  objectsIn(kind: Kind, namespace: string): Iterable<Entry> {
    return this.#kinds.get(kind.key)?.get(namespace)?.values() ?? [];
  }

  /** Every object of the cluster. */
  *all(): Generator<Entry> {
    for (const namespaces of this.#kinds.values()) {
      for (const byName of namespaces.values()) yield* byName.values();
    }
  }

  /** Objects that name `uid` as an owner. */
  dependentsOf(uid: string): readonly Entry[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Pods that are bound to a node; those that are bound to none under an empty name. */
  podsOn(nodeName: string): Iterable<Entry> {
    return this.#podsByNode.get(nodeName)?.values() ?? [];
  }

  /** Whether a pod of the node has that address. */
  hasPodAddress(nodeName: string, address: string): boolean {
    return (this.#addressesByNode.get(nodeName)?.get(address) ?? 0) > 0;
  }

  /** Another number after each change of a pod of the node. */
  podVersionOn(nodeName: string): number {
    return this.#podVersions.get(nodeName) ?? 0;
  }

  /** Stores the object as its newest version. Without `simulation` the one of the version before stays. */
  put<T extends KubeObject>(kind: Kind, object: T, simulation?: JsonObject): Entry {
    const previous = this.get(kind, namespaceOf(object), nameOf(object));
    const revision = ++this.#revision;
    const metadata = changedMeta(object.metadata, { resourceVersion: String(revision) });
    const entry = new Entry(
      kind,
      { kind: kind.kind, apiVersion: kind.apiVersion, ...object, metadata },
      { revision, simulation: simulation ?? previous?.simulation, previous },
    );
    this.#set(entry, previous);
    this.#record({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      entry,
      ...(previous === undefined ? {} : { previous }),
    });
    return entry;
  }

  /** Replaces what the simulation remembers of an object. Clients see no new version. */
  remember(entry: Entry, simulation: JsonObject | undefined): Entry {
    const { kind, object, revision } = entry;
    const changed = new Entry(kind, object, { revision, simulation, previous: entry });
    this.#set(changed, entry);
    this.#touch(changed, changed);
    return changed;
  }

  /** Removes the object for good; its last version, with the revision of the removal. */
  remove(entry: Entry): Entry {
    const { kind, object } = entry;
    const revision = ++this.#revision;
    const last = new Entry(kind, withMeta(object, { resourceVersion: String(revision) }), {
      revision,
      simulation: undefined,
      previous: entry,
    });
    if (this.#kinds.get(kind.key)?.get(entry.namespace)?.delete(entry.name) === true) this.#size--;
    this.#unsort(entry);
    this.#unlink(entry);
    this.#record({ type: 'DELETED', entry: last, previous: entry });
    return last;
  }

  /** Takes in an object that was read from its row. */
  load(entry: Entry): void {
    this.#set(entry, undefined);
  }

  get hasChanges(): boolean {
    return this.#rows.size > 0;
  }

  /** What has changed since the last call. */
  takeChanges(): Changes {
    const changes = { rows: this.#rows, events: this.#events };
    this.#rows = new Map();
    this.#events = [];
    return changes;
  }

  #record(event: ChangeEvent): void {
    const { entry, type } = event;
    this.#touch(entry, type === 'DELETED' ? undefined : entry);
    this.#events.push(event);
    this.listener?.(event);
  }

  #touch({ kind, namespace, name, id }: Entry, entry: Entry | undefined): void {
    this.#rows.set(id, { kind, namespace, name, entry });
  }

  #set(entry: Entry, previous: Entry | undefined): void {
    const { kind, namespace, name } = entry;
    let namespaces = this.#kinds.get(kind.key);
    if (namespaces === undefined)
      this.#kinds.set(kind.key, (namespaces = new Map<string, ByName>()));
    let byName = namespaces.get(namespace);
    if (byName === undefined) namespaces.set(namespace, (byName = new Map<string, Entry>()));
    if (!byName.has(name)) this.#size++;
    byName.set(name, entry);
    this.#unsort(entry);
    if (previous !== undefined) this.#unlink(previous);
    if (kind.key === PODS_KEY) {
      const node = nodeNameOf(entry);
      const pods = this.#podsByNode.get(node) ?? new Map<string, Entry>();
      this.#podsByNode.set(node, pods.set(entry.key, entry));
      this.#podVersions.set(node, this.podVersionOn(node) + 1);
      this.#countAddress(node, addressOf(entry), 1);
    }
    for (const { uid } of entry.object.metadata?.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, Entry>();
      this.#dependents.set(uid, dependents.set(entry.id, entry));
    }
  }

  #countAddress(node: string, address: string | undefined, change: number): void {
    if (address === undefined) return;
    const counts = this.#addressesByNode.get(node) ?? new Map<string, number>();
    const count = (counts.get(address) ?? 0) + change;
    if (count > 0) counts.set(address, count);
    else counts.delete(address);
    this.#addressesByNode.set(node, counts);
  }

  #unsort({ kind, namespace }: Entry): void {
    const sorted = this.#sorted.get(kind.key);
    sorted?.delete(namespace);
    sorted?.delete(undefined);
  }

  #unlink(entry: Entry): void {
    const { kind, object } = entry;
    if (kind.key === PODS_KEY) {
      const node = nodeNameOf(entry);
      this.#podsByNode.get(node)?.delete(entry.key);
      this.#podVersions.set(node, this.podVersionOn(node) + 1);
      this.#countAddress(node, addressOf(entry), -1);
    }
    for (const { uid } of object.metadata?.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(entry.id);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }
}
