/**
 * Machines between the simulation and the database: reads their states, keeps the newest ones parsed, and writes what has become
 * of one. Called by `fleet.ts` alone.
 */
import { LRUCache } from 'lru-cache';
import {
  type ApplianceState,
  type Change,
  createAppliance,
  type EndedJob,
  type EndedTask,
  nextDueAt,
  readState,
  writeState,
} from '#appliance/appliance.ts';
import type { MachineSpec } from '#appliance/commands.ts';
import type { Clock } from '#schedule/clock.ts';
import { subscriptionIdOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { type JsonObject, textIn } from '#shared/json.ts';
import type { Logger } from '#shared/logger.ts';
import { guid } from '#shared/random.ts';
import { clusterChanged } from './cluster-rows.ts';
import {
  addApplianceJobs,
  addApplianceTasks,
  type ApplianceRow,
  applianceVersion,
  applianceVersions,
  findAppliance,
  findAppliances,
  removeApplianceJobs,
  saveAppliance,
} from '#store/appliances.ts';
import type { Database, Source, Writer } from '#store/database.ts';
import { appendFacts, type JournalSubject } from '#store/journal.ts';
import { addFaults, removeFaults } from '#store/faults.ts';
import { findResource } from '#store/resources.ts';
import { signalsOf } from '#store/signals.ts';
import { clearTimer, setTimer } from '#store/timers.ts';

/** The kind of the fleet's timers; their target is the appliance's id. */
export const APPLIANCE_TIMER = 'appliance';

/** Which appliance, what the factory made it as, and whose it is. */
export interface MachineHandle {
  /** The incarnation of its device resource. */
  readonly id: string;
  readonly spec: MachineSpec;
  readonly owner: Pick<JournalSubject, 'subscriptionId' | 'resourceKey' | 'resourceId'>;
}

interface LoadedHead {
  /** 0: no row yet. */
  readonly version: number;
  /** Characters of the stored state: what keeping it costs. */
  readonly size: number;
}

/** A machine as its row has it. Kept while its version is the newest. */
export interface Loaded extends LoadedHead {
  readonly state: ApplianceState;
  /** What an earlier release kept inside the state: stored beside it with the next save. */
  readonly endedTasks: readonly EndedTask[];
  readonly endedJobs: readonly EndedJob[];
}

/** A machine whose stored state cannot be read; the id under which the reason was logged. */
export interface Unreadable extends LoadedHead {
  readonly unreadable: string;
}

/** What becomes of a machine. */
export interface Saving {
  readonly change: Change;
  /** What it was made from. */
  readonly loaded: Loaded;
  readonly cause: string;
}

/** Characters of states that are kept parsed. */
const MAX_KEPT_SIZE = 8_000_000;
/** What a machine counts that has no stored state: its parsed one takes memory all the same. */
const FACTORY_SIZE = 1000;

export class MachineStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** By appliance id. Only committed states: the stored version says whether one is still the newest. */
  readonly #states = new LRUCache<string, Loaded | Unreadable>({
    maxSize: MAX_KEPT_SIZE,
    sizeCalculation: ({ size }) => size + 1,
  });
  /** What a transaction has made of machines so far, for the works that share it. */
  readonly #inTransaction = new WeakMap<Writer, Map<string, Loaded>>();

  constructor(database: Database, clock: Clock, log: Logger) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  /** The machine as `source` has it: the newest committed one, or the one of a transaction. */
  async load(source: Source, { id, spec }: MachineHandle): Promise<Loaded | Unreadable> {
    const version = await applianceVersion(source, id);
    const kept = this.#newest(source, id, version);
    if (kept !== undefined) return kept;
    const row = version === 0 ? undefined : await findAppliance(source, id);
    const loaded = this.#parsed({ id, spec }, row);
    // What a transaction reads may be its own, and be taken back.
    if (source === this.#database) this.#states.set(id, loaded);
    return loaded;
  }

  /** As `load` of the newest committed state, for several machines, in their order: two queries read those that are not kept. */
  async loadMany(machines: readonly MachineHandle[]): Promise<(Loaded | Unreadable)[]> {
    const versions = await applianceVersions(
      this.#database,
      machines.map(({ id }) => id),
    );
    const loaded = new Map<string, Loaded | Unreadable>();
    const missing: MachineHandle[] = [];
    for (const machine of machines) {
      const kept = this.#newest(this.#database, machine.id, versions.get(machine.id) ?? 0);
      if (kept === undefined) missing.push(machine);
      else loaded.set(machine.id, kept);
    }
    const withRow = missing.map(({ id }) => id).filter((id) => versions.get(id) !== 0);
    const rows = await findAppliances(this.#database.reader, withRow);
    for (const machine of missing) {
      const read = this.#parsed(machine, rows.get(machine.id));
      this.#states.set(machine.id, read);
      loaded.set(machine.id, read);
    }
    return machines.map(({ id }) => present(loaded.get(id), 'a machine that was loaded'));
  }

  /** As `load`, by the id alone, with the device's ARM id; undefined where there is no row. */
  async find(
    writer: Writer,
    id: string,
  ): Promise<{ readonly loaded: Loaded | Unreadable; readonly resourceId: string } | undefined> {
    const row = await findAppliance(writer, id);
    if (row === undefined) return undefined;
    const loaded = this.#newest(writer, id, row.version) ?? this.#read(id, row);
    return { loaded, resourceId: row.resourceId };
  }

  /** The handle of a machine by its id alone; undefined where it has no row, or none that can be read. */
  async handleOf(id: string): Promise<MachineHandle | undefined> {
    const row = await findAppliance(this.#database, id);
    if (row === undefined) return undefined;
    const loaded = this.#newest(this.#database, id, row.version) ?? this.#read(id, row);
    if ('unreadable' in loaded) return undefined;
    return { id, spec: loaded.state.spec, owner: ownerOf(row.resourceId) };
  }

  /** What is kept of the machine, whether or not it is the newest. */
  kept(id: string): Loaded | Unreadable | undefined {
    return this.#states.get(id);
  }

  /** Saves what was made of a machine, with its facts, its next timer, and the tasks and jobs that have ended on the way. */
  async save(
    writer: Writer,
    { id, owner }: MachineHandle,
    { change, loaded, cause }: Saving,
  ): Promise<void> {
    const { version } = loaded;
    // A first row would be left behind for ever where its device went at that very moment.
    if (version === 0 && !(await isDevice(writer, id, owner.resourceKey))) {
      throw new Error('an appliance was removed while it was changed');
    }
    const { state, facts } = change;
    const text = writeState(state);
    const row = { id, resourceId: owner.resourceId, state: text };
    const saved = await saveAppliance(writer, row, version);
    if (saved === undefined) {
      throw new Error('an appliance was changed by another transaction while this one ran');
    }
    await appendFacts(writer, { ...owner, cause }, facts);
    await this.#saveFaults(writer, id, facts);
    await this.#saveEnded(writer, id, { change, loaded });
    if (loaded.state.cluster !== undefined) {
      await clusterChanged(writer, {
        id,
        isGone: state.cluster === undefined,
        now: this.#clock.now(),
      });
    }
    const dueAt = nextDueAt(state);
    if (dueAt === undefined) await clearTimer(writer, APPLIANCE_TIMER, id);
    else {
      // What the machine does of its own accord, nobody waits for.
      const isBackground = state.activities.length === 0;
      await setTimer(writer, { kind: APPLIANCE_TIMER, target: id, dueAt, isBackground });
    }
    this.#keep(writer, id, {
      state,
      version: saved,
      size: text.length,
      endedTasks: [],
      endedJobs: [],
    });
  }

  /** Logs why a machine cannot be read, and gives the id under which that stands in the log. */
  reported(id: string, { version }: LoadedHead, error: unknown): string {
    const correlationId = guid('unreadable', id, version);
    this.#log.error({ err: error, applianceId: id, correlationId }, 'a machine cannot be read');
    return correlationId;
  }

  forgetAll(): void {
    this.#states.clear();
  }

  /** Keeps which machine has which fault or campaign, as the facts tell. */
  async #saveFaults(writer: Writer, id: string, facts: Change['facts']): Promise<void> {
    const idsOf = (kind: string): string[] =>
      facts
        .filter((fact) => fact.kind === kind)
        .map(({ data }) => textIn(data, 'fault') || textIn(data, 'campaign'));
    await addFaults(writer, id, [...idsOf('fault.injected'), ...idsOf('campaign.began')]);
    await removeFaults(writer, [...idsOf('fault.ended'), ...idsOf('campaign.ended')]);
  }

  async #saveEnded(
    writer: Writer,
    id: string,
    { change, loaded }: Pick<Saving, 'change' | 'loaded'>,
  ): Promise<void> {
    const now = this.#clock.now();
    const tasks = [...loaded.endedTasks, ...change.endedTasks];
    await addApplianceTasks(writer, id, { tasks, now });
    if (change.wipesJobs) await removeApplianceJobs(writer, id);
    const jobs = [...(change.wipesJobs ? [] : loaded.endedJobs), ...change.endedJobs].map(
      ({ name, job }) => ({
        name,
        endedAt: job.endedAt ?? now,
        job: job as unknown as JsonObject,
      }),
    );
    await addApplianceJobs(writer, id, jobs);
  }

  #newest(source: Source, id: string, version: number): Loaded | Unreadable | undefined {
    const ours = this.#inTransaction.get(source as Writer)?.get(id);
    if (ours?.version === version) return ours;
    const kept = this.#states.get(id);
    return kept?.version === version ? kept : undefined;
  }

  #keep(writer: Writer, id: string, loaded: Loaded): void {
    const ours = this.#inTransaction.get(writer) ?? new Map<string, Loaded>();
    this.#inTransaction.set(writer, ours.set(id, loaded));
    signalsOf(writer).afterCommit(() => {
      this.#states.set(id, loaded);
    });
  }

  /** The machine of a row; without one it is as the factory made it. */
  #parsed(
    { id, spec }: Pick<MachineHandle, 'id' | 'spec'>,
    row: ApplianceRow | undefined,
  ): Loaded | Unreadable {
    if (row !== undefined) return this.#read(id, row);
    const state = createAppliance(spec);
    return { state, version: 0, size: FACTORY_SIZE, endedTasks: [], endedJobs: [] };
  }

  #read(id: string, row: ApplianceRow): Loaded | Unreadable {
    const head = { version: row.version, size: row.state.length };
    try {
      return { ...readState(row.state), ...head };
    } catch (error) {
      return { ...head, unreadable: this.reported(id, head, error) };
    }
  }
}

/** Whether the device is there, in the life that the machine belongs to. */
async function isDevice(writer: Writer, id: string, resourceKey: string): Promise<boolean> {
  return (await findResource(writer, resourceKey))?.incarnation === id;
}

/** Whose appliance it is, from its device's ARM id `/subscriptions/{s}/…`. */
export function ownerOf(resourceId: string): MachineHandle['owner'] {
  const resourceKey = resourceId.toLowerCase();
  return { resourceId, resourceKey, subscriptionId: subscriptionIdOf(resourceKey) };
}
