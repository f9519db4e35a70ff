/**
 * Writes events as the parts of a cluster do: what happens again counts up the event that is there.
 * Sources: client-go tools/record; events live an hour (kubernetes-facts.md 7.7).
 */
import type { Event, ObjectReference } from 'kubernetes-types/core/v1.d.ts';
import { flat } from '#shared/flat.ts';
import { hours, later, plus } from '#shared/instant.ts';
import { MAX_OBJECTS } from '../api/create.ts';
import { EVENTS } from '../kinds/events.ts';
import { NAMESPACES } from '../kinds/namespaces.ts';
import { instantOf, type KubeObject, metaOf, microTimeOf, timeOf } from '../objects/object.ts';
import { drawUid, type World } from '../world.ts';
import type { Controller } from './controller.ts';

export interface NewEvent {
  readonly about: ObjectReference;
  readonly source: { readonly component: string; readonly host?: string };
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Set where it is written through events.k8s.io, as the scheduler's are. */
  readonly action?: string;
}

const LIFE = hours(1);
/** Longer messages are cut (events/v1 validation). */
const MAX_MESSAGE = 1024;

/** A reference to an object, as events have it. */
export const referenceTo = (object: KubeObject, fieldPath?: string): ObjectReference => {
  const { name, namespace, uid, resourceVersion } = metaOf(object);
  return {
    kind: object.kind ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    name: name ?? '',
    uid: uid ?? '',
    apiVersion: object.apiVersion ?? '',
    resourceVersion: resourceVersion ?? '',
    ...(fieldPath === undefined ? {} : { fieldPath: flat(fieldPath) }),
  };
};

/** Names of events by what they say, of each cluster. Of those before a restart nothing is known: they count no further. */
const names = new WeakMap<World, Map<string, string>>();
const MAX_NAMES = 5000;

function namesOf(world: World): Map<string, string> {
  const known = names.get(world) ?? new Map<string, string>();
  if (known.size > MAX_NAMES) known.clear();
  names.set(world, known);
  return known;
}

export function recordEvent(world: World, event: NewEvent): void {
  const { about, source, type = 'Normal', reason, action } = event;
  const namespace = about.namespace ?? 'default';
  // Nothing is told of what is in a namespace that goes.
  const home = world.store.get(NAMESPACES, '', namespace);
  if (home === undefined || metaOf(home.object).deletionTimestamp !== undefined) return;
  const message = flat(
    event.message.length > MAX_MESSAGE
      ? `${event.message.slice(0, MAX_MESSAGE - 3)}...`
      : event.message,
  );
  const sameness = [
    about.uid,
    about.fieldPath,
    source.component,
    source.host,
    type,
    reason,
    message,
  ];
  const alike = `${namespace} ${sameness.join(' ')}`;
  const earlier = namesOf(world);
  const now = timeOf(world.now);
  const known = world.store.get(EVENTS, namespace, earlier.get(alike) ?? '');
  if (known !== undefined) {
    const event = known.object as Event;
    world.store.put(EVENTS, { ...event, count: (event.count ?? 1) + 1, lastTimestamp: now });
    return;
  }
  // As of a real cluster whose store is full: what cannot be written is dropped.
  if (world.store.size >= MAX_OBJECTS) return;
  const isSeries = action !== undefined;
  // Of the moment, as the real names are: those of one second stand in the order in which they happened.
  const stamp = (BigInt(world.now) * 1_000_000n + BigInt(world.store.revision)).toString(16);
  const name = `${about.name ?? ''}.${stamp}`;
  earlier.set(alike, name);
  const fresh: Event = {
    metadata: {
      name,
      namespace,
      uid: drawUid(world, 'event', name),
      creationTimestamp: now,
    },
    involvedObject: about,
    reason,
    message,
    source: isSeries ? {} : source,
    ...(isSeries
      ? { eventTime: flat(microTimeOf(world.now)), action }
      : { firstTimestamp: now, lastTimestamp: now, count: 1 }),
    type,
    reportingComponent: source.component,
    reportingInstance: source.host ?? (isSeries ? source.component : ''),
  };
  world.store.put(EVENTS, fresh);
}

/** Events go an hour after they were last written. */
export const EVENT_EXPIRY: Controller = {
  name: 'event-expiry',
  kinds: [EVENTS],
  keysOf: (_world, { entry, type }) =>
    entry.kind === EVENTS && type !== 'DELETED' ? [entry.key] : [],
  reconcile: (world, key, again) => {
    const [namespace = '', name = ''] = key.split('/');
    const entry = world.store.get(EVENTS, namespace, name);
    if (entry === undefined) return;
    const { lastTimestamp, metadata } = entry.object as Event;
    const made = instantOf(metadata.creationTimestamp) ?? world.now;
    // Whatever time it says itself, it counts from when it was written.
    const end = plus(later(made, instantOf(lastTimestamp) ?? made), LIFE);
    if (end <= world.now) world.store.remove(entry);
    else again.at(end);
  },
};
