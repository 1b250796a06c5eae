/** Whether two plain values are equal: of objects, arrays, maps and sets in the same order. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) return areAllEqual(a, b);
  if (a instanceof Map || b instanceof Map) {
    return a instanceof Map && b instanceof Map && areMapsEqual(a, b);
  }
  if (isIterable(a)) return isIterable(b) && areInStep(a, b);
  if (isIterable(b) || !areAllEqual(Object.keys(a), Object.keys(b))) return false;
  return areAllEqual(Object.values(a), Object.values(b));
}

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;

const areAllEqual = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => isEqual(one, b[index]));

const areMapsEqual = (
  a: ReadonlyMap<unknown, unknown>,
  b: ReadonlyMap<unknown, unknown>,
): boolean =>
  a.size === b.size && areInStep(a.keys(), b.keys()) && areInStep(a.values(), b.values());

/** Copies nothing, because most of what a pass compares is equal, and large. */
function areInStep(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
  const others = b[Symbol.iterator]();
  for (const one of a) {
    const other = others.next();
    if (other.done === true || !isEqual(one, other.value)) return false;
  }
  return others.next().done === true;
}
