/**
 * Settings: items of which the machine knows only the name. `credentials.ts` and `monitoring.ts` declare them. What a setting says is desired state and stays in its resource.
 */
import type { Stage } from '#shared/stages.ts';
import type { Command } from './commands.ts';
import { type Item, type ItemProcesses, itemProcesses, namesIn, type Records } from './items.ts';

type SettingList = 'credentials' | 'monitoredRoles';

type Setting<Put extends Command, Delete extends Command> = Pick<
  Item<Put, Delete, string>,
  'noun' | 'subject' | 'key' | 'kinds' | 'needsOf' | 'asNeed' | 'isEncrypted'
> & {
  /** The list of the state that contains the names. */
  readonly list: SettingList;
  /** The stages of putting, changing and deleting one, which are the same. */
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

/** The processes that put and delete a setting. */
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
