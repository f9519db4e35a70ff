/**
 * The fleet: where appliances live. Loads one, puts a command to it, plays its time, saves it: state, timer and
 * journal in one transaction, one writer an appliance. A look (`observe`) works on a copy advanced to now and saves
 * nothing. Nothing above this file knows that appliances are simulated.
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
import type { Instant } from '#shared/instant.ts';
import type { Clock } from '#schedule/clock.ts';
import {
  applianceVersion,
  findAppliance,
  removeAppliance,
  saveAppliance,
} from '#store/appliances.ts';
import type { Database, Writer } from '#store/database.ts';
import { appendFacts, type JournalSubject } from '#store/journal.ts';
import { readResource } from '#store/resources.ts';
import { clearTimer, setTimer } from '#store/timers.ts';
import { KeptLately } from './kept-lately.ts';

export type {
  Command,
  DataPolicy,
  MachineSpec,
  Need,
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

/** Something of a machine as its row said it. */
interface Kept {
  /** 0: no row yet. */
  readonly version: number;
  /** The database's generation in which it was last known to be the newest. */
  newestIn: number;
}

interface Loaded extends Kept {
  readonly state: ApplianceState;
}

/** What an idle machine was seen to be: no later look at the same state shows anything else. */
interface Sight extends Kept {
  readonly seen: Observation;
}

/** Parsed states kept by appliance id; the stored version says whether one is still true. */
const KEPT_STATES = 256;
/** What idle machines were seen to be, kept beyond their states, which are larger. */
const KEPT_SIGHTS = 5000;
/** A generation that never is. */
const UNKNOWN = -1;
/** How often another process may be quicker before we give up; each time we begin again from its state. */
const MOST_RACES = 20;

export class Fleet {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #states = new KeptLately<Loaded>(KEPT_STATES);
  readonly #sights = new KeptLately<Sight>(KEPT_SIGHTS);
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** What can be seen of the machine now. Changes nothing. */
  async observe(machine: MachineHandle): Promise<Observation> {
    const sight = this.#sights.get(machine.id);
    if (sight !== undefined && (await this.#isNewest(machine, sight))) return sight.seen;
    const { state: loaded, version, newestIn } = await this.#load(machine);
    const { state } = advance(loaded, this.#clock.now());
    const seen = observationOf(state);
    if (isStill(state)) this.#sights.keep(machine.id, { seen, version, newestIn });
    return seen;
  }

  /** The same at once, where an idle machine was seen and nothing has been written since. */
  stillSeen(machine: MachineHandle): Observation | undefined {
    const sight = this.#sights.get(machine.id);
    return sight?.newestIn === this.#database.generation() ? sight.seen : undefined;
  }

  /** Why the machine would refuse `command` now, or undefined. Changes nothing. */
  async refusalOf(machine: MachineHandle, command: Command): Promise<Failure | undefined> {
    const { state } = await this.#load(machine);
    const answer = request(state, { id: 'would-it', command }, this.#clock.now());
    return 'refused' in answer ? answer.refused : undefined;
  }

  /**
   * Puts `command` to the machine under `commandId` and says how it stands. The machine does each id once: asking again
   * gives the task's present state.
   */
  async command(
    machine: MachineHandle,
    commandId: string,
    command: Command,
  ): Promise<CommandOutcome> {
    let refused: Failure | undefined;
    const state = await this.#change(machine, `command/${commandId}`, ({ state: before }, now) => {
      const answer = request(before, { id: commandId, command }, now);
      if ('refused' in answer) {
        refused = answer.refused;
        return undefined;
      }
      return answer;
    });
    if (refused !== undefined) return { refused };
    const task = observationOf(state).tasks[commandId];
    if (task === undefined) throw new Error('a machine must know the task of an accepted command');
    return { task };
  }

  /** Plays what fell due and saves it. The handler of `APPLIANCE_TIMER`. */
  async play(id: string): Promise<void> {
    const row = await findAppliance(this.#database, id);
    if (row === undefined) {
      await this.#database.write(async (writer) => clearTimer(writer, APPLIANCE_TIMER, id));
      return;
    }
    const { spec } = JSON.parse(row.state) as ApplianceState;
    const machine = { id, spec, owner: ownerOf(row.resourceId) };
    await this.#change(machine, 'clock', ({ state, version }, now) =>
      version === 0 ? undefined : advance(state, now),
    );
  }

  /** Forgets the machine. Part of the transaction that removes its resource. */
  async remove(writer: Writer, id: string): Promise<void> {
    await removeAppliance(writer, id);
    await clearTimer(writer, APPLIANCE_TIMER, id);
    this.#states.forget(id);
    this.#sights.forget(id);
  }

  /** Drops every kept state: the world was emptied. */
  forgetAll(): void {
    this.#states.forgetAll();
    this.#sights.forgetAll();
  }

  async #load(machine: MachineHandle): Promise<Loaded> {
    const kept = this.#states.get(machine.id);
    if (kept !== undefined && (await this.#isNewest(machine, kept))) return kept;
    const newestIn = this.#database.generation();
    const row = await findAppliance(this.#database, machine.id);
    const loaded: Loaded =
      row === undefined
        ? { state: createAppliance(machine.spec), version: 0, newestIn }
        : { state: JSON.parse(row.state) as ApplianceState, version: row.version, newestIn };
    this.#states.keep(machine.id, loaded);
    return loaded;
  }

  /** Whether the row still is what `kept` was made of. Nothing was written since: nobody has to be asked. */
  async #isNewest(machine: MachineHandle, kept: Kept): Promise<boolean> {
    const generation = this.#database.generation();
    if (kept.newestIn === generation) return true;
    if ((await applianceVersion(this.#database, machine.id)) !== kept.version) return false;
    kept.newestIn = generation;
    return true;
  }

  /** One change at a time an appliance: `make` says what becomes of the state (undefined: nothing). */
  async #change(machine: MachineHandle, cause: string, make: Change): Promise<ApplianceState> {
    const before = this.#turns.get(machine.id) ?? Promise.resolve();
    const turn = before.then(async () => this.#changeNow(machine, cause, make));
    const settled = turn.catch(() => undefined);
    this.#turns.set(machine.id, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(machine.id) === settled) this.#turns.delete(machine.id);
    }
  }

  async #changeNow(machine: MachineHandle, cause: string, make: Change): Promise<ApplianceState> {
    let known = 0;
    for (let race = 0; race < MOST_RACES; race++) {
      const loaded = await this.#load(machine);
      // A machine that was removed meanwhile must not be made anew.
      if (loaded.version < known) throw removed();
      known = loaded.version;
      const made = make(loaded, this.#clock.now());
      if (made === undefined) return loaded.state;
      if (await this.#save(machine, { ...made, cause, fromVersion: loaded.version })) {
        // Another process may have been there since: the next look asks.
        const version = loaded.version + 1;
        this.#states.keep(machine.id, { state: made.state, version, newestIn: UNKNOWN });
        return made.state;
      }
      this.#states.forget(machine.id);
    }
    throw new Error('an appliance had too many writers at once');
  }

  async #save(machine: MachineHandle, made: Made & Saving): Promise<boolean> {
    return await this.#database.write(async (writer) => {
      // A first row would be left behind for ever where its device went at that very moment.
      if (made.fromVersion === 0 && !(await isThere(writer, machine))) throw removed();
      const row = {
        id: machine.id,
        resourceId: machine.owner.resourceId,
        state: JSON.stringify(made.state),
      };
      if (!(await saveAppliance(writer, row, made.fromVersion))) return false;
      await appendFacts(writer, { ...machine.owner, cause: made.cause }, made.facts);
      const dueAt = nextDueAt(made.state);
      if (dueAt === undefined) await clearTimer(writer, APPLIANCE_TIMER, machine.id);
      else await setTimer(writer, { kind: APPLIANCE_TIMER, target: machine.id, dueAt });
      return true;
    });
  }
}

const removed = (): Error => new Error('an appliance was removed while it was changed');

/** Whether the device is there, in the life that the machine belongs to. */
async function isThere(writer: Writer, { id, owner }: MachineHandle): Promise<boolean> {
  return (await readResource(writer, owner.resourceKey))?.incarnation === id;
}

/** Whose appliance it is, from its device's ARM id `/subscriptions/{s}/…`. */
function ownerOf(resourceId: string): MachineHandle['owner'] {
  const resourceKey = resourceId.toLowerCase();
  return { resourceId, resourceKey, subscriptionId: resourceKey.split('/')[2] ?? '' };
}

interface Made {
  readonly state: ApplianceState;
  readonly facts: readonly Fact[];
}

interface Saving {
  readonly cause: string;
  readonly fromVersion: number;
}

/** What becomes of a machine now; undefined: nothing. */
type Change = (loaded: Loaded, now: Instant) => Made | undefined;
