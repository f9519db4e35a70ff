/**
 * Items: the small things on a machine that are put and deleted by name, such as users, shares and settings. A declaration
 * says where the records of a kind of item are, what an item needs and how long its changes take; this file makes the two
 * processes that put and delete one. It knows no kind of item itself.
 */
import { assert } from '#shared/assert.ts';
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import type { Command, Need } from './commands.ts';
import { refuseMissing, refuseNeeded } from './needs.ts';
import type { Process } from './process.ts';
import { busy, refuseProvisioning, refuseUnlessActive, refuseWhileInstalling } from './refusals.ts';
import { type ApplianceState, named, withNamed, withoutNamed } from './state.ts';

/** What names an item: the names of its parents, then its own. */
export type Names = readonly string[];

/** Where the records of one kind of item are. */
export interface Records<R> {
  readonly find: (state: ApplianceState, names: Names) => R | undefined;
  /** Puts the record in place of the one with the same name, or adds it. */
  readonly put: (state: ApplianceState, names: Names, record: R) => ApplianceState;
  readonly remove: (state: ApplianceState, names: Names) => ApplianceState;
}

type Check<C> = (state: ApplianceState, command: C) => Failure | undefined;

/** The checks that a kind of item adds to those that all items share. */
interface Checks<C> {
  /** Checked first: what is impossible whatever the machine is doing. */
  readonly first?: Check<C>;
  /** Checked last: what is impossible in the present state. */
  readonly last?: Check<C>;
}

/** How an item is named by people, in facts and in commands. */
interface ItemNaming {
  /** The noun in messages: `bandwidth schedule`. */
  readonly noun: string;
  /** The first part of its facts' kinds: `bandwidthSchedule` in `bandwidthSchedule.created`. */
  readonly subject: string;
  /** The members of its commands that name an item, its own name last. Its facts have the same members. */
  readonly key: readonly string[];
  /** All commands about an item. A command is refused while another one about the same item runs. */
  readonly kinds: {
    readonly put: Command['kind'];
    readonly remove: Command['kind'];
    readonly refresh?: Command['kind'];
  };
}

/** The declaration of a kind of item; `R` is its record. */
export interface Item<Put extends Command, Delete extends Command, R> extends ItemNaming {
  readonly key: readonly (keyof Put & keyof Delete & string)[];
  readonly kinds: ItemNaming['kinds'] & {
    readonly put: Put['kind'];
    readonly remove: Delete['kind'];
  };
  readonly records: Records<R>;
  readonly stages: {
    readonly creation: readonly Stage[] | ((command: Put) => readonly Stage[]);
    readonly change: readonly Stage[];
    /** Stages that follow these, depending on how the command differs from the record. */
    readonly extra?: (command: Put, before: R | undefined) => readonly Stage[];
    readonly removal: readonly Stage[];
  };
  /** Makes the record when the command begins. Given for items that must hold what they need from the start. */
  readonly recordAtBegin?: (command: Put, before: R | undefined, at: Instant) => R;
  /** Makes the record when the command ends. */
  readonly recordAtEnd?: (command: Put) => R;
  /** True when changes are provisioning, which is refused during an update (upd). */
  readonly isProvisioning: boolean;
  /** True when something about the item is encrypted, which takes the key vault (tact). */
  readonly isEncrypted?: true;
  /** True when a new one takes space on the data volume. */
  readonly takesSpace?: true;
  /** What must exist before the item can be put. */
  readonly needsOf?: (command: Put) => readonly Need[] | undefined;
  /** The need by which other things refer to the item; it can't be deleted while something has that need. */
  readonly asNeed?: (name: string) => Need;
  readonly refusePut?: Checks<Put>;
  readonly refuseDelete?: Checks<Delete>;
  /** A check of both commands: something else on the machine has to end first. */
  readonly refuseBoth?: Check<Put | Delete>;
  /** Members of the facts besides the names. */
  readonly factOfPut?: (command: Put) => JsonObject;
  readonly factOfDelete?: (record: R) => JsonObject;
}

export interface ItemProcesses<Put extends Command, Delete extends Command> {
  readonly put: Process<Put>;
  readonly remove: Process<Delete>;
  /** The running commands about the item of those names. */
  readonly commandsOn: (state: ApplianceState, names: Names) => readonly Command[];
  /** Why the item of those names can't be changed now, or undefined. */
  readonly refuseBusy: (state: ApplianceState, names: Names) => Failure | undefined;
}

/** The names of the item that `command` is about. */
export function namesIn(item: ItemNaming, command: Command): Names {
  const members: Readonly<Record<string, unknown>> = { ...command };
  return item.key.map((member) => {
    const name = members[member];
    assert(typeof name === 'string', 'a command names its item by strings');
    return name;
  });
}

const subjectIn = (item: ItemNaming, command: Command): string => namesIn(item, command).join('/');

/** The names as members of a fact. */
function dataOf(item: ItemNaming, command: Command): JsonObject {
  const names = namesIn(item, command);
  return Object.fromEntries(item.key.map((member, index) => [member, names[index] ?? '']));
}

function commandsOn(item: ItemNaming, state: ApplianceState, names: Names): readonly Command[] {
  const kinds: readonly string[] = Object.values(item.kinds);
  return state.activities
    .map((activity) => activity.command)
    .filter((command): command is Command => kinds.includes(command.kind))
    .filter((command) => subjectIn(item, command) === names.join('/'));
}

function refuseBusy(item: ItemNaming, state: ApplianceState, names: Names): Failure | undefined {
  if (commandsOn(item, state, names).length === 0) return undefined;
  const doing = item.kinds.refresh === undefined ? 'changed' : 'changed, refreshed';
  return busy(`The ${item.noun} ${names.at(-1) ?? ''} is being created, ${doing} or removed.`);
}

function putProcess<Put extends Command, Delete extends Command, R>(
  item: Item<Put, Delete, R>,
): Process<Put> {
  const { records, stages } = item;
  const recordOf = (state: ApplianceState, command: Put): R | undefined =>
    records.find(state, namesIn(item, command));
  const withRecord = (state: ApplianceState, command: Put, record?: R): ApplianceState =>
    record === undefined ? state : records.put(state, namesIn(item, command), record);
  return {
    ...(item.isEncrypted === true ? { encrypts: true } : {}),
    ...(item.takesSpace === true
      ? { fills: (state, command) => recordOf(state, command) === undefined }
      : {}),
    subject: (command) => subjectIn(item, command),
    refuse: (state, command) =>
      item.refusePut?.first?.(state, command) ??
      (item.isProvisioning ? refuseProvisioning(state) : refuseUnlessActive(state)) ??
      item.refuseBoth?.(state, command) ??
      refuseBusy(item, state, namesIn(item, command)) ??
      refuseMissing(state, item.needsOf?.(command)) ??
      item.refusePut?.last?.(state, command),
    table: (state, command) => {
      const before = recordOf(state, command);
      const { creation, change, extra } = stages;
      const ofCreation = typeof creation === 'function' ? creation(command) : creation;
      return [...(before === undefined ? ofCreation : change), ...(extra?.(command, before) ?? [])];
    },
    begin: (state, { command }) =>
      unchanged(
        withRecord(
          state,
          command,
          item.recordAtBegin?.(command, recordOf(state, command), state.at),
        ),
      ),
    finish: (state, { command, stages: played }) => {
      // A record that was made at the begin exists in either case, so the stages show whether the item is new.
      const isNew =
        item.recordAtBegin === undefined
          ? recordOf(state, command) === undefined
          : played[0] !== stages.change[0]?.name;
      return withFact(
        withRecord(state, command, item.recordAtEnd?.(command)),
        `${item.subject}.${isNew ? 'created' : 'changed'}`,
        { ...dataOf(item, command), ...item.factOfPut?.(command) },
      );
    },
  };
}

function deleteProcess<Put extends Command, Delete extends Command, R>(
  item: Item<Put, Delete, R>,
): Process<Delete> {
  const { records, stages } = item;
  const recordOf = (state: ApplianceState, command: Delete): R | undefined =>
    records.find(state, namesIn(item, command));
  const refuseUsed = (state: ApplianceState, command: Delete): Failure | undefined => {
    const need = item.asNeed?.(namesIn(item, command).at(-1) ?? '');
    return need === undefined ? undefined : refuseNeeded(state, need);
  };
  return {
    subject: (command) => subjectIn(item, command),
    refuse: (state, command) =>
      item.refuseDelete?.first?.(state, command) ??
      (item.isProvisioning ? refuseWhileInstalling(state) : undefined) ??
      item.refuseBoth?.(state, command) ??
      refuseBusy(item, state, namesIn(item, command)) ??
      refuseUsed(state, command) ??
      item.refuseDelete?.last?.(state, command),
    table: (state, command) => (recordOf(state, command) === undefined ? [] : stages.removal),
    finish: (state, { command }) => {
      const record = recordOf(state, command);
      if (record === undefined) return unchanged(state);
      return withFact(records.remove(state, namesIn(item, command)), `${item.subject}.deleted`, {
        ...dataOf(item, command),
        ...item.factOfDelete?.(record),
      });
    },
  };
}

/** The processes that put and delete an item of that kind. */
export const itemProcesses = <Put extends Command, Delete extends Command, R>(
  item: Item<Put, Delete, R>,
): ItemProcesses<Put, Delete> => ({
  put: putProcess(item),
  remove: deleteProcess(item),
  commandsOn: (state, names) => commandsOn(item, state, names),
  refuseBusy: (state, names) => refuseBusy(item, state, names),
});

type RecordList =
  | 'shares'
  | 'users'
  | 'bandwidthSchedules'
  | 'storageAccounts'
  | 'triggers'
  | 'roles';

/** Records that are a list of the state. */
export function recordsIn<L extends RecordList>(list: L): Records<ApplianceState[L][number]> {
  type R = ApplianceState[L][number];
  // TypeScript can't relate the name of a list to the type of its records.
  const all = (state: ApplianceState): readonly R[] => state[list];
  return {
    find: (state, names) => named(all(state), names.at(-1) ?? ''),
    put: (state, _names, record) => ({ ...state, [list]: withNamed(all(state), record) }),
    remove: (state, names) => ({
      ...state,
      [list]: withoutNamed(all(state), names.at(-1) ?? ''),
    }),
  };
}
