/**
 * The fleet: where appliances live. Loads one, puts a command to it, plays its time, saves it: state, timer and
 * journal in one transaction. The transaction that changes a machine reads it first, so there is one writer at a time,
 * in however many processes (docs/decisions/0012). A look (`observe`) works on a copy advanced to now and saves nothing. Nothing
 * above this file knows that appliances are simulated.
 */
import {
  advance,
  type ApplianceState,
  createAppliance,
  isStill,
  nextDueAt,
  observationOf,
  request,
} from '#appliance/appliance.ts';
import type { Command, MachineSpec, Task } from '#appliance/commands.ts';
import { modelOf } from '#appliance/models.ts';
import type { ObservedCapacity } from '#appliance/inspection.ts';
import type { Observation } from '#appliance/observation.ts';
import { type Placement, placementsOf } from '#appliance/placement.ts';
import { RELEASES } from '#appliance/releases.ts';
import type { Fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#schedule/clock.ts';
import {
  addApplianceTasks,
  type ApplianceRow,
  type ApplianceTaskRow,
  applianceVersion,
  findAppliance,
  findApplianceTask,
  knownApplianceVersion,
  removeAppliance,
  saveAppliance,
} from '#store/appliances.ts';
import type { Database, Source, Writer } from '#store/database.ts';
import { appendFacts, type JournalSubject } from '#store/journal.ts';
import { findResource } from '#store/resources.ts';
import { signalsOf } from '#store/signals.ts';
import { clearTimer, setTimer } from '#store/timers.ts';

export type {
  Command,
  DataPolicy,
  MachineSpec,
  Need,
  PlainRoleKind,
  ShareProtocol,
  SupportSessionWish,
  Task,
} from '#appliance/commands.ts';
export type { Placement } from '#appliance/placement.ts';
export type * from '#appliance/inspection.ts';
export type * from '#appliance/observation.ts';

/** How many nodes a device of that SKU may have; one for a SKU nobody knows. */
export function nodeCountsOf(sku: string): readonly number[] {
  return modelOf(sku)?.nodeCounts ?? [1];
}

/** The software releases a machine can be made with, oldest first. */
export function releaseNames(): readonly string[] {
  return RELEASES.map((release) => release.name);
}

/** Whether VMs of the sizes of each list could be made side by side in what is free. */
export function placementsIn(
  capacity: ObservedCapacity,
  query: readonly (readonly string[])[],
): readonly Placement[] {
  return placementsOf(capacity, query);
}

/** The kind of the fleet's timers; their target is the appliance's id. */
export const APPLIANCE_TIMER = 'appliance';

/** Which appliance, what the factory made it as, and whose it is. */
export interface MachineHandle {
  /** The incarnation of its device resource. */
  readonly id: string;
  readonly spec: MachineSpec;
  readonly owner: Pick<JournalSubject, 'subscriptionId' | 'resourceKey' | 'resourceId'>;
}

export type CommandOutcome = { readonly task: Task } | { readonly refused: Failure };

/** A machine's state as its row has it. Kept while its version is the newest. */
interface Loaded {
  /** 0: no row yet. */
  readonly version: number;
  readonly state: ApplianceState;
  /** Characters of the state's JSON: what keeping it costs. */
  readonly size: number;
  /** What is to be seen of it, where time alone changes nothing about that. */
  observation?: Observation;
}

/** Characters of states that are kept parsed. */
const MAX_KEPT_SIZE = 8_000_000;

export class Fleet {
  readonly #database: Database;
  readonly #clock: Clock;
  /** By appliance id. Only committed states: the stored version says whether one is still the newest. */
  readonly #states = new LRUCache<string, Loaded>({
    maxSize: MAX_KEPT_SIZE,
    sizeCalculation: ({ size }) => size + 1,
  });
  /** What a transaction has made of machines so far, for the works that share it. */
  readonly #inTransaction = new WeakMap<Writer, Map<string, Loaded>>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** What can be seen of the machine now. Changes nothing. */
  async observe(machine: MachineHandle): Promise<Observation> {
    const loaded = await this.#load(this.#database, machine);
    if (loaded.observation !== undefined) return loaded.observation;
    const { state } = advance(loaded.state, this.#clock.now());
    const observation = observationOf(state);
    if (isStill(state)) loaded.observation = observation;
    return observation;
  }

  /** The same at once, where time changes nothing about the machine and it has been looked at since its last change. */
  cachedObservation({ id }: MachineHandle): Observation | undefined {
    const kept = this.#states.get(id);
    if (kept?.observation === undefined) return undefined;
    return kept.version === knownApplianceVersion(this.#database, id)
      ? kept.observation
      : undefined;
  }

  /** Why the machine would refuse `command` now, or undefined. Changes nothing. */
  async refusalOf(machine: MachineHandle, command: Command): Promise<Failure | undefined> {
    const { state } = await this.#load(this.#database, machine);
    const answer = request(state, { id: 'would-it', command }, this.#clock.now());
    return 'refused' in answer ? answer.refused : undefined;
  }

  /** As `commandIn`, in a transaction of its own. */
  async command(
    machine: MachineHandle,
    commandId: string,
    command: Command,
  ): Promise<CommandOutcome> {
    return await this.#database.write(async (writer) =>
      this.commandIn(writer, machine, { id: commandId, command }),
    );
  }

  /**
   * Puts a command to the machine under its id and says how it stands, within the caller's transaction. The machine does each id
   * once: asking again gives the task's present state.
   */
  async commandIn(
    writer: Writer,
    machine: MachineHandle,
    asked: { readonly id: string; readonly command: Command },
  ): Promise<CommandOutcome> {
    const ended = await findApplianceTask(writer, { appliance: machine.id, id: asked.id });
    if (ended !== undefined) return { task: endedTask(ended) };
    const loaded = await this.#load(writer, machine);
    const answer = request(loaded.state, asked, this.#clock.now());
    if ('refused' in answer) return answer;
    const task = observationOf(answer.state).tasks[asked.id];
    if (task === undefined) throw new Error('a machine must know the task of an accepted command');
    await this.#save(writer, machine, { ...answer, loaded, cause: `command/${asked.id}` });
    return { task };
  }

  /** Plays what fell due and saves it. The handler of `APPLIANCE_TIMER`. */
  async play(id: string): Promise<void> {
    await this.#database.write(async (writer) => {
      const row = await findAppliance(writer, id);
      if (row === undefined) {
        await clearTimer(writer, APPLIANCE_TIMER, id);
        return;
      }
      const loaded = this.#kept(writer, id, row.version) ?? parsed(row);
      const machine = { id, spec: loaded.state.spec, owner: ownerOf(row.resourceId) };
      const change = advance(loaded.state, this.#clock.now());
      await this.#save(writer, machine, { ...change, loaded, cause: 'clock' });
    });
  }

  /** Forgets the machine. Part of the transaction that removes its resource. */
  async remove(writer: Writer, id: string): Promise<void> {
    await removeAppliance(writer, id);
    await clearTimer(writer, APPLIANCE_TIMER, id);
  }

  /** Drops every kept state: the world was emptied. */
  forgetAll(): void {
    this.#states.clear();
  }

  /** The machine as `source` has it: the newest committed one, or the one of a transaction. */
  async #load(source: Source, machine: MachineHandle): Promise<Loaded> {
    const { id } = machine;
    const version = await applianceVersion(source, id);
    const kept = this.#kept(source, id, version);
    if (kept !== undefined) return kept;
    const row = version === 0 ? undefined : await findAppliance(source, id);
    const loaded =
      row === undefined
        ? { state: createAppliance(machine.spec), version: 0, size: 0 }
        : parsed(row);
    // What a transaction reads may be its own, and be taken back.
    if (source === this.#database) this.#states.set(id, loaded);
    return loaded;
  }

  #kept(source: Source, id: string, version: number): Loaded | undefined {
    const ours = this.#inTransaction.get(source as Writer)?.get(id);
    if (ours?.version === version) return ours;
    const kept = this.#states.get(id);
    return kept?.version === version ? kept : undefined;
  }

  /** Saves what was made of a machine, with its facts, its next timer, and the tasks that have ended on the way. */
  async #save(writer: Writer, machine: MachineHandle, made: Made): Promise<void> {
    const { id, owner } = machine;
    const { version } = made.loaded;
    // A first row would be left behind for ever where its device went at that very moment.
    if (version === 0 && !(await isThere(writer, machine))) throw removed();
    const { endedTasks, ...rest } = made.state;
    const state: ApplianceState = { ...rest, endedTasks: [] };
    const text = JSON.stringify(state);
    const row = { id, resourceId: owner.resourceId, state: text };
    if (!(await saveAppliance(writer, row, version)))
      throw new Error('an appliance changed under its transaction');
    await appendFacts(writer, { ...owner, cause: made.cause }, made.facts);
    const tasks = endedTasks.map((task) => ({ failure: undefined, ...task }));
    await addApplianceTasks(writer, id, { tasks, now: this.#clock.now() });
    const dueAt = nextDueAt(state);
    if (dueAt === undefined) await clearTimer(writer, APPLIANCE_TIMER, id);
    else await setTimer(writer, { kind: APPLIANCE_TIMER, target: id, dueAt });
    this.#keepInTransaction(writer, id, { state, version: version + 1, size: text.length });
  }

  #keepInTransaction(writer: Writer, id: string, loaded: Loaded): void {
    const ours = this.#inTransaction.get(writer) ?? new Map<string, Loaded>();
    this.#inTransaction.set(writer, ours.set(id, loaded));
    signalsOf(writer).afterCommit(() => {
      this.#states.set(id, loaded);
    });
  }
}

/** What becomes of a machine. */
interface Made {
  readonly state: ApplianceState;
  readonly facts: readonly Fact[];
  /** What it was made from. */
  readonly loaded: Loaded;
  readonly cause: string;
}

const parsed = (row: ApplianceRow): Loaded => ({
  state: JSON.parse(row.state) as ApplianceState,
  version: row.version,
  size: row.state.length,
});

const endedTask = ({ endedAt, failure }: ApplianceTaskRow): Task =>
  failure === undefined ? { state: 'succeeded', endedAt } : { state: 'failed', endedAt, failure };

const removed = (): Error => new Error('an appliance was removed while it was changed');

/** Whether the device is there, in the life that the machine belongs to. */
async function isThere(writer: Writer, { id, owner }: MachineHandle): Promise<boolean> {
  return (await findResource(writer, owner.resourceKey))?.incarnation === id;
}

/** Whose appliance it is, from its device's ARM id `/subscriptions/{s}/…`. */
export function ownerOf(resourceId: string): MachineHandle['owner'] {
  const resourceKey = resourceId.toLowerCase();
  return { resourceId, resourceKey, subscriptionId: resourceKey.split('/')[2] ?? '' };
}
