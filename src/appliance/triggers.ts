/**
 * Triggers: a file or a schedule starts something in a role. No trigger ever fires here, since nobody writes files and no
 * module runs.
 * Sources: mcomp (appliance.md §16).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { itemProcesses, recordsIn } from './items.ts';
import type { CommandOf } from './process.ts';
import type { TriggerRecord } from './state.ts';

const QUICK = '[ours] seconds to half a minute';

const TRIGGER_CREATION: readonly Stage[] = [
  { name: 'create', lasts: [seconds(5), seconds(20)], source: QUICK },
];
const TRIGGER_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: QUICK },
];
const TRIGGER_REMOVAL: readonly Stage[] = [
  { name: 'remove', lasts: [seconds(5), seconds(20)], source: QUICK },
];

export const { put: putTrigger, remove: deleteTrigger } = itemProcesses<
  CommandOf<'putTrigger'>,
  CommandOf<'deleteTrigger'>,
  TriggerRecord
>({
  noun: 'trigger',
  subject: 'trigger',
  key: ['trigger'],
  kinds: { put: 'putTrigger', remove: 'deleteTrigger' },
  records: recordsIn('triggers'),
  stages: { creation: TRIGGER_CREATION, change: TRIGGER_CHANGE, removal: TRIGGER_REMOVAL },
  recordAtBegin: ({ trigger, needs }) => ({ name: trigger, needs }),
  isProvisioning: false,
  needsOf: ({ needs }) => needs,
});
