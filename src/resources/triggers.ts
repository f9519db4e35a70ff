/**
 * triggers: what sets off a module of a role: a file in a share (FileEvent), or the time (PeriodicTimerEvent).
 * Sources: mcomp (appliance.md §16), databoxedge-contract §5 for the rules that stand in descriptions only.
 */
import { Type } from 'typebox';
import { named, object, oneOf } from '#arm/schema.ts';
import { looseDateTime, mayText } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Need } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
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

const trigger = (kind: string, name: string, properties: ReturnType<typeof object>) =>
  object(
    { kind: oneOf([kind]), ...envelope, systemData: systemDataSince('2020-09-01'), properties },
    named(name),
  );

const fileEvent = object(
  {
    sourceInfo: object({ shareId: Type.String() }, named('FileSourceInfo')),
    sinkInfo,
    customContextTag,
  },
  named('FileTriggerProperties'),
);

const periodicTimerEvent = object(
  {
    sourceInfo: object(
      {
        // A date-time by the contract, but one that may come without its zone: so it is checked here.
        startTime: Type.String(looseDateTime),
        schedule: Type.String(),
        topic: mayText(),
      },
      named('PeriodicTimerSourceInfo'),
    ),
    sinkInfo,
    customContextTag,
  },
  named('PeriodicTimerProperties'),
);

/** Roles that run modules. */
const SINK_KINDS = ['IOT', 'Kubernetes'];

export const triggers = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/triggers',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Trigger')),
  kinds: {
    FileEvent: trigger('FileEvent', 'FileEventTrigger', fileEvent),
    PeriodicTimerEvent: trigger(
      'PeriodicTimerEvent',
      'PeriodicTimerEventTrigger',
      periodicTimerEvent,
    ),
  },
  operations: {
    list: {
      id: 'Triggers_ListByDataBoxEdgeDevice',
      filter: equalityFilter('CustomContextTag', (view) =>
        textIn(objectIn(view, 'properties'), 'customContextTag'),
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

const sourceOf = (body: JsonObject): JsonObject =>
  objectIn(objectIn(body, 'properties'), 'sourceInfo');

/** A start without a zone is in the device's own; it is kept and shown in UTC [S]. */
async function receive(target: Target, body: JsonObject) {
  const source = sourceOf(body);
  if (typeof source.startTime !== 'string') return { body };
  const { hardware } = await observe(target);
  const startTime = utcOf(source.startTime, hardware?.timeZone) ?? source.startTime;
  const properties = { ...objectIn(body, 'properties'), sourceInfo: { ...source, startTime } };
  return { body: { ...body, properties } };
}

/** The role, and for a file event the share, that a trigger names. */
function referencesOf(body: JsonObject): Reference[] {
  const { roleId } = objectIn(objectIn(body, 'properties'), 'sinkInfo');
  const { shareId } = sourceOf(body);
  const references: Reference[] = [];
  if (typeof shareId === 'string') {
    references.push({ member: 'properties.sourceInfo.shareId', id: shareId, segment: 'shares' });
  }
  if (typeof roleId === 'string') {
    references.push({ member: 'properties.sinkInfo.roleId', id: roleId, segment: 'roles' });
  }
  return references;
}

async function check(target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  for (const reference of referencesOf(body)) {
    const found = await resolve(target, reference);
    if ('fault' in found) faults.push(found.fault);
    else if (
      reference.segment === 'roles' &&
      !SINK_KINDS.includes(textIn(found.row.body, 'kind'))
    ) {
      faults.push({
        target: reference.member,
        message: `A trigger needs a role of kind ${SINK_KINDS.join(' or ')}; '${found.row.name}' is of kind ${textIn(found.row.body, 'kind')}.`,
      });
    }
  }
  const { startTime, schedule } = sourceOf(body);
  if (typeof startTime === 'string' && utcOf(startTime, undefined) === undefined) {
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

async function planPut(target: Target, body: JsonObject) {
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

async function view(target: Existing): Promise<JsonObject> {
  const { kind = '', properties = {} } = target.resource.body;
  return { properties, ...identity(target, 'dataBoxEdgeDevices/triggers'), kind };
}
