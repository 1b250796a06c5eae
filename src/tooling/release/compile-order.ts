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
  let waiting = [...dependencies];
  for (let ready = -1; ready !== 0;) {
    const before = order.size;
    for (const [name, needs] of waiting)
      if (needs.every((need) => order.has(need) || !dependencies.has(need))) order.add(name);
    ready = order.size - before;
    waiting = waiting.filter(([name]) => !order.has(name));
  }
  return { order: [...order], circular: waiting.map(([name]) => name) };
}
