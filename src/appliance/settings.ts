/**
 * Settings: what the machine knows by name only, put and taken away in a moment. One pair of processes for all of them;
 * `bandwidth.ts`, `credentials.ts` and `monitoring.ts` say which ones there are. Never knows what a setting says: that is
 * its resource's wish.
 */
import type { Failure } from '#shared/failure.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import type { Command } from './commands.ts';
import type { Process } from './process.ts';
import { busy, refuseUnlessActive } from './refusals.ts';
import type { ApplianceState } from './state.ts';

interface Setting<Put extends Command, Delete extends Command> {
  /** Where the names are kept. */
  readonly list: 'bandwidthSchedules' | 'credentials' | 'monitoredRoles';
  readonly kinds: readonly [put: Put['kind'], remove: Delete['kind']];
  readonly nameOf: (command: Put | Delete) => string;
  /** What its facts are about, and under which key they name it: `bandwidthSchedule`, `schedule`. */
  readonly fact: readonly [subject: string, key: string];
  /** For people: `bandwidth schedule`. */
  readonly noun: string;
  readonly table: readonly Stage[];
  /** Why one can't be put, or can't go, beyond what holds for all settings. */
  readonly refusePut?: (state: ApplianceState, name: string) => Failure | undefined;
  readonly refuseDelete?: (state: ApplianceState, name: string) => Failure | undefined;
}

interface Processes<Put extends Command, Delete extends Command> {
  readonly put: Process<Put>;
  readonly remove: Process<Delete>;
}

/** The processes that put a setting and take it away. */
export function settingProcesses<Put extends Command, Delete extends Command>(
  setting: Setting<Put, Delete>,
): Processes<Put, Delete> {
  const { list, kinds, nameOf, noun, table } = setting;
  const [subject, key] = setting.fact;
  const isOne = (command: { readonly kind: string }): command is Put | Delete =>
    kinds.some((kind) => kind === command.kind);
  const refuseBusy = (state: ApplianceState, name: string): Failure | undefined =>
    state.activities.some(({ command }) => isOne(command) && nameOf(command) === name)
      ? busy(`The ${noun} ${name} is being created, changed or removed.`)
      : undefined;
  const put: Process<Put> = {
    subject: nameOf,
    refuse: (state, command) => {
      const name = nameOf(command);
      return (
        refuseUnlessActive(state) ?? refuseBusy(state, name) ?? setting.refusePut?.(state, name)
      );
    },
    table: () => table,
    finish: (state, { command }) => {
      const name = nameOf(command);
      return state[list].includes(name)
        ? withFact(state, `${subject}.changed`, { [key]: name })
        : withFact({ ...state, [list]: [...state[list], name] }, `${subject}.created`, {
            [key]: name,
          });
    },
  };
  const remove: Process<Delete> = {
    subject: nameOf,
    refuse: (state, command) => {
      const name = nameOf(command);
      return refuseBusy(state, name) ?? setting.refuseDelete?.(state, name);
    },
    table: (state, command) => (state[list].includes(nameOf(command)) ? table : []),
    finish: (state, { command }) => {
      const name = nameOf(command);
      if (!state[list].includes(name)) return unchanged(state);
      const left = state[list].filter((other) => other !== name);
      return withFact({ ...state, [list]: left }, `${subject}.deleted`, { [key]: name });
    },
  };
  return { put, remove };
}
