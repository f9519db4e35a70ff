import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Budget } from '#deployments/expressions/budget.ts';
import { evaluateText } from '#deployments/expressions/evaluation.ts';
import { inLoop, type Scope } from '#deployments/expressions/scope.ts';
import {
  TemplateError,
  UnresolvedReferenceError,
} from '#deployments/expressions/template-error.ts';
import { parseInstant } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';

const SUBSCRIPTION = '4385cf00-2d3a-425a-832f-f4285b1c9dce';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const PARAMETERS: Readonly<Record<string, Json>> = {
  name: 'edge1',
  count: 3,
  list: ['a', 'b', 'c'],
  settings: { Size: 'large', inner: { deep: [1, 2, 3] } },
  nothing: null,
};

const scope: Scope = {
  world: {
    budget: new Budget(),
    place: {
      subscriptionId: SUBSCRIPTION,
      tenantId: 'tenant',
      group: { name: 'rg', location: 'eastus', tags: { a: '1' } },
    },
    fresh: {
      now: parseInstant('2026-03-02T09:00:00Z') ?? assert.fail(),
      newGuid: () => 'a-new-guid',
    },
    deployment: { name: 'main' },
    providers: () => undefined,
    resourceInfo: (symbol) => ({ id: `/${symbol}` }),
    instancesOf: () => undefined,
    answer: (reference) => {
      throw new UnresolvedReferenceError(reference);
    },
  },
  parameter: (name) => PARAMETERS[name],
  variable: (name) => (name === 'greeting' ? 'hello' : undefined),
  userFunction: (name) =>
    name.toLowerCase() === 'own.twice'
      ? { parameters: ['text'], value: "[concat(parameters('text'), parameters('text'))]" }
      : undefined,
  loops: {},
  lambdas: {},
};

const valueOf = (text: string): Json => evaluateText(text, scope);

/** Expression → value, mostly the examples of the official documents. */
const TABLES: Readonly<Record<string, readonly (readonly [string, Json])[]>> = {
  'networks and URIs, with the examples of the documents (tried, B8)': [
    [
      "[parseCidr('10.144.0.0/20')]",
      {
        ...{ network: '10.144.0.0', netmask: '255.255.240.0', broadcast: '10.144.15.255' },
        ...{ firstUsable: '10.144.0.1', lastUsable: '10.144.15.254', cidr: 20 },
      },
    ],
    [
      "[parseCidr('fdad:3236:5555::/48')]",
      {
        ...{ network: 'fdad:3236:5555::', netmask: 'ffff:ffff:ffff::' },
        firstUsable: 'fdad:3236:5555::',
        lastUsable: 'fdad:3236:5555:ffff:ffff:ffff:ffff:ffff',
        cidr: 48,
      },
    ],
    ["[cidrSubnet('10.144.0.0/20', 24, 0)]", '10.144.0.0/24'],
    ["[cidrSubnet('10.144.0.0/20', 24, 4)]", '10.144.4.0/24'],
    ["[cidrSubnet('fdad:3236:5555::/48', 52, 1)]", 'fdad:3236:5555:1000::/52'],
    ["[cidrHost('10.144.3.0/24', 0)]", '10.144.3.1'],
    ["[cidrHost('10.144.3.0/24', 4)]", '10.144.3.5'],
    ["[cidrHost('fdad:3236:5555:3033::/64', 1)]", 'fdad:3236:5555:3033::2'],
    ["[parseCidr('::ffff:1.2.3.4/128').network]", '::ffff:102:304'],
    [
      "[parseUri('https://edge.example:8443/a/b?c=1')]",
      { scheme: 'https', host: 'edge.example', port: 8443, path: '/a/b', query: '?c=1' },
    ],
    [
      "[buildUri(createObject('scheme', 'https', 'host', 'edge.example', 'path', 'a'))]",
      'https://edge.example/a',
    ],
    [
      "[buildUri(parseUri('https://edge.example:8443/a/b?c=1'))]",
      'https://edge.example:8443/a/b?c=1',
    ],
    ["[indexFromEnd(parameters('list'), 1)]", 'c'],
    ["[tryIndexFromEnd(parameters('list'), 4)]", null],
    ["[if(true(), 'well', fail('ill'))]", 'well'],
  ],
  'texts that are no expressions': [
    ['plain', 'plain'],
    ["[[concat('a')]", "[concat('a')]"],
    ['[not closed', '[not closed'],
    ['', ''],
  ],
  'literals and members': [
    ["['it''s']", "it's"],
    ['[5]', 5],
    ['[ -5 ]', -5],
    ["[parameters('settings').size]", 'large'],
    ["[parameters('settings').inner.deep[1]]", 2],
    ["[parameters('settings')['Size']]", 'large'],
    ["[parameters('list')[sub(parameters('count'), 1)]]", 'c'],
    ["[variables('greeting')]", 'hello'],
  ],
  strings: [
    ["[concat('a', 1, true())]", 'a1True'],
    ["[concat(parameters('list'), createArray('d'))]", ['a', 'b', 'c', 'd']],
    ["[format('{0}-{1:D3} {{x}} {2,4}|', 'a', 7, 'b')]", 'a-007 {x}    b|'],
    ["[toLower('ABC')]", 'abc'],
    ["[toUpper('abc')]", 'ABC'],
    ["[replace('a.b.c', '.', '$&')]", 'a$&b$&c'],
    ["[split('a;b,c', createArray(';', ','))]", ['a', 'b', 'c']],
    ["[join(parameters('list'), '-')]", 'a-b-c'],
    ["[substring('abcdef', 1, 3)]", 'bcd'],
    ["[padLeft(7, 3, '0')]", '007'],
    ["[trim('  a ')]", 'a'],
    ["[startsWith('abcdef', 'AB')]", true],
    ["[endsWith('abcdef', 'EF')]", true],
    ["[indexOf('test', 'T')]", 0],
    ["[lastIndexOf('test', 'T')]", 3],
    [
      "[uri('http://contoso.org/firstpath/', 'myscript.sh')]",
      'http://contoso.org/firstpath/myscript.sh',
    ],
    ["[uriComponent('a b/c')]", 'a%20b%2Fc'],
    ["[uriComponentToString('a%20b')]", 'a b'],
    ["[base64('one, two')]", 'b25lLCB0d28='],
    ["[base64ToString('b25lLCB0d28=')]", 'one, two'],
    ['[base64ToJson(base64(\'{"a":1}\'))]', { a: 1 }],
    ["[dataUriToString(dataUri('Hello'))]", 'Hello'],
    ["[string(createObject('a', 1))]", '{"a":1}'],
    ['[json(\'{"a":[true,null]}\').a[0]]', true],
  ],
  'numbers and truth': [
    ['[add(5, 3)]', 8],
    ['[sub(7, 3)]', 4],
    ['[mul(5, 3)]', 15],
    ['[div(8, 3)]', 2],
    ['[div(-7, 2)]', -3],
    ['[mod(7, 3)]', 1],
    ["[int('4')]", 4],
    ['[min(0, 3, 2)]', 0],
    ['[max(createArray(0, 3, 2))]', 3],
    ['[range(5, 3)]', [5, 6, 7]],
    ["[bool('1')]", true],
    ["[if(true(), 'yes', div(1, 0))]", 'yes'],
    ["[and(false(), parameters('gone'))]", false],
    ["[or(true(), parameters('gone'))]", true],
    ['[not(false())]', true],
    ["[equals('a', 'A')]", false],
    ["[equals(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 1))]", true],
    ['[less(1, 2)]', true],
    ["[greaterOrEquals('b', 'a')]", true],
    ["[coalesce(parameters('nothing'), null(), 'x', parameters('gone'))]", 'x'],
  ],
  'arrays and objects': [
    ["[contains(parameters('list'), 'b')]", true],
    ["[contains(parameters('settings'), 'SIZE')]", true],
    ["[contains('OneTwo', 'Two')]", true],
    ["[empty('')]", true],
    ["[empty(parameters('nothing'))]", true],
    ["[first('One')]", 'O'],
    ["[last(parameters('list'))]", 'c'],
    ["[skip(parameters('list'), 1)]", ['b', 'c']],
    ["[take('abc', 2)]", 'ab'],
    ["[length(parameters('settings'))]", 2],
    ["[union(parameters('list'), createArray('c', 'd'))]", ['a', 'b', 'c', 'd']],
    ['[union(json(\'{"a":{"x":1}}\'), json(\'{"a":{"y":2}}\'))]', { a: { x: 1, y: 2 } }],
    ["[intersection(parameters('list'), createArray('c', 'a'))]", ['a', 'c']],
    ["[array('a')]", ['a']],
    ["[createObject('a', createArray())]", { a: [] }],
    ['[flatten(createArray(createArray(1), createArray(2, 3)))]', [1, 2, 3]],
    [
      "[items(createObject('b', 2, 'a', 1))]",
      [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
    ],
    ["[tryGet(parameters('settings'), 'inner', 'deep', 9)]", null],
    ["[objectKeys(createObject('b', 2, 'a', 1))]", ['a', 'b']],
  ],
  lambdas: [
    ["[map(range(1, 3), lambda('x', mul(lambdaVariables('x'), 2)))]", [2, 4, 6]],
    ["[filter(range(0, 6), lambda('x', equals(mod(lambdaVariables('x'), 2), 0)))]", [0, 2, 4]],
    [
      "[reduce(range(1, 4), 0, lambda('s', 'x', add(lambdaVariables('s'), lambdaVariables('x'))))]",
      10,
    ],
    [
      "[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]",
      [1, 2, 3],
    ],
    [
      "[toObject(parameters('list'), lambda('x', lambdaVariables('x')), lambda('x', toUpper(lambdaVariables('x'))))]",
      { a: 'A', b: 'B', c: 'C' },
    ],
    [
      "[map(createArray(1, 2), lambda('x', map(createArray(10), lambda('y', add(lambdaVariables('x'), lambdaVariables('y'))))))]",
      [[11], [12]],
    ],
  ],
  dates: [
    ['[utcNow()]', '20260302T090000Z'],
    ["[utcNow('yyyy-MM-dd')]", '2026-03-02'],
    ["[utcNow('u')]", '2026-03-02 09:00:00Z'],
    ["[dateTimeAdd(utcNow('u'), 'P3Y')]", '2029-03-02 09:00:00Z'],
    ["[dateTimeAdd('2020-04-07 14:53:14Z', '-P9D')]", '2020-03-29 14:53:14Z'],
    ["[dateTimeAdd('2020-01-31T00:00:00Z', 'P1M')]", '2020-02-29T00:00:00Z'],
    ["[dateTimeAdd(utcNow(), 'PT1H30M')]", '20260302T103000Z'],
    ["[dateTimeToEpoch('1970-01-02T00:00:00Z')]", 86400],
    ['[dateTimeFromEpoch(86400)]', '1970-01-02T00:00:00Z'],
  ],
  'places and ids': [
    ['[resourceGroup().location]', 'eastus'],
    ['[resourceGroup().tags.a]', '1'],
    ['[subscription().subscriptionId]', SUBSCRIPTION],
    ['[tenant().tenantId]', 'tenant'],
    ['[deployment().name]', 'main'],
    ['[environment().name]', 'AzureCloud'],
    ["[resourceId('N.T/a', 'x')]", `${GROUP}/providers/N.T/a/x`],
    ["[resourceId('N.T/a/b', 'x', 'y')]", `${GROUP}/providers/N.T/a/x/b/y`],
    ["[resourceId('other', 'N.T/a', 'x')]", `${GROUP.replace('/rg', '/other')}/providers/N.T/a/x`],
    ["[subscriptionResourceId('N.T/a', 'x')]", `/subscriptions/${SUBSCRIPTION}/providers/N.T/a/x`],
    ["[extensionResourceId('/scope', 'N.T/a', 'x')]", '/scope/providers/N.T/a/x'],
    ["[tenantResourceId('N.T/a', 'x')]", '/providers/N.T/a/x'],
    ["[resourceInfo('share').id]", '/share'],
    ["[own.twice('ab')]", 'abab'],
    ['[newGuid()]', 'a-new-guid'],
  ],
};

for (const [name, rows] of Object.entries(TABLES)) {
  describe(name, () => {
    for (const [text, value] of rows) {
      test(text === '' ? 'an empty one' : text, () => assert.deepEqual(valueOf(text), value));
    }
  });
}

describe('copyIndex', () => {
  test('of the innermost loop, of a named one, with an offset', () => {
    const inside = inLoop(inLoop(scope, 'outer', 4), 'inner', 1);
    assert.equal(evaluateText('[copyIndex()]', inside), 1);
    assert.equal(evaluateText("[copyIndex('Outer', 10)]", inside), 14);
    assert.throws(() => evaluateText("[copyIndex('other')]", inside), TemplateError);
    assert.throws(() => valueOf('[copyIndex()]'), TemplateError);
  });
});

describe('identifiers', () => {
  test('uniqueString has 13 letters and digits, the same for the same texts', () => {
    const made = valueOf("[uniqueString(resourceGroup().id, 'a')]");
    assert.match(made as string, /^[a-z2-7]{13}$/);
    assert.equal(valueOf("[uniqueString(resourceGroup().id, 'a')]"), made);
    assert.notEqual(valueOf("[uniqueString(resourceGroup().id, 'b')]"), made);
  });
});

describe('guid', () => {
  test('is name-based, version 5, the same for the same texts', () => {
    const made = valueOf("[guid('a', 'b')]") as string;
    assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(valueOf("[guid('a-b')]"), made);
    assert.notEqual(valueOf("[guid('a', 'c')]"), made);
  });
});

describe('refuse', () => {
  const wrong = [
    '[]',
    "[concat('a']",
    "[concat('a'))]",
    '[parameters]',
    '[1 + 2]',
    "['a]",
    "[nonsense('a')]",
    "[constructor('a')]",
    "[parameters('gone')]",
    "[variables('gone')]",
    "[parameters('settings').gone]",
    "[parameters('list')[3]]",
    "[parameters('name').length]",
    "[add('1', 2)]",
    '[div(1, 0)]',
    "[int('x')]",
    "[substring('abc', 2, 5)]",
    "[json('{')]",
    "[resourceId('a', 'b')]",
    "[resourceId('N.T/a/b', 'x')]",
    "[if('yes', 1, 2)]",
    "[own.twice('a', 'b')]",
    "[dateTimeAdd('yesterday', 'P1D')]",
    "[dateTimeAdd(utcNow(), 'P')]",
    '[range(0, 10001)]',
    `[${'not('.repeat(200)}true()${')'.repeat(200)}]`,
    '[map(1, 2)]',
    "[fail('no such size')]",
    "[parseCidr('10.0.0.0')]",
    "[parseCidr('10.0.0.256/24')]",
    "[parseCidr('10.0.0.0/33')]",
    "[cidrSubnet('10.0.0.0/24', 23, 0)]",
    "[cidrSubnet('10.0.0.0/24', 25, 2)]",
    "[cidrHost('10.0.0.0/30', 2)]",
    "[parseUri('edge')]",
    "[buildUri(createObject('host', 'a'))]",
    "[indexFromEnd(parameters('list'), 4)]",
  ];
  for (const text of wrong) {
    test(text.slice(0, 60), () => assert.throws(() => valueOf(text), TemplateError));
  }

  test('references throw what must be read at run time', () => {
    const asked = (text: string): Json => {
      try {
        return valueOf(text);
      } catch (error) {
        if (error instanceof UnresolvedReferenceError)
          return { ...error.reference } as unknown as Json;
        throw error;
      }
    };
    assert.deepEqual(asked("[reference('x', '2023-12-01', 'Full').location]"), {
      kind: 'reference',
      resource: 'x',
      apiVersion: '2023-12-01',
      isFull: true,
      action: '',
      body: undefined,
    });
    assert.deepEqual(asked("[listKeys('x', '2023-12-01').value]"), {
      kind: 'list',
      resource: 'x',
      apiVersion: '2023-12-01',
      isFull: false,
      action: 'listKeys',
      body: undefined,
    });
  });
});
