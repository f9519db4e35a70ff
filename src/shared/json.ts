/** JSON as a type, and how members of an object are read whose type is not known. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member of that name if it is a string, otherwise the empty string. */
export function textIn(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** The member of that name if it is an object, otherwise an empty object. */
export function objectIn(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  return isJsonObject(value) ? value : {};
}

/** `value` without the members that are undefined, at any depth; `value` itself if there are none. */
export function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  const kept = members
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => [name, withoutUndefined(member)] as const);
  const isSame =
    kept.length === members.length && kept.every(([, member], i) => member === members[i]?.[1]);
  if (isSame) return value;
  // fromEntries defines members; assigning would let one called __proto__ replace the prototype.
  const copy: unknown = Array.isArray(value)
    ? kept.map(([, member]) => member)
    : Object.fromEntries(kept);
  return copy as T;
}
