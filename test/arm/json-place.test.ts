import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeInJson } from '#arm/json-place.ts';

const TEXT = `{
  // a comment with { and "
  'properties': { "mode": "x", template: {
    "resources": [ { "name": "one", "a": [1, {"name": "inner"}] },
      /* [ */ { name: 'two', }, ],
    "outputs": {"o": {"value": "}"}, },
  } },
}`;

test('tried, B9: the place of a member, in text that .NET reads', () => {
  const place = (...path: (string | number)[]): unknown => placeInJson(TEXT, path);
  const template = ['properties', 'template'];
  assert.deepEqual(place(), { line: 1, column: 1, name: undefined });
  assert.deepEqual(place(...template, 'resources', 0), { line: 4, column: 20, name: 'one' });
  assert.deepEqual(place(...template, 'resources', 1), { line: 5, column: 15, name: 'two' });
  assert.deepEqual(place(...template, 'outputs', 'o'), { line: 6, column: 22, name: undefined });
  assert.deepEqual(place(...template, 'resources', 0, 'a', 1, 'name'), {
    ...{ line: 4, column: 55, name: undefined },
  });
  for (const nowhere of [
    ['x'],
    [...template, 'resources', 2],
    [...template, 0],
    ['properties', 0],
  ]) {
    assert.equal(place(...nowhere), undefined);
  }
  assert.equal(placeInJson('', ['a']), undefined);
  assert.equal(placeInJson('{"a": "unclosed', ['a', 'b']), undefined);
});
