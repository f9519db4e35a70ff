/**
 * Entries as a kind shows them: in the names of another group where the kind is a look at another one's objects, and with the
 * heartbeats that nobody writes down.
 */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { NODES } from '#kubernetes/kinds/nodes.ts';
import { LEASES } from '#kubernetes/kinds/policies.ts';
import { NODE_LEASES } from '#kubernetes/controllers/nodes.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import {
  instantOf,
  type KubeObject,
  microTimeOf,
  nameOf,
  timeOf,
} from '#kubernetes/objects/object.ts';
import type { World } from '#kubernetes/world.ts';
import { invalidObject } from '#kubernetes/status.ts';
import { instant } from '#shared/instant.ts';

export interface Shown {
  readonly object: KubeObject;
  readonly json: string;
}

/** The kind under which the objects of this one are kept. */
export const storedKind = (kind: Kind): Kind => kind.view?.of ?? kind;

/** The kind for lists and selectors: kept objects, selected by the names that this kind has for their fields. */
export const selectedKind = (kind: Kind): Kind =>
  kind.view === undefined ? kind : { ...kind.view.of, selectable: kind.selectable };

/** An object that was sent, as it is kept; throws a 422 for one that its own group does not allow. */
export function stored(kind: Kind, object: KubeObject): KubeObject {
  if (kind.view === undefined) return object;
  const errors = kind.validate(object);
  if (errors.length > 0) throw invalidObject(kind, nameOf(object), errors);
  return kind.view.toStored(object);
}

const views = new WeakMap<Entry, Shown>();

/** What the entry looks like to who asks for the kind. */
export function shown(kind: Kind, entry: Entry, world: World): Shown {
  if (kind.view !== undefined) {
    const known = views.get(entry);
    if (known !== undefined) return known;
    const view = textOf(kind.view.fromStored(entry.object));
    views.set(entry, view);
    return view;
  }
  if (kind === NODES) return beating(entry.object as Node, entry, world);
  if (kind === LEASES && entry.namespace === NODE_LEASES) return renewed(entry, world);
  return entry;
}

const textOf = (object: KubeObject): Shown => ({ object, json: JSON.stringify(object) });

/** How often a kubelet renews its lease, and posts the status of its node (kubelet defaults: 10 s, 5 min). */
const [RENEWAL_MS, STATUS_MS] = [10_000, 300_000];

const isAlive = ({ status }: Node): boolean =>
  status?.conditions?.some((one) => one.type === 'Ready' && one.status !== 'Unknown') === true;

/** The moment of the last beat before `now`, counted from `first`. */
function lastBeat(first: string | undefined, { now }: World, everyMs: number): number | undefined {
  const since = instantOf(first);
  if (since === undefined || now < since) return undefined;
  return since + Math.floor((now - since) / everyMs) * everyMs;
}

function beating(node: Node, entry: Entry, world: World): Shown {
  if (!isAlive(node)) return entry;
  const conditions = node.status?.conditions?.map((condition) => {
    const at = lastBeat(condition.lastHeartbeatTime, world, STATUS_MS);
    return at === undefined ? condition : { ...condition, lastHeartbeatTime: timeOf(instant(at)) };
  });
  return textOf({ ...node, status: { ...node.status, conditions } } as Node);
}

function renewed(entry: Entry, world: World): Shown {
  const lease = entry.object as Lease;
  const node = world.store.get(NODES, '', nameOf(lease))?.object as Node | undefined;
  const at = lastBeat(lease.spec?.renewTime, world, RENEWAL_MS);
  if (node === undefined || at === undefined || !isAlive(node)) return entry;
  return textOf({
    ...lease,
    spec: { ...lease.spec, renewTime: microTimeOf(instant(at)) },
  } as Lease);
}
