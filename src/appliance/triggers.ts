/**
 * Triggers: a file or the time sets something off in the role that they name. Called through `processes.ts`. Never fires
 * one: nothing writes files here, and no module runs.
 * Sources: mcomp (appliance.md §16).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { refuseMissing } from './needs.ts';
import type { CommandOf, Process } from './process.ts';
import { busy, refuseUnlessActive } from './refusals.ts';
import { type ApplianceState, named, withNamed, withoutNamed, activitiesOf } from './state.ts';

const QUICK = '[ours] seconds to half a minute';

export const TRIGGER_CREATION: readonly Stage[] = [
  { name: 'create', lasts: [seconds(5), seconds(20)], source: QUICK },
];
export const TRIGGER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: QUICK },
];
export const TRIGGER_REMOVAL: readonly Stage[] = [
  { name: 'remove', lasts: [seconds(5), seconds(20)], source: QUICK },
];

const refuseBusy = (state: ApplianceState, trigger: string) =>
  [...activitiesOf(state, 'putTrigger'), ...activitiesOf(state, 'deleteTrigger')].some(
    (activity) => activity.command.trigger === trigger,
  )
    ? busy(`The trigger ${trigger} is being created, changed or removed.`)
    : undefined;

export const putTrigger: Process<CommandOf<'putTrigger'>> = {
  subject: (command) => command.trigger,
  refuse: (state, { trigger, needs }) =>
    refuseUnlessActive(state) ?? refuseBusy(state, trigger) ?? refuseMissing(state, needs),
  table: (state, { trigger }) =>
    named(state.triggers, trigger) === undefined ? TRIGGER_CREATION : TRIGGER_CHANGE,
  // At once, so that what it needs stays while it is being made.
  begin: (state, { command: { trigger, needs } }) =>
    unchanged({ ...state, triggers: withNamed(state.triggers, { name: trigger, needs }) }),
  finish: (state, { command: { trigger }, stages }) =>
    withFact(state, stages.includes('create') ? 'trigger.created' : 'trigger.changed', { trigger }),
};

export const deleteTrigger: Process<CommandOf<'deleteTrigger'>> = {
  subject: (command) => command.trigger,
  refuse: (state, { trigger }) => refuseBusy(state, trigger),
  table: (state, { trigger }) =>
    named(state.triggers, trigger) === undefined ? [] : TRIGGER_REMOVAL,
  finish: (state, { command: { trigger } }) =>
    named(state.triggers, trigger) === undefined
      ? unchanged(state)
      : withFact({ ...state, triggers: withoutNamed(state.triggers, trigger) }, 'trigger.deleted', {
          trigger,
        }),
};
