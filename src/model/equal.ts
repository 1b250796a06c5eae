/** Whether two plain values are equal: of objects, arrays, maps and sets in the same order. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isIterable(a)) return isIterable(b) && areAllEqual(itemsOf(a), itemsOf(b));
  if (isIterable(b) || !areAllEqual(Object.keys(a), Object.keys(b))) return false;
  return areAllEqual(Object.values(a), Object.values(b));
}

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;

const itemsOf = (values: Iterable<unknown>): readonly unknown[] =>
  Array.isArray(values) ? values : [...values];

const areAllEqual = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => isEqual(one, b[index]));
