/** While the master's VM is away the control plane stands still; what runs on the nodes goes on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '#kubernetes/api/caller.ts';
import { create } from '#kubernetes/api/create.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import type { Foundation } from '#kubernetes/foundation.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import { NODES } from '#kubernetes/kinds/nodes.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { REPLICA_SETS } from '#kubernetes/kinds/replicasets.ts';
import { Entry } from '#kubernetes/objects/entry.ts';
import type { JsonObject } from '#shared/json.ts';
import type { KubeObject } from '#kubernetes/objects/object.ts';
import { type Duration, later, minutes, plus, seconds } from '#shared/instant.ts';
import { FOUNDATION as WHOLE } from '../support/foundation.ts';

const caller = systemCaller('test');
/** Without what this has nothing to do with: storage classes and GPUs. */
const FOUNDATION: Foundation = {
  ...WHOLE,
  nodes: WHOLE.nodes.map((node) => ({ ...node, gpuCount: 0 })),
  storageClasses: [],
};

const without = (...names: string[]): Foundation => ({
  ...FOUNDATION,
  nodes: FOUNDATION.nodes.map((one) => ({ ...one, isUp: !names.includes(one.name) })),
});

/** How a length of time is passed: at once, or in steps. */
type Pass = (plane: ControlPlane, length: Duration) => ControlPlane;

const atOnce: Pass = (plane, length) => {
  assert.ok(plane.advanceTo(plus(plane.world.now, length), 500_000), 'the cluster comes to rest');
  return plane;
};

/** In steps of seven seconds, of a little work each. */
const inSteps: Pass = (plane, length) => {
  const end = plus(plane.world.now, length);
  for (let at = plane.world.now; at < end; ) {
    at = later(plus(at, seconds(7)), at) < end ? plus(at, seconds(7)) : end;
    while (!plane.advanceTo(at, 10));
  }
  return plane;
};

/** As after a kill: another process reads what was saved. */
function reread(plane: ControlPlane, foundation: Foundation): ControlPlane {
  const { store, seed, now } = plane.world;
  const entries = [...store.all()].map(({ kind, json, revision, simulation }) => {
    const copy =
      simulation === undefined ? undefined : (JSON.parse(JSON.stringify(simulation)) as JsonObject);
    return new Entry(kind, JSON.parse(json) as KubeObject, { revision, simulation: copy });
  });
  const saved = { revision: store.revision, entries, playedTo: now };
  return new ControlPlane({ seed, foundation, saved });
}

const podsOf = ({ world }: ControlPlane): Pod[] =>
  world.store.list(PODS, 'default').map(({ object }) => object as Pod);
const phasesOf = (plane: ControlPlane): (string | undefined)[] =>
  podsOf(plane).map(({ status }) => status?.phase);
const readyOf = ({ world }: ControlPlane, name: string): string | undefined =>
  (world.store.get(NODES, '', name)?.object as Node | undefined)?.status?.conditions?.find(
    ({ type }) => type === 'Ready',
  )?.status;

const bytesOf = ({ world }: ControlPlane): string[] =>
  [...world.store.all()].map(({ json }) => json).sort();

/** Nodes with their readiness since when, and pods with when they were made, where they are and what has become of them. */
const summaryOf = ({ world }: ControlPlane): string[] => [
  ...world.store.list(NODES).map(({ name, object }) => {
    const { status, spec } = object as Node;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return JSON.stringify([name, ready?.status, ready?.lastTransitionTime, spec?.taints]);
  }),
  ...world.store
    .list(PODS)
    .map(({ object }) => {
      const { metadata, spec, status } = object as Pod;
      const { namespace, labels, creationTimestamp, deletionTimestamp } = metadata ?? {};
      const since = [creationTimestamp, deletionTimestamp];
      return JSON.stringify([namespace, labels, since, spec?.nodeName, status?.phase]);
    })
    .sort(),
];

/** A cluster with a deployment, up to a moment at which its pods are bound and do not run yet. */
function begun(): ControlPlane {
  const plane = atOnce(new ControlPlane({ seed: 'still', foundation: FOUNDATION }), minutes(10));
  create(plane.world, {
    kind: DEPLOYMENTS,
    namespace: 'default',
    object: {
      metadata: { name: 'web' },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'a', image: 'nginx' }] },
        },
      },
    } as KubeObject,
    caller,
  });
  return atOnce(plane, seconds(1));
}

describe('while the master is away', () => {
  test('pods on living workers come to run, and nobody takes note of a worker that is lost', () => {
    const plane = begun();
    assert.deepEqual(new Set(phasesOf(plane)), new Set(['Pending']));
    plane.setFoundation(without('master'));
    atOnce(plane, minutes(1));
    assert.deepEqual(phasesOf(plane), ['Running', 'Running', 'Running', 'Running']);
    const [set] = plane.world.store.list(REPLICA_SETS, 'default');
    assert.equal((set?.object as { status?: JsonObject }).status?.['readyReplicas'], undefined);
    plane.setFoundation(without('master', 'two'));
    atOnce(plane, minutes(60));
    assert.equal(readyOf(plane, 'two'), 'True');
    assert.equal(podsOf(plane).length, 4);
    plane.setFoundation(without('two'));
    atOnce(plane, minutes(4));
    assert.equal(readyOf(plane, 'two'), 'Unknown');
    assert.equal(podsOf(plane).length, 4, 'five minutes count from the return of the master');
    atOnce(plane, minutes(2));
    const staying = podsOf(plane).filter(
      ({ metadata }) => metadata?.deletionTimestamp === undefined,
    );
    assert.deepEqual(new Set(staying.map(({ spec }) => spec?.nodeName)), new Set(['one']));
  });

  test('five minutes that began before do not end meanwhile', () => {
    const plane = atOnce(begun(), minutes(5));
    plane.setFoundation(without('two'));
    atOnce(plane, minutes(3));
    plane.setFoundation(without('master', 'two'));
    atOnce(plane, minutes(30));
    plane.setFoundation(without('two'));
    atOnce(plane, minutes(4));
    const marked = (): number =>
      podsOf(plane).filter(({ metadata }) => metadata?.deletionTimestamp !== undefined).length;
    assert.equal(marked(), 0);
    atOnce(plane, minutes(2));
    assert.ok(marked() > 0);
  });

  test('a worker that comes back meanwhile goes on with its pods', () => {
    const plane = begun();
    plane.setFoundation(without('master', 'one', 'two'));
    atOnce(plane, minutes(5));
    assert.deepEqual(new Set(phasesOf(plane)), new Set(['Pending']));
    plane.setFoundation(without('master'));
    atOnce(plane, minutes(1));
    assert.deepEqual(new Set(phasesOf(plane)), new Set(['Running']));
  });

  test('it comes to the same however time is cut, and whether the process was another one meanwhile', () => {
    const story = (pass: Pass, isKilled: boolean): ControlPlane => {
      let plane = begun();
      const give = (foundation: Foundation, length: Duration): void => {
        plane.setFoundation(foundation);
        plane = pass(plane, length);
        if (isKilled) plane = reread(plane, foundation);
      };
      give(without('two'), minutes(2));
      give(without('master', 'two'), minutes(20));
      give(without('master'), minutes(3));
      give(FOUNDATION, minutes(3));
      give(without('master', 'one'), minutes(8));
      give(without('one'), minutes(9));
      return pass(plane, minutes(2));
    };
    const expected = story(atOnce, false);
    assert.deepEqual(bytesOf(story(inSteps, false)), bytesOf(expected));
    // What a new process looks at first is drawn in another order: names differ, and nothing that they stand for.
    assert.deepEqual(summaryOf(story(atOnce, true)), summaryOf(expected));
  });

  test('one that came back while no process had it counts from the first look', () => {
    let plane = atOnce(begun(), minutes(5));
    plane.setFoundation(without('two'));
    atOnce(plane, minutes(3));
    plane.setFoundation(without('master', 'two'));
    atOnce(plane, minutes(1));
    plane = reread(plane, without('two'));
    atOnce(plane, minutes(30));
    const marked = podsOf(plane).filter(
      ({ metadata }) => metadata?.deletionTimestamp !== undefined,
    );
    assert.equal(marked.length, 0);
  });
});
