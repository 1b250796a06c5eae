/** Whether two plain values are equal: of objects, arrays, maps and sets in the same order. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isIterable(a)) return isIterable(b) && areAllEqual([...a], [...b]);
  return !isIterable(b) && areAllEqual(Object.entries(a), Object.entries(b));
}

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;

const areAllEqual = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => isEqual(one, b[index]));
