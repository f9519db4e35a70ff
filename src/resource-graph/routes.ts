/**
 * `POST /providers/Microsoft.ResourceGraph/resources`: queries on what is in the caller's subscriptions, in a subset of Kusto's language,
 * as `az graph query` and portals send them. What is not in the subset is refused with the part that is not understood.
 */
import { errors } from '#arm/errors.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import { askedVersion } from '#arm/versions.ts';
import type { Access } from '#identity/access/access.ts';
import { formatInstant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { invalidQuery, noSubscriptions } from './refusals.ts';
import type { Uses } from './query/bind.ts';
import { InvalidQueryError } from './query/invalid-query.ts';
import { narrowingOf } from './query/narrow.ts';
import { parseQuery } from './query/parse.ts';
import { pipelineOf } from './query/pipeline.ts';
import type { Made, Row, Stage } from './query/stages.ts';
import type { Query } from './query/syntax.ts';
import type { ValueType } from './query/values.ts';
import { reachOf } from './reach.ts';
import { type QueryRequest, queryRequestIn, tokenOf } from './request.ts';
import { COLUMNS, filled, type Table, TABLES } from './tables.ts';

const NAMESPACE = 'Microsoft.ResourceGraph';
/** Newest first [spec]. */
const VERSIONS: readonly string[] = [
  ...['2024-04-01', '2022-10-01', '2021-06-01-preview', '2021-03-01'],
  ...['2020-04-01-preview', '2019-04-01', '2018-09-01-preview'],
];
/** The last one that answers a table where nothing is said. */
const LAST_WITH_TABLES = '2019-04-01';

/** The type of a column in a table's answer, by its type in the query [spec]. */
const SHOWN_TYPES: Readonly<Record<ValueType, string>> = {
  ...{ string: 'string', long: 'integer', real: 'number', bool: 'boolean', dynamic: 'object' },
};

export function resourceGraphRoutes(provider: Provider, access: Access): PlatformRoute[] {
  return [
    {
      method: 'POST',
      path: `/providers/${NAMESPACE}/resources`,
      summary: 'Queries the resources of subscriptions (Resource Graph).',
      type: `${NAMESPACE}/resources`,
      permission: 'read',
      carryOut: async (call) => await answerQuery(provider, access, call),
    },
  ];
}

async function answerQuery(
  provider: Provider,
  access: Access,
  call: PlatformCall,
): Promise<Answer> {
  const version = versionOf(provider, call);
  const request = queryRequestIn(call.body, version <= LAST_WITH_TABLES);
  const at = formatInstant(provider.clock.now());
  const mark = { at, correlationId: call.correlationId };
  const reach = await reachOf({ provider, access, caller: call.caller }, request.subscriptions);
  if (reach.subscriptions.length === 0) throw noSubscriptions(mark, request.subscriptions ?? []);
  try {
    const query = parseQuery(request.query);
    const table = tableOf(query);
    const uses: Uses = { columns: new Set(), characters: 0 };
    const made = pipelineOf(query.operators, COLUMNS, uses);
    const page = pageOf(request, made);
    const narrowing = narrowingOf(query.operators);
    const wanted = reach.subscriptions.filter(
      (id) => narrowing.subscriptionId === undefined || id === narrowing.subscriptionId,
    );
    const stage = made.into(page.stage);
    const needsProperties = uses.columns.has('properties');
    await table(
      { provider, narrowing, needsProperties, reach: { ...reach, subscriptions: wanted } },
      stage,
    );
    stage.end();
    return { status: 200, body: await bodyOf(provider, { request, made, page }) };
  } catch (error) {
    if (error instanceof InvalidQueryError) throw invalidQuery(mark, error);
    throw error;
  }
}

function versionOf({ hasLooseVersions }: Provider, { query }: PlatformCall): string {
  const version = askedVersion(query)?.toLowerCase() ?? '';
  const [newest = ''] = VERSIONS;
  if (VERSIONS.includes(version)) return version;
  const isNewer = version > newest;
  if (isNewer && hasLooseVersions) return newest;
  const type = 'resources';
  throw errors.invalidResourceType({
    type,
    namespace: NAMESPACE,
    version,
    versions: VERSIONS,
    isNewer,
  });
}

function tableOf({ table }: Query): Table {
  if (table === undefined) return TABLES.resources as Table;
  const name = table.text.toLowerCase();
  const found = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
  if (found !== undefined) return found;
  const message = `Table ${table.text} is invalid, unsupported or disallowed.`;
  throw new InvalidQueryError('DisallowedLogicalTableName', message, table);
}

/** The rows of the page that is asked for, and how many there are on all pages. */
interface Page {
  readonly stage: Stage;
  readonly rows: Row[];
  readonly seen: { total: number; isMore: boolean };
}

function pageOf({ after, skip, top }: QueryRequest, { order }: Made): Page {
  const rows: Row[] = [];
  const seen = { total: 0, isMore: false };
  let toSkip = skip;
  const push = (row: Row): boolean => {
    seen.total++;
    if (after !== undefined && order(row, after) <= 0) return true;
    if (toSkip > 0) toSkip--;
    else if (rows.length < top) rows.push(row);
    else seen.isMore = true;
    return true;
  };
  return { rows, seen, stage: { push, end: () => undefined } };
}

/** A page of rows that were cut at a number, or that have nothing to be told apart by, has no successor [doc: paging-results]. */
async function bodyOf(
  provider: Provider,
  {
    request,
    made,
    page,
  }: { readonly request: QueryRequest; readonly made: Made; readonly page: Page },
): Promise<JsonObject> {
  const { query, format } = request;
  const { columns, isLimited } = made;
  const { rows, seen } = page;
  const last = rows.at(-1);
  const canGoOn = !isLimited && columns.some(({ type }) => type !== 'dynamic');
  const cells = await filled(
    provider,
    rows.map((row) => row.cells),
  );
  const data: Json =
    format === 'table'
      ? {
          columns: columns.map(({ name, type }) => ({ name, type: SHOWN_TYPES[type] })),
          rows: cells.map((row) => [...row]),
        }
      : cells.map((row) =>
          Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])),
        );
  return {
    totalRecords: seen.total,
    count: rows.length,
    data,
    facets: [],
    resultTruncated: seen.isMore && !canGoOn ? 'true' : 'false',
    ...(seen.isMore && canGoOn && last !== undefined ? { $skipToken: tokenOf(query, last) } : {}),
  };
}
