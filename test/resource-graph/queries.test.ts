/** Resource Graph: the queries that portals and `az graph query` send, and what is refused of them (issue 9, 10). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '#shared/json.ts';
import { ArmClient, DEVICE, GROUP, propertiesOf, SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';
import { startRequiring } from '../support/sign-in.ts';

const URL = '/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01';
const TYPE = 'microsoft.databoxedge/databoxedgedevices';
const OTHER_GROUP = GROUP.replace('GroupForEdgeAutomation', 'Lab');

interface Page {
  readonly totalRecords: number;
  readonly count: number;
  readonly data: JsonObject[];
  readonly resultTruncated: string;
  readonly $skipToken?: string;
}

async function page(arm: ArmClient, query: string, options: JsonObject = {}): Promise<Page> {
  const body = { subscriptions: [SUBSCRIPTION], query, options };
  return (await arm.post(URL, body)) as unknown as Page;
}

const rowsOf = async (arm: ArmClient, query: string): Promise<JsonObject[]> =>
  (await page(arm, query)).data;

const valuesOf = async (arm: ArmClient, query: string): Promise<Json[]> =>
  (await rowsOf(arm, query)).map((row) => Object.values(row)[0] ?? null);

/** Four devices in two groups, which differ in tags, region and SKU. */
async function someDevices(arm: ArmClient): Promise<void> {
  await arm.device({ tags: { env: 'prod', floor: '30' } });
  await arm.device({ tags: { env: 'test' } }, DEVICE.replace('edge1', 'Edge2'));
  await arm.device({ sku: { name: 'EdgeP_High' } }, DEVICE.replace('edge1', 'edge3'));
  const lab = DEVICE.replace(GROUP, OTHER_GROUP).replace('edge1', 'lab1');
  await arm.device({ location: 'westeurope', tags: { env: 'PROD' } }, lab);
}

test('issue 9, 10: a row has the columns of Resource Graph', async (t) => {
  const arm = await startService(t);
  await someDevices(arm);
  const [row] = await rowsOf(arm, "Resources | where name == 'edge1'");
  const { properties, tenantId, sku, ...rest } = row ?? {};
  assert.deepEqual(rest, {
    ...{ id: DEVICE, name: 'edge1', type: TYPE, kind: 'AzureStackEdge', location: 'eastus' },
    ...{ resourceGroup: 'groupforedgeautomation', subscriptionId: SUBSCRIPTION, managedBy: '' },
    ...{ plan: null, tags: { env: 'prod', floor: '30' }, identity: null },
    ...{ zones: null, extendedLocation: null },
  });
  assert.deepEqual(properties, propertiesOf(await arm.get(DEVICE)));
  assert.deepEqual(sku, { name: 'EdgeP_Base', tier: 'Standard' });
  assert.match(tenantId as string, /^[0-9a-f-]{36}$/);
});

test('issue 9, 10: where', async (t) => {
  const arm = await startService(t);
  await someDevices(arm);
  const all = ['edge1', 'Edge2', 'edge3', 'lab1'];
  const cases: readonly (readonly [condition: string, names: readonly string[]])[] = [
    ["type =~ 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'", all],
    ["type == 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'", []],
    [`type in~ ('x', "Microsoft.DataBoxEdge/dataBoxEdgeDevices")`, all],
    ["name in ('edge1', 'edge2')", ['edge1']],
    ["name !in~ ('EDGE1', 'edge2')", ['edge3', 'lab1']],
    [`subscriptionId == '${SUBSCRIPTION}' and resourceGroup =~ 'LAB'`, ['lab1']],
    ["location != 'eastus'", ['lab1']],
    ["location !~ 'EastUS' or name == 'edge3'", ['edge3', 'lab1']],
    ["tags['env'] == 'prod'", ['edge1']],
    ["tags.env =~ 'prod'", ['edge1', 'lab1']],
    ["tags.env != 'prod'", ['Edge2', 'edge3', 'lab1']],
    ["tolower(tags['env']) == 'prod' and isnotempty(tags.floor)", ['edge1']],
    ['isempty(tags.env)', ['edge3']],
    ['isnull(tags.env) and isnotnull(properties)', ['edge3']],
    ["not(name startswith 'EDGE')", ['lab1']],
    ["name contains 'DGE' and name !endswith '3'", ['edge1', 'Edge2']],
    ["id has 'lab1' and name !contains 'edge' and name has_cs 'lab1'", ['lab1']],
    ["id has 'lab'", ['lab1']],
    ["(name == 'edge1' or name == 'lab1') and location == 'eastus'", ['edge1']],
    [
      "properties.dataBoxEdgeDeviceStatus == 'ReadyToSetup' and sku.name =~ 'edgep_high'",
      ['edge3'],
    ],
    ['properties.configuredRoleTypes == 0 or properties["nodeCount"] > 0', []],
    ['strlen(name) > 4', ['edge1', 'Edge2', 'edge3']],
  ];
  for (const [condition, names] of cases) {
    assert.deepEqual(await valuesOf(arm, `where ${condition} | project name`), names, condition);
  }
});

test('issue 9, 10: project, extend, summarize, order by, top, limit, distinct, count', async (t) => {
  const arm = await startService(t);
  await someDevices(arm);
  const cases: readonly (readonly [query: string, rows: readonly JsonObject[]])[] = [
    ['resources | project name, env = tags.env | limit 1', [{ name: 'edge1', env: 'prod' }]],
    ["Resources | where name == 'lab1' | project tags.env", [{ tags_env: 'PROD' }]],
    [
      'Resources | summarize count() by location | order by count_ asc',
      [
        { location: 'westeurope', count_: 1 },
        { location: 'eastus', count_: 3 },
      ],
    ],
    [
      'Resources // by environment\n| summarize n = count(), most = max(name) by env = tolower(tostring(tags.env)) | sort by n, env asc',
      [
        { env: 'prod', n: 2, most: 'lab1' },
        { env: '', n: 1, most: 'edge3' },
        { env: 'test', n: 1, most: 'Edge2' },
      ],
    ],
    [
      'Resources | summarize countif(location == "eastus"), dcount(type)',
      [{ countif_: 3, dcount_type: 1 }],
    ],
    ['Resources | top 2 by name desc | project name', [{ name: 'lab1' }, { name: 'edge3' }]],
    ['Resources | order by location asc, name | project name | take 1', [{ name: 'edge3' }]],
    [
      'Resources | order by name | project-away t*, id, p*, kind, *roup, sub*, man*, iden*, zones, ext* | limit 1',
      [{ name: 'lab1', location: 'westeurope', sku: { name: 'EdgeP_Base', tier: 'Standard' } }],
    ],
    [
      "Resources | extend short = substring(name, 0, 3), name = toupper(name) | where short == 'lab' | project name, short",
      [{ name: 'LAB1', short: 'lab' }],
    ],
    ['Resources | distinct location', [{ location: 'eastus' }, { location: 'westeurope' }]],
    ["Resources | where name startswith 'edge' | count", [{ Count: 3 }]],
    ["Resources | where name == 'nobody' | summarize count()", [{ count_: 0 }]],
    [
      "ResourceContainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups' | project name, location, properties.provisioningState",
      [
        {
          name: 'GroupForEdgeAutomation',
          location: 'eastus',
          properties_provisioningState: 'Succeeded',
        },
        { name: 'Lab', location: 'eastus', properties_provisioningState: 'Succeeded' },
      ],
    ],
    [
      "resourcecontainers | where type == 'microsoft.resources/subscriptions' | project id",
      [{ id: `/subscriptions/${SUBSCRIPTION}` }],
    ],
    [
      'Resources | project iff(isempty(tags.floor), "ground", "upper"), coalesce(tags.floor, tags.env) | limit 1',
      [{ Column1: 'upper', Column2: '30' }],
    ],
    ["Resources | project split(id, '/')[4] | limit 1", [{ Column1: 'GroupForEdgeAutomation' }]],
  ];
  for (const [query, rows] of cases) assert.deepEqual(await rowsOf(arm, query), rows, query);
});

describe('issue 9, 10: pages', () => {
  test('go on after the last row, though rows come and go', async (t) => {
    const arm = await startService(t);
    await someDevices(arm);
    for (const query of [
      'Resources | project name',
      'Resources | order by name asc | project name',
    ]) {
      const first = await page(arm, query, { $top: 2 });
      assert.deepEqual([first.totalRecords, first.count, first.resultTruncated], [4, 2, 'false']);
      const added = DEVICE.replace('edge1', 'Aaa');
      await arm.device({}, added);
      const second = await page(arm, query, { $top: 2, $skipToken: first.$skipToken! });
      await arm.call('delete', added);
      await arm.advance((60 * 60 * 1000) as never);
      const names = [...first.data, ...second.data].map(({ name }) => name as string);
      assert.equal(new Set(names).size, 4, JSON.stringify(names));
      assert.ok(!names.includes('Aaa'));
      assert.equal(second.$skipToken, undefined);
    }
  });

  test('of groups, of what is skipped, and none where the query has a limit', async (t) => {
    const arm = await startService(t);
    await someDevices(arm);
    const query = 'Resources | summarize count() by name';
    const first = await page(arm, query, { $top: 3 });
    const second = await page(arm, query, { $top: 3, $skipToken: first.$skipToken! });
    assert.deepEqual([first.data.length, second.data.length, second.totalRecords], [3, 1, 4]);
    const skipped = await page(arm, 'Resources | project name', { $top: 1, $skip: 2 });
    assert.deepEqual(skipped.data, [{ name: 'edge3' }]);
    const limited = await page(arm, 'Resources | project name | limit 3', { $top: 2 });
    assert.deepEqual(
      [limited.totalRecords, limited.count, limited.resultTruncated, limited.$skipToken],
      [3, 2, 'true', undefined],
    );
    const dynamic = await page(arm, 'Resources | project tags', { $top: 2 });
    assert.deepEqual([dynamic.resultTruncated, dynamic.$skipToken], ['true', undefined]);
    const foreign = await arm.refused('post', URL, 400, {
      query: 'Resources',
      options: { $skipToken: first.$skipToken! },
    });
    assert.match(foreign.message, /page before/);
  });
});

test('issue 9, 10: a table, and the first version that answers one by itself', async (t) => {
  const arm = await startService(t);
  await someDevices(arm);
  const query = 'Resources | project name, tags | order by name asc | limit 1';
  const table = {
    columns: [
      { name: 'name', type: 'string' },
      { name: 'tags', type: 'object' },
    ],
    rows: [['Edge2', { env: 'test' }]],
  };
  const asked = await arm.post(URL, { query, options: { resultFormat: 'table' } });
  assert.deepEqual(asked.data, table);
  const old = await arm.post(URL.replace('2021-03-01', '2019-04-01'), { query });
  assert.deepEqual(old.data, table);
  for (const version of ['2022-10-01', '2024-04-01']) {
    const { data } = await arm.post(URL.replace('2021-03-01', version), { query });
    assert.deepEqual(data, [{ name: 'Edge2', tags: { env: 'test' } }]);
  }
  const { code } = await arm.refused('post', URL.replace('2021-03-01', '2020-01-01'), 404, {
    query,
  });
  assert.equal(code, 'InvalidResourceType');
});

test('issue 9, 10: what is not understood is refused with its part', async (t) => {
  const arm = await startService(t);
  await arm.device();
  interface Detail {
    readonly code: string;
    readonly message: string;
    readonly token?: string;
    readonly line?: number;
    readonly characterPositionInLine?: number;
  }
  const detailsOf = async (query: string): Promise<readonly Detail[]> => {
    const refused = await arm.refused('post', URL, 400, { query });
    assert.equal(refused.code, 'BadRequest');
    assert.match(
      refused.message,
      /^Please provide below info when asking for support: timestamp = \S+Z, correlationId = [0-9a-f-]{36}\.$/,
    );
    return (refused.details ?? []) as unknown as Detail[];
  };
  const cases: readonly (readonly [query: string, code: string, token: string])[] = [
    ["Resources | parse id with * '/providers/' rest", 'InvalidQueryLanguage', 'parse'],
    ['Resources | join (ResourceContainers) on id', 'InvalidQueryLanguage', 'join'],
    ['Resources | mv-expand tags', 'InvalidQueryLanguage', 'mv-expand'],
    ["Resources | where name matches regex 'e.*'", 'ParserFailure', 'matches'],
    ["Resources | where name =~ 'edge1", 'ParserFailure', "'"],
    ['Resources | where name ==', 'ParserFailure', '<EOF>'],
    ['Resources | where ago(1d) < 3', 'ParserFailure', '1'],
    ['Resources | where now() < 3', 'InvalidQueryLanguage', 'now'],
    ['Resources | summarize make_list(name)', 'InvalidQueryLanguage', 'make_list'],
    ['Resources | limit ten', 'ParserFailure', 'ten'],
    ['Resources where name == 1', 'ParserFailure', 'where'],
    ['Resources | where Name == 1', 'SemanticFailure', 'Name'],
    ['Resources | where name.x == 1', 'SemanticFailure', '.'],
    ['Resources | summarize count() by tags.env', 'SemanticFailure', '.'],
    ['Resources | order by properties', 'SemanticFailure', 'properties'],
    ['Resources | project name, name', 'SemanticFailure', 'name'],
    ['let x = 1; Resources', 'InvalidQueryLanguage', 'let'],
  ];
  for (const [query, code, token] of cases) {
    const [first, second, explanation] = await detailsOf(query);
    assert.equal(first?.code, 'InvalidQuery', query);
    assert.deepEqual([second?.code, second?.token], [code, token], query);
    assert.ok((explanation?.message.length ?? 0) > 10, query);
  }
  const [, place] = await detailsOf("Resources\n| where name = 'a'");
  assert.deepEqual([place?.line, place?.characterPositionInLine, place?.token], [2, 13, '=']);
  const [table] = await detailsOf('securityresources | count');
  assert.deepEqual(table, {
    code: 'DisallowedLogicalTableName',
    message: 'Table securityresources is invalid, unsupported or disallowed.',
  });
});

test('issue 9, 10: the work of a query is bounded', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const tooMuch = [
    `Resources | where name == '${'x'.repeat(40_000)}'`,
    `Resources ${'| take 5 '.repeat(100)}`,
    `Resources | where ${'('.repeat(5000)}true${')'.repeat(5000)}`,
    `Resources | where ${'true or '.repeat(3000)}true`,
    `Resources | where properties${'.a'.repeat(10_000)} == 1`,
    `Resources | extend n = strcat(name, name) ${'| extend n = strcat(n, n, n, n)'.repeat(30)}`,
    `Resources | extend n = name ${"| extend n = tostring(split(n, ''))".repeat(30)}`,
  ];
  for (const query of tooMuch) {
    const { details = [] } = await arm.refused('post', URL, 400, { query });
    assert.equal((details[1] as { code?: string } | undefined)?.code, 'QueryTooComplex');
  }
});

test('issue 9, 10: faults of the request are told together', async (t) => {
  const arm = await startService(t);
  const { details = [] } = await arm.refused('post', URL, 400, {
    managementGroups: ['mg'],
    facets: [{ expression: 'location' }],
    subscriptions: 'all',
    options: { $top: 0, $skip: -1, resultFormat: 'csv', $skipToken: 'x' },
  });
  assert.deepEqual(details.map(({ target }) => target).toSorted(), [
    'facets',
    'managementGroups',
    'options.$skip',
    'options.$skipToken',
    'options.$top',
    'options.resultFormat',
    'query',
    'subscriptions',
  ]);
});

describe('issue 9, 10: a caller sees what he may read', () => {
  const query = 'Resources | project name';
  const assign = async (owner: ArmClient, principalId: string, scope: string): Promise<void> => {
    const role =
      '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7';
    const name = '99999999-9999-4999-8999-999999999999';
    await owner.put(
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
      { properties: { roleDefinitionId: `/subscriptions/${SUBSCRIPTION}${role}`, principalId } },
      201,
    );
  };

  test('everything, nothing, and one device', async (t) => {
    const { owner, reader, nobody, anonymous } = await startRequiring(t);
    await someDevices(owner);
    assert.equal((await rowsOf(reader, query)).length, 4);
    await anonymous.refused('post', URL, 401, { query });
    const none = await nobody.refused('post', URL, 400, { query, subscriptions: [SUBSCRIPTION] });
    const [detail] = (none.details ?? []) as { code?: string; message?: string }[];
    assert.deepEqual(
      [detail?.code, detail?.message],
      [
        'NoValidSubscriptionsInQueryRequest',
        `There must be at least one subscription that is eligible to contain resources. Given: '${SUBSCRIPTION}'.`,
      ],
    );
    const denied = await nobody.refused('get', DEVICE, 403);
    const [, principal = ''] = /object id '([0-9a-f-]{36})'/.exec(denied.message) ?? [];
    await assign(owner, principal, DEVICE.replace('edge1', 'Edge2'));
    assert.deepEqual(await rowsOf(nobody, query), [{ name: 'Edge2' }]);
    assert.deepEqual((await nobody.post(URL, { query })).data, [{ name: 'Edge2' }]);
    const groups = "ResourceContainers | where type endswith 'resourcegroups' | project name";
    assert.deepEqual(await rowsOf(nobody, groups), []);
  });
});
