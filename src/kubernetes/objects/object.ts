/**
 * A Kubernetes object as it is stored: JSON that is replaced and never changed, so that readers, controllers and watchers share
 * it. Typed kinds come from the declarations of `kubernetes-types`.
 */
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';
import { calendarOf, type Instant, parseInstant } from '#shared/instant.ts';

export type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts';

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** An object whose kind is known to the caller only at run time. */
export type AnyObject = KubeObject & { readonly [member: string]: unknown };

/** A member that its declared type requires and that a body may lack all the same. */
export const maybe = <T>(value: T): T | undefined => value;

/** `metadata`, or an empty one. */
export const metaOf = ({ metadata }: KubeObject): ObjectMeta => metadata ?? {};
export const nameOf = (object: KubeObject): string => object.metadata?.name ?? '';
export const namespaceOf = (object: KubeObject): string => object.metadata?.namespace ?? '';
export const uidOf = (object: KubeObject): string => object.metadata?.uid ?? '';
export const labelsOf = (object: KubeObject): Readonly<Record<string, string>> =>
  object.metadata?.labels ?? {};
export const annotationsOf = (object: KubeObject): Readonly<Record<string, string>> =>
  object.metadata?.annotations ?? {};
export const isBeingDeleted = (object: KubeObject): boolean =>
  object.metadata?.deletionTimestamp !== undefined;

/** The member `name` of an object of any kind, as an object; empty where it is none. */
export function memberOf(object: KubeObject, name: string): Readonly<Record<string, unknown>> {
  const value = (object as AnyObject)[name];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** `object` with other members of its metadata; those that are undefined are removed. */
export function withMeta<T extends KubeObject>(object: T, change: MetaChange): T {
  return { ...object, metadata: changedMeta(object.metadata, change) };
}

type MetaChange = { readonly [Name in keyof ObjectMeta]: ObjectMeta[Name] | undefined };

/** Metadata with other members, in their order. No member is ever removed again: V8 keeps such objects as slow dictionaries. */
export function changedMeta(metadata: ObjectMeta | undefined, change: MetaChange): ObjectMeta {
  const before = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const next: Record<string, unknown> = {};
  for (const name of Object.keys(before)) {
    const value = Object.hasOwn(change, name) ? change[name as keyof ObjectMeta] : before[name];
    if (value !== undefined) next[name] = value;
  }
  for (const name of Object.keys(change)) {
    const value = change[name as keyof ObjectMeta];
    if (value !== undefined && !Object.hasOwn(before, name)) next[name] = value;
  }
  return next;
}

/** The uid of the owner that controls the object. */
export const controllerUidOf = (object: KubeObject): string | undefined =>
  object.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;

const two = (value: number): string => String(value).padStart(2, '0');
let lastSecond = -1;
let lastText = '';

/** RFC 3339 in whole seconds, as Kubernetes writes times: `2026-03-02T09:00:00Z`. */
export function timeOf(at: Instant): string {
  const whole = Math.floor(at / 1000);
  if (whole === lastSecond) return lastText;
  const { year, month, day, hour, minute, second } = calendarOf(at);
  lastText = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`;
  lastSecond = whole;
  return lastText;
}

/** The same with microseconds (MicroTime). */
export function microTimeOf(at: Instant): string {
  return `${timeOf(at).slice(0, -1)}.${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}000Z`;
}

/** Times that were read last: most of them are read again and again. */
const moments = new Map<string, Instant | undefined>();
const MAX_MOMENTS = 1000;

/** The moment of a time as Kubernetes writes it. */
export function instantOf(time: string | undefined): Instant | undefined {
  if (time === undefined) return undefined;
  const known = moments.get(time);
  if (known !== undefined) return known;
  if (moments.size >= MAX_MOMENTS) moments.clear();
  const read = parseInstant(time.replace(/(\.\d{3})\d+/, '$1'));
  moments.set(time, read);
  return read;
}
