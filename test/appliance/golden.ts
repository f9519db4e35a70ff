/**
 * Goldens: what a machine does, written down. `UPDATE_GOLDEN=1` writes them anew; the difference is then reviewed like code.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compares `value` with `golden/{name}.json` beside this file. */
export function assertGolden(name: string, value: unknown): void {
  const path = fileURLToPath(new URL(`golden/${name}.json`, import.meta.url));
  const actual = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  assert.ok(existsSync(path), `${path} is missing; write it with UPDATE_GOLDEN=1`);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(actual));
}
