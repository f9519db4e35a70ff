/**
 * The fleet: where appliances live. Loads one, puts a command to it, plays its time, saves it: state, timer and
 * journal in one transaction. The transaction that changes a machine reads it first, so there is one writer at a time,
 * in however many processes (docs/decisions/0012). A look (`observe`) works on a copy advanced to now and saves nothing. Nothing
 * above this file knows that appliances are simulated.
 */
import {
  advance,
  type ApplianceState,
  type CampaignRecord,
  campaignsOf,
  endedTaskOf,
  type FaultRecord,
  faultsOf,
  type LocalView,
  localViewOf,
  observationOf,
  overviewOf,
  overviewUnchangedUntil,
  request,
  taskOf,
  unchangedUntil,
} from '#appliance/appliance.ts';
import { freeCapacityMb, localCapacityMb } from '#appliance/capacity.ts';
import type { Command, Task } from '#appliance/commands.ts';
import { describeFaultKinds, type FaultKindDescription } from '#appliance/fault-kinds.ts';
import type { ObservedCapacity } from '#appliance/inspection.ts';
import { type Metric, METRICS } from '#appliance/metrics.ts';
import { modelOf } from '#appliance/models.ts';
import type { ObservedJob, Observation, Overview } from '#appliance/observation.ts';
import { type Placement, placementsOf } from '#appliance/placement.ts';
import { RELEASES } from '#appliance/releases.ts';
import { faultsOfWorker, workerSizeIn } from '#appliance/worker-size.ts';
import type { VmSize } from '#kubernetes/nodes.ts';
import type { Clock } from '#schedule/clock.ts';
import { present } from '#shared/assert.ts';
import { type Instant, milliseconds, plus } from '#shared/instant.ts';
import type { Failure } from '#shared/failure.ts';
import type { Logger } from '#shared/logger.ts';
import {
  findApplianceJob,
  findApplianceTask,
  knownApplianceVersion,
  removeAppliance,
} from '#store/appliances.ts';
import type { Database, Writer } from '#store/database.ts';
import { applianceOfFault } from '#store/faults.ts';
import { clearTimer } from '#store/timers.ts';
import { removeCluster } from './cluster-rows.ts';
import {
  APPLIANCE_TIMER,
  type Loaded,
  type MachineHandle,
  MachineStore,
  ownerOf,
  type Unreadable,
} from './machine-store.ts';
import { failureOf, observationOfUnreadable } from './unreadable.ts';

export { APPLIANCE_TIMER, type MachineHandle } from './machine-store.ts';
export type { CampaignRecord, FaultRecord, LocalView } from '#appliance/appliance.ts';
export type {
  Command,
  DataPolicy,
  FaultKind,
  FaultPlace,
  Need,
  SupportSessionRequest,
  Task,
} from '#appliance/commands.ts';
export type {
  BroughtCertificate,
  LocalConfig,
  PortSettings,
  VirtualIp,
  VirtualSwitch,
  Witness,
} from '#appliance/local-settings.ts';
export type { Metric } from '#appliance/metrics.ts';
export type { Placement } from '#appliance/placement.ts';
export type * from '#appliance/inspection.ts';
export type * from '#appliance/observation.ts';

/** How many nodes a device of that SKU may have; one for a SKU nobody knows. */
export function nodeCountsOf(sku: string): readonly number[] {
  return modelOf(sku)?.nodeCounts ?? [1];
}

/** The size of worker VMs that a profile asks for, and all that is wrong with it on that machine; undefined: the usual size. */
export function workerOf(
  { spec }: MachineHandle,
  profile: string,
): { readonly size: VmSize; readonly faults: readonly string[] } | undefined {
  const size = workerSizeIn(profile);
  return size === undefined ? undefined : { size, faults: faultsOfWorker(spec, size) };
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

/** The data volume of a machine, and what is free of it as long as nothing fills it, in MB of 1,048,576 bytes. */
export const storageOf = ({ spec }: MachineHandle) => ({
  totalMb: localCapacityMb(spec),
  freeMb: freeCapacityMb(spec),
});

/** The metrics that a device offers. */
export function metricsOfDevices(): readonly Metric[] {
  return METRICS;
}

/** Every kind of fault with its members. */
export function faultKinds(): readonly FaultKindDescription[] {
  return describeFaultKinds();
}

/** A way to look at a machine. */
interface Look<Shown> {
  readonly of: (state: ApplianceState) => Shown;
  /** The first moment after `state.at` at which time alone may change what `of` shows. */
  readonly until: (state: ApplianceState) => Instant;
  /** What is shown of a machine that cannot be read. */
  readonly ofUnreadable: (machine: MachineHandle, correlationId: string) => Shown;
  /** What was shown last, for as long as the machine is kept as it was loaded. */
  readonly seen: WeakMap<Loaded | Unreadable, { readonly shown: Shown; readonly until: Instant }>;
}

const OBSERVATION: Look<Observation> = {
  of: observationOf,
  // What time changes is the same as long as the clock stands.
  until: (state) => unchangedUntil(state) ?? plus(state.at, milliseconds(1)),
  ofUnreadable: observationOfUnreadable,
  seen: new WeakMap(),
};

const OVERVIEW: Look<Overview> = {
  of: overviewOf,
  until: overviewUnchangedUntil,
  ofUnreadable: observationOfUnreadable,
  seen: new WeakMap(),
};

export type CommandOutcome = { readonly task: Task } | { readonly refused: Failure };

export class Fleet {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #machines: MachineStore;

  constructor(database: Database, clock: Clock, log: Logger) {
    this.#database = database;
    this.#clock = clock;
    this.#machines = new MachineStore(database, clock, log);
  }

  /**
   * What can be seen of the machine now. Changes nothing. One whose stored state cannot be read, or breaks the simulation, is seen to
   * need attention; nothing else is known of it.
   */
  async observe(machine: MachineHandle): Promise<Observation> {
    return this.#shown(OBSERVATION, machine, await this.#machines.load(this.#database, machine));
  }

  /** As `observe`, of several machines, in their order: they are read together, so that a page of a list takes two queries. */
  async observeMany(machines: readonly MachineHandle[]): Promise<Observation[]> {
    return await this.#shownOfMany(OBSERVATION, machines);
  }

  /** The part of `observe` that follows from causes alone; the same object as long as it stays the same. */
  async overview(machine: MachineHandle): Promise<Overview> {
    return this.#shown(OVERVIEW, machine, await this.#machines.load(this.#database, machine));
  }

  /** As `overview`, of several machines, in their order, read together. */
  async overviewMany(machines: readonly MachineHandle[]): Promise<Overview[]> {
    return await this.#shownOfMany(OVERVIEW, machines);
  }

  /** The overview at once, where the machine has been looked at since its last change and time has changed nothing about it since then. */
  cachedOverview({ id }: MachineHandle): Overview | undefined {
    const kept = this.#machines.kept(id);
    const overview = kept === undefined ? undefined : this.#shownBefore(OVERVIEW, kept);
    if (kept === undefined || overview === undefined) return undefined;
    return kept.version === knownApplianceVersion(this.#database, id) ? overview : undefined;
  }

  /** The handle of a machine by its id alone; undefined where nothing has happened to it yet, or it cannot be read. */
  async handleOf(id: string): Promise<MachineHandle | undefined> {
    return await this.#machines.handleOf(id);
  }

  /** Why the machine would refuse `command` now, or undefined. Changes nothing. */
  async refusalOf(machine: MachineHandle, command: Command): Promise<Failure | undefined> {
    const loaded = await this.#machines.load(this.#database, machine);
    if ('unreadable' in loaded) return refusalOfUnreadable(command, loaded.unreadable);
    const answer = request(loaded.state, { id: 'would-it', command }, this.#clock.now());
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
    const { id, command } = asked;
    const ended = await findApplianceTask(writer, { appliance: machine.id, id });
    if (ended !== undefined) return { task: endedTaskOf(ended) };
    const loaded = await this.#machines.load(writer, machine);
    const now = this.#clock.now();
    if ('unreadable' in loaded) {
      const refused = refusalOfUnreadable(command, loaded.unreadable);
      return refused === undefined ? { task: { state: 'succeeded', endedAt: now } } : { refused };
    }
    const before = loaded.endedTasks.find((task) => task.id === id);
    if (before !== undefined) return { task: endedTaskOf(before) };
    const answer = request(loaded.state, asked, now);
    if ('refused' in answer) return answer;
    const task = taskOf(answer, id);
    if (task === undefined) throw new Error('a machine must know the task of an accepted command');
    await this.#machines.save(writer, machine, { change: answer, loaded, cause: `command/${id}` });
    return { task };
  }

  /** The faults of the machine now, those to come included; none of one that cannot be read. */
  async faultsOf(machine: MachineHandle): Promise<readonly FaultRecord[]> {
    const loaded = await this.#machines.load(this.#database, machine);
    if ('unreadable' in loaded) return [];
    return faultsOf(advance(loaded.state, this.#clock.now()).state);
  }

  /** The campaigns of the machine that have not ended; none of one that cannot be read. */
  async campaignsOf(machine: MachineHandle): Promise<readonly CampaignRecord[]> {
    const loaded = await this.#machines.load(this.#database, machine);
    if ('unreadable' in loaded) return [];
    return campaignsOf(advance(loaded.state, this.#clock.now()).state);
  }

  /** What the local web interface of the machine shows; undefined of one that cannot be read. */
  async localViewOf(machine: MachineHandle): Promise<LocalView | undefined> {
    const loaded = await this.#machines.load(this.#database, machine);
    if ('unreadable' in loaded) return undefined;
    return localViewOf(advance(loaded.state, this.#clock.now()).state);
  }

  /** The machine that has the fault, or the campaign, of that id; undefined where it has ended, or there is none. */
  async machineWithFault(fault: string): Promise<MachineHandle | undefined> {
    const id = await applianceOfFault(this.#database.reader, fault);
    return id === undefined ? undefined : await this.handleOf(id);
  }

  /** The job of that name, running or ended; undefined when there is none, or none any more. */
  async findJob(machine: MachineHandle, name: string): Promise<ObservedJob | undefined> {
    const loaded = await this.#machines.load(this.#database, machine);
    if ('unreadable' in loaded) return undefined;
    const { state, endedJobs, wipesJobs } = advance(loaded.state, this.#clock.now());
    const known =
      observationOf(state).jobs[name] ?? endedJobs.find((job) => job.name === name)?.job;
    if (known !== undefined || wipesJobs) return known;
    const kept = loaded.endedJobs.find((job) => job.name === name)?.job;
    const stored = await findApplianceJob(this.#database.reader, machine.id, name);
    return kept ?? (stored as ObservedJob | undefined);
  }

  /** Plays what fell due and saves it. The handler of `APPLIANCE_TIMER`. */
  async play(id: string): Promise<void> {
    await this.#database.write(async (writer) => {
      const found = await this.#machines.find(writer, id);
      if (found === undefined || 'unreadable' in found.loaded) {
        // Nothing of it falls due any more: it is gone, or waits for somebody to look after it.
        await clearTimer(writer, APPLIANCE_TIMER, id);
        return;
      }
      const { loaded, resourceId } = found;
      const machine = { id, spec: loaded.state.spec, owner: ownerOf(resourceId) };
      const change = advance(loaded.state, this.#clock.now());
      await this.#machines.save(writer, machine, { change, loaded, cause: 'clock' });
    });
  }

  async #shownOfMany<Shown>(
    look: Look<Shown>,
    machines: readonly MachineHandle[],
  ): Promise<Shown[]> {
    const loaded = await this.#machines.loadMany(machines);
    return machines.map((machine, index) =>
      this.#shown(look, machine, present(loaded[index], 'a machine that was loaded')),
    );
  }

  /** What `look` shows of the machine now: the same object as before, where time has not changed it since. */
  #shown<Shown>(look: Look<Shown>, machine: MachineHandle, loaded: Loaded | Unreadable): Shown {
    const before = this.#shownBefore(look, loaded);
    if (before !== undefined) return before;
    if ('unreadable' in loaded) return look.ofUnreadable(machine, loaded.unreadable);
    try {
      const { state } = advance(loaded.state, this.#clock.now());
      const shown = look.of(state);
      look.seen.set(loaded, { shown, until: look.until(state) });
      return shown;
    } catch (error) {
      return look.ofUnreadable(machine, this.#machines.reported(machine.id, loaded, error));
    }
  }

  #shownBefore<Shown>({ seen }: Look<Shown>, loaded: Loaded | Unreadable): Shown | undefined {
    const before = seen.get(loaded);
    return before !== undefined && this.#clock.now() < before.until ? before.shown : undefined;
  }

  /** Forgets the machine. Part of the transaction that removes its resource. */
  async remove(writer: Writer, id: string): Promise<void> {
    await removeAppliance(writer, id);
    await removeCluster(writer, id);
    await clearTimer(writer, APPLIANCE_TIMER, id);
  }

  /** Drops every kept state: the world was emptied. */
  forgetAll(): void {
    this.#machines.forgetAll();
  }
}

/** A machine that cannot be read does nothing but go: its reset, which its deletion asks for, has nothing to do. */
function refusalOfUnreadable(command: Command, correlationId: string): Failure | undefined {
  return command.kind === 'reset' ? undefined : failureOf(correlationId);
}
