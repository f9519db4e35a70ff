/**
 * Drawn weeks of a cluster: commands, jumps of the clock, nodes that fail and are cordoned, and reloads from the rows, as after a restart.
 * Its rules hold all the way, it comes to rest as asked, and the same seed does the same again [issue 10 line 4]. `WEEKS` says how many;
 * `SEED` draws other ones.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Node, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '#kubernetes/api/caller.ts';
import { create } from '#kubernetes/api/create.ts';
import { deleteEntry } from '#kubernetes/api/delete.ts';
import { replace } from '#kubernetes/api/update.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import { TRACKING_FINALIZER } from '#kubernetes/kinds/job-words.ts';
import { JOBS } from '#kubernetes/kinds/jobs.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { NODES } from '#kubernetes/kinds/nodes.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { REPLICA_SETS } from '#kubernetes/kinds/replicasets.ts';
import { SERVICES } from '#kubernetes/kinds/services.ts';
import { Entry } from '#kubernetes/objects/entry.ts';
import {
  type AnyObject,
  type KubeObject,
  labelsOf,
  memberOf,
  uidOf,
} from '#kubernetes/objects/object.ts';
import { StatusError } from '#kubernetes/status.ts';
import { hours, minutes, plus, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { wholeNumber } from '#shared/random.ts';
import { FOUNDATION } from '../support/foundation.ts';

const SEED = process.env.SEED ?? 'weeks';
const WEEKS = Number(process.env.WEEKS ?? 200);
const COMMANDS = 12;
/** So many of the weeks are lived twice. */
const TWICE = 10;

const caller = systemCaller('test');

const containers = (which: number): object[] => [{ name: 'a', image: `nginx:1.${which}` }];

type Draw = (least: number, most: number, ...words: (string | number)[]) => number;

/** One week of one cluster. */
class Week {
  plane: ControlPlane;
  readonly #name: string;
  readonly #draw: Draw;
  #foundation = FOUNDATION;
  #revision = 0;

  constructor(number: number) {
    this.#name = `week ${number} of SEED='${SEED}'`;
    this.#draw = (least, most, ...words) => wholeNumber(least, most, SEED, number, ...words);
    this.plane = new ControlPlane({ seed: this.#name, foundation: FOUNDATION });
  }

  live(): void {
    for (let step = 0; step < COMMANDS; step++) {
      try {
        this.#command(this.#draw(0, 12, step, 'what'), this.#draw(0, 3, step, 'which'));
      } catch (error) {
        // Some of what is drawn may not be done.
        if (!(error instanceof StatusError)) throw error;
      }
      if (this.#draw(0, 3, step, 'fault') === 0) this.#fault(this.#draw(0, 2, step, 'node'));
      if (this.#draw(0, 5, step, 'reload') === 0) this.#reload();
      const isShort = this.#draw(0, 1, step, 'long') === 0;
      this.#play(isShort ? seconds(this.#draw(1, 90, step)) : hours(this.#draw(1, 24, step)));
      this.#checkAlways();
    }
    this.#foundation = FOUNDATION;
    this.plane.setFoundation(FOUNDATION);
    for (const entry of this.plane.world.store.list(NODES)) this.#cordon(entry, false);
    this.#play(hours(2));
    this.#checkAlways();
    this.#checkRest();
  }

  /** All of it, for comparison. */
  get transcript(): string[] {
    return [...this.plane.world.store.all()].map(({ json }) => json);
  }

  #play(length: ReturnType<typeof minutes>): void {
    const until = plus(this.plane.world.now, length);
    assert.ok(this.plane.advanceTo(until, 200_000), `${this.#name}: the cluster comes to rest`);
  }

  /** As after a restart: nothing is left but the rows. */
  #reload(): void {
    const { world } = this.plane;
    const rows = [...world.store.all()].map(({ kind, json, revision, simulation }) => ({
      kind,
      json,
      revision,
      simulation: simulation === undefined ? undefined : JSON.stringify(simulation),
    }));
    this.plane = new ControlPlane({
      seed: this.#name,
      foundation: this.#foundation,
      saved: {
        revision: world.store.revision,
        playedTo: world.now,
        entries: rows.map(
          ({ kind, json, revision, simulation }) =>
            new Entry(kind, JSON.parse(json) as KubeObject, {
              revision,
              simulation:
                simulation === undefined ? undefined : (JSON.parse(simulation) as JsonObject),
            }),
        ),
      },
    });
  }

  #fault(index: number): void {
    this.#foundation = {
      ...this.#foundation,
      nodes: this.#foundation.nodes.map((one, at) =>
        at === index ? { ...one, isUp: !one.isUp } : one,
      ),
    };
    this.plane.setFoundation(this.#foundation);
  }

  #command(what: number, which: number): void {
    const { store } = this.plane.world;
    const name = `app-${which}`;
    const present = store.get(DEPLOYMENTS, 'default', name);
    switch (what) {
      case 0:
        this.#put(SERVICES, {
          metadata: { name },
          spec: {
            selector: { app: name },
            ports: [{ port: 80 }],
            type: which === 0 ? 'LoadBalancer' : 'ClusterIP',
          },
        });
        return;
      case 1:
        this.#remove(store.get(SERVICES, 'default', name), 0);
        return;
      case 2:
        this.#put(PODS, {
          metadata: { name: `by-hand-${which}` },
          spec: { containers: containers(which) },
        });
        return;
      case 3:
        this.#remove(store.list(PODS, 'default').at(-1), which);
        return;
      case 4:
        this.#remove(present, which);
        return;
      case 5: {
        const worker = store.get(NODES, '', which % 2 === 0 ? 'one' : 'two');
        if (worker !== undefined) this.#cordon(worker, which > 1);
        return;
      }
      case 10:
        this.#startJob(which);
        return;
      case 11:
        this.#suspendOrResume(store.get(JOBS, 'default', `job-${which}`));
        return;
      case 12:
        this.#remove(store.get(JOBS, 'default', `job-${which}`), which);
        return;
      default:
        this.#deploy(present, name, { what, which });
    }
  }

  /** One whose pods end well, fail, are started again, or are numbered. */
  #startJob(which: number): void {
    const annotations = {
      'edgetwin/run-seconds': String(this.#draw(1, 600, which, 'run')),
      'edgetwin/exit-code': which === 1 || which === 2 ? '1' : '0',
    };
    const restartPolicy = which === 2 ? 'OnFailure' : 'Never';
    const spec = {
      completions: which + 1,
      parallelism: 2,
      backoffLimit: which,
      ...(which === 3 ? { completionMode: 'Indexed', ttlSecondsAfterFinished: 3600 } : {}),
      template: {
        metadata: { annotations },
        spec: { restartPolicy, containers: [{ name: 'a', image: 'busybox' }] },
      },
    };
    this.#put(JOBS, { metadata: { name: `job-${which}` }, spec });
  }

  #suspendOrResume(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const spec = memberOf(entry.object, 'spec') as { suspend?: boolean };
    const object = { ...entry.object, spec: { ...spec, suspend: spec.suspend !== true } };
    replace(this.plane.world, entry, { object, caller });
  }

  #deploy(
    present: Entry | undefined,
    name: string,
    { what, which }: { readonly what: number; readonly which: number },
  ): void {
    const labels = { app: name };
    if (present === undefined) {
      const spec = {
        replicas: which + 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: containers(0) } },
      };
      this.#put(DEPLOYMENTS, { metadata: { name }, spec });
      return;
    }
    const spec = memberOf(present.object, 'spec') as { template: { spec: object } };
    const changed =
      what <= 7
        ? { ...spec, replicas: which * 2 }
        : { ...spec, template: { ...spec.template, spec: { containers: containers(which) } } };
    const object = { ...present.object, spec: changed } as AnyObject;
    replace(this.plane.world, present, { object, caller });
  }

  #put(kind: Kind, object: AnyObject): void {
    create(this.plane.world, { kind, namespace: 'default', object, caller });
  }

  #remove(entry: Entry | undefined, which: number): void {
    if (entry === undefined) return;
    const propagationPolicy = (['Background', 'Foreground', 'Orphan'] as const)[which % 3];
    deleteEntry(
      this.plane.world,
      entry,
      propagationPolicy === undefined ? {} : { propagationPolicy },
    );
  }

  #cordon(entry: Entry, unschedulable: boolean): void {
    const spec = { ...memberOf(entry.object, 'spec'), unschedulable };
    if ((entry.object as Node).spec?.unschedulable === unschedulable) return;
    replace(this.plane.world, entry, { object: { ...entry.object, spec } as AnyObject, caller });
  }

  /** What holds at every moment. */
  #checkAlways(): void {
    const { store } = this.plane.world;
    const is = (fact: boolean, text: string): void => {
      assert.ok(fact, `${this.#name}: ${text}`);
    };
    is(store.revision >= this.#revision, 'revisions never go back');
    this.#revision = store.revision;
    const pods = store.list(PODS).map(({ object }) => object as Pod);
    const nodes = new Set(store.list(NODES).map(({ name }) => name));
    for (const { spec } of pods) {
      is(
        (spec?.nodeName ?? '') === '' || nodes.has(spec?.nodeName ?? ''),
        'no pod is on a node that is not there',
      );
    }
    const own = pods.filter(({ spec }) => spec?.hostNetwork !== true);
    const addresses = own.flatMap(({ status }) => status?.podIP ?? []);
    is(new Set(addresses).size === addresses.length, 'addresses of pods are unique');
    const services = store.list(SERVICES).map(({ object }) => object as Service);
    const virtual = services
      .flatMap(({ spec }) => spec?.clusterIP ?? [])
      .filter((ip) => ip !== 'None' && ip !== '');
    is(new Set(virtual).size === virtual.length, 'addresses of services are unique');
    const external = services
      .flatMap(({ status }) => status?.loadBalancer?.ingress ?? [])
      .map(({ ip }) => ip);
    is(new Set(external).size === external.length, 'external addresses are unique');
    for (const { object } of store.list(JOBS)) {
      const { spec, status } = object as Job;
      is((status?.active ?? 0) <= (spec?.parallelism ?? 0), 'no more pods of a Job than it allows');
      is(
        (status?.succeeded ?? 0) <= (spec?.completions ?? 0),
        'no more successes than it asks for',
      );
    }
    const entries = [...store.all()];
    is(
      new Set(entries.map(({ object }) => uidOf(object))).size === entries.length,
      'uids are unique',
    );
  }

  /** What holds once everything works and nobody asks for anything. */
  #checkRest(): void {
    const { store } = this.plane.world;
    const pods = store.list(PODS).map(({ object }) => object as Pod);
    const uids = new Set([...store.all()].map(({ object }) => uidOf(object)));
    for (const { metadata, spec, status } of pods) {
      const who = `${this.#name}: ${metadata?.name ?? ''}`;
      const owners = (metadata?.ownerReferences ?? []).filter(
        ({ kind }) => kind !== 'DaemonSet' && kind !== 'Node',
      );
      assert.ok(
        owners.every(({ uid }) => uids.has(uid)),
        `${who} has an owner that is there`,
      );
      const isOfJob = labelsOf({ metadata: metadata ?? {} })['job-name'] !== undefined;
      if (isOfJob && ['Succeeded', 'Failed'].includes(status?.phase ?? '')) {
        const isHeld = metadata?.finalizers?.includes(TRACKING_FINALIZER) === true;
        assert.ok(!isHeld, `${who} has been counted`);
        continue;
      }
      assert.notEqual(spec?.nodeName ?? '', '', `${who} is on a node`);
      assert.equal(status?.phase, 'Running', `${who} runs`);
    }
    for (const { object, name } of store.list(JOBS)) {
      const { spec, status } = object as Job;
      const has = (type: string): boolean =>
        status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
      const who = `${this.#name}: ${name}`;
      assert.ok(
        has('Complete') || has('Failed') || spec?.suspend === true,
        `${who} has come to its end`,
      );
      assert.equal(status?.active, undefined, `${who} has no active pods`);
      if (has('Complete')) assert.equal(status?.succeeded, spec?.completions, who);
    }
    for (const { object, name } of store.list(REPLICA_SETS)) {
      const { replicas } = memberOf(object, 'spec') as { replicas?: number };
      const own = store.dependentsOf(uidOf(object)).filter(({ kind }) => kind === PODS);
      assert.equal(own.length, replicas, `${this.#name}: ${name} has what it asks for`);
    }
    for (const { object, name } of store.list(DEPLOYMENTS)) {
      const { spec, status } = object as Deployment;
      const shown = [
        status?.replicas ?? 0,
        status?.readyReplicas ?? 0,
        status?.updatedReplicas ?? 0,
      ];
      const wanted = spec?.replicas ?? 0;
      assert.deepEqual(shown, [wanted, wanted, wanted], `${this.#name}: ${name} has converged`);
    }
  }
}

test(`${WEEKS} drawn weeks keep the rules, and the same seed does the same`, () => {
  for (let number = 0; number < WEEKS; number++) {
    const week = new Week(number);
    week.live();
    if (number >= TWICE) continue;
    const again = new Week(number);
    again.live();
    assert.deepEqual(again.transcript, week.transcript);
  }
});
