/**
 * Columns of Tables, and the words in their cells.
 * Sources: printers/internalversion/printers.go; apimachinery util/duration (kubernetes-api.md 1.6, kubernetes-facts.md 7.1).
 */
import type { Instant } from '#shared/instant.ts';
import type { Json } from '#shared/json.ts';
import type { CellContext, Column } from '../kinds/kind.ts';
import { instantOf, type KubeObject, nameOf } from '../objects/object.ts';

type Cell<T> = (object: T, at: CellContext) => Json;

export function column<T extends KubeObject>(
  name: string,
  cell: Cell<T>,
  type: Column['type'] = 'string',
): Column {
  return { name, type, isWide: false, cell };
}

/** A column of `-o wide`. */
export const wide = <T extends KubeObject>(name: string, cell: Cell<T>): Column => ({
  ...column(name, cell),
  isWide: true,
});

export const NAME: Column = { ...column('Name', nameOf), format: 'name' };

export const AGE: Column = column('Age', (object, { now }) =>
  ageOf(object.metadata?.creationTimestamp, now),
);

/** When the object was created, for kinds that say it so. */
export const CREATED_AT: Column = column(
  'Created At',
  ({ metadata }) => metadata?.creationTimestamp ?? null,
  'date',
);

/** How long ago a time was: `5m`. */
export function ageOf(time: string | undefined, now: Instant): string {
  const at = instantOf(time);
  return at === undefined ? '<unknown>' : shortDuration(now - at);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A length of time in the words of Tables. */
export function shortDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const pair = (
    big: number,
    unit: string,
    [small, smallUnit]: readonly [number, string],
  ): string => {
    const rest = Math.floor((seconds % big) / small);
    return `${Math.floor(seconds / big)}${unit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
  };
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return pair(MINUTE, 'm', [1, 's']);
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(HOUR, 'h', [MINUTE, 'm']);
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return pair(DAY, 'd', [HOUR, 'h']);
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return pair(YEAR, 'y', [DAY, 'd']);
  return `${Math.floor(seconds / YEAR)}y`;
}

/** `a=b,c=d`, or `<none>`. */
export function pairsOf(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** The first three, and how many more there are. */
export function firstThree(texts: readonly string[]): string {
  const rest = texts.length - 3;
  return texts.slice(0, 3).join(',') + (rest > 0 ? ` + ${rest} more...` : '');
}
