/**
 * Transcripts: the behaviour of a machine as text. A transcript lists commands, the moments at which stages end after each, and
 * what every moment changed: facts, ended jobs, and the differences between observations. Used by `transcripts.test.ts`.
 */
import type { Command, MachineSpec } from '#appliance/commands.ts';
import { nextPaceDue } from '#appliance/pace.ts';
import type { Activity } from '#appliance/state.ts';
import { type Duration, formatInstant, type Instant, instant, plus } from '#shared/instant.ts';
import { isJsonObject, type Json } from '#shared/json.ts';
import { BORN_AT, Machine } from './machine.ts';

/** Members that are long and seldom change; `adapters.test.ts` and `occupancy.test.ts` test them. */
const LEFT_OUT = ['adapters', 'hosts', 'gpu', 'storage'];

export class Transcript {
  readonly machine: Machine;
  /** Every stage that began, as `kind/stage`. */
  readonly played = new Set<string>();
  readonly #lines: string[] = [];
  #seen: Json;
  #beganAt: Instant = BORN_AT;
  #factsWritten = 0;
  #tasksWritten = 0;
  #jobsWritten = 0;

  /** The transcript of a machine with that spec. The commands in `before` are done first and not written. */
  constructor(spec: Partial<MachineSpec>, before: readonly Command[] = []) {
    this.machine = new Machine(spec);
    for (const command of before) this.machine.do(command);
    this.#factsWritten = this.machine.facts.length;
    this.#tasksWritten = this.machine.endedTasks.length;
    this.#jobsWritten = this.machine.endedJobs.length;
    this.#seen = this.#look();
  }

  /** Writes what happens from `command` to the end of its task. */
  do(command: Command): this {
    const id = this.begin(command);
    while (this.machine.task(id).state === 'running') this.#playStage();
    return this;
  }

  /** Writes only what happens when `command` begins, and returns the id of its task. */
  begin(command: Command): string {
    const { kind, ...rest } = command;
    this.#title(`${kind} ${Object.keys(rest).length > 0 ? JSON.stringify(rest) : ''}`.trimEnd());
    const id = this.machine.start(command);
    this.#note();
    this.#write('');
    return id;
  }

  /** Writes what happens in that time, under a title. */
  wait(length: Duration, title: string): this {
    this.#title(title);
    const end = plus(this.machine.now, length);
    for (let due = this.#nextEnd(); due !== undefined && due <= end; due = this.#nextEnd()) {
      this.#playStage();
    }
    this.machine.pass((end - this.machine.now) as Duration);
    this.#write('');
    return this;
  }

  get text(): string {
    return `${this.#lines.join('\n').trim()}\n`;
  }

  #title(title: string): void {
    this.#lines.push('', title);
    this.#beganAt = this.machine.now;
  }

  /** Plays the stage that ends next, whichever activity it belongs to. */
  #playStage(): void {
    const end = this.#nextEnd();
    if (end === undefined) throw new Error('something should be going on');
    const stages = this.machine.state.activities
      .map((activity) => stageThatEnds(activity, end))
      .filter((stage) => stage !== undefined);
    this.machine.pass((end - this.machine.now) as Duration);
    this.#note();
    this.#write(stages.join(', '));
  }

  #nextEnd(): Instant | undefined {
    const { state } = this.machine;
    const ends = state.activities.flatMap(({ schedule }) => schedule.endsAt);
    // A bandwidth schedule that begins or ends moves the ends after it.
    const pace = nextPaceDue(state)?.at;
    if (pace !== undefined) ends.push(pace);
    return ends.filter((end) => end > this.machine.now).sort((a, b) => a - b)[0];
  }

  #note(): void {
    for (const { command, stages } of this.machine.state.activities) {
      for (const stage of stages) this.played.add(`${command.kind}/${stage}`);
    }
  }

  /** Writes what has changed since the moment before. */
  #write(stages: string): void {
    const seen = this.#look();
    const news = [...this.#newFacts(), ...this.#newEnds(), ...differencesOf(this.#seen, seen, '')];
    this.#seen = seen;
    if (stages === '' && news.length === 0) return;
    this.#lines.push(`  ${clockOf(this.machine.now - this.#beganAt)} ${stages}`.trimEnd());
    for (const line of news) this.#lines.push(`    ${line}`);
  }

  #newFacts(): string[] {
    const { facts } = this.machine;
    const news = facts.slice(this.#factsWritten);
    this.#factsWritten = facts.length;
    return news.map(({ kind, data }) => `fact ${kind} ${JSON.stringify(data)}`);
  }

  /** Tasks that failed (facts report those that succeeded), and jobs that ended. */
  #newEnds(): string[] {
    const { endedTasks, endedJobs } = this.machine;
    const tasks = endedTasks.slice(this.#tasksWritten);
    const jobs = endedJobs.slice(this.#jobsWritten);
    this.#tasksWritten = endedTasks.length;
    this.#jobsWritten = endedJobs.length;
    return [
      ...tasks.flatMap(({ failure }) =>
        failure === undefined ? [] : [`task failed: ${failure.code}: ${failure.message}`],
      ),
      ...jobs.map(({ name, job }) => `job ${name} ended ${JSON.stringify(job, withInstants)}`),
    ];
  }

  #look(): Json {
    const { at: _at, ...seen } = this.machine.observed;
    const text = JSON.stringify(seen, (key, value: unknown) =>
      LEFT_OUT.includes(key) ? undefined : withInstants(key, value),
    );
    return JSON.parse(text) as Json;
  }
}

/** For JSON.stringify: instants as ISO 8601. */
const withInstants = (key: string, value: unknown): unknown =>
  /(^a|A)t$/.test(key) && typeof value === 'number' ? formatInstant(instant(value)) : value;

/** The name of the stage of `activity` that ends at `end`, if one does. */
function stageThatEnds({ command, stages, schedule }: Activity, end: Instant): string | undefined {
  const stage = stages[schedule.endsAt.indexOf(end)];
  return stage === undefined ? undefined : `${command.kind}/${stage}`;
}

/** `1:02:03.456`, with days in front where there are any. */
function clockOf(length: number): string {
  const days = Math.floor(length / 86_400_000);
  const rest = new Date(length % 86_400_000).toISOString().slice(11, 23);
  return days === 0 ? rest : `${days} d ${rest}`;
}

const GUID = /^[0-9a-f]{8}-/;

/** Identifies an entry of a list: by its name or share, by its type when the name is a GUID, otherwise by its index. */
function keyOf(entry: Json, index: number): string {
  if (!isJsonObject(entry)) return String(index);
  const { name, share, type } = entry;
  if (typeof name === 'string' && !GUID.test(name)) return name;
  if (typeof share === 'string') return share;
  return typeof type === 'string' ? type : String(index);
}

/** The members of an object or a list; none of anything else. */
function membersOf(json: Json): [string, Json][] {
  if (Array.isArray(json)) return json.map((entry, index) => [keyOf(entry, index), entry]);
  return isJsonObject(json) ? Object.entries(json) : [];
}

const isComposite = (json: Json): boolean => typeof json === 'object' && json !== null;

/** `path: before → after` for each value that differs; a new or missing member is written as a whole. */
function differencesOf(before: Json, after: Json, path: string): string[] {
  const old = new Map(membersOf(before));
  const present = new Map(membersOf(after));
  return [...new Set([...old.keys(), ...present.keys()])].flatMap((key) => {
    const name = path === '' ? key : `${path}.${key}`;
    const [was, is] = [old.get(key), present.get(key)];
    if (was === undefined) return [`${name} = ${JSON.stringify(is)}`];
    if (is === undefined) return [`${name} is gone`];
    if (isComposite(was) && isComposite(is)) return differencesOf(was, is, name);
    return was === is ? [] : [`${name}: ${JSON.stringify(was)} → ${JSON.stringify(is)}`];
  });
}
