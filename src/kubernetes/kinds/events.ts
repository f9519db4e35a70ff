/**
 * Events of the core group. Sources: core/v1 types; printers.go printEvent (kubernetes-facts.md 7.1, 7.3).
 */
import type { Event } from 'kubernetes-types/core/v1.d.ts';
import { ageOf, column, NAME, wide } from '../tables/columns.ts';
import { type CellContext, defineKind } from './kind.ts';

const lastSeen = ({ series, lastTimestamp, eventTime, metadata }: Event): string | undefined =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;

export const EVENTS = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  shortNames: ['ev'],
  isNamespaced: true,
  message: 'core.v1.Event',
  isCreatedByPut: true,
  columns: [
    column<Event>('Last Seen', (event, { now }) => ageOf(lastSeen(event), now)),
    column<Event>('Type', ({ type }) => type ?? ''),
    column<Event>('Reason', ({ reason }) => reason ?? ''),
    column<Event>('Object', ({ involvedObject: { kind = '', name = '' } }) =>
      name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
    ),
    wide<Event>('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
    wide<Event>('Source', ({ source, reportingComponent = '' }) =>
      [source?.component ?? reportingComponent, source?.host ?? '']
        .filter((part) => part !== '')
        .join(', '),
    ),
    column<Event>('Message', ({ message }) => (message ?? '').trim()),
    wide<Event>('First Seen', ({ firstTimestamp, eventTime }: Event, { now }: CellContext) =>
      ageOf(firstTimestamp ?? eventTime, now),
    ),
    wide<Event>('Count', ({ series, count }) => series?.count ?? count ?? 1),
    { ...NAME, isWide: true },
  ],
  selectable: ({ involvedObject, reason, reportingComponent, source, type }) => {
    // The names of the fields are asked of an empty object, too.
    const of = (involvedObject as Event['involvedObject'] | undefined) ?? {};
    return {
      'involvedObject.kind': of.kind ?? '',
      'involvedObject.namespace': of.namespace ?? '',
      'involvedObject.name': of.name ?? '',
      'involvedObject.uid': of.uid ?? '',
      'involvedObject.apiVersion': of.apiVersion ?? '',
      'involvedObject.resourceVersion': of.resourceVersion ?? '',
      'involvedObject.fieldPath': of.fieldPath ?? '',
      reason: reason ?? '',
      reportingComponent: reportingComponent ?? '',
      source: source?.component ?? reportingComponent ?? '',
      type: type ?? '',
    };
  },
});
