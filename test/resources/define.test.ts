/** How definitions are typed and bound. Expected errors of the compiler are tests too: `npm run check:types` runs them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optionalString, readOnlyString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { instant } from '#shared/instant.ts';
import type { Ports } from '#resources/base/ports.ts';
import {
  bindPorts,
  defineAction,
  defineObserved,
  defineResource,
  type Existing,
  type Target,
} from '#resources/base/define.ts';

const schema = object({
  id: readOnlyString(),
  properties: object({ colour: oneOf(['Red', 'Blue']), note: optionalString() }),
});
type Body = Accepted<typeof schema>;

const common = {
  namespace: 'Microsoft.Test',
  type: 'things/parts',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
} as const;

const view = async (target: Existing<Body>): Promise<Shown<typeof schema>> => ({
  id: `${target.ports.seed}/${target.name}`,
  properties: { ...target.resource.body.properties, note: undefined },
});

describe('what does not compile', () => {
  const answer = object({ code: Type.String() });
  const misspelt = async (): Promise<Shown<typeof schema>> => ({
    // @ts-expect-error -- the resource shows no such member
    ettag: 'x',
    properties: { colour: 'Red' },
  });
  const never = (): unknown[] => [
    misspelt,
    defineResource({
      ...common,
      operations: {},
      view,
      // @ts-expect-error -- the body has no such member
      check: async (_target: Target<Body>, body) => [body.properties.color],
    }),
    defineResource({
      ...common,
      operations: {
        // @ts-expect-error -- the plan is for another body
        put: { id: 'Put', plan: async (_target: Target, _body: { readonly size: number }) => [] },
      },
      view,
    }),
    defineObserved({
      ...common,
      operations: {},
      // @ts-expect-error -- the enum has no such value
      find: async () => ({ properties: { colour: 'Green' } }),
    }),
    defineAction({
      id: 'Act',
      answer,
      // @ts-expect-error -- the answer has another member
      act: async (_target: Existing<Body>) => ({ cod: 'b' }),
    }),
    // @ts-expect-error -- what is observed has no view of its own
    defineObserved({ ...common, operations: {}, view }),
  ];

  test('is what is misspelt, or of another type', () => {
    assert.equal(typeof never, 'function');
  });
});

describe('a type with kinds', () => {
  const kinds = {
    Box: object({ kind: oneOf(['Box']), properties: object({ height: Type.Integer() }) }),
    Ball: object({ kind: oneOf(['Ball']), properties: object({ radius: Type.Integer() }) }),
  };
  type Shape = Accepted<(typeof kinds)[keyof typeof kinds]>;

  const sizeOf = (shape: Shape): number => {
    // @ts-expect-error -- only a ball has it
    const wrong = (): unknown => shape.properties.radius;
    assert.equal(typeof wrong, 'function');
    return shape.kind === 'Box' ? shape.properties.height : 2 * shape.properties.radius;
  };

  test('has bodies that are told apart by it', () => {
    assert.equal(sizeOf({ kind: 'Ball', properties: { radius: 2 } }), 4);
    assert.equal(sizeOf({ kind: 'Box', properties: { height: 3 } }), 3);
  });
});

describe('a bound type', () => {
  const ports = { seed: 'a world' } as Ports;
  const body: Body = { properties: { colour: 'Red', note: 'b' } };
  const target = { name: 'one', now: instant(0), resource: { body } };

  test('has the ports in the targets of all its functions, and shows nothing undefined', async () => {
    const seen: unknown[] = [];
    const type = bindPorts(
      defineResource({
        ...common,
        operations: {
          put: {
            id: 'Put',
            plan: async ({ ports: { seed } }: Target<Body>, { properties }) => {
              seen.push(['plan', seed, properties.colour]);
              return [];
            },
          },
          actions: {
            act: defineAction({
              id: 'Act',
              act: async ({ ports: { seed } }: Existing<Body>) => ({ seed, more: undefined }),
            }),
          },
        },
        nameFault: (name) => `${name} is taken`,
        check: async ({ ports: { seed } }) => [{ target: 'a', message: seed }],
        view,
      }),
      ports,
    );
    assert.ok(type.category === 'stored');
    assert.equal(type.nameFault?.('x'), 'x is taken');
    assert.deepEqual(await type.check?.(target as never, body), [
      { target: 'a', message: 'a world' },
    ]);
    await type.operations.put?.plan?.(target as never, body);
    assert.deepEqual(seen, [['plan', 'a world', 'Red']]);
    const shown = await type.view(target as never);
    assert.deepEqual(shown, { id: 'a world/one', properties: { colour: 'Red' } });
    assert.ok(!('note' in (shown.properties as object)));
    const acted = await type.operations.actions?.act?.act?.(target as never, {});
    assert.deepEqual(Object.keys(acted!), ['seed']);
  });
});
