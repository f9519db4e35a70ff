/** Bad days: a wall that goes back, a clock at its end, a disk that is full, a process that is told to go. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { CompiledQuery } from 'kysely';
import supertest from 'supertest';
import { days, hours, instant, LAST_MOMENT, minutes, plus } from '#shared/instant.ts';
import { ArmClient, DEVICE, GROUP } from '../support/arm-client.ts';
import { SCHEDULE } from '../support/bodies.ts';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';

/** Calls a process; nobody moves its clock. */
const clientOf = ({ origin }: ServiceProcess): ArmClient =>
  new ArmClient(supertest.agent(origin), async () => Promise.resolve());

const WALL = instant(1_800_000_000_000);
const nowOf = async (arm: ArmClient): Promise<number> =>
  Date.parse((await arm.get('/_edgetwin/clock')).now as string);

describe('issue 9, 22: the clock never goes back', () => {
  for (const [ending, isKilled] of [
    ['after an end in order', false],
    ['after a process that was killed', true],
  ] as const) {
    test(`over a restart with a wall that was set back, ${ending}`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: WALL });
      const folder = await temporaryFolder(t);
      const running = { EDGETWIN_DATA: folder, EDGETWIN_CLOCK: 'running' };
      const first = await startService(t, running);
      t.mock.timers.setTime(plus(WALL, minutes(20)));
      await first.device();
      const before = await nowOf(first);
      if (!isKilled) await first.service.close();
      t.mock.timers.setTime(plus(WALL, minutes(5)));
      const second = await startService(t, running);
      assert.ok((await nowOf(second)) >= before);
      const { value } = await second.get('/_edgetwin/journal?resource=' + DEVICE);
      const now = await nowOf(second);
      for (const { at } of value as { at: string }[]) assert.ok(Date.parse(at) <= now);
    });
  }

  test('nor stands still until a wall that was set back has caught up', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: WALL });
    const arm = await startService(t, { EDGETWIN_CLOCK: 'running' });
    t.mock.timers.setTime(plus(WALL, hours(1)));
    const before = await nowOf(arm);
    t.mock.timers.setTime(WALL);
    assert.equal(await nowOf(arm), before);
    // What is written meanwhile waits for the clock that is set anew.
    await arm.device();
    t.mock.timers.setTime(plus(WALL, minutes(1)));
    assert.equal(await nowOf(arm), before + 3_600_000);
  });

  test('ends before the year 10000, with a clear refusal', async (t) => {
    const arm = await startService(t, { EDGETWIN_CLOCK_START: '9989-12-31T00:00:00Z' });
    await arm.activeDevice();
    const { message } = await arm.refused('post', '/_edgetwin/clock/advance', 400, {
      duration: 'P2D',
    });
    assert.match(message, /ends at 9990-01-01T00:00:00\.000Z; POST \/_edgetwin\/reset/);
    await arm.refused('put', '/_edgetwin/clock', 400, { now: '9990-01-02T00:00:00Z' });
    await arm.put('/_edgetwin/clock', { now: '9990-01-01T00:00:00Z' });
    await arm.post(`${DEVICE}/generateCertificate`);
    await arm.put('/_edgetwin/clock', { rate: 1_000_000, frozen: false });
    assert.equal(await nowOf(arm), LAST_MOMENT);
  });

  test('tried, finding 19: a length in years and months is refused with what may be said', async (t) => {
    const arm = await startService(t);
    for (const duration of ['P1Y', 'P1M', 'P200000D']) {
      const { message } = await arm.refused('post', '/_edgetwin/clock/advance', 400, { duration });
      assert.match(message, /in weeks, days, hours, minutes and seconds, .* of at most 36525 days/);
    }
  });
});

describe('issue 9, 24: a full disk', () => {
  test('is 507 with an envelope and a name in the log, loses nothing, and writes go on when there is room', async (t) => {
    const lines: string[] = [];
    const arm = await startService(
      t,
      { EDGETWIN_LOG_LEVEL: 'error' },
      { lines: { write: (line: string) => lines.push(line) } },
    );
    await arm.activeDevice();
    const pages = async (limit: number): Promise<void> => {
      await arm.service.database.reader.executeQuery(
        CompiledQuery.raw(`pragma max_page_count = ${limit}`),
      );
    };
    await pages(1);
    let kept = 0;
    let refusal: { status: number; code: string } | undefined;
    for (let at = 0; at < 2000 && refusal === undefined; at++) {
      const answer = await arm.call('put', `${DEVICE}/bandwidthSchedules/s${at}`, SCHEDULE);
      if (answer.status === 202) kept++;
      else
        refusal = {
          status: answer.status,
          code: (answer.body as { error: { code: string } }).error.code,
        };
    }
    assert.deepEqual(refusal, { status: 507, code: 'InsufficientStorage' });
    assert.ok(
      lines.some((line) => /The disk of .*:memory:.* is full/.test(line)),
      lines.join('\n'),
    );
    const { status, body } = await arm.call('get', '/health/ready');
    assert.equal(status, 503);
    assert.match((body as { checks: { store: string } }).checks.store, /disk .* is full/);
    await pages(1_000_000);
    assert.equal((await arm.call('get', '/health/ready')).status, 200);
    await arm.accepted('put', `${DEVICE}/bandwidthSchedules/after`, SCHEDULE);
    await arm.advance(days(1));
    assert.equal((await arm.all(`${DEVICE}/bandwidthSchedules`)).length, kept + 1);
  });
});

/** A file system of four megabytes, gone with the test; undefined where it cannot be made: by users other than root. */
async function smallDisk(t: TestContext): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'edgetwin-'));
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  t.after(async () => {
    if (made.status === 0) spawnSync('umount', ['--lazy', folder]);
    await rmdir(folder);
  });
  return made.status === 0 ? folder : undefined;
}

test('issue 9, 24: a file system that is full', async (t) => {
  const disk = await smallDisk(t);
  if (disk === undefined) {
    t.skip('only root may mount a small file system; the page limit above stands for it');
    return;
  }
  const folder = join(disk, 'data');
  const environment = { EDGETWIN_DATA: folder, EDGETWIN_CLOCK: 'frozen' };
  const first = await ServiceProcess.start(environment);
  t.after(async () => first.end());
  const arm = clientOf(first);
  await arm.device();
  const ballast = join(disk, 'ballast');
  const room = statfsSync(disk);
  await writeFile(ballast, Buffer.alloc(room.bavail * room.bsize - 65_536));
  const kept: string[] = [];
  let status = 200;
  for (let at = 0; at < 2000 && status === 200; at++) {
    const name = `edge-${at}`;
    const body = { location: 'eastus', tags: { note: 'x'.repeat(250) } };
    const answer = await arm.call('put', DEVICE.replace('edge1', name), body);
    ({ status } = answer);
    if (status === 200) kept.push(name);
    else
      assert.equal((answer.body as { error: { code: string } }).error.code, 'InsufficientStorage');
  }
  assert.equal(status, 507);
  assert.equal((await arm.call('get', '/health/ready')).status, 503);
  await rm(ballast);
  await arm.put(DEVICE.replace('edge1', 'after'), { location: 'eastus' });
  kept.push('after', 'edge1');
  assert.equal((await arm.call('get', '/health/ready')).status, 200);
  await first.end('SIGTERM');
  const second = await ServiceProcess.start(environment);
  t.after(async () => second.end());
  const devices = await clientOf(second).all(DEVICE.replace('/edge1', ''));
  assert.deepEqual(devices.map(({ name }) => name as string).toSorted(), kept.toSorted());
});

test('issue 9, 19: the door listens before the pump looks at what is due', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await ServiceProcess.start({ EDGETWIN_DATA: folder, EDGETWIN_CLOCK: 'frozen' });
  const arm = clientOf(first);
  await arm.device();
  const { publicKey } = await arm.post(`${DEVICE}/generateCertificate`);
  // The machine of the device has a timer now, which the next process finds.
  await arm.post(`${DEVICE}/uploadCertificate`, {
    properties: { certificate: publicKey as string },
  });
  await first.end();
  const order = join(import.meta.dirname, '../support/order-of-start.ts');
  const child = spawn(process.execPath, ['--import', order, 'src/main.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, EDGETWIN_DATA: folder, EDGETWIN_PORT: '0' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const begun: unknown[] = [];
  while (begun.length < 2) begun.push((await once(child, 'message'))[0]);
  assert.deepEqual(begun, ['the door listens', 'the pump looks']);
});

describe('issue 9, 24: SIGTERM', () => {
  test('answers what has begun, with Connection: close; a half-sent request does not make it fail', async (t) => {
    const service = await ServiceProcess.start({ EDGETWIN_DATA: await temporaryFolder(t) });
    const { hostname, port } = new URL(service.origin);
    const half = connect(Number(port), hostname);
    half.on('error', () => undefined);
    half.write('PUT /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{');
    await once(half, 'connect');
    let isOver = false;
    const outcomes = { answered: 0, closing: 0, broken: 0 };
    const clients = Array.from({ length: 10 }, async () => {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      let isAsking = false;
      socket.on('error', () => undefined).setMaxListeners(0);
      socket.on('close', () => {
        if (isAsking) outcomes.broken++;
        isAsking = false;
      });
      while (!isOver && !socket.destroyed) {
        isAsking = true;
        socket.write(`GET ${GROUP}?api-version=2021-04-01 HTTP/1.1\r\nhost: localhost\r\n\r\n`);
        const [answer] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [
          Buffer | boolean,
        ];
        if (!Buffer.isBuffer(answer)) break;
        isAsking = false;
        outcomes.answered++;
        if (/^connection: close\r$/im.test(answer.toString())) {
          outcomes.closing++;
          socket.destroy();
        }
      }
    });
    while (outcomes.answered < 50) await new Promise((resolve) => setImmediate(resolve));
    const ended = await service.end('SIGTERM');
    isOver = true;
    await Promise.all(clients);
    assert.deepEqual(
      [ended, outcomes.closing, outcomes.broken],
      [{ code: 0, signal: null }, 10, 0],
    );
  });
});
