/**
 * Processes: how the machine does each kind of command. The files of the domains declare them, `processes.ts` lists them,
 * `activities.ts` plays them.
 */
import type { Failure } from '#shared/failure.ts';
import { type Stage, startStages } from '#shared/stages.ts';
import type { Change } from './change.ts';
import type { Activity, ApplianceState, Work } from './state.ts';

export type CommandOf<K extends Work['kind']> = Extract<Work, { kind: K }>;

/** What the end of a stage, or of a whole activity, changes. `state.at` is the moment of the end. */
export type Effect<C extends Work> = (state: ApplianceState, activity: Activity<C>) => Change;

/** How the machine does one kind of command. All members are pure functions or data. */
export interface Process<C extends Work> {
  /** What the command is about, such as the name of a share. Seed, kind and subject determine the lengths of the stages. */
  readonly subject: (command: C) => string;
  /** Why the machine refuses the command, or undefined. */
  readonly refuse: (state: ApplianceState, command: C) => Failure | undefined;
  /** The stage table; empty when there is nothing to do, so that the command ends at once. */
  readonly table: (state: ApplianceState, command: C) => readonly Stage[];
  /** What changes when the command is accepted. The activity isn't in `state` yet. */
  readonly begin?: Effect<C>;
  /** What changes when a stage other than the last one ends, by stage name. */
  readonly effects?: Readonly<Record<string, Effect<C>>>;
  /** What changes when the last stage ends. The activity is no longer in `state`; its task ends next. */
  readonly finish?: Effect<C>;
  /** The stages that need the connection to Azure: without it they are held (holds.ts), with a slow one they take longer (pace.ts). */
  readonly uplinkStages?: readonly string[];
  /** Those of them in which data is transferred, at the rate of the bandwidth schedules (pace.ts). */
  readonly transferStages?: readonly string[];
  /**
   * What it needs while it runs (holds.ts): nothing of the machine; the machine, and nobody in Azure to begin it; all nodes, and
   * the connection to Azure to hear of it. Absent: the machine, and the connection to Azure to hear of it.
   */
  readonly needs?: 'nothing' | 'machine' | 'allNodes';
  /** True where the machine encrypts something: impossible without the key vault (tact). */
  readonly encrypts?: true;
  /** Whether it takes space on the data volume: impossible when that is full. */
  readonly fills?: (state: ApplianceState, command: C) => boolean;
  /** Why the end of a stage fails, as things are; undefined: it succeeds. */
  readonly failureAt?: (state: ApplianceState, stage: string) => Failure | undefined;
  /** What is left behind when a stage fails. The activity is no longer in `state`; its task fails next. */
  readonly fail?: (state: ApplianceState, activity: Activity<C>, failure: Failure) => Change;
  /** The cause of what follows from the command, where that is not the command itself. */
  readonly causeOf?: (command: C) => string;
}

/**
 * An activity that starts at `state.at`. Seed, kind and subject determine the lengths of its stages, so the same command
 * takes the same time whatever came before it.
 */
export function startActivity<C extends Work>(
  state: ApplianceState,
  process: Pick<Process<C>, 'subject' | 'table'>,
  asked: { readonly id: string; readonly command: C },
): Activity<C> {
  const { id, command } = asked;
  const table = process.table(state, command);
  const words = [state.spec.seed, command.kind, process.subject(command)];
  return {
    id,
    command,
    stages: table.map((stage) => stage.name),
    schedule: startStages(table, state.at, ...words),
    played: 0,
  };
}
