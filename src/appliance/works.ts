/**
 * Plays works: takes a command in, and brings the state from one moment to a later one, stage end by stage end, in the order
 * of time. Called by `appliance.ts` alone. Knows no kind of command; that is what the processes are for.
 */
import type { Fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import { type Instant, later } from '#shared/instant.ts';
import type { Command, Request } from './commands.ts';
import { startWork } from './process.ts';
import { processOf } from './processes.ts';
import { busy } from './refusals.ts';
import { BESIDE_RESET } from './reset.ts';
import { type ApplianceState, type Change, isDoing, then, unchanged, type Work } from './state.ts';
import { withEndedTask } from './tasks.ts';

interface Due {
  readonly work: Work;
  /** Which stage ends; -1 for a work without stages. */
  readonly stage: number;
  readonly at: Instant;
}

/** The next stage end of `work` that changes the state: the last one always does, others where the process says so. */
function dueOf(work: Work): Due {
  const effects = processOf(work.command).effects ?? {};
  const last = work.stages.length - 1;
  let stage = work.played;
  while (stage < last && effects[work.stages[stage] ?? ''] === undefined) stage++;
  stage = Math.min(stage, last);
  return { work, stage, at: work.schedule.endsAt[stage] ?? work.schedule.startedAt };
}

/** What is due first; of what is due together, what began first. */
function nextDue(state: ApplianceState): Due | undefined {
  let next: Due | undefined;
  for (const work of state.works) {
    const due = dueOf(work);
    if (next === undefined || due.at < next.at) next = due;
  }
  return next;
}

/** When the state changes next by itself; undefined when nothing goes on. */
export const nextChangeAt = (state: ApplianceState): Instant | undefined => nextDue(state)?.at;

function playStage(state: ApplianceState, { work, stage }: Due): Change {
  const process = processOf(work.command);
  if (stage < work.stages.length - 1) {
    const played = { ...work, played: stage + 1 };
    const works = state.works.map((other) => (other === work ? played : other));
    const effect = process.effects?.[work.stages[stage] ?? ''];
    const moved = { ...state, works };
    return effect?.(moved, played) ?? unchanged(moved);
  }
  const left = { ...state, works: state.works.filter((other) => other !== work) };
  const change = process.finish?.(left, work) ?? unchanged(left);
  if (work.command.kind === 'journey') return change;
  return { ...change, state: withEndedTask(change.state, work.id) };
}

/** Everything that is due up to `now`, in the order of time; the state that comes out is that of `now`. */
export function play(state: ApplianceState, now: Instant): Change {
  const facts: Fact[] = [];
  let current = state;
  let due = nextDue(current);
  while (due !== undefined && due.at <= now) {
    const moment = { ...current, at: later(current.at, due.at) };
    const change = playStage(moment, due);
    facts.push(...change.facts);
    current = change.state;
    due = nextDue(current);
  }
  return { state: now > current.at ? { ...current, at: now } : current, facts };
}

/** Why the machine won't do `command` now, or undefined. */
export function refusalOf(state: ApplianceState, command: Command): Failure | undefined {
  if (isDoing(state, 'reset') && !BESIDE_RESET.includes(command.kind)) {
    return busy('The device is being reset.');
  }
  return processOf(command).refuse(state, command);
}

/** Begins what was asked; what needs no time is done at once. */
export function begin(state: ApplianceState, asked: Request): Change {
  const process = processOf(asked.command);
  const work = startWork(state, process, asked);
  const begun = process.begin?.(state, work) ?? unchanged(state);
  const taken = {
    ...begun,
    state: { ...begun.state, works: [...begun.state.works, work] },
  };
  return then(taken, (next) => play(next, next.at));
}
