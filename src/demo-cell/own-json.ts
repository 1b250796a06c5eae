/**
 * Reads back what this same program has written: the driver and gdn are of one version, so the guard only tells their
 * objects from another's.
 */
export function parseOwn<T>(text: string, isIt: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (isIt(value)) return value;
  throw new Error(`not written by this program: ${text.slice(0, 100)}`);
}
