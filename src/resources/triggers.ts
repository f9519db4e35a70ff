/**
 * triggers: what sets off a module of a role: a file in a share (FileEvent), or the time (PeriodicTimerEvent).
 * Sources: mcomp (appliance.md §16), databoxedge-contract §5 for the rules that stand in descriptions only.
 */
import { Type } from 'typebox';
import type { Received, ResourceRow } from '#arm/resource-type.ts';
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { looseDateTime, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Need } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { textIn } from '#shared/json.ts';
import { utcOf } from './base/device-time.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { equalityFilter } from './base/filters.ts';
import { kindFaults } from './base/kinds.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { nameOnMachine, type Reference, resolve } from './base/references.ts';

const sinkInfo = object({ roleId: Type.String() }, named('RoleSinkInfo'));
/** The one length limit of the contract, from 2020-09-01 on; the machine's in every version [ours]. */
const customContextTag = Type.Optional(Type.String({ maxLength: 192 }));

const fileEvent = object(
  {
    sourceInfo: object({ shareId: Type.String() }, named('FileSourceInfo')),
    sinkInfo,
    customContextTag,
  },
  named('FileTriggerProperties'),
);

const timerSource = object(
  {
    // A date-time by the contract, but one that may come without its zone: so it is checked here.
    startTime: Type.String(looseDateTime),
    schedule: Type.String(),
    topic: optionalString(),
  },
  named('PeriodicTimerSourceInfo'),
);

const periodicTimerEvent = object(
  {
    sourceInfo: timerSource,
    sinkInfo,
    customContextTag,
  },
  named('PeriodicTimerProperties'),
);

const envelopeOfTrigger = { ...envelope, systemData: systemDataSince('2020-09-01') } as const;

const kinds = {
  FileEvent: object(
    { kind: oneOf(['FileEvent']), ...envelopeOfTrigger, properties: fileEvent },
    named('FileEventTrigger'),
  ),
  PeriodicTimerEvent: object(
    { kind: oneOf(['PeriodicTimerEvent']), ...envelopeOfTrigger, properties: periodicTimerEvent },
    named('PeriodicTimerEventTrigger'),
  ),
};

type Schema = (typeof kinds)[keyof typeof kinds];
type Trigger = Accepted<Schema>;
type View = Shown<Schema>;

/** Roles that run modules. */
const SINK_KINDS = ['IOT', 'Kubernetes'];

export const triggers = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/triggers',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Trigger')),
  kinds,
  operations: {
    list: {
      id: 'Triggers_ListByDataBoxEdgeDevice',
      filter: equalityFilter(
        'CustomContextTag',
        ({ properties }: View) => properties.customContextTag,
      ),
      published: { query: { $filter: '..' } },
    },
    get: { id: 'Triggers_Get' },
    put: { id: 'Triggers_CreateOrUpdate', plan: planPut },
    delete: { id: 'Triggers_Delete', plan: planDelete },
  },
  receive,
  check,
  view,
});

/** A start without a zone is in the device's own; it is kept and shown in UTC [S]. */
async function receive(target: Target, body: Trigger): Promise<Received<Trigger>> {
  if (body.kind !== 'PeriodicTimerEvent') return { body };
  const { sourceInfo } = body.properties;
  const { hardware } = await observe(target);
  const startTime = utcOf(sourceInfo.startTime, hardware?.timeZone) ?? sourceInfo.startTime;
  const properties = { ...body.properties, sourceInfo: { ...sourceInfo, startTime } };
  return { body: { ...body, properties } };
}

/** The role, and for a file event the share, that a trigger names. */
function referencesOf({ kind, properties }: Trigger): Reference[] {
  const references: Reference[] = [
    { member: 'properties.sinkInfo.roleId', id: properties.sinkInfo.roleId, segment: 'roles' },
  ];
  if (kind === 'FileEvent') {
    const { shareId } = properties.sourceInfo;
    references.unshift({ member: 'properties.sourceInfo.shareId', id: shareId, segment: 'shares' });
  }
  return references;
}

async function check(target: Target<Trigger>, body: Trigger): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  for (const reference of referencesOf(body)) {
    const found = await resolve(target, reference);
    if ('fault' in found) faults.push(found.fault);
    else if (reference.segment === 'roles') faults.push(...sinkFaults(reference, found.row));
  }
  return body.kind === 'PeriodicTimerEvent'
    ? [...faults, ...sourceFaults(body.properties.sourceInfo)]
    : faults;
}

function sinkFaults({ member }: Reference, { name, body }: ResourceRow): Fault[] {
  const kind = textIn(body, 'kind');
  if (SINK_KINDS.includes(kind)) return [];
  const message = `A trigger needs a role of kind ${SINK_KINDS.join(' or ')}; '${name}' is of kind ${kind}.`;
  return [{ target: member, message }];
}

function sourceFaults({ startTime, schedule }: Accepted<typeof timerSource>): Fault[] {
  const faults: Fault[] = [];
  if (utcOf(startTime, undefined) === undefined) {
    faults.push({
      target: 'properties.sourceInfo.startTime',
      message: `'${startTime}' is not a date and time; write '2026-03-02T09:00:00Z', or leave the zone out for the device's own.`,
    });
  }
  // Daily, hourly, minutes, seconds: in which words is in no source [NF], so any will do.
  if (schedule === '') {
    faults.push({
      target: 'properties.sourceInfo.schedule',
      message: 'The schedule must not be empty.',
    });
  }
  return faults;
}

async function planPut(target: Target, body: Trigger) {
  const needs: Need[] = [];
  for (const { id, segment } of referencesOf(body)) {
    const name = await nameOnMachine(target, id);
    if (name !== undefined) needs.push(`${segment === 'roles' ? 'role' : 'share'}/${name}`);
  }
  return [machineStep(target, { kind: 'putTrigger', trigger: target.name, needs })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteTrigger', trigger: target.name })];
}

async function view(target: Existing<Trigger>): Promise<View> {
  const { kind, properties } = target.resource.body;
  // The compiler does not know any more that the two are of one body.
  return {
    properties,
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/triggers'),
    kind,
  } as View;
}
