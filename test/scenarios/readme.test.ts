/** The README is right: its walk runs as it stands there, and its table has every variable that the configuration knows. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startListening } from '../support/listening.ts';
import { absent } from '../support/surroundings.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const programs = has('bash') && has('curl') ? {} : absent('bash and curl are not installed');

test('the walk ends with a cluster', { ...programs, timeout: 120_000 }, async (t) => {
  const arm = await startListening(t, { EDGETWIN_CLOCK: 'running', EDGETWIN_CLOCK_RATE: '5000' });
  const blocks = [...read('README.md').matchAll(/^```sh\n([^]*?)^```$/gm)].map(
    ([, text = '']) => text,
  );
  const walk = blocks.find((text) => text.includes('generateCertificate')) ?? '';
  const child = spawn('bash', ['-eu', '-c', walk.replaceAll('http://127.0.0.1:8480', arm.origin)]);
  // A poll loop that finds nothing would go on for ever.
  t.after(() => child.kill());
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, said);
  assert.match(said, /"dataBoxEdgeDeviceStatus":"Online"/);
  assert.match(said, /"status":"Succeeded"/);
  assert.match(said.trimEnd().split('\n').at(-1) ?? '', /"provisioningState":"Created"/);
});

test('the table has every variable, and no other', () => {
  const named = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
  assert.deepEqual(
    named(read('README.md'), /^\| `([A-Z_]+)` \|/gm),
    named(read('src/config.ts'), /'((?:EDGETWIN|REDIS|DATABASE)_[A-Z_]+)'/g),
  );
});
