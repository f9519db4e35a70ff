/** The body of a query's request, read and checked; every fault is told at once. */
import { createHash } from 'node:crypto';
import { errors } from '#arm/errors.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, objectIn } from '#shared/json.ts';

export interface QueryRequest {
  readonly query: string;
  /** Undefined: all that the caller may read. */
  readonly subscriptions: readonly string[] | undefined;
  readonly top: number;
  readonly skip: number;
  readonly after: Position | undefined;
  readonly format: 'objectArray' | 'table';
}

/** Where a page has ended: the values that its last row is sorted by, and its identity. */
export interface Position {
  readonly sort: readonly Json[];
  readonly identity: string;
}

/** Rows of a page: so many where nothing is said, and at most [doc: work-with-data]. */
const MAX_ROWS = 1000;
/** [doc; az sends no more]. */
const MAX_SUBSCRIPTIONS = 1000;

/** Reads the body. `isOld`: of the first stable version, which answers a table where nothing is said [spec]. */
export function queryRequestIn(body: Json | undefined, isOld: boolean): QueryRequest {
  if (!isJsonObject(body)) throw errors.invalidContent([fault('', 'The body must be an object.')]);
  const faults: Fault[] = [];
  const { query, subscriptions, managementGroups, facets } = body;
  const options = objectIn(body, 'options');
  const wrong = (target: string, message: string): void => {
    faults.push(fault(target, message));
  };
  if (typeof query !== 'string' || query.trim() === '') {
    wrong('query', "'query' must be a text such as: Resources | project id, name | limit 10");
  }
  if (isGiven(managementGroups)) {
    wrong(
      'managementGroups',
      "Management groups are not simulated: name 'subscriptions', or none.",
    );
  }
  if (isGiven(facets)) {
    wrong('facets', "Facets are not simulated: use 'summarize count() by' in a query of its own.");
  }
  if (isGiven(subscriptions) && !isListOfTexts(subscriptions)) {
    const message = `'subscriptions' must be an array of at most ${MAX_SUBSCRIPTIONS} ids.`;
    wrong('subscriptions', message);
  }
  const format = options.resultFormat ?? (isOld ? 'table' : 'objectArray');
  if (format !== 'objectArray' && format !== 'table') {
    wrong('options.resultFormat', "'resultFormat' must be one of: objectArray, table.");
  }
  const top = countIn(options.$top, { least: 1, preset: MAX_ROWS, name: '$top', wrong });
  const skip = countIn(options.$skip, { least: 0, preset: 0, name: '$skip', wrong });
  const text = typeof query === 'string' ? query : '';
  const token = options.$skipToken;
  const after = isGiven(token) ? positionIn(token, text) : undefined;
  if (isGiven(token) && after === undefined) {
    wrong('options.$skipToken', "'$skipToken' must be the one of this query's page before.");
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  return {
    query: text,
    subscriptions: isGiven(subscriptions) ? (subscriptions as readonly string[]) : undefined,
    // A token says already where to go on.
    ...{ top: Math.min(top, MAX_ROWS), skip: after === undefined ? skip : 0, after },
    format: format === 'table' ? 'table' : 'objectArray',
  };
}

const fault = (target: string, message: string): Fault => ({ target, message });

/** Clients send null and empty arrays for what they do not mean. */
const isGiven = (value: Json | undefined): value is Json =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

const isListOfTexts = (value: Json): boolean =>
  Array.isArray(value) &&
  value.length <= MAX_SUBSCRIPTIONS &&
  value.every((one) => typeof one === 'string');

interface Count {
  readonly name: string;
  readonly least: number;
  readonly preset: number;
  readonly wrong: (target: string, message: string) => void;
}

function countIn(value: Json | undefined, { name, least, preset, wrong }: Count): number {
  if (value === undefined || value === null) return preset;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  wrong(`options.${name}`, `'${name}' must be a whole number of at least ${least}.`);
  return preset;
}

/** Ties a token to its query: another one's rows are in another order. */
const digestOf = (query: string): string =>
  createHash('sha256').update(query.trim()).digest('base64url').slice(0, 16);

export function tokenOf(query: string, { sort, identity }: Position): string {
  return Buffer.from(JSON.stringify([digestOf(query), identity, ...sort])).toString('base64url');
}

function positionIn(token: Json, query: string): Position | undefined {
  if (typeof token !== 'string') return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (!Array.isArray(read)) return undefined;
    const [digest, identity, ...sort] = read as Json[];
    return digest === digestOf(query) && typeof identity === 'string'
      ? { sort, identity }
      : undefined;
  } catch {
    return undefined;
  }
}
