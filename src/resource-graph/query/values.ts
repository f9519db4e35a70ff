/** Values of a query and how Kusto compares them. Null is a value that is not there; a text is never null but empty. */
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Comparison, Membership } from './syntax.ts';

/** The type of a column or an expression: what is dynamic is any JSON. */
export type ValueType = 'string' | 'long' | 'real' | 'bool' | 'dynamic';

/** A value as text: what `tostring()` gives, and what texts are compared with. */
export function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether a condition holds. */
export const isTrue = (value: Json): boolean => value === true || value === 'true';

export const isEmpty = (value: Json): boolean => value === null || value === '';

/** The member of a dynamic value; null where there is none. Names compare with case, as in Kusto. */
export function memberIn(value: Json, member: string | number): Json {
  if (Array.isArray(value)) return typeof member === 'number' ? (value.at(member) ?? null) : null;
  if (!isJsonObject(value)) return null;
  return Object.hasOwn(value, member) ? (value[member] ?? null) : null;
}

type Test = (left: string, right: string) => boolean;

const TESTS: Readonly<Record<'contains' | 'startswith' | 'endswith' | 'has', Test>> = {
  contains: (left, right) => left.includes(right),
  startswith: (left, right) => left.startsWith(right),
  endswith: (left, right) => left.endsWith(right),
  has: hasTerm,
};

/** The test that a comparison stands for. */
export function comparisonOf(by: Comparison): (left: Json, right: Json) => boolean {
  switch (by) {
    case '==':
      return areEqual;
    case '!=':
      return (left, right) => differs(left, right, areEqual);
    case '=~':
      return areAlike;
    case '!~':
      return (left, right) => differs(left, right, areAlike);
    case '<':
      return (left, right) => isOrdered(left, right, (order) => order < 0);
    case '<=':
      return (left, right) => isOrdered(left, right, (order) => order <= 0);
    case '>':
      return (left, right) => isOrdered(left, right, (order) => order > 0);
    case '>=':
      return (left, right) => isOrdered(left, right, (order) => order >= 0);
    default: {
      const [, not, word, cased] = /^(!?)([a-z]+?)(_cs)?$/.exec(by) ?? [];
      const test = TESTS[word as keyof typeof TESTS];
      const asCased = (value: Json): string =>
        cased === undefined ? textOf(value).toLowerCase() : textOf(value);
      return (left, right) => test(asCased(left), asCased(right)) === (not === '');
    }
  }
}

/** The test that a membership stands for. */
export function membershipOf(by: Membership): (value: Json, among: readonly Json[]) => boolean {
  const isSame = by.endsWith('~') ? areAlike : areEqual;
  const isWanted = !by.startsWith('!');
  return (value, among) => among.some((one) => isSame(value, one)) === isWanted;
}

/** Numbers, and texts that are numbers on one side only, compare as numbers. */
function areEqual(left: Json, right: Json): boolean {
  if (left === null || right === null) return false;
  if (typeof left === typeof right && typeof left !== 'object') return left === right;
  return textOf(left) === textOf(right);
}

function areAlike(left: Json, right: Json): boolean {
  if (left === null || right === null) return false;
  return textOf(left).toLowerCase() === textOf(right).toLowerCase();
}

/** What is not there differs from everything that is, and from nothing that is not [doc: null values]. */
const differs = (left: Json, right: Json, isSame: typeof areEqual): boolean =>
  (left !== null || right !== null) && !isSame(left, right);

/** A null is in no order to anything. */
function isOrdered(left: Json, right: Json, fits: (order: number) => boolean): boolean {
  return left !== null && right !== null && fits(compareValues(left, right));
}

/** The order of two values: numbers by size, everything else as text, by its characters' codes; nulls are equal. */
export function compareValues(left: Json, right: Json): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [a, b] = [textOf(left), textOf(right)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Whether `term` stands in the text with no letter or digit beside it. */
function hasTerm(text: string, term: string): boolean {
  if (term === '') return true;
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + term.length])) return true;
    at++;
    // Inside a word no term begins, so long words cost no more than their length.
    while (isWord(text[at - 1]) && isWord(text[at])) at++;
  }
  return false;
}

/** Whether `name` has the form of `pattern`, in which an asterisk stands for any characters; in linear time. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head) || !name.endsWith(tail)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at + tail.length <= name.length;
}
