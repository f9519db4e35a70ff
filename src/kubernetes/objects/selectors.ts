/**
 * Label and field selectors, as texts of requests and as members of objects.
 * Sources: apimachinery pkg/labels, pkg/fields (kubernetes-facts.md 7.3).
 */
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import { badRequest } from '../status.ts';
import { type KubeObject, labelsOf, nameOf, namespaceOf } from './object.ts';

type Labels = Readonly<Record<string, string>>;
export type Matches = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  readonly values: readonly string[];
}

function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = labels[key];
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

const TOKEN = /\s*(!=|==|=|!|>|<|\(|\)|,|[^\s!=<>(),]+)/y;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const IDENTIFIER = /^[^!=<>(),]+$/;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

/** Reads the requirements of a label selector; throws a 400. */
function requirementsOf(text: string): Requirement[] {
  const tokens = tokensOf(text);
  const requirements: Requirement[] = [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const fail = (why: string): never => {
    throw badRequest(`unable to parse requirement: ${why}`);
  };
  const identifier = (): string => {
    const token = next();
    return IDENTIFIER.test(token) ? token : fail(`found '${token}', expected: identifier`);
  };
  const value = (key: string): string => {
    const token = tokens[at] ?? '';
    if (token === '' || token === ',') return '';
    at++;
    if (!LABEL_VALUE.test(token)) {
      fail(`values[0][${key}]: Invalid value: ${JSON.stringify(token)}: ${LABEL_VALUE_TEXT}`);
    }
    return token;
  };
  const set = (key: string): string[] => {
    if (next() !== '(') fail(`found '${tokens[at - 1] ?? ''}' expected: '('`);
    const values: string[] = [];
    while (tokens[at] !== ')' && at < tokens.length) {
      values.push(value(key));
      if (tokens[at] === ',') at++;
    }
    if (next() !== ')') fail(`found '', expected: ',' or ')'`);
    if (values.length === 0) {
      fail(
        "values: Invalid value: []string{}: for 'in', 'notin' operators, values set can't be empty",
      );
    }
    return values;
  };
  while (at < tokens.length) {
    if (tokens[at] === '!') {
      at++;
      requirements.push({ key: identifier(), operator: '!', values: [] });
    } else {
      const key = identifier();
      requirements.push(requirement(key, { next, peek: () => tokens[at], value, set, fail }));
    }
    if (at >= tokens.length) break;
    if (next() !== ',') fail(`found '${tokens[at - 1] ?? ''}', expected: ',' or 'end of string'`);
    if (at >= tokens.length) fail("found '', expected: identifier after ','");
  }
  return requirements;
}

interface Reader {
  next(): string;
  peek(): string | undefined;
  value(key: string): string;
  set(key: string): string[];
  fail(why: string): never;
}

function requirement(key: string, reader: Reader): Requirement {
  const token = reader.peek();
  if (token === undefined || token === ',') return { key, operator: 'exists', values: [] };
  reader.next();
  switch (token) {
    case '=':
    case '==':
      return { key, operator: 'in', values: [reader.value(key)] };
    case '!=':
      return { key, operator: 'notin', values: [reader.value(key)] };
    case '>':
      return { key, operator: 'gt', values: [reader.value(key)] };
    case '<':
      return { key, operator: 'lt', values: [reader.value(key)] };
    case 'in':
    case 'notin':
      return { key, operator: token, values: reader.set(key) };
    default:
      return reader.fail(`found '${token}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

/** What a `labelSelector` of a request selects; undefined for all. */
export function labelSelector(text: string): Matches | undefined {
  if (text.trim() === '') return undefined;
  const requirements = requirementsOf(text);
  return (object) => {
    const labels = labelsOf(object);
    return requirements.every((one) => meets(labels, one));
  };
}

/** Whether a selector of an object selects those labels. One that is absent selects nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const known = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;
      const read = known[operator as keyof typeof known];
      return (
        (read as string | undefined) !== undefined && meets(labels, { key, operator: read, values })
      );
    })
  );
}

/** Whether a selector of plain pairs, as Services have, selects those labels. An empty one selects nothing. */
export function selectsAll(pairs: Labels | undefined, labels: Labels): boolean {
  const entries = Object.entries(pairs ?? {});
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

/** What a `fieldSelector` of a request selects; undefined for all. Throws a 400 for fields that the kind does not have. */
export function fieldSelector(kind: Kind, text: string): Matches | undefined {
  if (text === '') return undefined;
  const terms = text
    .split(/(?<!\\),/)
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^(.*?)(==|!=|=)(.*)$/.exec(term);
      if (match === null) {
        throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      }
      const [, field = '', operator, value = ''] = match;
      return { field, isEqual: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') };
    });
  const known = kind.selectable?.({ metadata: {} });
  for (const { field } of terms) {
    if (field === 'metadata.name' || field === 'metadata.namespace') continue;
    if (known !== undefined && Object.hasOwn(known, field)) continue;
    throw badRequest(
      known === undefined
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    );
  }
  return (object) => {
    const more = kind.selectable?.(object);
    return terms.every(({ field, isEqual, value }) => {
      const actual =
        field === 'metadata.name'
          ? nameOf(object)
          : field === 'metadata.namespace'
            ? namespaceOf(object)
            : (more?.[field] ?? '');
      return (actual === value) === isEqual;
    });
  };
}
