import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { checkBody } from '#arm/body-check.ts';
import { nodeOf, object, oneOf, since } from '#arm/schema.ts';
import type { Json } from '#shared/json.ts';

const schema = nodeOf(
  object({
    properties: object({
      count: Type.Integer({ minimum: 1, maximum: 10 }),
      colour: oneOf(['Blue', 'Green']),
      tags: Type.Optional(Type.Record(Type.String(), Type.String())),
      list: Type.Optional(Type.Array(object({ name: Type.String() }))),
      young: Type.Optional(Type.String({ ...since('2021-06-01') })),
    }),
  }),
);
const NEWEST = '2023-12-01';

/** The faults of a body as lines `target: message`. */
function faultsOf(body: Json, version = NEWEST): string[] {
  const checked = checkBody(schema, version, body);
  return 'faults' in checked
    ? checked.faults.map(({ target, message }) => `${target}: ${message}`)
    : [];
}

test('a good body comes back in the schema’s own form', () => {
  const properties = { count: 3, colour: 'BLUE', tags: { a: '1' }, more: true };
  assert.deepEqual(checkBody(schema, NEWEST, { properties, id: 'ignored' }), {
    body: { properties: { count: 3, colour: 'Blue', tags: { a: '1' } } },
  });
});

test('each fault is named by its path, in words, all of them at once', () => {
  const properties = { count: 11, colour: 'Red', tags: { 'a.b': 1 }, list: [{ name: 'x' }, {}] };
  assert.deepEqual(faultsOf({ properties }).sort(), [
    "properties.colour: The value of 'properties.colour' must be one of: Blue, Green.",
    "properties.count: The value of 'properties.count' must be at most 10.",
    "properties.list[1].name: The required property 'properties.list[1].name' is missing.",
    "properties.tags.a.b: The value of 'properties.tags.a.b' must be a string.",
  ]);
});

test('numbers that are none: fractions, infinities, texts', () => {
  for (const count of [1.5, Infinity, -Infinity, '3', true, [], {}]) {
    const [fault] = faultsOf({ properties: { count, colour: 'Blue' } });
    assert.match(fault ?? '', /^properties\.count: /, JSON.stringify(count));
  }
});

test('a body that is no object is one fault of the body', () => {
  for (const body of [null, [], 'text', 7] as Json[]) {
    assert.match(faultsOf(body)[0] ?? '', /^body: /);
  }
});

test('a version that lacks a member neither checks nor keeps it', () => {
  const properties = { count: 1, colour: 'Blue', young: 7 };
  assert.equal(faultsOf({ properties }).length, 1);
  assert.deepEqual(checkBody(schema, '2020-12-01', { properties }), {
    body: { properties: { count: 1, colour: 'Blue' } },
  });
});

test('a great many faults are told up to a number that an answer can hold', () => {
  const list = Array.from({ length: 100_000 }, () => ({}));
  const faults = faultsOf({ properties: { count: 1, colour: 'Blue', list } });
  assert.ok(faults.length > 50 && faults.length <= 1000, String(faults.length));
});
