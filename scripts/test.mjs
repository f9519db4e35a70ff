/**
 * All tests, or the files that are named: `npm test`. With `--quick` those of the parts and of the contract only; with
 * `--goldens` they write their golden files anew. Node's runner leaves one core idle, which on two of them is half; two files at once
 * use four fifths of two cores, since some wait for other processes, az above all.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const atOnce = Math.max(3, availableParallelism());
const options = ['--test', '--test-timeout=600000', `--test-concurrency=${atOnce}`];
/** Whole stories, told by other processes or for a long time. */
const LONG = /^test[/\\](clients|scenarios|simulation|tour)[/\\]/;

const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith('--'));
const files = words.includes('--quick')
  ? globSync('test/**/*.test.ts').filter((path) => !LONG.test(path))
  : named;
const environment = words.includes('--goldens') ? { UPDATE_GOLDEN: '1' } : {};
const { status } = spawnSync(
  process.execPath,
  [
    ...['--import', './scripts/compile-cache.mjs'],
    ...options,
    ...(files.length > 0 ? files : ['test/**/*.test.ts']),
  ],
  { stdio: 'inherit', env: { ...process.env, ...environment } },
);
process.exitCode = status ?? 1;
