/**
 * Puts every package after the ones it depends on, as the compile VMs build them.
 * @param dependencies of each package; a name that is no key is left out
 * @returns the names in order, and those that wait for each other in a circle
 */
export function compileOrder(dependencies: ReadonlyMap<string, readonly string[]>): {
  readonly order: readonly string[];
  readonly circular: readonly string[];
} {
  const order = new Set<string>();
  const isReady = ([, needs]: readonly [string, readonly string[]]): boolean =>
    needs.every((need) => order.has(need) || !dependencies.has(need));
  let waiting = [...dependencies];
  while (waiting.some(isReady)) {
    for (const each of waiting) if (isReady(each)) order.add(each[0]);
    waiting = waiting.filter(([name]) => !order.has(name));
  }
  return { order: [...order], circular: waiting.map(([name]) => name) };
}
