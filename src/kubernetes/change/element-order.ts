/** The order of a merged list: that of the patch for its elements, that of the server for all others. Source: strategicpatch normalizeElementOrder. */
import type { Json } from '#shared/json.ts';

type Same = (one: Json, other: Json) => boolean;

interface Parts {
  readonly patched: readonly Json[];
  readonly others: readonly Json[];
  readonly patchOrder: readonly Json[];
  readonly serverOrder: readonly Json[];
}

/** The items in the order of `order`; those that it does not have stay where they are. */
function inOrderOf(items: readonly Json[], order: readonly Json[], isSame: Same): Json[] {
  const placeOf = (item: Json): number => order.findIndex((one) => isSame(one, item));
  const placed = items.map((item) => ({ item, place: placeOf(item) }));
  return placed
    .sort((one, other) => (one.place >= 0 && other.place >= 0 ? one.place - other.place : 0))
    .map(({ item }) => item);
}

export function mergedOrder(parts: Parts, isSame: Same): Json[] {
  const left = inOrderOf(parts.others, parts.serverOrder, isSame);
  const right = inOrderOf(parts.patched, parts.patchOrder, isSame);
  const placeOf = (item: Json | undefined): number =>
    item === undefined ? -1 : parts.serverOrder.findIndex((one) => isSame(one, item));
  const merged: Json[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [first, second] = [left[i], right[j]];
    const isLeft =
      j >= right.length ||
      (i < left.length &&
        placeOf(first) >= 0 &&
        placeOf(second) >= 0 &&
        placeOf(first) < placeOf(second));
    const next = isLeft ? first : second;
    if (next !== undefined) merged.push(next);
    if (isLeft) i++;
    else j++;
  }
  return merged;
}
