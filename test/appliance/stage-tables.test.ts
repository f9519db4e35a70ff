import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAppliance } from '#appliance/appliance.ts';
import { updateInstallation } from '#appliance/update-packages.ts';
import type { Stage } from '#shared/stages.ts';
import { Machine, specOf } from './machine.ts';
import { drawnTables, tableOf } from './stage-tables.ts';

const shortest = ({ lasts }: Stage): number => (typeof lasts === 'number' ? lasts : lasts[0]);
const longest = ({ lasts }: Stage): number => (typeof lasts === 'number' ? lasts : lasts[1]);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test('in every table names are unique, and every length is positive and says where it comes from', () => {
  const tables = drawnTables();
  assert.ok(tables.size > 40, `${tables.size} tables`);
  for (const [name, table] of tables) {
    assert.equal(new Set(table.map((stage) => stage.name)).size, table.length, name);
    for (const stage of table) {
      assert.ok(shortest(stage) > 0 && longest(stage) >= shortest(stage), `${name} ${stage.name}`);
      assert.match(stage.source, /\S/, `${name} ${stage.name}`);
    }
  }
});

const minutesOf = (table: readonly Stage[]): [number, number] => [
  sum(table.map(shortest)) / 60_000,
  sum(table.map(longest)) / 60_000,
];

test('the documented lengths hold: activation 5 min, a cluster 20–30 min, an update 60–75 min a node', () => {
  const activation = tableOf(createAppliance(specOf()), { kind: 'activate' });
  assert.deepEqual(minutesOf(activation), [5, 5]);
  const creation = tableOf(Machine.active().state, { kind: 'createCluster', role: 'k8s' });
  const [least, most] = minutesOf(creation);
  assert.ok(least >= 20 && most <= 30, `${least}–${most}`);
  for (const node of [1, 2]) {
    const ofNode = updateInstallation({ nodeCount: 2, hasSoftware: true, hasCluster: true }).filter(
      (stage) => stage.name.endsWith(`Node${node}`),
    );
    assert.deepEqual(minutesOf(ofNode), [60, 75]);
  }
  const ofCluster = updateInstallation({
    nodeCount: 1,
    hasSoftware: true,
    hasCluster: true,
  }).filter((stage) => stage.name === 'kubernetes');
  assert.ok(minutesOf(ofCluster)[0] >= 30);
});

test('without a cluster an update has no Kubernetes part', () => {
  const names = updateInstallation({ nodeCount: 1, hasSoftware: true, hasCluster: false }).map(
    (stage) => stage.name,
  );
  assert.deepEqual(names, ['prepare', 'installNode1', 'rebootNode1', 'settleNode1', 'rescan']);
});
