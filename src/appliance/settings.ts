/**
 * Settings: items of which the machine knows the name only. `bandwidth.ts`, `credentials.ts` and `monitoring.ts` declare them.
 * Never knows what a setting says: that is its resource's wish.
 */
import type { Stage } from '#shared/stages.ts';
import type { Command } from './commands.ts';
import { type Item, type ItemProcesses, itemProcesses, namesIn, type Records } from './items.ts';

type SettingList = 'bandwidthSchedules' | 'credentials' | 'monitoredRoles';

type Setting<Put extends Command, Delete extends Command> = Pick<
  Item<Put, Delete, string>,
  'noun' | 'subject' | 'key' | 'kinds' | 'needsOf' | 'asNeed'
> & {
  /** Where the names are kept. */
  readonly list: SettingList;
  /** A setting is put, changed and deleted in the same way. */
  readonly table: readonly Stage[];
};

const namesOfList = (list: SettingList): Records<string> => ({
  find: (state, [name = '']) => (state[list].includes(name) ? name : undefined),
  put: (state, _names, name) =>
    state[list].includes(name) ? state : { ...state, [list]: [...state[list], name] },
  remove: (state, [name]) => ({
    ...state,
    [list]: state[list].filter((other) => other !== name),
  }),
});

/** The processes that put a setting and take it away. */
export function settingProcesses<Put extends Command, Delete extends Command>({
  list,
  table,
  ...setting
}: Setting<Put, Delete>): ItemProcesses<Put, Delete> {
  return itemProcesses<Put, Delete, string>({
    ...setting,
    records: namesOfList(list),
    stages: { creation: table, change: table, removal: table },
    recordAtEnd: (command) => namesIn(setting, command).at(-1) ?? '',
    isProvisioning: false,
  });
}
