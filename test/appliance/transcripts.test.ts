/** The behaviour of a machine for each command, stage by stage, compared with `golden/transcripts/`. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { Command } from '#appliance/commands.ts';
import { days, hours, plus } from '#shared/instant.ts';
import { assertGolden } from './golden.ts';
import { BORN_AT, CONNECT } from './machine.ts';
import { drawnTables } from './stage-tables.ts';
import { Transcript } from './transcript.ts';

const ACTIVATE: Command = { kind: 'activate' };
const CLUSTER: Command = { kind: 'createCluster', role: 'k8s' };
const SHARE: Command = { kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' };
const SCANNED: readonly Command[] = [
  { kind: 'scanForUpdates', job: 'scan' },
  { kind: 'downloadUpdates', job: 'download' },
];

const transcript = (before: readonly Command[], spec = {}): Transcript =>
  new Transcript({ seed: 'transcript', ...spec }, before);

const TRANSCRIPTS: Readonly<Record<string, () => Transcript>> = {
  // The machine's part of the story in the README.
  'whole-story': () =>
    transcript([])
      .do({ kind: 'placeOrder' })
      .do(ACTIVATE)
      .do({ kind: 'putUser', user: 'ann', userType: 'Share' })
      .do(SHARE)
      .do(CLUSTER)
      .do(CONNECT)
      .do({ kind: 'putBandwidthSchedule', schedule: 'nights' })
      .do({ kind: 'refreshShare', share: 'data', job: 'refresh' })
      .do({ kind: 'scanForUpdates', job: 'scan' })
      .do({ kind: 'downloadUpdates', job: 'download' })
      .do({ kind: 'installUpdates', job: 'install' })
      .do({ kind: 'disconnectArc', addon: 'arc' })
      .do({ kind: 'deleteCluster', role: 'k8s' })
      .do({ kind: 'deleteShare', share: 'data' })
      .wait(days(10), 'ten days')
      .do({ kind: 'returnMachine' })
      .do({ kind: 'reset' }),
  activation: () => transcript([]).do(ACTIVATE),
  reset: () => {
    const written = transcript([]).do({ kind: 'reset' }).do(ACTIVATE).do(SHARE);
    written.begin({ kind: 'refreshShare', share: 'data', job: 'refresh' });
    return written.do({ kind: 'reset' });
  },
  order: () =>
    transcript([])
      .do({ kind: 'placeOrder' })
      .wait(days(10), 'ten days')
      .do({ kind: 'returnMachine' })
      .wait(days(9), 'nine days'),
  'order-picked-up': () =>
    transcript([]).do({ kind: 'placeOrder', isPickup: true }).wait(days(9), 'nine days'),
  'order-canceled': () => transcript([]).do({ kind: 'placeOrder' }).do({ kind: 'cancelOrder' }),
  cluster: () =>
    transcript([ACTIVATE, SHARE])
      .do({ ...CLUSTER, mounts: ['data'] })
      .do({ kind: 'configureCluster', role: 'k8s' })
      .do({
        kind: 'configureCluster',
        role: 'k8s',
        worker: { processorCount: 8, memoryBytes: 32 * 1024 ** 3 },
      })
      .do({ kind: 'deleteCluster', role: 'k8s' }),
  arc: () =>
    transcript([ACTIVATE, CLUSTER])
      .do(CONNECT)
      .wait(hours(1), 'an hour')
      .do({ kind: 'disconnectArc', addon: 'arc' }),
  'iot-edge': () =>
    transcript([ACTIVATE, CLUSTER])
      .do({ kind: 'installIotEdge', addon: 'iot', role: 'k8s' })
      .do({ kind: 'installIotEdge', addon: 'iot', role: 'k8s' })
      .do({ kind: 'removeIotEdge', addon: 'iot' }),
  roles: () =>
    transcript([ACTIVATE, SHARE])
      .do({ kind: 'putRole', role: 'iot', roleKind: 'IOT', mounts: ['data'] })
      .do({ kind: 'putRole', role: 'iot', roleKind: 'IOT', mounts: ['data'] })
      .do({ kind: 'putRole', role: 'iot', roleKind: 'IOT' })
      .do({ kind: 'putRole', role: 'mec', roleKind: 'MEC' })
      .do({ kind: 'deleteRole', role: 'iot' }),
  shares: () =>
    transcript([ACTIVATE])
      .do(SHARE)
      .do({ ...SHARE, dataPolicy: 'Cloud', protocol: 'NFS' })
      .do({ kind: 'refreshShare', share: 'data', job: 'refresh' })
      .do({ kind: 'deleteShare', share: 'data' })
      .do({ kind: 'deleteShare', share: 'data' }),
  'refresh-under-a-schedule': () => {
    // The machine is born at 18:00 in UTC: the schedule ends while the share is being refreshed.
    const limit = {
      ...{ weekdays: [2], startSecond: 18 * 3600, rateInMbps: 20 },
      stopSecond: 18 * 3600 + 600,
    };
    return transcript([ACTIVATE, SHARE])
      .do({ kind: 'putBandwidthSchedule', schedule: 'evenings', limit })
      .do({ kind: 'refreshShare', share: 'data', job: 'refresh' });
  },
  users: () =>
    transcript([ACTIVATE])
      .do({ kind: 'putUser', user: 'ann', userType: 'Share' })
      .do({ kind: 'putUser', user: 'ann', userType: 'ARM' })
      .do({ kind: 'deleteUser', user: 'ann' }),
  'storage-accounts': () =>
    transcript([ACTIVATE])
      .do({ kind: 'putStorageAccount', account: 'edge', dataPolicy: 'Cloud' })
      .do({ kind: 'putStorageAccount', account: 'edge', dataPolicy: 'Cloud' })
      .do({ kind: 'putContainer', account: 'edge', container: 'blobs' })
      .do({ kind: 'putContainer', account: 'edge', container: 'blobs' })
      .do({ kind: 'refreshContainer', account: 'edge', container: 'blobs', job: 'refresh' })
      .do({ kind: 'deleteContainer', account: 'edge', container: 'blobs' })
      .do({ kind: 'deleteStorageAccount', account: 'edge' }),
  triggers: () => {
    const put: Command = { kind: 'putTrigger', trigger: 'nightly', needs: ['role/k8s'] };
    return transcript([ACTIVATE, CLUSTER])
      .do(put)
      .do(put)
      .do({ kind: 'deleteTrigger', trigger: 'nightly' });
  },
  settings: () =>
    transcript([ACTIVATE, CLUSTER])
      .do({ kind: 'putBandwidthSchedule', schedule: 'nights' })
      .do({ kind: 'deleteBandwidthSchedule', schedule: 'nights' })
      .do({ kind: 'putCredential', credential: 'cloud' })
      .do({ kind: 'putCredential', credential: 'cloud' })
      .do({ kind: 'deleteCredential', credential: 'cloud' })
      .do({ kind: 'putMonitoring', role: 'k8s' })
      .do({ kind: 'deleteMonitoring', role: 'k8s' }),
  support: () =>
    transcript([ACTIVATE])
      .do({ kind: 'changePassword' })
      .do({ kind: 'setLogCollection', isEnabled: false })
      .do({
        kind: 'setRemoteSupport',
        sessions: [
          { application: 'Powershell', access: 'ReadOnly', expiresAt: plus(BORN_AT, hours(2)) },
        ],
      })
      .do({ kind: 'triggerSupportPackage', job: 'package' })
      .do({ kind: 'checkCapacity' })
      .wait(hours(3), 'three hours'),
  'local-interface': () =>
    transcript([])
      .do({
        kind: 'configureLocally',
        declarations: ['Time'],
        config: {
          time: {
            ...{ timeZone: 'UTC', primaryTimeServer: 'time.example' },
            secondaryTimeServer: null,
          },
        },
      })
      .do({ kind: 'runDiagnostics' }),
  update: () => {
    const written = transcript([ACTIVATE]);
    for (const command of SCANNED) written.do(command);
    return written.do({ kind: 'installUpdates', job: 'install' });
  },
  'update-with-cluster': () =>
    transcript([ACTIVATE, CLUSTER, CONNECT, ...SCANNED]).do({
      kind: 'installUpdates',
      job: 'install',
    }),
  'update-of-two-nodes': () =>
    transcript([ACTIVATE, ...SCANNED], { nodeCount: 2 }).do({
      kind: 'installUpdates',
      job: 'install',
    }),
  'update-of-two-nodes-with-cluster': () =>
    transcript([ACTIVATE, CLUSTER, CONNECT, ...SCANNED], { nodeCount: 2 }).do({
      kind: 'installUpdates',
      job: 'install',
    }),
};

for (const [name, write] of Object.entries(TRANSCRIPTS)) {
  test(name, () => {
    assertGolden(`transcripts/${name}`, write().text);
  });
}

test('every golden file belongs to a transcript', () => {
  const files = globSync('golden/transcripts/*', { cwd: import.meta.dirname });
  assert.deepEqual(
    files.map((file) => basename(file, '.txt')).sort(),
    Object.keys(TRANSCRIPTS).sort(),
  );
});

test('every stage that drawn sequences play is played in a transcript', () => {
  const played = new Set<string>();
  for (const write of Object.values(TRANSCRIPTS)) {
    for (const stage of write().played) played.add(stage);
  }
  const missing = new Set<string>();
  for (const [name, table] of drawnTables()) {
    const kind = name.slice(0, name.indexOf(':'));
    for (const stage of table) {
      if (!played.has(`${kind}/${stage.name}`)) missing.add(`${kind}/${stage.name}`);
    }
  }
  assert.deepEqual([...missing], []);
});
