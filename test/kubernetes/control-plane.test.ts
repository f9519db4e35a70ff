/** A cluster comes to rest, whatever its appliance gives and takes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { systemCaller } from '#kubernetes/api/caller.ts';
import { create } from '#kubernetes/api/create.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import { PODS } from '#kubernetes/kinds/pods.ts';
import { hours, minutes, plus } from '#shared/instant.ts';
import { FOUNDATION } from '../support/foundation.ts';

const caller = systemCaller('test');
const PARTS = FOUNDATION.parts;

/** Plays on; fails where the cluster does not come to rest. */
function play(plane: ControlPlane, length: ReturnType<typeof minutes>): void {
  const until = plus(plane.world.now, length);
  assert.ok(plane.advanceTo(until, 200_000), 'the cluster comes to rest');
}

const deployment = (name: string, replicas: number) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'a', image: 'nginx' }] },
    },
  },
});

const podsOf = ({ world }: ControlPlane, namespace?: string): Pod[] =>
  world.store.list(PODS, namespace).map(({ object }) => object as Pod);

describe('a cluster', () => {
  test('has its system running some minutes after it came into being', () => {
    const plane = new ControlPlane({ seed: 'x', foundation: FOUNDATION });
    play(plane, minutes(5));
    const phases = new Set(podsOf(plane).map(({ status }) => status?.phase));
    assert.deepEqual([...phases], ['Running']);
  });

  test('comes to rest when any part of it is taken away and given back', () => {
    const plane = new ControlPlane({ seed: 'x', foundation: FOUNDATION });
    play(plane, minutes(5));
    for (const part of PARTS) {
      plane.setFoundation({ ...FOUNDATION, parts: PARTS.filter((one) => one !== part) });
      play(plane, minutes(10));
    }
    plane.setFoundation({ ...FOUNDATION, parts: [] });
    play(plane, minutes(10));
    plane.setFoundation(FOUNDATION);
    play(plane, minutes(10));
    assert.ok(podsOf(plane).every(({ status }) => status?.phase === 'Running'));
  });

  test('moves pods from a node that is lost once they tolerate it no longer', () => {
    const plane = new ControlPlane({ seed: 'x', foundation: FOUNDATION });
    const object = deployment('web', 4);
    create(plane.world, { kind: DEPLOYMENTS, namespace: 'default', object, caller });
    play(plane, minutes(5));
    const lost = {
      ...FOUNDATION,
      nodes: FOUNDATION.nodes.map((one) => ({ ...one, isUp: one.name !== 'two' })),
    };
    plane.setFoundation(lost);
    play(plane, minutes(4));
    assert.equal(podsOf(plane, 'default').length, 4, 'they may come back');
    play(plane, minutes(4));
    const running = podsOf(plane, 'default').filter(
      ({ metadata }) => metadata?.deletionTimestamp === undefined,
    );
    assert.deepEqual(new Set(running.map(({ spec }) => spec?.nodeName)), new Set(['one']));
    plane.setFoundation(FOUNDATION);
    play(plane, minutes(5));
    assert.equal(podsOf(plane, 'default').length, 4, 'what was to go is gone');
  });

  test('does the same from the same seed and requests', () => {
    const bytes = (): string[] => {
      const plane = new ControlPlane({ seed: 'x', foundation: FOUNDATION });
      create(plane.world, {
        kind: DEPLOYMENTS,
        namespace: 'default',
        object: deployment('web', 3),
        caller,
      });
      play(plane, hours(1));
      return [...plane.world.store.all()].map(({ json }) => json);
    };
    assert.deepEqual(bytes(), bytes());
  });
});
