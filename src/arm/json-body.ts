/**
 * Reads the bodies of requests. They need not be strict JSON: .NET's reader, which the service reads with, takes single quotes,
 * comments, keys without quotes and a comma at the end [inf], and az sends a template's text as people have written it (arm-protocol §6.5).
 */
import JSON5 from 'json5';
import { isJsonObject, type Json } from '#shared/json.ts';
import { errors } from './errors.ts';

/** Deeper than any real body; functions that recurse deeper could overflow the stack. */
const MAX_DEPTH = 100;
/** Shorter texts are too short to be nested too deeply. */
const SHORT = 4096;

/** The body, or undefined for an empty one; refuses text that is no JSON in this sense, with the place and what was met there. */
export function readJsonBody(text: string): Json | undefined {
  if (text.trim() === '') return undefined;
  const body = parse(text);
  if (text.length > SHORT || text.includes('__proto__') || text.includes('\\')) checkShape(body);
  return body;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Not strict JSON: the wider reader takes it, or says where and why it does not.
  }
  try {
    const body = JSON5.parse<Json>(text);
    checkShape(body);
    return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw errors.malformedContent(reasonOf(error));
  }
}

/** `JSON5: invalid character '}' at 1:8` in words. It quotes one character, so no secret. */
const reasonOf = ({ message }: SyntaxError): string =>
  `The body is not valid JSON: ${message.replace(/^JSON5: /, '').replace(/ at (\d+):(\d+)$/, ' at line $1, position $2')}`;

/** Refuses numbers that JSON does not have, members named `__proto__`, and too deep nesting. */
function checkShape(body: Json): void {
  const open: { readonly value: Json; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH) {
      throw errors.malformedContent(`The body is nested deeper than ${MAX_DEPTH} levels`);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw errors.malformedContent(`The number '${value}' is not JSON`);
    }
    const members = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
    if (isJsonObject(value) && Object.hasOwn(value, '__proto__')) {
      throw errors.malformedContent("The member name '__proto__' is not allowed");
    }
    for (const member of members) open.push({ value: member ?? null, depth: depth + 1 });
  }
}
