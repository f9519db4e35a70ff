/**
 * The activity log: `Microsoft.Insights/eventtypes/management/values` of a subscription, the newest first, from the journal. What
 * resources were asked for is Administrative, what became of a device's health ResourceHealth.
 * Source: the contract of Microsoft.Insights/eventtypes 2015-04-01 `[doc]`; clients need the interval in `$filter` `[az]`.
 */
import { errors } from '#arm/errors.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import { parseResourceId } from '#shared/arm-id.ts';
import { formatInstant, type Instant, parseInstant } from '#shared/instant.ts';
import { type JsonObject, textIn } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import {
  type JournalEntry,
  type NewestOfSubscription,
  newestOfSubscription,
} from '#store/journal.ts';
import type { MonitorParts } from './parts.ts';

const TYPE = 'Microsoft.Insights/eventtypes';
const DEFAULT_PAGE = 200;

/** How each kind of fact is shown: the last part of its operation's name, and its status. */
const SHOWN: Readonly<Record<string, readonly [operation: string, status: string]>> = {
  'resource.created': ['write', 'Succeeded'],
  'resource.changed': ['write', 'Succeeded'],
  'resource.deleted': ['delete', 'Succeeded'],
  'operation.accepted': ['', 'Accepted'],
  'operation.succeeded': ['', 'Succeeded'],
  'operation.failed': ['', 'Failed'],
  'machine.statusChanged': ['health', 'Updated'],
};
const KINDS = Object.keys(SHOWN);

/** Verbs of operations that are no actions. */
const WRITES: Readonly<Record<string, string>> = { put: 'write', patch: 'write', delete: 'delete' };

export const activityLogRoutes = (parts: MonitorParts): PlatformRoute[] => [
  {
    method: 'GET',
    path: '/subscriptions/:subscriptionId/providers/Microsoft.Insights/eventtypes/management/values',
    summary: 'Lists the activity log of a subscription, the newest first.',
    type: TYPE,
    permission: 'values/read',
    carryOut: async (call) => await logPage(parts, call),
  },
];

async function logPage({ database }: MonitorParts, call: PlatformCall): Promise<Answer> {
  const { levels, ...wanted } = filterOf(call);
  const limit = topOf(call.query.$top);
  const select = selectOf(call.query.$select);
  const entries: JournalEntry[] = [];
  let before = beforeOf(call.query.$skiptoken ?? call.query.$skipToken);
  // A level is no column: entries of other levels are passed over, page by page.
  for (;;) {
    const page = await newestOfSubscription(database.reader, {
      kinds: KINDS,
      ...wanted,
      subscriptionId: call.subscriptionId,
      limit: limit + 1,
      ...before,
    });
    entries.push(...page.filter(({ kind, data }) => levels?.includes(levelOf(kind, data)) ?? true));
    const oldest = page.at(-1);
    if (page.length <= limit || entries.length > limit || oldest === undefined) break;
    before = { before: oldest.sequence };
  }
  const shown = entries.slice(0, limit);
  const last = entries.length > limit ? shown.at(-1) : undefined;
  return {
    status: 200,
    body: {
      value: shown.map((entry) => select(eventOf(entry))),
      ...(last === undefined ? {} : { nextLink: nextLink(call.url, last) }),
    },
  };
}

function nextLink(url: string, { sequence }: JournalEntry): string {
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(sequence));
  return next.toString();
}

/** One comparison of a filter: `eventTimestamp ge '2026-…'`; clients write moments without quotes, too. */
const CLAUSE = /^\s*(\w+)\s+(eq|ge|le|gt|lt)\s+(?:'([^']*)'|([\w:.+-]+))\s*$/i;
/** Between two comparisons; the documents leave out the blank after a quote. */
const AND = /(?:\s+|(?<='))and\s+/i;

type Wanted = Partial<
  Pick<NewestOfSubscription, 'from' | 'to' | 'resourceKey' | 'groupKey' | 'cause' | 'kinds'>
> & { readonly levels?: readonly string[] };

/** What `$filter` asks for; throws a 400 for what cannot be read. */
function filterOf({ query, subscriptionId }: PlatformCall): Wanted {
  const text = typeof query.$filter === 'string' ? query.$filter : '';
  let wanted: Wanted = {};
  for (const part of text.trim() === '' ? [] : text.split(AND)) {
    const [, field = '', comparison = '', quoted, bare = ''] = CLAUSE.exec(part) ?? [];
    const value = quoted ?? bare;
    const clause = clauseOf({ field, comparison, value }, subscriptionId);
    if (clause === undefined) {
      throw errors.invalidQuery(
        '$filter',
        `The filter '${text}' cannot be read at '${part.trim()}'.`,
      );
    }
    wanted = { ...wanted, ...clause };
  }
  return wanted;
}

function clauseOf(
  { field, comparison, value }: Readonly<Record<'field' | 'comparison' | 'value', string>>,
  subscriptionId: string,
): Wanted | undefined {
  const name = field.toLowerCase();
  const isEqual = comparison.toLowerCase() === 'eq';
  if (name === 'eventtimestamp') return momentOf(comparison.toLowerCase(), value);
  if (!isEqual) return undefined;
  switch (name) {
    case 'resourcegroupname':
      return { groupKey: `/subscriptions/${subscriptionId}/resourcegroups/${value.toLowerCase()}` };
    case 'resourceuri':
    case 'resourceid':
      return { resourceKey: value.toLowerCase() };
    case 'correlationid':
      return { cause: `request/${value}` };
    case 'resourceprovider':
      return value.toLowerCase() === 'microsoft.databoxedge' ? {} : undefined;
    case 'eventchannels':
      return {};
    case 'levels':
      return { levels: wordsIn(value) };
    case 'status':
      return { kinds: KINDS.filter((kind) => isSame(SHOWN[kind]?.[1], value)) };
    case 'caller':
      // Nobody is named in the journal but the health of resources, which speaks for itself.
      return { kinds: KINDS.filter((kind) => isSame(callerOf(kind), value)) };
    default:
      return undefined;
  }
}

const isSame = (one: string | undefined, other: string): boolean =>
  one?.toLowerCase() === other.toLowerCase();
const wordsIn = (text: string): readonly string[] => text.split(',').map((word) => word.trim());
const callerOf = (kind: string): string =>
  kind === 'machine.statusChanged' ? 'Microsoft.ResourceHealth' : '';

/** Keeps of an event what `$select` names: all of it without one. */
function selectOf(select: unknown): (event: JsonObject) => JsonObject {
  if (typeof select !== 'string' || select.trim() === '') return (event) => event;
  const names = new Set(wordsIn(select.toLowerCase()));
  return (event) =>
    Object.fromEntries(Object.entries(event).filter(([name]) => names.has(name.toLowerCase())));
}

function momentOf(comparison: string, value: string): Wanted | undefined {
  // Clients write moments with and without a zone; without one they are in UTC.
  const at =
    parseInstant(value) ??
    parseInstant(`${value.replace(' ', 'T')}Z`) ??
    parseInstant(`${value}T00:00:00Z`);
  if (at === undefined || comparison === 'eq') return undefined;
  return comparison.startsWith('g') ? { from: at } : { to: at };
}

function topOf(top: unknown): number {
  if (top === undefined || top === '') return DEFAULT_PAGE;
  const limit = Number(top);
  if (Number.isSafeInteger(limit) && limit > 0) return Math.min(limit, DEFAULT_PAGE);
  throw errors.invalidQuery('$top', `The value of '$top' must be a whole number above 0.`);
}

const beforeOf = (token: unknown): { before?: number } =>
  typeof token === 'string' && /^\d{1,15}$/.test(token) ? { before: Number(token) } : {};

const named = (value: string): JsonObject => ({ value, localizedValue: value });

/** An entry of the journal as an event. */
function eventOf(entry: JournalEntry): JsonObject {
  const { at, kind, data, resourceId, subscriptionId, sequence, cause } = entry;
  const id = parseResourceId(resourceId);
  const type = id === undefined ? '' : `${id.namespace}/${id.types.join('/')}`;
  const [fixed = '', status = ''] = SHOWN[kind] ?? [];
  const verb = textIn(data, 'verb');
  const operation = fixed === '' ? (WRITES[verb] ?? `${verb}/action`) : fixed;
  const isHealth = kind === 'machine.statusChanged';
  const name = isHealth
    ? 'Microsoft.Resourcehealth/healthevent/Updated/action'
    : `${type}/${operation}`;
  const correlationId = cause.startsWith('request/') ? cause.slice('request/'.length) : guid(cause);
  const eventId = guid('event', subscriptionId, sequence);
  return {
    authorization: { action: name, scope: resourceId },
    caller: callerOf(kind),
    category: named(isHealth ? 'ResourceHealth' : 'Administrative'),
    channels: 'Operation',
    claims: {},
    correlationId,
    description: '',
    eventDataId: eventId,
    eventName: named(status === 'Accepted' ? 'BeginRequest' : 'EndRequest'),
    eventTimestamp: formatInstant(at),
    id: `${resourceId}/events/${eventId}/ticks/${ticksOf(at)}`,
    level: levelOf(kind, data),
    operationId: textIn(data, 'operation') || correlationId,
    operationName: named(name),
    properties: isHealth
      ? {
          title: `${textIn(data, 'from')} → ${textIn(data, 'to')}`,
          previousHealthStatus: textIn(data, 'from'),
          currentHealthStatus: textIn(data, 'to'),
          cause,
        }
      : { eventCategory: 'Administrative', entity: resourceId, hierarchy: subscriptionId },
    resourceGroupName: id?.resourceGroup ?? '',
    resourceId,
    resourceProviderName: named(id?.namespace ?? ''),
    resourceType: named(type),
    status: named(status),
    subStatus: named(textIn(data, 'code')),
    submissionTimestamp: formatInstant(at),
    subscriptionId,
  };
}

const levelOf = (kind: string, { to }: JsonObject): string =>
  kind === 'operation.failed'
    ? 'Error'
    : kind === 'machine.statusChanged' && to !== 'Online'
      ? 'Warning'
      : 'Informational';

/** Between the years 1 and 1970, in steps of 100 nanoseconds. */
const TICKS_OF_1970 = 621_355_968_000_000_000n;

const ticksOf = (at: Instant): string => String(TICKS_OF_1970 + BigInt(at) * 10_000n);
