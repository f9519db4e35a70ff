/** What can be wrong with a request: odd values, names, queries and headers, and the ways to put them into a good one. */
import type { Json, JsonObject } from '#shared/json.ts';
import { VERSION } from './arm-client.ts';
import type { Draws } from './draws.ts';

const ODD_VALUES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e300,
  0.5,
  '',
  ' ',
  '\u0000',
  '../..',
  'x'.repeat(5000),
  '😀',
  '\ud800',
  'constructor',
  '__proto__',
  [],
  [[]],
  [null],
  {},
  { '': 1 },
  { toString: 1 },
  { length: 3 },
];
const ODD_NAMES = [
  '',
  '.',
  '..',
  '%2F',
  '%00',
  '%zz',
  '%F0%9F%98%80',
  'constructor',
  '__proto__',
  'default',
  'operationResults',
  'x'.repeat(261),
  '*',
  "'",
  '"',
  '$batch',
  'a%20b',
  '%25',
];
const ODD_QUERIES = [
  '',
  'api-version=',
  'api-version=2000-01-01',
  'api-version=2099-01-01',
  'api-version=constructor',
  `api-version=${VERSION}&api-version=${VERSION}`,
  `api-version=${VERSION}&$top=x`,
  `api-version=${VERSION}&$top=1&$skipToken=AAAA`,
  `api-version=${VERSION}&$filter=%27`,
  `api-version=${VERSION}&$filter=Target%20eq%20%27x%27%20and%20Type%20eq%20%27Metrics%27`,
  `api-version=${VERSION}&$expand=x`,
  `api-version=${VERSION}&__proto__=1`,
  `api-version=${VERSION}&a[b]=1&%=1`,
  'api-version=2019-08-01',
  'api-version=2021-02-01-preview',
];
const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'content-type': '' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json;charset=utf-16' },
  { 'content-type': 'application/xml' },
  { accept: 'text/html' },
  { authorization: 'Bearer x.y.z' },
  { authorization: 'Basic AAAA' },
  { 'if-match': '*' },
  { 'if-match': 'W/"x"' },
  { 'if-none-match': '*' },
  { 'x-ms-client-request-id': 'x'.repeat(3000) },
  { 'x-ms-correlation-request-id': 'no-guid' },
  { 'accept-language': 'xx-YY;q=z' },
  { expect: 'something' },
  { origin: 'https://elsewhere.example' },
  { host: 'a b' },
  { host: 'other.example:1' },
];
const METHODS = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'HEAD', 'OPTIONS'];

export const oddQuery = (draws: Draws): string => draws.of(ODD_QUERIES);
export const oddHeaders = (draws: Draws): Readonly<Record<string, string>> => draws.of(ODD_HEADERS);
export const anyMethod = (draws: Draws): string => draws.of(METHODS);

/** `value` with something at a random place replaced, removed, doubled or added. */
export function mutated(value: Json, draws: Draws): Json {
  if (typeof value !== 'object' || value === null || draws.oneIn(4)) return draws.of(ODD_VALUES);
  if (Array.isArray(value)) {
    const at = draws.upTo(value.length);
    const item = value[at];
    if (item === undefined || draws.oneIn(3)) return [...value, draws.of(ODD_VALUES)];
    return value.with(at, mutated(item, draws));
  }
  const names = Object.keys(value);
  const name = draws.of(names);
  const copy: JsonObject = { ...value };
  switch (names.length === 0 ? 0 : draws.upTo(6)) {
    case 0:
      copy[draws.of(['extra', 'ID', 'toString', 'kind', 'tags'])] = draws.of(ODD_VALUES);
      return copy;
    case 1:
      delete copy[name];
      return copy;
    default:
      copy[name] = mutated(copy[name] ?? null, draws);
      return copy;
  }
}

/** The text of a body, now and then cut or with a character of it replaced. */
export function broken(text: string, draws: Draws): string {
  const at = draws.upTo(text.length);
  switch (draws.upTo(24)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return (
        text.slice(0, at) +
        draws.of(['"', '{', '\\', '\u0000', 'é', ',', '1e999']) +
        text.slice(at + 1)
      );
    case 2:
      return `${text}${text}`;
    case 3:
      return text.replace('"', '"__proto__":{},"');
    default:
      return text;
  }
}

/** A path with a segment replaced, taken out, put in or written otherwise. */
export function mutatedPath(path: string, draws: Draws): string {
  const segments = path.split('/');
  const at = 1 + draws.upTo(segments.length - 1);
  switch (draws.upTo(4)) {
    case 0:
      return segments.with(at, draws.of(ODD_NAMES)).join('/');
    case 1:
      return segments.toSpliced(at, 1).join('/');
    case 2:
      return segments.toSpliced(at, 0, draws.of(ODD_NAMES)).join('/');
    default:
      return segments.with(at, segments[at]?.toUpperCase() ?? '').join('//');
  }
}
