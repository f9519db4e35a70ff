import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ACTIVATION } from '#appliance/activation.ts';
import { ARC_CONNECTION, ARC_DISCONNECTION } from '#appliance/arc.ts';
import { SCHEDULE_CHANGE } from '#appliance/bandwidth.ts';
import { CLUSTER_CONFIGURATION, CLUSTER_CREATION, CLUSTER_REMOVAL } from '#appliance/compute.ts';
import {
  CONTAINER_CHANGE,
  CONTAINER_CREATION,
  CONTAINER_REFRESH,
  CONTAINER_REMOVAL,
} from '#appliance/containers.ts';
import { CREDENTIAL_CHANGE } from '#appliance/credentials.ts';
import { IOT_EDGE_INSTALLATION, IOT_EDGE_REMOVAL } from '#appliance/iot-edge.ts';
import { MONITORING_CHANGE } from '#appliance/monitoring.ts';
import { PASSWORD_CHANGE } from '#appliance/password.ts';
import { CAPACITY_CHECK } from '#appliance/placement.ts';
import { RESET_OF_ACTIVE, RESET_OF_NEW } from '#appliance/reset.ts';
import {
  IOT_ROLE_CREATION,
  MEC_ROLE_CREATION,
  MOUNTING,
  ROLE_CHANGE,
  ROLE_REMOVAL,
} from '#appliance/roles.ts';
import { JOURNEY, ORDER_DESK } from '#appliance/shipping.ts';
import {
  STORAGE_ACCOUNT_CHANGE,
  STORAGE_ACCOUNT_CREATION,
  STORAGE_ACCOUNT_REMOVAL,
} from '#appliance/storage-accounts.ts';
import { SHARE_CHANGE, SHARE_CREATION, SHARE_REFRESH, SHARE_REMOVAL } from '#appliance/storage.ts';
import { SUPPORT_CHANGE, SUPPORT_PACKAGE } from '#appliance/support.ts';
import { TRIGGER_CHANGE, TRIGGER_CREATION, TRIGGER_REMOVAL } from '#appliance/triggers.ts';
import { UPDATE_DOWNLOAD, UPDATE_SCAN, updateInstallation } from '#appliance/update-packages.ts';
import { USER_CHANGE } from '#appliance/users.ts';
import { instant } from '#shared/instant.ts';
import { type Stage, startStages } from '#shared/stages.ts';
import { assertGolden } from './golden.ts';

const TABLES: Readonly<Record<string, readonly Stage[]>> = {
  activation: ACTIVATION,
  'arc-connection': ARC_CONNECTION,
  'arc-disconnection': ARC_DISCONNECTION,
  'capacity-check': CAPACITY_CHECK,
  'cluster-configuration': CLUSTER_CONFIGURATION,
  'cluster-creation': CLUSTER_CREATION,
  'cluster-removal': CLUSTER_REMOVAL,
  'container-change': CONTAINER_CHANGE,
  'container-creation': CONTAINER_CREATION,
  'container-refresh': CONTAINER_REFRESH,
  'container-removal': CONTAINER_REMOVAL,
  'credential-change': CREDENTIAL_CHANGE,
  'iot-edge-installation': IOT_EDGE_INSTALLATION,
  'iot-edge-removal': IOT_EDGE_REMOVAL,
  'iot-role-creation': IOT_ROLE_CREATION,
  'mec-role-creation': MEC_ROLE_CREATION,
  'monitoring-change': MONITORING_CHANGE,
  mounting: MOUNTING,
  'order-desk': ORDER_DESK,
  'order-journey': JOURNEY,
  'password-change': PASSWORD_CHANGE,
  'reset-of-active': RESET_OF_ACTIVE,
  'reset-of-new': RESET_OF_NEW,
  'role-change': ROLE_CHANGE,
  'role-removal': ROLE_REMOVAL,
  'schedule-change': SCHEDULE_CHANGE,
  'share-change': SHARE_CHANGE,
  'share-creation': SHARE_CREATION,
  'share-refresh': SHARE_REFRESH,
  'share-removal': SHARE_REMOVAL,
  'storage-account-change': STORAGE_ACCOUNT_CHANGE,
  'storage-account-creation': STORAGE_ACCOUNT_CREATION,
  'storage-account-removal': STORAGE_ACCOUNT_REMOVAL,
  'support-change': SUPPORT_CHANGE,
  'support-package': SUPPORT_PACKAGE,
  'trigger-change': TRIGGER_CHANGE,
  'trigger-creation': TRIGGER_CREATION,
  'trigger-removal': TRIGGER_REMOVAL,
  'update-download': UPDATE_DOWNLOAD,
  'update-installation-1-node': updateInstallation(1, false),
  'update-installation-1-node-with-cluster': updateInstallation(1, true),
  'update-installation-2-node': updateInstallation(2, false),
  'update-installation-2-node-with-cluster': updateInstallation(2, true),
  'update-scan': UPDATE_SCAN,
  'user-change': USER_CHANGE,
};

const shortest = ({ lasts }: Stage): number => (typeof lasts === 'number' ? lasts : lasts[0]);
const longest = ({ lasts }: Stage): number => (typeof lasts === 'number' ? lasts : lasts[1]);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

for (const [name, table] of Object.entries(TABLES)) {
  test(`${name}: stages, lengths, sources and the draws of one seed`, () => {
    const drawn = startStages(table, instant(0), 'golden', name);
    assertGolden(`stages/${name}`, {
      secondsInAll: [sum(table.map(shortest)) / 1000, sum(table.map(longest)) / 1000],
      stages: table.map((stage, index) => ({
        name: stage.name,
        seconds: [shortest(stage) / 1000, longest(stage) / 1000],
        endsAtMs: drawn.endsAt[index],
        source: stage.source,
      })),
    });
  });

  test(`${name}: names are unique, every length is positive and says where it comes from`, () => {
    assert.equal(new Set(table.map((stage) => stage.name)).size, table.length);
    for (const stage of table) {
      assert.ok(shortest(stage) > 0 && longest(stage) >= shortest(stage), stage.name);
      assert.ok(stage.source.length > 0, stage.name);
    }
  });
}

test('no golden of a stage table is left without its table', () => {
  const files = readdirSync(new URL('golden/stages/', import.meta.url));
  assert.deepEqual(
    files.sort(),
    Object.keys(TABLES)
      .map((name) => `${name}.json`)
      .sort(),
  );
});

const minutesOf = (table: readonly Stage[]): [number, number] => [
  sum(table.map(shortest)) / 60_000,
  sum(table.map(longest)) / 60_000,
];

test('the documented lengths hold: activation 5 min, a cluster 20–30 min, an update 60–75 min a node', () => {
  assert.deepEqual(minutesOf(ACTIVATION), [5, 5]);
  const [least, most] = minutesOf(CLUSTER_CREATION);
  assert.ok(least >= 20 && most <= 30, `${least}–${most}`);
  for (const node of [1, 2]) {
    const ofNode = updateInstallation(2, true).filter((stage) =>
      stage.name.endsWith(`Node${node}`),
    );
    assert.deepEqual(minutesOf(ofNode), [60, 75]);
  }
  const ofCluster = updateInstallation(1, true).filter((stage) => stage.name === 'kubernetes');
  assert.ok(minutesOf(ofCluster)[0] >= 30);
});

test('without a cluster an update has no Kubernetes part', () => {
  const names = updateInstallation(1, false).map((stage) => stage.name);
  assert.deepEqual(names, ['prepare', 'installNode1', 'rebootNode1', 'settleNode1', 'rescan']);
});
