/** What a template may cost: more is refused before it costs that much, wherever its expressions are evaluated. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { GROUP, propertiesOf } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';
import { deployed, deploymentUrl, makeGroup, request } from './templates.ts';

const EMPTY = { resources: [] };
const output = (value: Json): JsonObject => ({ ...EMPTY, outputs: { n: { type: 'int', value } } });
const device = (more: JsonObject = {}): JsonObject => ({
  type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
  apiVersion: '2023-12-01',
  name: 'aa',
  location: 'eastus',
  sku: { name: 'EdgeP_Base' },
  ...more,
});

/** `map` over `map` …, `levels` deep, with `count` turns each. */
const nested = (levels: number, count: number, inside: string): string =>
  levels === 0
    ? inside
    : `map(range(0, ${count}), lambda('v${levels}', ${nested(levels - 1, count, inside)}))`;

/** User functions of which each calls the next twice. */
const calls = (depth: number): JsonObject[] => [
  {
    namespace: 'f',
    members: Object.fromEntries(
      Array.from({ length: depth }, (_, at) => [
        `g${at}`,
        {
          parameters: [],
          output: { type: 'int', value: at === 0 ? 1 : `[add(f.g${at - 1}(), f.g${at - 1}())]` },
        },
      ]),
    ),
  },
];

const doubled = (count: number): JsonObject =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `v${at}`,
      at === 0
        ? { text: 'x'.repeat(100) }
        : { a: `[variables('v${at - 1}')]`, b: `[variables('v${at - 1}')]` },
    ]),
  );

const copies = (levels: number): Json =>
  levels === 0 ? 1 : { copy: [{ name: 'c', count: 20, input: copies(levels - 1) }] };

const COSTLY: Readonly<Record<string, JsonObject>> = {
  'ten thousand times ten thousand turns': output(`[length(${nested(2, 10_000, '1')})]`),
  'three levels of a thousand turns': output(`[length(${nested(3, 1000, '1')})]`),
  'functions that call the next one twice': { ...output('[f.g25()]'), functions: calls(26) },
  'a variable doubled thirty times': {
    ...output("[length(string(variables('v29')))]"),
    variables: doubled(30),
  },
  'copies in copies': {
    ...output(1),
    variables: { v: copies(6) },
    resources: [device({ tags: { v: "[string(variables('v'))]" } })],
  },
  'texts made anew at each turn': {
    ...output(
      "[length(map(range(0, 10000), lambda('x', concat(variables('t'), variables('t')))))]",
    ),
    variables: { t: "[padLeft('', 10000)]" },
  },
  'a sum of lists': output(
    "[length(reduce(range(0, 10000), createArray(), lambda('sum', 'one', concat(lambdaVariables('sum'), createArray(lambdaVariables('one'))))))]",
  ),
};

describe('issue 9, 19: no template can take the world along', () => {
  for (const [name, template] of Object.entries(COSTLY)) {
    test(`refused with InvalidTemplate: ${name}`, async (t) => {
      const arm = await startService(t);
      await makeGroup(arm);
      for (const [method, action] of [
        ['put', ''],
        ['post', '/validate'],
        ['post', '/whatIf'],
      ] as const) {
        const answer = await arm.call(method, deploymentUrl('costly', action), request(template));
        const text = JSON.stringify(answer.body);
        // What ends asynchronously ends with the same error.
        if (answer.status === 202 || answer.status === 201) {
          await arm.advance(minutes(5));
          const { error } = propertiesOf(await arm.get(deploymentUrl('costly'))) as {
            error?: Json;
          };
          assert.match(JSON.stringify(error), /InvalidTemplate|DeploymentOutputEvaluationFailed/);
        } else assert.match(text, /"code":"Invalid(Template|RequestContent)"/, `${action} ${text}`);
      }
    });
  }

  test('what is known at run time only ends the deployment, and the world goes on', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const inside = "createArray(reference('aa').dataBoxEdgeDeviceStatus)";
    const template = {
      resources: [device()],
      outputs: { n: { type: 'int', value: `[length(${nested(3, 1000, inside)})]` } },
    };
    const ended = await deployed(arm, 'costly', request(template));
    assert.equal(ended.provisioningState, 'Failed');
    assert.match(JSON.stringify(ended.error), /more than 1000000 steps and elements/);
    await arm.get(`${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/aa`);
  });

  test('dense dependencies of 300 resources are refused', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const template = {
      resources: [
        {
          ...device({ name: "[concat('d', copyIndex())]" }),
          copy: { name: 'd', count: 300 },
          dependsOn: "[map(range(0, copyIndex()), lambda('i', concat('d', lambdaVariables('i'))))]",
        },
      ],
    };
    const { message } = await arm.refused('put', deploymentUrl('dense'), 400, request(template));
    assert.match(message, /more than 20000 dependencies/);
  });

  test('tried, finding 18: dates beyond the year 9999 are a fault of their function', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    for (const call of [
      "dateTimeAdd('2020-01-01T00:00:00Z', 'P999999999Y')",
      "dateTimeAdd('2020-01-01T00:00:00Z', 'PT99999999999999H')",
      'dateTimeFromEpoch(99999999999999)',
    ]) {
      const template = { ...EMPTY, outputs: { d: { type: 'string', value: `[${call}]` } } };
      const ended = await arm.call('put', deploymentUrl('dates'), request(template));
      assert.match(JSON.stringify(ended.body), /not in the years 1 to 9999/, call);
    }
  });

  test('a large template that means no harm is deployed', async (t) => {
    const arm = await startService(t);
    await makeGroup(arm);
    const settings = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [`setting${at}`, `value ${at}`]),
    );
    const template = {
      variables: { settings },
      resources: [
        {
          ...device({
            name: "[concat('d', copyIndex())]",
            tags: { team: "[variables('settings')[concat('setting', copyIndex())]]" },
          }),
          copy: { name: 'd', count: 100 },
        },
      ],
      outputs: {
        all: {
          type: 'array',
          value: "[map(items(variables('settings')), lambda('s', lambdaVariables('s').value))]",
        },
      },
    };
    const ended = await deployed(arm, 'large', request(template));
    assert.equal(ended.provisioningState, 'Succeeded', JSON.stringify(ended.error));
  });
});
