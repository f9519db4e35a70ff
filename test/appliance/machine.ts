/**
 * A test harness that drives one machine through the front of `src/appliance/`, as the fleet does: it puts commands, lets time
 * pass, and collects facts, ended tasks and ended jobs. After each step it checks the invariants of a machine.
 */
import assert from 'node:assert/strict';
import {
  advance,
  type Change,
  createAppliance,
  type EndedJob,
  type EndedTask,
  endedTaskOf,
  nextDueAt,
  observationOf,
  readState,
  request,
  taskOf,
  writeState,
} from '#appliance/appliance.ts';
import type { Command, MachineSpec, Task } from '#appliance/commands.ts';
import type { ObservedJob, Observation } from '#appliance/observation.ts';
import { present } from '#shared/assert.ts';
import type { Failure } from '#shared/failure.ts';
import type { Fact } from '#shared/facts.ts';
import { type Duration, type Instant, instant, minutes, plus } from '#shared/instant.ts';

export const BORN_AT: Instant = instant(Date.UTC(2026, 10, 24, 18));

export const specOf = (spec: Partial<MachineSpec> = {}): MachineSpec => ({
  sku: 'EdgeP_Base',
  nodeCount: 1,
  release: '2309',
  seed: 'test',
  createdAt: BORN_AT,
  ...spec,
});

export class Machine {
  state;
  readonly facts: Fact[] = [];
  readonly endedTasks: EndedTask[] = [];
  /** The jobs that have ended since the machine was last wiped. */
  endedJobs: EndedJob[] = [];
  #asked = 0;

  constructor(spec: Partial<MachineSpec> = {}) {
    this.state = createAppliance(specOf(spec));
  }

  get now(): Instant {
    return this.state.at;
  }

  get observed(): Observation {
    return observationOf(this.state);
  }

  /** The kinds of all facts so far, in order. */
  get factKinds(): string[] {
    return this.facts.map((fact) => fact.kind);
  }

  /** The data of the newest fact of that kind. */
  data(kind: string): Fact['data'] {
    return present(
      this.facts.findLast((fact) => fact.kind === kind),
      kind,
    ).data;
  }

  /** Puts a command to the machine and returns its id, or why it was refused. */
  ask(command: Command, id = `request-${++this.#asked}`): { id: string } | { refused: Failure } {
    if (this.#ended(id) !== undefined) return { id };
    const before = JSON.stringify(this.state);
    const answer = request(this.state, { id, command }, this.now);
    assert.equal(JSON.stringify(this.state), before, 'what is given is not changed');
    if ('refused' in answer) return answer;
    this.#take(answer);
    assert.ok(this.knows(id), 'an accepted command has a task');
    return { id };
  }

  /** Puts a command that must be refused and returns why. */
  refusal(command: Command): Failure {
    const answer = this.ask(command);
    assert.ok('refused' in answer, `${command.kind} should be refused`);
    return answer.refused;
  }

  /** Puts a command that must be accepted and returns its id. */
  start(command: Command, id?: string): string {
    const answer = this.ask(command, id);
    if ('refused' in answer) assert.fail(`${command.kind}: ${answer.refused.message}`);
    return answer.id;
  }

  task(id: string): Task {
    return present(this.#task(id), `task ${id}`);
  }

  /** Whether a command of that id runs or has ended. */
  knows(id: string): boolean {
    return this.#task(id) !== undefined;
  }

  /** The job of that name, running or ended. */
  job(name: string): ObservedJob | undefined {
    const seen = this.observed.jobs[name];
    const ended = this.endedJobs.findLast((job) => job.name === name)?.job;
    if (seen?.endedAt !== undefined) assert.deepEqual(seen, ended, 'an ended job never changes');
    return seen ?? ended;
  }

  #task(id: string): Task | undefined {
    const ended = this.#ended(id);
    return ended === undefined
      ? taskOf({ state: this.state, endedTasks: [] }, id)
      : endedTaskOf(ended);
  }

  #ended(id: string): EndedTask | undefined {
    return this.endedTasks.find((task) => task.id === id);
  }

  /** Lets exactly that much time pass. */
  pass(length: Duration): void {
    this.#take(advance(this.state, plus(this.now, length)));
  }

  /** Puts a command, waits for the end of its task, and returns how long that took. */
  do(command: Command, id?: string): Duration {
    const begun = this.now;
    const task = this.start(command, id);
    this.end(task);
    return (this.now - begun) as Duration;
  }

  /** Waits for the end of that task. */
  end(id: string): void {
    for (let task = this.task(id); task.state === 'running'; task = this.task(id)) {
      const due = present(nextDueAt(this.state), 'a running task is due');
      this.#take(advance(this.state, due));
    }
  }

  /** A machine that was activated. */
  static active(spec: Partial<MachineSpec> = {}): Machine {
    const machine = new Machine(spec);
    machine.do({ kind: 'activate' });
    return machine;
  }

  /** A machine with a cluster under the role `k8s`. */
  static withCluster(spec: Partial<MachineSpec> = {}): Machine {
    const machine = Machine.active(spec);
    machine.do({ kind: 'createCluster', role: 'k8s' });
    return machine;
  }

  /** A machine whose cluster is connected to Arc by the addon `arc`. */
  static withArc(spec: Partial<MachineSpec> = {}): Machine {
    const machine = Machine.withCluster(spec);
    machine.do(CONNECT);
    return machine;
  }

  #take(change: Change): void {
    const before = this.now;
    for (const fact of change.facts) {
      assert.ok(
        fact.at >= before && fact.at <= change.state.at,
        'a fact is of the time that passed',
      );
      assert.ok(fact.at >= (this.facts.at(-1)?.at ?? before), 'facts come in the order of time');
      this.facts.push(fact);
    }
    for (const task of change.endedTasks) {
      assert.equal(this.#ended(task.id), undefined, 'a task ends once');
      assert.ok(task.endedAt >= before && task.endedAt <= change.state.at);
      this.endedTasks.push(task);
    }
    this.endedJobs = [...(change.wipesJobs ? [] : this.endedJobs), ...change.endedJobs];
    this.state = change.state;
    const due = nextDueAt(this.state);
    assert.ok(due === undefined || due > this.now, 'what is due next is in the future');
    assert.deepEqual(readState(writeState(this.state)).state, this.state, 'a state is plain JSON');
  }
}

export const CONNECTED_CLUSTER = '/subscriptions/s/resourceGroups/rg/connectedClusters/edge';
export const CONNECT: Command = {
  kind: 'connectArc',
  addon: 'arc',
  role: 'k8s',
  connectedClusterId: CONNECTED_CLUSTER,
};

/** Asserts that a length is from `low` to `high` minutes. */
export function assertMinutes(length: Duration, low: number, high: number): void {
  assert.ok(
    length >= minutes(low) && length <= minutes(high),
    `${length / 60_000} minutes should be ${low} to ${high}`,
  );
}
