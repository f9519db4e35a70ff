/** Equality of JSON values, whatever the order of their members. */
export function deepEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => deepEqual(item, other[index]))
    );
  }
  const [first, second] = [
    one as Readonly<Record<string, unknown>>,
    other as Readonly<Record<string, unknown>>,
  ];
  const count = (object: Readonly<Record<string, unknown>>): number =>
    Object.values(object).filter((value) => value !== undefined).length;
  return (
    count(first) === count(second) &&
    Object.entries(first).every(
      ([name, value]) => value === undefined || deepEqual(value, second[name]),
    )
  );
}
