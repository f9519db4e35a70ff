/**
 * What a process is: how the machine does one kind of command. Each file of a domain offers its own; `processes.ts` lists
 * them, `activities.ts` plays them. Never plays anything itself.
 */
import type { Failure } from '#shared/failure.ts';
import { type Stage, startStages } from '#shared/stages.ts';
import type { Change } from './change.ts';
import type { Command } from './commands.ts';
import type { ApplianceState, Journey, Activity } from './state.ts';

export type CommandOf<K extends (Command | Journey)['kind']> = Extract<
  Command | Journey,
  { kind: K }
>;

/** What a stage's end, or the end of a whole activity, changes. `state.at` is that very moment. */
export type Effect<C extends Command | Journey> = (
  state: ApplianceState,
  activity: Activity<C>,
) => Change;

export interface Process<C extends Command | Journey> {
  /** What it is about, such as the share's name: together with the seed and the kind this fixes how long it takes. */
  readonly subject: (command: C) => string;
  /** Why the machine won't, or undefined. */
  readonly refuse: (state: ApplianceState, command: C) => Failure | undefined;
  /** The stages; none where there is nothing to do, which is done at once. */
  readonly table: (state: ApplianceState, command: C) => readonly Stage[];
  /** What changes at once; the activity is not in the state yet. */
  readonly begin?: Effect<C>;
  /** What changes when a stage other than the last ends, by its name. */
  readonly effects?: Readonly<Record<string, Effect<C>>>;
  /** What changes when the last stage ends; the activity has left the state, its task is about to end. */
  readonly finish?: Effect<C>;
}

/**
 * An activity that starts at `state.at`. Its stages' lengths follow from the seed, the kind and the subject: the same activity on
 * the same thing takes the same time, in whatever order the callers come.
 */
export function startActivity<C extends Command | Journey>(
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
