/** docs/parity.md names tests that exist and sources that are known. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Claim {
  readonly claim: string;
  readonly sources: readonly string[];
  readonly file: string;
  readonly title: string;
}

/** The rows of the table. */
const claims: readonly Claim[] = read('docs/parity.md')
  .split('\n')
  .filter((line) => /^\| (?!claim |---)/.test(line))
  .map((line) => {
    const [claim = '', sources = '', shown = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    const colon = shown.indexOf(': ');
    return {
      claim,
      sources: sources.split(', '),
      file: shown.slice(0, colon),
      title: shown.slice(colon + 2),
    };
  });

test('every claim names a test that exists', () => {
  assert.ok(claims.length > 10);
  const missing = claims.filter(({ file, title }) => {
    if (!existsSync(join(root, file))) return true;
    return !['test(', 'test.only('].some((call) =>
      ["'", '`', '"'].some((quote) =>
        read(file)
          .replace(/\(\s+/g, '(')
          .includes(call + quote + title),
      ),
    );
  });
  assert.deepEqual(missing, []);
});

test('every claim has sources that docs/sources.md knows', () => {
  const known = new Set(
    [...read('docs/sources.md').matchAll(/`\[?([a-zA-Z0-9-]+)\]?`/g)].map(([, tag]) => tag),
  );
  const unknown = claims.flatMap(({ claim, sources }) =>
    sources
      .filter((tag) => !known.has(tag) && !/^rn\d{4}$/.test(tag))
      .map((tag) => `${claim}: ${tag}`),
  );
  assert.deepEqual(unknown, []);
});
