/** The compiler is the test here: `npm run check:types` fails where an expected error does not come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { object, oneOf, openEnum } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import {
  optional,
  optionalList,
  optionalMap,
  optionalString,
  readOnly,
  readOnlyString,
  requiredExceptIn,
  writeOnly,
} from '#arm/shapes.ts';

const schema = object({
  id: readOnlyString(),
  properties: object({
    must: Type.String(),
    sometimes: requiredExceptIn('..2020-12-01', oneOf(['Yes', 'No'])),
    may: optionalString(),
    status: openEnum(['OK', 'Offline']),
    days: optionalList(oneOf(['Monday', 'Tuesday'])),
    labels: optionalMap(Type.String()),
    password: optional(writeOnly(Type.String())),
    details: readOnly(object({ size: Type.Integer() })),
  }),
});

type Body = Accepted<typeof schema>;
type View = Shown<typeof schema>;

/** Never called: what is wrong with each of these, the compiler says. */
function bodies(body: Body): unknown[] {
  const full: Body = {
    properties: {
      must: 'a',
      sometimes: 'No',
      may: 'b',
      status: 'anything: the enum is open',
      days: ['Monday'],
      labels: { a: 'b' },
      password: 'c',
    },
  };
  const least: Body = { properties: { must: 'a', status: 'OK' } };
  return [
    full,
    least,
    // @ts-expect-error -- misspelt
    body.properties.musst,
    // @ts-expect-error -- read-only: it is in no body
    body.id,
    // @ts-expect-error -- read-only, further down
    body.properties.details,
    // @ts-expect-error -- it may be missing in some api-versions
    body.properties.sometimes.length,
    // @ts-expect-error -- it may be missing
    body.properties.may.length,
    // @ts-expect-error -- no such value
    body.properties.days?.[0] === 'Mittwoch',
    // @ts-expect-error -- a required member is missing
    { properties: { must: 'a' } } satisfies Body,
    // @ts-expect-error -- undefined cannot be stored
    { properties: { must: 'a', status: 'OK', may: undefined } } satisfies Body,
  ];
}

function views(): unknown[] {
  const properties = { must: 'a', sometimes: 'Yes', status: 'OK' } as const;
  const view: View = {
    id: 'x',
    properties: { ...properties, may: undefined, details: { size: 1 } },
  };
  return [
    view,
    // @ts-expect-error -- misspelt, beside a spread
    { properties: { ...properties, mayy: 'b' } } satisfies View,
    // @ts-expect-error -- misspelt, further down
    { properties: { ...properties, details: { size: 1, colour: 'red' } } } satisfies View,
    // @ts-expect-error -- a secret is in no view
    { properties: { ...properties, password: 'c' } } satisfies View,
    // @ts-expect-error -- a view shows the values that the enum has
    { properties: { ...properties, status: 'Unheard of' } } satisfies View,
    // @ts-expect-error -- what must be there must be shown
    { properties: { sometimes: 'Yes', status: 'OK' } } satisfies View,
    // @ts-expect-error -- a number is not a string
    { properties: { ...properties, may: 1 } } satisfies View,
  ];
}

test('a misspelt member of a body or a view does not compile', () => {
  assert.equal(typeof bodies, 'function');
  assert.equal(typeof views, 'function');
});
