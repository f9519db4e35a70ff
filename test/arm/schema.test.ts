import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { projectJson, showsAll } from '#arm/projection.ts';
import {
  existsIn,
  nodeOf,
  object,
  oneOf,
  openEnum,
  readOnlyIn,
  secret,
  secretIn,
  since,
  spelledIn,
  until,
  valuesIn,
} from '#arm/schema.ts';
import { normalised, requestSchema, versionSchema } from '#arm/version-schema.ts';
import { readOnlyString, requiredExceptIn } from '#arm/shapes.ts';
import { definitions } from '#resources/index.ts';

const schema = nodeOf(
  object({
    name: Type.String(),
    made: readOnlyString(),
    password: Type.Optional(Type.String({ ...secret })),
    young: Type.Optional(Type.String({ ...since('2021-06-01') })),
    old: Type.Optional(Type.String({ ...until('2021-02-01') })),
    kind: oneOf(['Blue', 'Green']),
    list: Type.Optional(
      Type.Array(object({ a: oneOf(['Yes']), key: Type.Optional(Type.String({ ...secret })) })),
    ),
    open: Type.Optional(openEnum(['One'])),
  }),
);
const members = (node: { readonly properties?: object }): string[] =>
  Object.keys(node.properties ?? {});

describe('members exist from a version on, or up to one', () => {
  test('both ends are included, and a preview belongs to its date', () => {
    const { young, old } = schema.properties!;
    assert.ok(existsIn(young!, '2021-06-01') && existsIn(young!, '2021-06-01-preview'));
    assert.ok(!existsIn(young!, '2021-02-01'));
    assert.ok(existsIn(old!, '2021-02-01') && !existsIn(old!, '2021-06-01'));
  });

  test('a request has neither what is read-only nor what its version lacks', () => {
    assert.deepEqual(members(requestSchema(schema, '2023-12-01')), [
      'name',
      'password',
      'young',
      'kind',
      'list',
      'open',
    ]);
    assert.ok(members(requestSchema(schema, '2020-12-01')).includes('old'));
  });

  test('the whole of a version has what is secret and read-only, and nothing that it lacks', () => {
    const { properties } = versionSchema(schema, '2020-12-01');
    const expected = ['name', 'made', 'password', 'old', 'kind', 'list', 'open'];
    assert.deepEqual(Object.keys(properties!), expected);
    assert.deepEqual(members(properties!.list!.items!), ['a', 'key']);
  });

  test('marks for some versions: optional, ignored, secret, spelled otherwise', () => {
    const changing = nodeOf(
      object({
        must: requiredExceptIn('..2020-12-01', Type.String()),
        made: Type.Optional(Type.String({ ...readOnlyIn('2022-03-01..') })),
        key: Type.Optional(Type.String({ ...secretIn('2021-06-01..') })),
        state: oneOf(['AwaitingFulfillment'], {
          ...spelledIn({ AwaitingFulfillment: { in: '..2020-12-01', as: 'AwaitingFulfilment' } }),
        }),
      }),
    );
    const old = requestSchema(changing, '2019-08-01');
    assert.deepEqual([old.required, members(old).includes('made')], [['state'], true]);
    const young = requestSchema(changing, '2023-12-01');
    assert.deepEqual(young.required, ['must', 'state']);
    assert.equal(members(young).includes('made'), false);
    const view = { key: 'k', state: 'AwaitingFulfillment' };
    const early = { key: 'k', state: 'AwaitingFulfilment' };
    assert.deepEqual(projectJson(changing, view, '2019-08-01'), early);
    assert.deepEqual(projectJson(changing, view, '2023-12-01'), { state: 'AwaitingFulfillment' });
  });
});

describe('a body as the schema knows it', () => {
  test('unknown members and nulls are dropped, enums get their spelling, at any depth', () => {
    const sent = {
      name: 'x',
      kind: 'bLUE',
      young: null,
      other: 1,
      list: [{ a: 'YES', b: 2 }, 'odd'],
      open: 'one',
    };
    assert.deepEqual(normalised(schema, sent), {
      name: 'x',
      kind: 'Blue',
      list: [{ a: 'Yes' }, 'odd'],
      open: 'One',
    });
  });

  test('wrong types are left for the check; an open enum takes other values', () => {
    assert.deepEqual(normalised(schema, { kind: 7, list: {}, open: 'Two' }), {
      kind: 7,
      list: {},
      open: 'Two',
    });
    assert.deepEqual(normalised(schema, []), []);
    assert.equal(normalised(schema, null), null);
  });

  test('a member that every object inherits is not one that was sent', () => {
    const odd = nodeOf(object({ toString: Type.Optional(Type.String()) }));
    assert.deepEqual(normalised(odd, {}), {});
  });
});

describe('what is shown', () => {
  test('secrets go, also inside lists; members that nobody declared stay', () => {
    const view = { name: 'x', password: 'p', extra: 1, list: [{ a: 'Yes', key: 'k' }], young: 'y' };
    assert.deepEqual(projectJson(schema, view, '2023-12-01'), {
      name: 'x',
      extra: 1,
      list: [{ a: 'Yes' }],
      young: 'y',
    });
    assert.equal('young' in (projectJson(schema, view, '2021-02-01') as object), false);
  });

  test('a list has no value that its version’s enum lacks; a single value stays', () => {
    const colour = oneOf(['Red', 'Blue'], valuesIn({ Blue: '2021-06-01..' }));
    const node = nodeOf(object({ one: colour, all: Type.Array(colour) }));
    const view = { one: 'Blue', all: ['Red', 'Blue'] };
    assert.deepEqual(projectJson(node, view, '2021-02-01'), { one: 'Blue', all: ['Red'] });
    assert.deepEqual(projectJson(node, view, '2021-06-01'), view);
    assert.ok(!showsAll(node, '2021-02-01') && showsAll(node, '2021-06-01'));
  });

  test('what shows all of itself needs no walk', () => {
    const plain = nodeOf(object({ a: Type.Optional(Type.String({ ...since('2021-06-01') })) }));
    assert.ok(showsAll(plain, '2021-06-01'));
    assert.ok(!showsAll(plain, '2021-02-01'));
    assert.ok(!showsAll(schema, '2023-12-01'));
  });
});

describe('the resource types', () => {
  test('mark every member by a version that the namespace has', () => {
    for (const type of definitions) {
      const { versions } = type.versions;
      const marks = JSON.stringify([type.schema, type.kinds]).matchAll(
        /"x-(?:since|until)":"([^"]+)"/g,
      );
      const spans = JSON.stringify([type.schema, type.kinds, type.operations]).matchAll(
        /"(?:x-)?(?:\w+-)*in":"([^"]+)"/g,
      );
      const ends = [...spans].flatMap(([, span = '']) => span.split(/ |\.\./));
      for (const version of [...[...marks].map(([, version = '']) => version), ...ends]) {
        assert.ok(version === '' || versions.includes(version), `${type.type} ${version}`);
      }
      for (const operation of Object.values(type.operations)) {
        const { since: from } = operation as { since?: string };
        assert.ok(from === undefined || versions.includes(from), `${type.type} ${from ?? ''}`);
      }
    }
  });
});
