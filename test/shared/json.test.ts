import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutUndefined } from '#shared/json.ts';

test('undefined members go, at any depth, and nothing else', () => {
  const value = { a: undefined, b: null, c: [{ d: undefined, e: 1 }], f: { g: { h: undefined } } };
  const kept = { b: null, c: [{ e: 1 }], f: { g: {} } };
  assert.deepStrictEqual(withoutUndefined(value), kept);
  assert.equal(JSON.stringify(withoutUndefined(value)), JSON.stringify(value));
});

test('what has no undefined member is not copied', () => {
  const value = { a: 1, b: [{ c: 'd' }], e: {} };
  assert.equal(withoutUndefined(value), value);
});

test('a member called __proto__ is a member', () => {
  const tags = JSON.parse('{"__proto__":"x"}') as object;
  const kept = withoutUndefined({ gone: undefined, tags: { ...tags, gone: undefined } });
  assert.equal(JSON.stringify(kept), JSON.stringify({ tags }));
});
