/** Server-side apply by itself: how documents are merged, what goes, who is in conflict with whom. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import { type Applied, applied } from '#kubernetes/change/apply.ts';
import { documentFaults, faultsText } from '#kubernetes/change/document-check.ts';
import {
  type FieldSet,
  intersection,
  pathsOf,
  union,
  without,
} from '#kubernetes/change/field-sets.ts';
import { CONFIG_MAPS } from '#kubernetes/kinds/configmaps.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { type AnyObject, withMeta } from '#kubernetes/objects/object.ts';
import { jsonFault } from '#kubernetes/schema/json-errors.ts';
import { StatusError } from '#kubernetes/status.ts';
import { instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';

const at = instant(0);

/** An object as managers apply documents to it, one after the other. */
class Applying {
  object: AnyObject | undefined;
  owners: ManagedFieldsEntry[] = [];
  readonly #kind: Kind;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  by(manager: string, document: JsonObject, isForced = false): Applied {
    const live =
      this.object === undefined
        ? undefined
        : withMeta(this.object, {
            managedFields: this.owners.length === 0 ? undefined : this.owners,
          });
    const result = applied({ kind: this.#kind, document, live, owner: { manager, at }, isForced });
    this.object = result.object;
    this.owners = result.managedFields;
    return result;
  }
}

const containers = (...names: string[]): JsonObject => ({
  metadata: { name: 'x' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { spec: { containers: names.map((name) => ({ name, image: `i-${name}` })) } },
  },
});
const namesIn = (object: AnyObject | undefined): string[] => {
  const { template } = object?.['spec'] as {
    template: { spec: { containers: { name: string }[] } };
  };
  return template.spec.containers.map(({ name }) => name);
};

describe('an applied document', () => {
  test('gives lists its own order, and leaves others before what they stood before', () => {
    const one = new Applying(DEPLOYMENTS);
    one.by('a', containers('x', 'y'));
    one.by('b', containers('s', 'x'));
    assert.deepEqual(namesIn(one.object), ['s', 'x', 'y']);
    one.by('b', containers('y', 'x', 's'));
    assert.deepEqual(namesIn(one.object), ['y', 'x', 's']);
  });

  test('takes elements, members and whole objects along that it does not name any more', () => {
    const one = new Applying(DEPLOYMENTS);
    one.by('a', containers('x', 'y'));
    one.by('b', containers('y'));
    one.by('a', containers('x'));
    assert.deepEqual(namesIn(one.object), ['x', 'y']);
    one.by('b', containers('x'));
    assert.deepEqual(namesIn(one.object), ['x']);
    const probe = containers('x');
    const [{ ...first }] = (
      (probe['spec'] as JsonObject)['template'] as { spec: { containers: [JsonObject] } }
    ).spec.containers;
    const withProbe = {
      ...probe,
      spec: {
        ...(probe['spec'] as JsonObject),
        template: {
          spec: { containers: [{ ...first, readinessProbe: { httpGet: { port: 80 } } }] },
        },
      },
    };
    const other = new Applying(DEPLOYMENTS);
    other.by('a', withProbe);
    assert.match(JSON.stringify(other.object?.['spec']), /readinessProbe/);
    other.by('a', probe);
    assert.doesNotMatch(JSON.stringify(other.object?.['spec']), /readinessProbe/);
  });

  test('is in conflict with every manager whose value it changes, in the order of their names', () => {
    const one = new Applying(CONFIG_MAPS);
    one.by('m1', { metadata: { name: 'c' }, data: { a: '1', b: '1' } });
    one.by('m2', { metadata: { name: 'c' }, data: { c: '1' } });
    assert.throws(
      () => one.by('m3', { metadata: { name: 'c' }, data: { a: '2', b: '2', c: '2' } }),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(
          error.message,
          'Apply failed with 3 conflicts: conflicts with "m1":\n- .data.a\n- .data.b\nconflicts with "m2":\n- .data.c',
        );
        return true;
      },
    );
    one.by('m3', { metadata: { name: 'c' }, data: { a: '2', b: '1' } }, true);
    assert.deepEqual(
      one.owners.map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
      [
        ['m1', { 'f:data': { 'f:b': {} } }],
        ['m2', { 'f:data': { 'f:c': {} } }],
        ['m3', { 'f:data': { 'f:a': {}, 'f:b': {} } }],
      ],
    );
  });

  test('finds what nobody owns with who was there before', () => {
    const one = new Applying(CONFIG_MAPS);
    one.object = { metadata: { name: 'c' }, data: { a: '1' } };
    assert.throws(() => one.by('m', { metadata: { name: 'c' }, data: { a: '2' } }), {
      message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    });
    one.by('m', { metadata: { name: 'c' }, data: { a: '1' } });
    assert.deepEqual(
      one.owners.map(({ manager, operation }) => `${manager ?? ''} ${operation ?? ''}`),
      ['m Apply', 'before-first-apply Update'],
    );
  });

  test('is read as the values that its fields have: another form of a quantity is no conflict', () => {
    const limits = (cpu: string): JsonObject => ({
      spec: { template: { spec: { containers: [{ name: 'x', resources: { limits: { cpu } } }] } } },
    });
    const one = new Applying(DEPLOYMENTS);
    one.by('a', limits('1'));
    one.by('b', limits('1000m'));
    assert.equal(one.owners.length, 2);
  });

  test('that is none of its kind is told its faults with their paths', () => {
    const faults = (document: JsonObject): string =>
      faultsText(documentFaults(DEPLOYMENTS, document));
    assert.equal(faults({ spec: { foo: 1 } }), '.spec.foo: field not declared in schema');
    assert.equal(
      faults({
        spec: {
          replicas: 'x',
          template: { spec: { containers: [{ name: 'a', env: [{ name: 'E' }, { name: 'E' }] }] } },
        },
      }),
      'errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.template.spec.containers[name="a"].env: duplicate entries for key [name="E"]',
    );
    assert.equal(
      faults({ spec: { template: { spec: { containers: [{ image: 'x' }] } } } }),
      `.spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`,
    );
  });
});

test('sets of fields are joined, cut and told apart, themselves and what is below them', () => {
  const set: FieldSet = { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} };
  assert.deepEqual(without(set, { 'f:a': { 'f:b': {} } }), { 'f:a': {}, 'f:c': {} });
  assert.deepEqual(without(set, { 'f:a': {} }), { 'f:a': { 'f:b': {} }, 'f:c': {} });
  assert.deepEqual(union({ 'f:a': {} }, { 'f:a': { 'f:b': {} } }), {
    'f:a': { '.': {}, 'f:b': {} },
  });
  assert.deepEqual(intersection(set, { 'f:a': { 'f:b': {} } }), { 'f:a': { 'f:b': {} } });
  assert.deepEqual(
    pathsOf({ 'f:x': { 'k:{"containerPort":80,"protocol":"TCP"}': {}, 'v:"s"': {}, 'i:0': {} } }),
    ['.x[0]', '.x[containerPort=80,protocol="TCP"]', '.x[="s"]'],
  );
});

test('what is no JSON is told as Go tells it', () => {
  const faults: Readonly<Record<string, string | undefined>> = {
    '{"a":1}': undefined,
    '': 'unexpected end of JSON input',
    '{"a"': 'unexpected end of JSON input',
    '{a:1}': "invalid character 'a' looking for beginning of object key string",
    '{"a":1,}': "invalid character '}' looking for beginning of object key string",
    '{"a" 1}': "invalid character '1' after object key",
    '{"a":1 "b":2}': `invalid character '"' after object key:value pair`,
    '[1 2]': "invalid character '2' after array element",
    '[1,]': "invalid character ']' looking for beginning of value",
    '{"a":tru}': "invalid character '}' in literal true (expecting 'e')",
    '{"a":01}': "invalid character '1' after object key:value pair",
    '{"a":1.}': "invalid character '}' after decimal point in numeric literal",
    '{"a":-}': "invalid character '}' in numeric literal",
    '{"a":1e}': "invalid character '}' in exponent of numeric literal",
    '"\\x"': "invalid character 'x' in string escape code",
    '"\\u12g4"': "invalid character 'g' in \\u hexadecimal character escape",
    '"a\nb"': "invalid character '\\n' in string literal",
    '1 2': "invalid character '2' after top-level value",
    '\u0001': "invalid character '\\x01' looking for beginning of value",
  };
  for (const [text, expected] of Object.entries(faults))
    assert.equal(jsonFault(text), expected, text);
});
