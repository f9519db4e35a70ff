/** Equality of JSON values, whatever the order of their members. */
export function deepEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    for (let index = 0; index < one.length; index++) {
      if (!deepEqual(one[index], other[index])) return false;
    }
    return true;
  }
  const [first, second] = [one as Members, other as Members];
  let surplus = 0;
  for (const name of Object.keys(first)) {
    const value = first[name];
    if (value === undefined) continue;
    if (!deepEqual(value, second[name])) return false;
    surplus++;
  }
  for (const name of Object.keys(second)) if (second[name] !== undefined) surplus--;
  return surplus === 0;
}

type Members = Readonly<Record<string, unknown>>;
