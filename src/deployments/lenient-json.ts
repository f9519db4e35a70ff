/**
 * Reads the bodies of template deployments, which need not be strict JSON: az sends `template` as a key without quotes, and
 * the text of the template file with its comments (arm-protocol §6.5). For these routes only.
 */
import JSON5 from 'json5';
import { errors } from '#arm/errors.ts';
import { isJsonObject, type Json } from '#shared/json.ts';

/** Deeper than any real template; functions that recurse deeper could overflow the stack. */
const MAX_DEPTH = 100;

/** The body, or undefined for an empty one; refuses text that is not JSON5 either. */
export function readLenientJson(text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  const body = parse(text);
  checkShape(body);
  return body;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not strict JSON: if it is not JSON5 either, the error of that parser is reported.
  }
  try {
    return JSON5.parse(text);
  } catch (error) {
    throw errors.malformedContent(error instanceof Error ? error.message : 'it is not JSON');
  }
}

/** Refuses numbers that JSON does not have, members named `__proto__`, and too deep nesting. */
function checkShape(body: Json): void {
  const open: { readonly value: Json; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH)
      throw errors.malformedContent(`it is nested deeper than ${MAX_DEPTH} levels`);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw errors.malformedContent(`the number '${value}' is not JSON`);
    }
    const members = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
    if (isJsonObject(value) && Object.hasOwn(value, '__proto__')) {
      throw errors.malformedContent("the member '__proto__' is not allowed");
    }
    for (const member of members) open.push({ value: member, depth: depth + 1 });
  }
}
