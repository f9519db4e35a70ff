/**
 * Reads the bodies of template deployments, which are not strict JSON: az sends `template` as a key without quotes and
 * the template file's text verbatim, comments and all (arm-protocol §6.5). For these routes only.
 */
import JSON5 from 'json5';
import { errors } from '#arm/errors.ts';
import { isJsonObject, type Json } from '#shared/json.ts';

/** Deeper than any real template; what is deeper could overflow the stack of whoever walks it. */
const DEEPEST = 100;

/** The body, or undefined for an empty one; refuses what is no JSON even so. */
export function readLeniently(text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  const body = parse(text);
  checkShape(body);
  return body;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not strict JSON: the lenient reader says what is wrong, if anything is.
  }
  try {
    return JSON5.parse(text);
  } catch (error) {
    throw errors.malformedContent(error instanceof Error ? error.message : 'it is no JSON');
  }
}

/** Refuses what JSON5 has beyond JSON's values, members that poison prototypes, and bottomless nesting. */
function checkShape(body: Json): void {
  const open: { readonly value: Json; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (depth > DEEPEST)
      throw errors.malformedContent(`it is nested deeper than ${DEEPEST} levels`);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw errors.malformedContent(`the number '${value}' is no JSON`);
    }
    const members = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
    if (isJsonObject(value) && Object.hasOwn(value, '__proto__')) {
      throw errors.malformedContent("the member '__proto__' is not allowed");
    }
    for (const member of members) open.push({ value: member, depth: depth + 1 });
  }
}
