/** Jobs: what their controller makes of pods that succeed, fail, are numbered, suspended and deleted, on the simulated clock. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job, JobSpec } from 'kubernetes-types/batch/v1.d.ts';
import type { Event, Pod } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '#kubernetes/api/caller.ts';
import { create } from '#kubernetes/api/create.ts';
import { deleteEntry, type DeleteOptions } from '#kubernetes/api/delete.ts';
import { replace } from '#kubernetes/api/update.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import type { Foundation } from '#kubernetes/foundation.ts';
import { EVENTS } from '#kubernetes/kinds/events.ts';
import { JOBS } from '#kubernetes/kinds/jobs.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { NAMESPACES } from '#kubernetes/kinds/namespaces.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import { instantOf, metaOf, uidOf } from '#kubernetes/objects/object.ts';
import { StatusError } from '#kubernetes/status.ts';
import { type Duration, hours, minutes, plus, seconds } from '#shared/instant.ts';
import { present } from '#shared/assert.ts';
import { FOUNDATION as WHOLE } from '../support/foundation.ts';

const caller = systemCaller('test');
/** With one worker, which has no GPU. */
const FOUNDATION: Foundation = {
  ...WHOLE,
  nodes: WHOLE.nodes.slice(0, 2).map((node) => ({ ...node, gpuCount: 0 })),
};

/** What must be there. */
const there = <T>(value: T | undefined): T => present(value, 'it is there');

const TRACKING = 'batch.kubernetes.io/job-tracking';
const ENDS = {};
const FAILS = { 'edgetwin/exit-code': '1' };
const RUNS = { 'edgetwin/run-seconds': '3600' };

/** A cluster that is up, with one Job after another. */
class Bench {
  plane: ControlPlane;

  constructor(kubernetesVersion = FOUNDATION.kubernetesVersion) {
    this.plane = new ControlPlane({
      seed: 'jobs',
      foundation: { ...FOUNDATION, kubernetesVersion },
    });
    this.play(minutes(5));
  }

  play(length: Duration): void {
    const until = plus(this.plane.world.now, length);
    assert.ok(this.plane.advanceTo(until, 200_000), 'the cluster comes to rest');
  }

  /** As after a restart: nothing is left but the rows. */
  reload(): void {
    const { world } = this.plane;
    const { seed, foundation, store, now: playedTo } = world;
    const saved = { revision: store.revision, playedTo, entries: [...store.all()] };
    this.plane = new ControlPlane({ seed, foundation, saved });
  }

  make(
    name: string,
    annotations: Readonly<Record<string, string>>,
    spec: Partial<JobSpec> = {},
    restartPolicy = 'Never',
  ): Job {
    const template = {
      metadata: { annotations },
      spec: { restartPolicy, containers: [{ name: 'a', image: 'busybox' }] },
    };
    const object = { metadata: { name }, spec: { ...spec, template } };
    const made = create(this.plane.world, { kind: JOBS, namespace: 'default', object, caller });
    assert.ok(this.plane.settle(10_000));
    return made.object as Job;
  }

  entry(kind: Kind, name: string): Entry {
    return there(this.plane.world.store.get(kind, 'default', name));
  }

  job(name: string): Job {
    return this.entry(JOBS, name).object as Job;
  }

  change(name: string, spec: Partial<JobSpec>): void {
    const entry = this.entry(JOBS, name);
    const job = entry.object as Job;
    replace(this.plane.world, entry, {
      object: { ...job, spec: { ...there(job.spec), ...spec } } as Job,
      caller,
    });
    assert.ok(this.plane.settle(10_000));
  }

  delete(name: string, options: DeleteOptions): void {
    deleteEntry(this.plane.world, this.entry(JOBS, name), options);
  }

  pods(): Pod[] {
    return this.plane.world.store.list(PODS, 'default').map(({ object }) => object as Pod);
  }

  /** What was told of a Job, each thing once. */
  told(name: string): string[] {
    const uid = uidOf(this.job(name));
    const said = this.plane.world.store
      .list(EVENTS, 'default')
      .map(({ object }) => object as Event)
      .filter(({ involvedObject }) => involvedObject.uid === uid)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
    return [...new Set(said.map((text) => text.replace(/pod: .*/, 'pod')))];
  }
}

const conditionsOf = ({ status }: Job): string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason = '' }) => `${type} ${is} ${reason}`);

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return assert.fail('it is refused');
}

describe('a Job', () => {
  test('gets its defaults, the labels and the selector that tell its pods', () => {
    const bench = new Bench();
    const { metadata, spec } = bench.make('hello', ENDS);
    const uid = metadata?.uid ?? '';
    const labels = {
      'job-name': 'hello',
      'controller-uid': uid,
      'batch.kubernetes.io/job-name': 'hello',
      'batch.kubernetes.io/controller-uid': uid,
    };
    assert.deepEqual(metadata?.labels, labels);
    assert.deepEqual(spec?.template.metadata?.labels, labels);
    assert.deepEqual(spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } });
    const { parallelism, completions, backoffLimit, completionMode, suspend } = spec;
    assert.deepEqual(
      [parallelism, completions, backoffLimit, completionMode, suspend],
      [1, 1, 6, 'NonIndexed', false],
    );
  });

  test('has the labels of before 1.27 in an older cluster', () => {
    const { spec } = new Bench('v1.25.5').make('hello', ENDS);
    assert.deepEqual(Object.keys(spec?.template.metadata?.labels ?? {}).sort(), [
      'controller-uid',
      'job-name',
    ]);
    assert.deepEqual(Object.keys(spec?.selector?.matchLabels ?? {}), ['controller-uid']);
  });

  test('completes when its pod has ended well, and tells of it', () => {
    const bench = new Bench();
    bench.make('hello', ENDS);
    const [pod] = bench.pods();
    assert.deepEqual(metaOf(there(pod)).finalizers, [TRACKING]);
    assert.equal(bench.job('hello').status?.active, 1);
    bench.play(minutes(1));
    const { status } = bench.job('hello');
    assert.deepEqual(conditionsOf(bench.job('hello')), ['Complete True ']);
    assert.deepEqual(
      [status?.succeeded, status?.active, status?.failed, status?.ready],
      [1, undefined, undefined, 0],
    );
    assert.ok(status?.completionTime !== undefined);
    assert.equal(metaOf(there(bench.pods()[0])).finalizers, undefined);
    assert.deepEqual(bench.told('hello').sort(), [
      'Normal Completed: Job completed',
      'Normal SuccessfulCreate: Created pod',
    ]);
  });

  test('announces its end from 1.31 on', () => {
    const bench = new Bench('v1.31.0');
    bench.make('hello', ENDS);
    bench.play(minutes(1));
    assert.deepEqual(conditionsOf(bench.job('hello')), [
      'SuccessCriteriaMet True CompletionsReached',
      'Complete True CompletionsReached',
    ]);
  });

  test('runs as many pods at a time as it may, until enough have succeeded', () => {
    const bench = new Bench();
    bench.make('many', { 'edgetwin/run-seconds': '30' }, { parallelism: 2, completions: 5 });
    let most = 0;
    for (let second = 0; second < 180; second += 5) {
      bench.play(seconds(5));
      most = Math.max(most, bench.job('many').status?.active ?? 0);
    }
    assert.equal(most, 2);
    assert.equal(bench.job('many').status?.succeeded, 5);
    assert.equal(bench.pods().length, 5);
  });

  test('without a count is done when one has succeeded and none runs', () => {
    const bench = new Bench();
    bench.make('queue', ENDS, { parallelism: 3 });
    bench.play(minutes(2));
    const { spec, status } = bench.job('queue');
    assert.equal(spec?.completions, undefined);
    assert.deepEqual(
      [status?.succeeded, conditionsOf(bench.job('queue'))],
      [3, ['Complete True ']],
    );
  });

  test('tries again after 10 s, 20 s, 40 s, and gives up beyond its limit', () => {
    const bench = new Bench();
    bench.make('bad', FAILS, { backoffLimit: 3 });
    bench.play(minutes(10));
    const starts = bench
      .pods()
      .map(({ metadata }) => there(instantOf(metadata?.creationTimestamp)))
      .sort((one, other) => one - other);
    const gaps = starts.slice(1).map((start, index) => (start - (starts[index] ?? 0)) / 1000);
    assert.equal(starts.length, 4);
    // Besides the wait each pod takes some seconds to fail.
    for (const [index, least] of [10, 20, 40].entries()) {
      const gap = gaps[index] ?? 0;
      assert.ok(gap >= least && gap < least + 8, `${gap} s after failure ${index + 1}`);
    }
    assert.deepEqual(conditionsOf(bench.job('bad')), ['Failed True BackoffLimitExceeded']);
    assert.equal(bench.job('bad').status?.failed, 4);
    assert.equal(bench.job('bad').status?.completionTime, undefined);
    assert.ok(
      bench
        .told('bad')
        .includes('Warning BackoffLimitExceeded: Job has reached the specified backoff limit'),
    );
  });

  test('waits as long after a restart as it would have without one', () => {
    const startsOf = (isRestarted: boolean): unknown[] => {
      const bench = new Bench();
      bench.make('bad', FAILS, { backoffLimit: 3 });
      for (let step = 0; step < 60; step++) {
        bench.play(seconds(5));
        if (isRestarted) bench.reload();
      }
      return bench
        .pods()
        .map(({ metadata }) => metadata?.creationTimestamp)
        .sort();
    };
    const starts = startsOf(false);
    assert.equal(starts.length, 4);
    assert.deepEqual(startsOf(true), starts);
  });

  test('whose pod starts its containers again gives up when it has done so often enough', () => {
    const bench = new Bench();
    bench.make('bad', FAILS, { backoffLimit: 2 }, 'OnFailure');
    bench.play(minutes(10));
    assert.deepEqual(conditionsOf(bench.job('bad')), ['Failed True BackoffLimitExceeded']);
    assert.equal(bench.job('bad').status?.failed, 1);
    assert.deepEqual(bench.pods(), []);
    assert.ok(bench.told('bad').includes('Normal SuccessfulDelete: Deleted pod'));
  });

  test('ends at its deadline, with its pods', () => {
    const bench = new Bench();
    bench.make('late', RUNS, { activeDeadlineSeconds: 60, parallelism: 2, completions: 2 });
    bench.play(seconds(50));
    assert.equal(bench.job('late').status?.active, 2);
    bench.play(minutes(2));
    assert.deepEqual(conditionsOf(bench.job('late')), ['Failed True DeadlineExceeded']);
    assert.deepEqual([bench.job('late').status?.failed, bench.pods()], [2, []]);
  });

  test('numbers its pods', () => {
    const bench = new Bench();
    bench.make('row', ENDS, { completionMode: 'Indexed', completions: 3, parallelism: 2 });
    bench.play(minutes(2));
    const KEY = 'batch.kubernetes.io/job-completion-index';
    const pods = bench.pods();
    assert.deepEqual(
      pods.map(({ metadata, spec }) => [metadata?.annotations?.[KEY], spec?.hostname]),
      [
        ['0', 'row-0'],
        ['1', 'row-1'],
        ['2', 'row-2'],
      ],
    );
    assert.match(pods[0]?.metadata?.name ?? '', /^row-0-[a-z0-9]{5}$/);
    assert.deepEqual(pods[0]?.spec?.containers[0]?.env, [
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${KEY}']` },
        },
      },
    ]);
    assert.deepEqual(
      [bench.job('row').status?.completedIndexes, bench.job('row').status?.succeeded],
      ['0-2', 3],
    );
  });

  test('is suspended and goes on', () => {
    const bench = new Bench();
    bench.make('rest', RUNS, { activeDeadlineSeconds: 120 });
    bench.play(minutes(1));
    bench.change('rest', { suspend: true });
    bench.play(minutes(10));
    assert.deepEqual(bench.pods(), []);
    assert.deepEqual(conditionsOf(bench.job('rest')), ['Suspended True JobSuspended']);
    assert.equal(bench.job('rest').status?.failed, undefined);
    bench.change('rest', { suspend: false });
    assert.deepEqual(conditionsOf(bench.job('rest')), ['Suspended False JobResumed']);
    const start = there(instantOf(bench.job('rest').status?.startTime));
    assert.equal(start, Math.floor(bench.plane.world.now / 1000) * 1000);
    bench.play(seconds(60));
    assert.equal(bench.job('rest').status?.active, 1);
    assert.ok(bench.told('rest').includes('Normal Suspended: Job suspended'));
    assert.ok(bench.told('rest').includes('Normal Resumed: Job resumed'));
  });

  test('has fewer pods when it shall, and does not count those that it gives up', () => {
    const bench = new Bench();
    bench.make('less', RUNS, { parallelism: 3, completions: 9 });
    bench.play(minutes(1));
    bench.change('less', { parallelism: 1 });
    bench.play(minutes(2));
    assert.equal(bench.pods().length, 1);
    assert.deepEqual(
      [bench.job('less').status?.active, bench.job('less').status?.failed],
      [1, undefined],
    );
  });

  test('makes another pod for one that was deleted, which has failed', () => {
    const bench = new Bench();
    bench.make('again', RUNS);
    bench.play(minutes(1));
    const [first] = bench.pods();
    deleteEntry(bench.plane.world, bench.entry(PODS, metaOf(there(first)).name ?? ''), {});
    bench.play(minutes(2));
    assert.deepEqual(
      [bench.job('again').status?.failed, bench.job('again').status?.active],
      [1, 1],
    );
    assert.notEqual(uidOf(there(bench.pods()[0])), uidOf(there(first)));
  });

  test('goes some time after its end, where it says so, with its pods', () => {
    const bench = new Bench();
    bench.make('brief', ENDS, { ttlSecondsAfterFinished: 600 });
    bench.play(minutes(5));
    assert.deepEqual(conditionsOf(bench.job('brief')), ['Complete True ']);
    bench.play(minutes(10));
    assert.equal(bench.plane.world.store.get(JOBS, 'default', 'brief'), undefined);
    assert.deepEqual(bench.pods(), []);
  });

  for (const propagationPolicy of ['Background', 'Foreground'] as const) {
    test(`is deleted with its running pods: ${propagationPolicy}`, () => {
      const bench = new Bench();
      bench.make('gone', RUNS, { parallelism: 2, completions: 2 });
      bench.play(minutes(1));
      bench.delete('gone', { propagationPolicy });
      bench.play(minutes(2));
      assert.equal(bench.plane.world.store.get(JOBS, 'default', 'gone'), undefined);
      assert.deepEqual(bench.pods(), []);
    });
  }

  test('leaves its pods behind, held by nothing, when they are orphaned', () => {
    const bench = new Bench();
    bench.make('gone', RUNS);
    bench.play(minutes(1));
    bench.delete('gone', { propagationPolicy: 'Orphan' });
    bench.play(minutes(2));
    assert.equal(bench.plane.world.store.get(JOBS, 'default', 'gone'), undefined);
    const [pod, ...others] = bench.pods();
    assert.deepEqual(others, []);
    const { finalizers, ownerReferences } = metaOf(there(pod));
    assert.deepEqual([finalizers, ownerReferences], [undefined, undefined]);
  });

  test('goes with its namespace', () => {
    const bench = new Bench();
    const { world } = bench.plane;
    create(world, { kind: NAMESPACES, namespace: '', object: { metadata: { name: 'n' } }, caller });
    const template = {
      metadata: { annotations: RUNS },
      spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox' }] },
    };
    const object = { metadata: { name: 'gone' }, spec: { template } };
    create(world, { kind: JOBS, namespace: 'n', object, caller });
    bench.play(minutes(1));
    assert.equal(world.store.list(PODS, 'n').length, 1);
    deleteEntry(world, there(world.store.get(NAMESPACES, '', 'n')), {});
    bench.play(minutes(5));
    assert.equal(world.store.get(NAMESPACES, '', 'n'), undefined);
    assert.deepEqual(world.store.list(PODS, 'n'), []);
  });

  test('does the same again with the same seed', () => {
    const lived = (): string[] => {
      const bench = new Bench();
      bench.make('bad', FAILS, { backoffLimit: 2, parallelism: 2, completions: 3 });
      bench.make('row', ENDS, { completionMode: 'Indexed', completions: 4, parallelism: 4 });
      bench.play(hours(1));
      return [...bench.plane.world.store.all()].map(({ json }) => json);
    };
    assert.deepEqual(lived(), lived());
  });
});

describe('a Job is refused', () => {
  const bench = new Bench();
  const refused = (
    spec: Partial<JobSpec>,
    { restartPolicy = 'Never', name = 'x' }: { restartPolicy?: string; name?: string } = {},
  ): string => refusalOf(() => bench.make(name, ENDS, spec, restartPolicy));

  test('whose pods would always start again', () => {
    assert.equal(
      refused({}, { restartPolicy: 'Always' }),
      'Job.batch "x" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    );
  });

  test('with numbers below zero', () => {
    assert.equal(
      refused({ backoffLimit: -1 }),
      'Job.batch "x" is invalid: spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
    );
  });

  test('that numbers its completions without a count, or with names that are too long', () => {
    assert.equal(
      refused({ completionMode: 'Indexed', parallelism: 1 }),
      'Job.batch "x" is invalid: spec.completions: Required value: when completion mode is Indexed',
    );
    const name = 'n'.repeat(62);
    assert.match(
      refused({ completionMode: 'Indexed', completions: 11 }, { name }),
      /metadata\.name: Invalid value: .*will not able to create pod with invalid DNS hostname: n+-10$/,
    );
  });

  test('with a selector that was not asked for', () => {
    assert.match(
      refused({ selector: { matchLabels: { app: 'x' } } }),
      /spec\.selector: Invalid value: .*: `selector` not auto-generated/,
    );
  });

  test('that asks for what the controller does not do', () => {
    assert.equal(
      refused({ podFailurePolicy: { rules: [] } }),
      'Job.batch "x" is invalid: spec.podFailurePolicy: Forbidden: is not supported by this simulated cluster',
    );
    assert.match(
      refused({ podReplacementPolicy: 'Failed' }),
      /supported values: "TerminatingOrFailed"$/,
    );
  });

  test('when it is changed in what is fixed', () => {
    bench.make('fixed', RUNS, { completions: 2 });
    const { template } = there(bench.job('fixed').spec);
    const container = { name: 'a', image: 'alpine' };
    const changes: [Partial<JobSpec>, RegExp][] = [
      [
        { completions: 3 },
        /^Job.batch "fixed" is invalid: spec.completions: Invalid value: 3: field is immutable$/,
      ],
      [
        { completionMode: 'Indexed' },
        /spec.completionMode: Invalid value: "Indexed": field is immutable/,
      ],
      [
        { template: { ...template, spec: { ...template.spec, containers: [container] } } },
        /spec.template: Invalid value: core.PodTemplateSpec\{\.\.\.\}: field is immutable/,
      ],
    ];
    for (const [change, text] of changes) {
      assert.match(
        refusalOf(() => {
          bench.change('fixed', change);
        }),
        text,
      );
    }
  });

  test('but not when it waits and its pods are sent elsewhere, or when all of its indexes change', () => {
    bench.make('waits', RUNS, { suspend: true });
    const { template } = there(bench.job('waits').spec);
    bench.change('waits', {
      template: { ...template, spec: { ...there(template.spec), nodeSelector: { disk: 'fast' } } },
    });
    assert.deepEqual(bench.job('waits').spec?.template.spec?.nodeSelector, { disk: 'fast' });
    bench.make('grows', RUNS, { completionMode: 'Indexed', completions: 2, parallelism: 2 });
    bench.change('grows', { completions: 3, parallelism: 3 });
    assert.equal(bench.job('grows').status?.active, 3);
    assert.match(
      refusalOf(() => {
        bench.change('grows', { completions: 4 });
      }),
      /spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism$/,
    );
  });
});
