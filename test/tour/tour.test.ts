/** `edgetwin tour` as people start it: a child process, played to its end with a faster clock. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { startListening } from '../support/listening.ts';

const CLI = join(import.meta.dirname, '../../clients/cli.ts');

interface Played {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs the command to its end, as into a pipe. */
async function edgetwin(words: readonly string[], signalAt?: string): Promise<Played> {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const before = said;
    said += chunk.toString('utf8');
    if (signalAt === undefined || before.includes(signalAt)) return;
    if (said.includes(signalAt)) child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: said.trimEnd().split('\n') };
}

test('plays the story against a service of its own', async () => {
  const { code, lines } = await edgetwin(['tour', '--own', '--rate', '5000']);
  assert.equal(code, 0, lines.join('\n'));
  const said = lines.join('\n');
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    assert.match(said, new RegExp(`^ ${number}  \\S`, 'm'), `chapter ${number}`);
  }
  assert.match(said, /4 of 4 pods ready/);
  assert.match(said, /external address +10\.\d+\.\d+\.100/);
  assert.match(said, /previewNoCharge .* 0\.00 USD/);
  // A pulled uplink on two nodes: the device, its alert and Arc break and heal; kubectl sees three nodes that stay.
  const [, broken = '', healed = ''] =
    /A pulled uplink([\s\S]+)Two hours and five[^\n]+([\s\S]+?)\n *9 /.exec(said) ?? [];
  for (const line of [/device +Disconnected/, /its nodes +Unknown, Unknown/, /Arc +Offline/]) {
    assert.match(broken, line);
  }
  assert.match(broken, /alert +(?!none)\S/);
  assert.match(broken, /uplinkDown began/);
  for (const line of [/device +Online/, /its nodes +Up, Up/, /alert +none/, /Arc +Connected/]) {
    assert.match(healed, line);
  }
  for (const part of [broken, healed]) assert.equal(part.match(/ Ready, v1\.25\.5/g)?.length, 3);
  assert.match(said, /Kubernetes +v1\.25\.5 → v1\.27\.8/);
  assert.ok(!said.includes('\u001b'), 'nothing is drawn over and nothing coloured in a pipe');
  assert.ok(
    lines.every((line) => line.length <= 80),
    'fits into 80 columns',
  );
  assert.match(lines.at(-2) ?? '', /are gone\.$/);
  assert.match(
    lines.at(-1) ?? '',
    /^ {3}The tour took \d+ s; the simulated clock has advanced by \d+ d \d\d:\d\d h\.$/,
  );
});

test('leaves a running service as it was', async (t) => {
  const arm = await startListening(t, {
    EDGETWIN_ACTIVATION: 'manual',
    EDGETWIN_REGISTRATION: 'enforced',
    EDGETWIN_SUBSCRIPTIONS: 'listed',
    EDGETWIN_LRO_STYLE: 'azure-async',
  });
  const played = await edgetwin(['tour', '--url', arm.origin, '--rate', '5000']);
  assert.equal(played.code, 0, played.lines.join('\n'));
  await expectUntouched(arm);
});

test('removes what it has created when it is interrupted', async (t) => {
  const arm = await startListening(t);
  const played = await edgetwin(['tour', '--url', arm.origin], 'Creating, 1 node');
  assert.equal(played.code, 1);
  assert.match(played.lines.join('\n'), /Interrupted\./);
  await expectUntouched(arm);
});

test('says that no service answers', async () => {
  const { code, lines } = await edgetwin(['tour', '--url', 'http://127.0.0.1:9']);
  assert.equal(code, 1);
  assert.match(lines.at(-1) ?? '', /No Edgetwin answers at http:\/\/127\.0\.0\.1:9, /);
});

/** No group, no device, no machine is left, and the clock stands as it stood. */
async function expectUntouched(arm: Awaited<ReturnType<typeof startListening>>): Promise<void> {
  const { value: subscriptions } = await arm.get('/subscriptions?api-version=2021-04-01');
  for (const { id } of subscriptions as { id: string }[]) {
    const { value } = await arm.get(`${id}/resourceGroups?api-version=2021-04-01`);
    assert.deepEqual(value, []);
  }
  const clock = await arm.get('/_edgetwin/clock');
  assert.equal(clock.frozen, true);
  assert.equal(clock.rate, 60);
  const left = await arm.service.database.reader.selectFrom('appliances').select('id').execute();
  assert.deepEqual(left, []);
}
