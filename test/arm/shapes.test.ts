import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { projectJson, showsAll } from '#arm/projection.ts';
import { insteadIn, nodeOf, object, secret, since } from '#arm/schema.ts';
import { normalised, requestSchema, versionSchema } from '#arm/version-schema.ts';
import {
  optional,
  optionalEnum,
  optionalMap,
  optionalString,
  readOnly,
  readOnlyList,
  readOnlyMap,
} from '#arm/shapes.ts';

const entry = object({
  a: optionalString(),
  b: optionalString(since('2021-06-01')),
  key: optionalString(secret),
});

describe('dictionaries', () => {
  const node = nodeOf(object({ by: optionalMap(entry), shown: readOnlyMap(Type.String()) }));

  test('each entry is read and shown like any object', () => {
    const sent = { by: { x: { a: 'A', b: null, other: 1 }, toString: { a: 'B' } }, extra: 1 };
    assert.deepEqual(normalised(node, sent), { by: { x: { a: 'A' }, toString: { a: 'B' } } });
    const view = { by: { x: { a: 'A', b: 'B', key: 'k' } } };
    assert.deepEqual(projectJson(node, view, '2021-06-01'), { by: { x: { a: 'A', b: 'B' } } });
    assert.deepEqual(projectJson(node, view, '2021-02-01'), { by: { x: { a: 'A' } } });
  });

  test('what is in an entry decides whether a walk is needed', () => {
    assert.ok(!showsAll(node, '2021-06-01'));
    const plain = nodeOf(
      object({ by: optionalMap(object({ b: optionalString(since('2021-06-01')) })) }),
    );
    assert.ok(showsAll(plain, '2021-06-01'));
    assert.ok(!showsAll(plain, '2021-02-01'));
  });
});

describe('another object in some versions', () => {
  const fixed = object({ smallKey: optional(entry), otherKey: optional(entry) });
  const node = nodeOf(object({ keys: readOnlyMap(entry, insteadIn('2020-12-01', fixed)) }));
  const view = { keys: { SmallKey: { a: 'A' }, OTHERKey: {}, Unknown: {} } };

  test('its members are those of the view in its own casing', () => {
    assert.deepEqual(projectJson(node, view, '2020-12-01'), {
      keys: { smallKey: { a: 'A' }, otherKey: {}, Unknown: {} },
    });
    assert.deepEqual(projectJson(node, view, '2021-02-01'), view);
    assert.ok(!showsAll(node, '2020-12-01'));
  });

  test('its schema stands there, with the marks of the place', () => {
    const old = versionSchema(node, '2020-12-01').properties!.keys!;
    assert.deepEqual(Object.keys(old.properties!), ['smallKey', 'otherKey']);
    assert.equal(old.readOnly, true);
    assert.equal(versionSchema(node, '2021-02-01').properties!.keys!.properties, undefined);
  });
});

describe('members that are only shown', () => {
  test('are no part of a request, whatever they hold', () => {
    const node = nodeOf(
      object({
        one: readOnly(entry),
        many: readOnlyList(entry),
        by: readOnlyMap(entry),
        free: optionalEnum(['A']),
      }),
    );
    assert.deepEqual(Object.keys(requestSchema(node, '2023-12-01').properties!), ['free']);
    assert.deepEqual(normalised(node, { free: 'a' }), { free: 'A' });
  });
});
