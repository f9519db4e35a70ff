/** The indexes of completed pods as a Job's status has them: `0,2-4`. Source: controller/job/indexed_job_utils.go. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { COMPLETION_INDEX } from '../kinds/job-words.ts';
import { annotationsOf } from '../objects/object.ts';

/** The indexes that a text names, below `end`. */
export function readIndexes(text: string | undefined, end: number): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const [first = '', last = first] = part.split('-');
    if (first === '') continue;
    for (let index = Number(first); index <= Number(last) && index < end; index++) found.add(index);
  }
  return found;
}

/** The text of indexes: three or more in a row become a range. */
export function writeIndexes(indexes: ReadonlySet<number>): string {
  const ranges: [number, number][] = [];
  for (const index of [...indexes].sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range?.[1] === index - 1) range[1] = index;
    else ranges.push([index, index]);
  }
  return ranges
    .map(([first, last]) => {
      if (first === last) return String(first);
      return `${first}${last === first + 1 ? ',' : '-'}${last}`;
    })
    .join(',');
}

/** The index of a pod; undefined where it has none below `end`. */
export function indexOf(pod: Pod, end: number): number | undefined {
  const text = annotationsOf(pod)[COMPLETION_INDEX] ?? '';
  if (!/^\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index < end ? index : undefined;
}

/** The first `count` indexes below `end` that are not taken. */
export function freeIndexes(
  taken: ReadonlySet<number>,
  { count, end }: { readonly count: number; readonly end: number },
): number[] {
  const free: number[] = [];
  for (let index = 0; index < end && free.length < count; index++) {
    if (!taken.has(index)) free.push(index);
  }
  return free;
}
