/** Outlines: everything in a body except its strings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '#shared/json.ts';
import { outlineOf } from '#shared/outline.ts';

test('names, numbers and lengths are kept, strings are not, whatever their names', () => {
  const body = { paswword: 's3cret', list: ['s3cret', 1, true, null], 'a b': { c: 0.5, d: '' } };
  assert.deepEqual(outlineOf(body), {
    paswword: 'text of 6',
    list: ['text of 6', 1, true, null],
    'name of 3': { c: 0.5, d: 'text of 0' },
  });
  assert.equal(outlineOf('s3cret'), 'text of 6');
});

test('long lists and malicious bodies are cut', () => {
  const long = outlineOf(Array.from({ length: 1000 }, () => 's3cret')) as Json[];
  assert.deepEqual([long.length, long.at(-1)], [21, 'and 980 more']);
  const deep = JSON.parse(`${'['.repeat(5000)}"s3cret"${']'.repeat(5000)}`) as Json;
  assert.ok(!JSON.stringify(outlineOf(deep)).includes('s3cret'));
  const polluting = JSON.parse('{"__proto__":{"a":"s3cret"}}') as Json;
  assert.equal(JSON.stringify(outlineOf(polluting)), '{"__proto__":{"a":"text of 6"}}');
});
