/** Reads what packages write of addresses and lists: the texts, and the faults of those that are none. */
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { lowered } from './sessions.ts';

/** An IPv4 address as a number; undefined for a text that is none. */
function numberOf(address: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const parts = address.split('.').map(Number);
  return parts.every((part) => part < 256)
    ? parts.reduce((number, part) => number * 256 + part, 0)
    : undefined;
}

export const isAddress = (value: Json | undefined): value is string =>
  typeof value === 'string' && numberOf(value) !== undefined;

/** A mask such as `255.255.255.0`: ones, then zeros. */
export function isMask(value: Json | undefined): boolean {
  const number = typeof value === 'string' ? numberOf(value) : undefined;
  return (
    number !== undefined && number !== 0 && /^1+0*$/.test(number.toString(2).padStart(32, '0'))
  );
}

/** `10.1.2.3-10.1.2.5`, or one address. */
export function isRange(text: string): boolean {
  const [first = '', last = first, ...others] = text.split('-').map((part) => part.trim());
  const [from, to] = [numberOf(first), numberOf(last)];
  return others.length === 0 && from !== undefined && to !== undefined && from <= to;
}

export const textOrNull = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** The entries of a list of objects, their names in lower case; none where it is absent, and with a fault where it is something else. */
export function listAt(
  value: Json | undefined,
  target: string,
  faults: Fault[],
): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((entry) => isJsonObject(entry))) {
    return value.map((entry) => lowered(entry));
  }
  faults.push({ target, message: 'This must be a list of objects.' });
  return [];
}
