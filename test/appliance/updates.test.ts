import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command, FailingStage } from '#appliance/commands.ts';
import { minutes } from '#shared/instant.ts';
import { assertMinutes, CONNECT, Machine } from './machine.ts';

const SCAN = { kind: 'scanForUpdates', job: 'scan' } as const;
const DOWNLOAD = { kind: 'downloadUpdates', job: 'download' } as const;
const INSTALL = { kind: 'installUpdates', job: 'install' } as const;

/** A machine whose next update is downloaded. */
function downloaded(machine: Machine): Machine {
  machine.do(SCAN);
  machine.do(DOWNLOAD);
  return machine;
}

/** What changes while `install` runs, looked at each minute. */
function watch(machine: Machine, look: () => string): string[] {
  const id = machine.start(INSTALL);
  const seen = [look()];
  while (machine.task(id).state === 'running') {
    machine.pass(minutes(1));
    if (seen.at(-1) !== look()) seen.push(look());
  }
  return seen;
}

test('a scan offers both parts of the newest release that the table allows', () => {
  const machine = Machine.active();
  const id = machine.start(SCAN);
  assert.equal(machine.observed.updates.ongoing, 'Scan');
  assert.equal(machine.job('scan')!.stage, 'Initial');
  machine.end(id);
  const { updates } = machine.observed;
  assert.equal(updates.ongoing, 'None');
  assert.deepEqual(
    updates.available.map((part) => [part.type, part.targetVersion, part.status]),
    [
      ['Software', '3.2.2642.2487', 'DownloadPending'],
      ['Kubernetes', '3.2.2642.2487', 'DownloadPending'],
    ],
  );
  assert.equal(
    updates.available[0]!.title,
    'Azure Stack Edge Update 2403 Package 1 of 2 for Pro-GPU, Pro R, Mini R',
  );
  assert.deepEqual(
    updates.available.map((part) => [part.reboot, part.impact]),
    [
      ['RequiresReboot', 'DeviceRebooted'],
      ['NeverReboots', 'KubernetesWorkloadsDown'],
    ],
  );
  assert.equal(updates.lastSuccessfulScanAt, machine.now);
  assert.equal(updates.scan!.status, 'Succeeded');
  assert.equal(machine.job('scan')!.stage, 'Success');
  assert.deepEqual(machine.data('update.scanned'), { updatesAvailable: 2, release: '2403' });
});

test('a scan that finds nothing succeeds', () => {
  for (const machine of [
    Machine.active({ release: '2607' }),
    Machine.active({ release: '2510', nodeCount: 2 }),
  ]) {
    machine.do(SCAN);
    assert.deepEqual(machine.observed.updates.available, []);
    assert.deepEqual(machine.data('update.scanned'), { updatesAvailable: 0 });
    machine.refusal(DOWNLOAD);
    machine.refusal(INSTALL);
  }
});

test('the order is scan, download, install; one at a time', () => {
  const machine = Machine.active();
  assert.match(machine.refusal(DOWNLOAD).message, /Scan for updates first/);
  assert.match(machine.refusal(INSTALL).message, /Download the updates first/);
  const scan = machine.start(SCAN);
  for (const command of [SCAN, DOWNLOAD, INSTALL]) {
    const refused = machine.refusal({ ...command, job: 'other' });
    assert.equal(refused.code, 'GatewayUserErrorOperationInProgress');
  }
  machine.end(scan);
  assert.match(machine.refusal(INSTALL).message, /Download the updates first/);
  const download = machine.start(DOWNLOAD);
  machine.refusal(SCAN);
  machine.end(download);
  assert.match(machine.refusal(DOWNLOAD).message, /no updates to download/);
  machine.do({ ...SCAN, job: 'scan-again' });
  assert.ok(
    machine.observed.updates.available.every((part) => part.status === 'DownloadCompleted'),
  );
});

test('a download goes through its phases, and counts its bytes', () => {
  const machine = Machine.active();
  machine.do(SCAN);
  const total = machine.observed.updates.available.reduce((sum, part) => sum + part.sizeBytes, 0);
  const id = machine.start(DOWNLOAD);
  assert.ok(machine.observed.updates.available.every((part) => part.status === 'DownloadStarted'));
  const phases = new Set<string>();
  let bytes = 0;
  while (machine.task(id).state === 'running') {
    const progress = machine.job('download')!.download!;
    phases.add(progress.phase);
    assert.equal(progress.totalBytes, total);
    assert.ok(progress.doneBytes >= bytes && progress.doneBytes <= total);
    assert.equal(progress.doneUpdates === 2, progress.doneBytes === total);
    bytes = progress.doneBytes;
    machine.pass(5000 as never);
  }
  assert.deepEqual([...phases], ['Initializing', 'Downloading', 'Verifying']);
  assert.deepEqual(machine.job('download')!.download, {
    phase: 'Verifying',
    percentComplete: 100,
    totalBytes: total,
    doneBytes: total,
    totalUpdates: 2,
    doneUpdates: 2,
  });
  assert.deepEqual(machine.data('update.downloaded'), { release: '2403', sizeBytes: total });
});

test('one node: maintenance, reboot, then the Kubernetes part, and new versions of everything', () => {
  const machine = downloaded(Machine.withArc());
  const seen = watch(machine, () => {
    const { status, hardware, cluster, jobs } = machine.observed;
    const { stage } = jobs.install!;
    return [
      status,
      hardware!.nodes[0]!.status,
      hardware!.softwareVersionName.slice(-4),
      cluster!.version,
      cluster!.state,
      stage,
    ].join(' ');
  });
  assert.deepEqual(seen, [
    'Online Up 2309 v1.25.5 Created Initial',
    'Maintenance Up 2309 v1.25.5 Created InstallStarted',
    'Maintenance Rebooting 2309 v1.25.5 Created RebootInitiated',
    'Maintenance Up 2309 v1.25.5 Created InstallStarted',
    'Online Up 2403 v1.25.5 Created InstallStarted',
    'Maintenance Up 2403 v1.25.5 Updating InstallStarted',
    'Online Up 2403 v1.27.8 Created RescanStarted',
    'Online Up 2403 v1.27.8 Created Success',
  ]);
  assert.deepEqual(machine.data('update.installed'), {
    from: '2309',
    to: '2403',
    fromVersion: '3.2.2380.1632',
    toVersion: '3.2.2642.2487',
  });
  assert.deepEqual(machine.data('cluster.upgraded'), {
    role: 'k8s',
    from: 'v1.25.5',
    to: 'v1.27.8',
  });
  const { arc, updates } = machine.observed;
  assert.deepEqual([arc!.agentVersion, arc!.kubernetesVersion], ['1.14.5', 'v1.27.8']);
  assert.equal(arc!.connectivity, 'Connected');
  assert.equal(updates.install!.status, 'Succeeded');
  assert.equal(updates.available[0]!.friendlyVersion, 'Azure Stack Edge 2501');
  assert.equal(updates.available[0]!.status, 'DownloadPending');
});

test('during maintenance Arc receives no heartbeat, and shows the cluster as Offline after 15 minutes', () => {
  const machine = downloaded(Machine.withArc());
  const id = machine.start(INSTALL);
  const seen: string[] = [];
  while (machine.task(id).state === 'running') {
    const { connectivity, lastHeartbeatAt } = machine.observed.arc!;
    assert.equal(connectivity === 'Offline', machine.now - lastHeartbeatAt! > minutes(15));
    if (seen.at(-1) !== connectivity) seen.push(connectivity);
    machine.pass(minutes(0.5));
  }
  assert.deepEqual(seen, ['Connected', 'Offline', 'Connected', 'Offline', 'Connected']);
});

test('two nodes are updated one after the other, and the machine stays online', () => {
  const machine = downloaded(Machine.withArc({ nodeCount: 2 }));
  const begun = machine.now;
  const seen = watch(machine, () => {
    const { status, hardware, arc } = machine.observed;
    return [status, ...hardware!.nodes.map((node) => node.status), arc!.connectivity].join(' ');
  });
  assert.deepEqual(seen, [
    'Online Up Up Connected',
    'Online Rebooting Up Connected',
    'Online Up Up Connected',
    'Online Up Rebooting Connected',
    'Online Up Up Connected',
  ]);
  assertMinutes((machine.now - begun) as never, 150, 200);
  assert.equal(machine.observed.cluster!.version, 'v1.27.8');
  assert.ok(
    !machine.factKinds
      .slice(machine.factKinds.indexOf('update.scanned'))
      .includes('machine.statusChanged'),
  );
});

test('without a cluster, the Kubernetes part is up to date with the device software', () => {
  const machine = downloaded(Machine.active());
  const length = machine.do(INSTALL);
  assertMinutes(length, 63, 85);
  assert.deepEqual(
    machine.factKinds.filter((kind) => kind.startsWith('cluster.')),
    [],
  );
  assert.equal(machine.observed.hardware!.softwareVersion, '3.2.2642.2487');
  assert.equal(machine.observed.updates.install!.status, 'Succeeded');
  machine.do({ kind: 'createCluster', role: 'k8s' });
  assert.equal(machine.observed.cluster!.version, 'v1.27.8');
});

test('provisioning is refused during an update; users and schedules can be changed', () => {
  const machine = downloaded(Machine.withArc());
  machine.do({ kind: 'putShare', share: 'data', protocol: 'SMB', dataPolicy: 'Cloud' });
  machine.start(INSTALL);
  for (const command of [
    { kind: 'createCluster', role: 'k8s' },
    { kind: 'configureCluster', role: 'k8s' },
    { kind: 'deleteCluster', role: 'k8s' },
    { kind: 'disconnectArc', addon: 'arc' },
    CONNECT,
    { kind: 'putShare', share: 'more', protocol: 'SMB', dataPolicy: 'Cloud' },
    { kind: 'deleteShare', share: 'data' },
    { kind: 'refreshShare', share: 'data', job: 'j' },
  ] as const) {
    assert.match(machine.refusal(command).message, /installing an update/, command.kind);
  }
  machine.start({ kind: 'putUser', user: 'ann', userType: 'Share' });
  machine.start({ kind: 'putBandwidthSchedule', schedule: 'b' });
});

test('no update is installed while the cluster or Arc is being changed', () => {
  const machine = downloaded(Machine.active());
  for (const command of [
    { kind: 'createCluster', role: 'k8s' },
    { kind: 'configureCluster', role: 'k8s' },
    CONNECT,
    { kind: 'disconnectArc', addon: 'arc' },
    { kind: 'deleteCluster', role: 'k8s' },
  ] as const) {
    const id = machine.start(command);
    assert.equal(machine.refusal(INSTALL).code, 'GatewayUserErrorOperationInProgress');
    machine.end(id);
  }
});

test('repeated updates lead to the newest release', () => {
  const machine = Machine.withCluster();
  const releases: string[] = [];
  for (let round = 0; ; round++) {
    machine.do({ ...SCAN, job: `scan-${round}` });
    if (machine.observed.updates.available.length === 0) break;
    machine.do({ ...DOWNLOAD, job: `download-${round}` });
    machine.do({ ...INSTALL, job: `install-${round}` });
    releases.push(machine.observed.hardware!.softwareVersionName.slice(-4));
  }
  assert.deepEqual(releases, ['2403', '2501', '2510', '2607']);
  assert.equal(machine.observed.cluster!.version, 'v1.28');
});

describe('a part of an update that fails', () => {
  const fails = (stage: FailingStage): Command => ({
    ...{ kind: 'injectFault', fault: 'bad', faultKind: 'updateFails' },
    stage,
  });
  const alertsOf = (machine: Machine): string[] =>
    machine.observed.alerts.map(({ type }) => type).filter((type) => type.endsWith('FailedEvent'));
  const statuses = (machine: Machine): string[] =>
    machine.observed.updates.available.map(({ status }) => status);

  test('a part of an update that fails: its job says why, an alert stands until it works, nothing is half done', () => {
    const machine = Machine.withCluster();
    const steps = [
      ['scan', { kind: 'scanForUpdates', job: 'scan' }, 'UpdateScanFailedEvent', []],
      [
        'download',
        { kind: 'downloadUpdates', job: 'download' },
        'UpdateDownloadFailedEvent',
        ['DownloadPending', 'DownloadPending'],
      ],
      [
        'installSoftware',
        { kind: 'installUpdates', job: 'install' },
        'UpdateInstallFailedEvent',
        ['DownloadCompleted', 'DownloadCompleted'],
      ],
    ] as const;
    for (const [stage, command, alert, left] of steps) {
      machine.do(fails(stage));
      const id = machine.start({ ...command, job: `${command.job}-1` });
      machine.end(id);
      const task = machine.task(id);
      assert.ok(task.state === 'failed', stage);
      assert.equal(task.failure.code, 'GatewayUserErrorUpdateFailed');
      const job = machine.job(`${command.job}-1`)!;
      assert.deepEqual([job.status, job.stage], ['Failed', 'Failure']);
      assert.equal(job.error?.message, task.failure.message);
      assert.ok(job.percentComplete < 100);
      assert.deepEqual([alertsOf(machine), statuses(machine)], [[alert], [...left]]);
      assert.deepEqual([machine.state.release, machine.observed.status], ['2309', 'Online']);
      machine.do({ kind: 'healFault', fault: 'bad' });
      machine.do({ ...command, job: `${command.job}-2` });
      assert.deepEqual(alertsOf(machine), []);
    }
    assert.equal(machine.state.release, '2403');
    assert.equal(machine.observed.cluster?.version, 'v1.27.8');
  });

  test('the Kubernetes part fails: the software is new, the cluster is not, and the part is installed by itself', () => {
    const machine = Machine.withCluster();
    machine.do({ kind: 'scanForUpdates', job: 'scan' });
    machine.do({ kind: 'downloadUpdates', job: 'download' });
    machine.do(fails('installKubernetes'));
    machine.do({ kind: 'installUpdates', job: 'install' });
    assert.deepEqual(
      [machine.state.release, machine.observed.cluster?.version, machine.observed.status],
      ['2403', 'v1.25.5', 'Online'],
    );
    assert.deepEqual(statuses(machine), ['DownloadCompleted']);
    machine.do({ kind: 'healFault', fault: 'bad' });
    machine.do({ kind: 'scanForUpdates', job: 'again' });
    assert.deepEqual(statuses(machine), ['DownloadCompleted'], 'it comes before the next update');
    const length = machine.do({ kind: 'installUpdates', job: 'rest' });
    assertMinutes(length, 30, 50);
    assert.equal(machine.observed.cluster?.version, 'v1.27.8');
    assert.equal(machine.observed.updates.available[0]?.friendlyVersion, 'Azure Stack Edge 2501');
  });
});
