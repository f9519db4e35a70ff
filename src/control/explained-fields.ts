/** Which fields of which resources can be explained, and which facts give them which values. */
import { pathOfType, resourceIdOf, parseResourceId, rootIdOf, typeKeyOf } from '#shared/arm-id.ts';
import type { Json } from '#shared/json.ts';
import type { JournalEntry } from '#store/journal.ts';
import { invalidRequest } from './requests.ts';

/** A field whose value the journal tells. */
export interface ExplainedField {
  /** As ARM spells it. */
  readonly name: string;
  readonly kinds: readonly string[];
  /** Its value from that fact on, for the resource of that name; undefined: the fact is not about it. */
  readonly valueAfter: (entry: JournalEntry, name: string) => Json | undefined;
  /** Its value before any fact. */
  readonly initially: Json;
}

/** A resource that is asked about. */
export interface Subject {
  readonly id: string;
  /** The type in lower case, without its namespace. */
  readonly type: string;
  readonly name: string;
  /** The ARM id of its device; undefined for a connected cluster, which has another root. */
  readonly deviceId: string | undefined;
}

/** What an ARM id is about; throws a 400 for what is none. */
export function subjectOf(text: string): Subject {
  const id = parseResourceId(text);
  if (id === undefined) {
    throw invalidRequest([{ target: 'resource', message: "'resource' must be an ARM id." }]);
  }
  const type = pathOfType(typeKeyOf(id));
  const isCluster = type === 'connectedclusters';
  return {
    id: text,
    type,
    name: id.names.at(-1) ?? '',
    deviceId: isCluster ? undefined : rootIdOf(resourceIdOf(text)),
  };
}

/** The member `name` of the fact, where it is of that kind. */
const member =
  (members: Readonly<Record<string, string>>) =>
  ({ kind, data }: JournalEntry): Json | undefined =>
    members[kind] === undefined ? undefined : data[members[kind]];

const isAbout = (entry: JournalEntry, what: string, name: string): boolean => {
  const value = entry.data[what];
  return typeof value === 'string' && value.toLowerCase() === name.toLowerCase();
};

/** A field whose values are told by the kinds of facts. */
const byKind = (
  name: string,
  values: Readonly<Record<string, string>>,
  about?: string,
): ExplainedField => ({
  name,
  kinds: Object.keys(values),
  valueAfter: (entry, of) =>
    about === undefined || isAbout(entry, about, of) ? values[entry.kind] : undefined,
  initially: null,
});

const FIELDS: Readonly<Record<string, readonly ExplainedField[]>> = {
  databoxedgedevices: [
    {
      name: 'dataBoxEdgeDeviceStatus',
      kinds: ['machine.statusChanged'],
      valueAfter: member({ 'machine.statusChanged': 'to' }),
      initially: 'ReadyToSetup',
    },
    {
      name: 'deviceSoftwareVersion',
      kinds: ['update.installed', 'machine.activated'],
      valueAfter: member({
        'update.installed': 'toVersion',
        'machine.activated': 'softwareVersion',
      }),
      initially: null,
    },
  ],
  'databoxedgedevices/nodes': [
    {
      name: 'nodeStatus',
      kinds: ['node.stateChanged'],
      valueAfter: (entry, name) => (isAbout(entry, 'node', name) ? entry.data.to : undefined),
      initially: 'Up',
    },
  ],
  'databoxedgedevices/alerts': [
    byKind('alert', { 'alert.raised': 'Active', 'alert.cleared': 'Cleared' }, 'alert'),
  ],
  'databoxedgedevices/orders': [
    byKind('status', {
      'order.placed': 'Untracked',
      'order.shipped': 'Shipped',
      'order.delivered': 'Delivered',
      'order.returnInitiated': 'ReturnInitiated',
      'order.collected': 'CollectedAtMicrosoft',
      'order.declined': 'Declined',
      'order.lost': 'LostDevice',
      'order.replacementRequested': 'ReplacementRequested',
    }),
  ],
  'databoxedgedevices/roles': [
    byKind(
      'provisioningState',
      {
        'cluster.creating': 'Creating',
        'cluster.created': 'Created',
        'cluster.configured': 'Created',
        'cluster.deleting': 'Deleting',
      },
      'role',
    ),
  ],
  connectedclusters: [
    {
      name: 'connectivityStatus',
      kinds: ['arc.connecting', 'arc.connected', 'arc.connectivityChanged'],
      valueAfter: ({ kind, data }) =>
        ({ 'arc.connecting': 'Connecting', 'arc.connected': 'Connected' })[kind] ?? data.to,
      initially: 'Connecting',
    },
  ],
};

/** The fields of resources of that type that can be explained, the most asked for first. */
export const fieldsOf = (type: string): readonly ExplainedField[] =>
  Object.hasOwn(FIELDS, type) ? (FIELDS[type] ?? []) : [];
