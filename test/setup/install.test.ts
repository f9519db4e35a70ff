/** The installation that npm runs before each command of a checkout (`scripts/install-if-needed.mjs`). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/process.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/install-if-needed.mjs');

/** Says that it was called, and ends once the file `go` is there. */
const NPM = `#!/bin/sh
echo called >> calls
until [ -e go ]; do sleep 0.05; done
mkdir -p node_modules
cp package-lock.json node_modules/.package-lock.json
`;

test('two commands in a fresh checkout install once: the second one waits', async (t) => {
  const checkout = await temporaryFolder(t);
  mkdirSync(join(checkout, 'scripts'));
  mkdirSync(join(checkout, 'programs'));
  const script = join(checkout, 'scripts/install-if-needed.mjs');
  copyFileSync(SCRIPT, script);
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages: { '': {} } }));
  const npm = join(checkout, 'programs/npm');
  writeFileSync(npm, NPM);
  chmodSync(npm, 0o755);
  const run = () =>
    spawn(process.execPath, [script], {
      env: { PATH: [join(checkout, 'programs'), process.env.PATH].join(delimiter) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  const first = run();
  const [installing] = (await once(first.stderr, 'data')) as [Buffer];
  assert.match(installing.toString(), /^Installing/);
  const second = run();
  const [waiting] = (await once(second.stderr, 'data')) as [Buffer];
  assert.match(waiting.toString(), /^Another command is installing/);
  writeFileSync(join(checkout, 'go'), '');
  const ends = await Promise.all([once(first, 'exit'), once(second, 'exit')]);
  assert.deepEqual(
    ends.map(([code]) => code as number),
    [0, 0],
  );
  assert.equal(readFileSync(join(checkout, 'calls'), 'utf8'), 'called\n');
  assert.ok(existsSync(join(checkout, 'node_modules/.package-lock.json')));
});
