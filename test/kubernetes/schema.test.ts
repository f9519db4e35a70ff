/** The schema of the served kinds equals the published description of the API: fields, marks of lists, encodings. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VIRTUAL } from '#kubernetes/discovery/subresources.ts';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { Decoder } from '#kubernetes/schema/decode.ts';
import { duplicateFields, duplicatesIn } from '#kubernetes/schema/duplicates.ts';
import { isAtomic, listMarks } from '#kubernetes/schema/marks.ts';
import { readEnvelope, readProtobuf } from '#kubernetes/schema/protobuf.ts';
import { canonicalQuantity } from '#kubernetes/schema/quantity.ts';
import { messageOf } from '#kubernetes/schema/schema.ts';
import type { Json } from '#shared/json.ts';
import { type Definition, definitions, example, withReferee } from '../support/referee.ts';

/** Every message that the served kinds refer to. */
function servedMessages(): Set<string> {
  const found = new Set<string>();
  const waiting = [...SERVED.map(({ message }) => message), 'meta.v1.DeleteOptions'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { type } of messageOf(name).fields.values()) {
      if (type.code === '@') waiting.push(type.message);
    }
  }
  return found;
}

describe('the schema', withReferee, () => {
  test('has every field of the published description, and says which are required', () => {
    const published = definitions();
    const missing: string[] = [];
    for (const name of servedMessages()) {
      const definition = published.get(name);
      const { fields } = messageOf(name);
      for (const field of Object.keys(definition?.properties ?? {})) {
        if (field !== 'apiVersion' && field !== 'kind' && !fields.has(field))
          missing.push(`${name}.${field}`);
      }
      for (const field of definition?.required ?? []) {
        if (fields.get(field)?.isRequired !== true) missing.push(`${name}.${field} is required`);
      }
    }
    // 1.31 dropped the one field that the clients' 1.32 does not have any more.
    assert.deepEqual(missing, ['core.v1.PodResourceClaim.source']);
  });

  test('merges lists by the strategies and keys of the published description, and no others', () => {
    const STRATEGIES: Readonly<Record<string, string>> = { 'merge,retainKeys': 'mergeRetainKeys' };
    const marked = (
      of: (
        name: string,
        field: string,
        mark: Readonly<Record<string, unknown>>,
      ) => string | undefined,
    ) =>
      [...servedMessages()].flatMap((name) => {
        const definition: Definition | undefined = definitions().get(name);
        return Object.entries(definition?.properties ?? {}).flatMap(
          ([field, mark]) => of(name, field, mark) ?? [],
        );
      });
    const expected = marked((name, field, mark) => {
      const strategy = mark['x-kubernetes-patch-strategy'] as string | undefined;
      return strategy === undefined
        ? undefined
        : `${name}.${field} ${STRATEGIES[strategy] ?? strategy} ${(mark['x-kubernetes-patch-merge-key'] as string | undefined) ?? '-'}`;
    });
    const served = servedMessages();
    const own = [...listMarks()]
      .filter(([, { strategy }]) => strategy !== 'set' && strategy !== 'map')
      .filter(([path]) => served.has(path.slice(0, path.lastIndexOf('.'))))
      .map(([path, { strategy, mergeKey }]) => `${path} ${strategy} ${mergeKey ?? '-'}`);
    assert.deepEqual(own.sort(), expected.sort());
  });

  test('names the elements of lists, for the owners of fields, by the published keys', () => {
    const expected: string[] = [];
    for (const name of servedMessages()) {
      for (const [field, mark] of Object.entries(definitions().get(name)?.properties ?? {})) {
        const of = mark as Readonly<Record<string, string | undefined>>;
        const type = of['x-kubernetes-list-type'];
        const isMerged = of['x-kubernetes-patch-strategy']?.startsWith('merge') === true;
        const keys = (mark['x-kubernetes-list-map-keys'] ?? []) as readonly string[];
        if (type === 'map') expected.push(`${name}.${field} ${keys.toSorted().join(',')}`);
        else if (type === 'set') expected.push(`${name}.${field} `);
        else if (type === undefined && isMerged) {
          expected.push(`${name}.${field} ${of['x-kubernetes-patch-merge-key'] ?? ''}`);
        }
      }
    }
    const served = servedMessages();
    const own = [...listMarks()]
      .filter(
        ([path, { strategy }]) =>
          strategy !== 'retainKeys' &&
          !isAtomic(path) &&
          served.has(path.slice(0, path.lastIndexOf('.'))),
      )
      .map(([path, { mapKeys }]) => `${path} ${mapKeys.toSorted().join(',')}`);
    assert.deepEqual(own.sort(), expected.sort());
  });

  test('knows which objects have one owner as a whole', () => {
    const wrong = [...servedMessages()].filter((name) => {
      const definition = definitions().get(name);
      return (
        definition !== undefined &&
        isAtomic(name) !== (definition['x-kubernetes-map-type'] === 'atomic')
      );
    });
    assert.deepEqual(wrong, []);
  });

  const reviews = VIRTUAL.map(({ group, kind, message }) => ({
    group,
    version: 'v1',
    kind,
    message,
    apiVersion: `${group}/v1`,
  }));
  const scale = {
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    message: 'autoscaling.v1.Scale',
    apiVersion: 'autoscaling/v1',
  };
  for (const kind of [...SERVED, ...reviews, scale]) {
    const name = `${kind.group === '' ? 'core' : kind.group}.${kind.version}.${kind.kind}`;
    test(`reads the protobuf of ${name} as its JSON`, () => {
      const found = example(name);
      assert.ok(found !== undefined, 'there is an example');
      const envelope = readEnvelope(found.protobuf);
      assert.deepEqual([envelope.apiVersion, envelope.kind], [kind.apiVersion, kind.kind]);
      const read = readProtobuf(envelope.raw, kind.message);
      const known = (value: Json): Json =>
        new Decoder().message(value, kind.message, ['apiVersion', 'kind']);
      const { apiVersion: _version, kind: _kind, ...expected } = found.json as Record<string, Json>;
      assert.deepEqual(known(read), known(expected));
    });
  }
});

describe('decoding', () => {
  const decode = (value: Json): { object: Json; unknown: string[] } => {
    const decoder = new Decoder();
    return {
      object: decoder.message(value, 'core.v1.Pod', ['apiVersion', 'kind']),
      unknown: decoder.unknown,
    };
  };

  test('drops nulls and the zero values that Go leaves out, and keeps those of pointers', () => {
    const { object } = decode({
      metadata: { name: 'a', labels: {}, namespace: '' },
      spec: {
        nodeName: '',
        terminationGracePeriodSeconds: 0,
        hostNetwork: false,
        volumes: null,
        containers: [],
      },
    });
    assert.deepEqual(object, {
      metadata: { name: 'a' },
      spec: { terminationGracePeriodSeconds: 0, containers: [] },
    });
  });

  test('names unknown fields by their path, and says in Go’s words what has another type', () => {
    assert.deepEqual(decode({ spec: { containers: [{ name: 'a', foo: 1 }], bar: 2 } }).unknown, [
      'spec.containers[0].foo',
      'spec.bar',
    ]);
    assert.throws(() => decode({ spec: { containers: 'x' } }), {
      message:
        'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    });
  });

  test('finds fields that stand twice, wherever they do', () => {
    assert.deepEqual(duplicateFields('{"a":1,"b":[{"c":"}","c":2}],"\\u0061":3}'), ['b[0].c', 'a']);
    assert.deepEqual(duplicateFields('{"a":{"b":1},"c":{"b":[1,2]}}'), []);
  });

  test('finds them in a text without spaces too, and still refuses what is nested too deeply', () => {
    const duplicatesOf = (text: string): readonly string[] => duplicatesIn(text, JSON.parse(text));
    assert.deepEqual(duplicatesOf('{"a":1,"b":{"c":1,"c":1}}'), ['b.c']);
    assert.deepEqual(duplicatesOf('{"a":1,"b":{"c":1}}\n'), []);
    assert.deepEqual(duplicatesOf('{ "a": "\\u003c", "1": 2, "__proto__": 3 }'), []);
    assert.throws(
      () => duplicatesOf(`${'['.repeat(1001)}${']'.repeat(1001)}`),
      /exceeded max depth/,
    );
  });

  test('gives a value back as it is where nothing is to be changed, and changes nothing of it elsewhere', () => {
    const whole = { metadata: { name: 'a' }, spec: { containers: [{ name: 'b', image: 'c' }] } };
    assert.equal(decode(whole).object, whole);
    const [spec, status] = [whole.spec, { phase: '' }];
    const partial = { metadata: null, spec, status };
    const { object } = decode(partial);
    assert.deepEqual(object, { spec, status: {} });
    assert.equal((object as typeof partial).spec, spec);
    assert.deepEqual(partial, { metadata: null, spec, status: { phase: '' } });
  });
});

test('quantities have one form each', () => {
  const forms = {
    '0.5': '500m',
    '1000m': '1',
    '1024Mi': '1Gi',
    '1.5Gi': '1536Mi',
    '1e3': '1k',
    '0': '0',
    '100M': '100M',
  };
  for (const [given, expected] of Object.entries(forms))
    assert.equal(canonicalQuantity(given), expected);
  assert.equal(canonicalQuantity('1 Gi'), undefined);
});
