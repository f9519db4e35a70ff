/**
 * Items: the small things on a machine that are put and deleted by name, such as users, shares and settings. One declaration
 * says where an item's records are, what it needs and how long it takes; the two processes that put and delete one are made of
 * it here. Called by the files that declare an item (`users.ts`, `storage.ts`, `settings.ts` and others). Knows none of them.
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

/** What names an item: its own name, after those of what it is in. */
export type Names = readonly string[];

/** Where the records of one kind of item are. */
export interface Records<R> {
  readonly find: (state: ApplianceState, names: Names) => R | undefined;
  /** Puts the record in place of the one with the same name, or adds it. */
  readonly put: (state: ApplianceState, names: Names, record: R) => ApplianceState;
  readonly remove: (state: ApplianceState, names: Names) => ApplianceState;
}

type Check<C> = (state: ApplianceState, command: C) => Failure | undefined;

/** What a kind of item refuses beyond what all of them do. */
interface Checks<C> {
  /** Asked first: what can never be, whatever goes on. */
  readonly first?: Check<C>;
  /** Asked last: what can't be at present. */
  readonly last?: Check<C>;
}

/** How an item is named, by people, facts and commands. */
interface ItemNaming {
  /** For people: `bandwidth schedule`. */
  readonly noun: string;
  /** What its facts are about: `bandwidthSchedule`, as in `bandwidthSchedule.created`. */
  readonly subject: string;
  /** The members of its commands that name one, outermost first. Its facts have the same members. */
  readonly key: readonly string[];
  /** All commands about one. None of them begins while another one about the same item runs. */
  readonly kinds: {
    readonly put: Command['kind'];
    readonly remove: Command['kind'];
    readonly refresh?: Command['kind'];
  };
}

/** A kind of item; `R` is its record. */
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
    /** Stages after those, for what differs from the record before. */
    readonly extra?: (command: Put, before: R | undefined) => readonly Stage[];
    readonly removal: readonly Stage[];
  };
  /** The record when the command begins, where it is there from then on: what it needs stays while it is being made. */
  readonly recordAtBegin?: (command: Put, before: R | undefined, at: Instant) => R;
  /** The record when the command ends. */
  readonly recordAtEnd?: (command: Put) => R;
  /** Provisioning waits for the end of an update (upd); other changes don't. */
  readonly isProvisioning: boolean;
  /** What must be there before one is put. */
  readonly needsOf?: (command: Put) => readonly Need[] | undefined;
  /** As what others need it: it can't be deleted then. */
  readonly asNeed?: (name: string) => Need;
  readonly refusePut?: Checks<Put>;
  readonly refuseDelete?: Checks<Delete>;
  /** Something else on the machine that has to end before either of them. */
  readonly refuseBoth?: Check<Put | Delete>;
  /** What the facts say of it besides its names. */
  readonly factOfPut?: (command: Put) => JsonObject;
  readonly factOfDelete?: (record: R) => JsonObject;
}

export interface ItemProcesses<Put extends Command, Delete extends Command> {
  readonly put: Process<Put>;
  readonly remove: Process<Delete>;
  /** The commands that run about the item of those names. */
  readonly commandsOn: (state: ApplianceState, names: Names) => readonly Command[];
  /** Why the item of those names has to be left alone now, or undefined. */
  readonly refuseBusy: (state: ApplianceState, names: Names) => Failure | undefined;
}

/** The names of the item that a command is about. */
export function namesIn(item: ItemNaming, command: Command): Names {
  const members: Readonly<Record<string, unknown>> = { ...command };
  return item.key.map((member) => {
    const name = members[member];
    assert(typeof name === 'string', 'a command names its item by strings');
    return name;
  });
}

const subjectIn = (item: ItemNaming, command: Command): string => namesIn(item, command).join('/');

/** The names as facts have them. */
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
      // Where the record is there from the begin of its creation on, the stages tell a new item from a changed one.
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

/** The processes that put and delete an item. */
export const itemProcesses = <Put extends Command, Delete extends Command, R>(
  item: Item<Put, Delete, R>,
): ItemProcesses<Put, Delete> => ({
  put: putProcess(item),
  remove: deleteProcess(item),
  commandsOn: (state, names) => commandsOn(item, state, names),
  refuseBusy: (state, names) => refuseBusy(item, state, names),
});

type RecordList = 'shares' | 'users' | 'storageAccounts' | 'triggers' | 'roles';

/** Records that have a list of the state to themselves. */
export function recordsIn<L extends RecordList>(list: L): Records<ApplianceState[L][number]> {
  type R = ApplianceState[L][number];
  // TypeScript doesn't follow a member of the state to the records of its own list.
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
