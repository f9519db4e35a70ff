/**
 * Golden files: recorded results. `npm run goldens -- <test file>` writes them again; the difference is then reviewed like code.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Compares a text with `golden/{name}.txt`, and anything else with `golden/{name}.json`, both in `folder`. */
export function assertGoldenIn(folder: string, name: string, value: unknown): void {
  const isText = typeof value === 'string';
  const path = join(folder, `golden/${name}.${isText ? 'txt' : 'json'}`);
  const actual = isText ? value : `${JSON.stringify(value, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  assert.ok(existsSync(path), `${path} is missing; write it with npm run goldens`);
  const expected = readFileSync(path, 'utf8');
  if (isText) assert.equal(actual, expected);
  else assert.deepEqual(JSON.parse(actual), JSON.parse(expected));
}
