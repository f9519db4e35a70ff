/**
 * Parts of a route's OpenAPI document, for routes that read their bodies themselves: a body's schema follows from an example of it, so
 * that a generated client has its members with their types. Data alone; nothing is checked against it.
 */
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** The schema of a body like `example`; others of its members are accepted or refused by the route itself. */
export function schemaOfExample(example: JsonObject): JsonObject {
  return { ...schemaOf(example), example };
}

function schemaOf(value: Json): JsonObject {
  if (Array.isArray(value)) {
    const [first] = value;
    return { type: 'array', items: first === undefined ? {} : schemaOf(first) };
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, one]) => [name, schemaOf(one)] as const);
    return {
      type: 'object',
      additionalProperties: true,
      properties: Object.fromEntries(members),
    };
  }
  if (typeof value === 'number') {
    return { type: Number.isInteger(value) ? 'integer' : 'number' };
  }
  return value === null ? {} : { type: typeof value };
}

const TEXT: JsonObject = { type: 'string' };

/** Every refusal (envelope.ts). */
const REFUSAL: JsonObject = {
  description: 'Refused',
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        ...{ code: TEXT, message: TEXT, target: TEXT },
        details: { type: 'array', items: { type: 'object', additionalProperties: true } },
      },
    },
  },
};

/** The answers of a route: JSON with `status`, a number or `2xx`, and the envelope. */
export const responsesOf = (status: number | '2xx'): Readonly<Record<string, JsonObject>> => ({
  [status]: { description: 'Success', type: 'object', additionalProperties: true },
  default: REFUSAL,
});

/** A parameter of a query: what it is, and an example where one helps. */
export type QueryParameter = string | { readonly description: string; readonly example: string };

/** The schema of a query with these parameters. */
export function queryOf(parameters: Readonly<Record<string, QueryParameter>>): JsonObject {
  const properties = Object.entries(parameters).map(([name, parameter]) => {
    const said = typeof parameter === 'string' ? { description: parameter } : parameter;
    return [name, { type: 'string', ...said }] as const;
  });
  return { type: 'object', properties: Object.fromEntries(properties) };
}
