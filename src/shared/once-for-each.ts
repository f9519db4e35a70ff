/** Values that follow from an object which never changes, worked out once for each. */

/** As `make`, whose result is kept as long as the object is. `make` must be pure, and nobody may change what it gives. */
export function onceForEach<Subject extends object, Value>(
  make: (subject: Subject) => Value,
): (subject: Subject) => Value {
  const made = new WeakMap<Subject, { readonly value: Value }>();
  return (subject) => {
    const known = made.get(subject);
    if (known !== undefined) return known.value;
    const value = make(subject);
    made.set(subject, { value });
    return value;
  };
}
