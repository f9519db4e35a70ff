/**
 * Events of the group `events.k8s.io`: another look at the events of the core group, with names of its own.
 * Sources: events/v1 types; apis/events/v1/conversion.go; core/validation/events.go (kubernetes-facts.md 7.3).
 */
import type { Event } from 'kubernetes-types/events/v1.d.ts';
import type { AnyObject, KubeObject } from '../objects/object.ts';
import { type FieldError, invalid, required } from '../status.ts';
import { EVENTS } from './events.ts';
import { defineKind, type Kind } from './kind.ts';

/** Longest reporting instance, and longest note, in characters. */
const [MAX_INSTANCE, MAX_NOTE] = [128, 1024];

/** Names here, and those that the same has in the core group. */
const NAMES = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

function renamed(
  object: KubeObject,
  names: ReadonlyMap<string, string>,
  apiVersion: string,
): KubeObject {
  const members = Object.entries(object as AnyObject).map(([name, value]) => [
    names.get(name) ?? name,
    value,
  ]);
  return { ...Object.fromEntries(members), apiVersion } as KubeObject;
}

const TO_CORE = new Map<string, string>(NAMES);
const FROM_CORE = new Map<string, string>(NAMES.map(([here, core]) => [core, here]));

/** What a new one needs that an event of the core group does not. */
function errorsOf(event: Event): FieldError[] {
  const {
    reportingController = '',
    reportingInstance = '',
    action = '',
    reason = '',
    type = '',
    note = '',
    eventTime,
  } = event as Partial<Event>;
  const missing = (
    [
      ['reportingController', reportingController],
      ['reportingInstance', reportingInstance],
      ['action', action],
      ['reason', reason],
    ] as const
  ).flatMap(([field, value]) => (value === '' ? [required(field)] : []));
  return [
    ...missing,
    ...(reportingInstance.length > MAX_INSTANCE
      ? [invalid('reportingInstance', '', `can have at most ${MAX_INSTANCE} characters`)]
      : []),
    ...(note.length > MAX_NOTE
      ? [invalid('message', '', `can have at most ${MAX_NOTE} characters`)]
      : []),
    ...(eventTime === undefined ? [required('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [invalid('type', '', `has invalid value: ${type}`)]),
  ];
}

export const EVENTS_V1: Kind = {
  ...defineKind<Event>({
    group: 'events.k8s.io',
    version: 'v1',
    kind: 'Event',
    resource: 'events',
    shortNames: ['ev'],
    isNamespaced: true,
    message: 'events.v1.Event',
    isCreatedByPut: true,
    columns: EVENTS.columns,
    validate: errorsOf,
  }),
  // Selected are the events as they are kept.
  selectable: (object) => {
    const own = EVENTS.selectable?.(object) ?? {};
    return Object.fromEntries(
      Object.entries(own).flatMap(([name, value]) => {
        const here = name
          .replace('involvedObject.', 'regarding.')
          .replace('reportingComponent', 'reportingController');
        return here === 'source' ? [] : [[here, value]];
      }),
    );
  },
  view: {
    of: EVENTS,
    toStored: (object) => renamed(object, TO_CORE, EVENTS.apiVersion),
    fromStored: (object) => renamed(object, FROM_CORE, 'events.k8s.io/v1'),
  },
};
