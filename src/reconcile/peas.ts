/**
 * The process ids that Diego gives the peas of a container H: `H-envoy`, and a declarative health check, of the app or
 * of its Envoy, with a number (executor transformer.go:482-888). Only these count beside a container; a free-form handle may
 * otherwise begin like another one.
 */
const PEA_SUFFIX =
  /^-(?:envoy|(?:envoy-)?(?:startup|liveness|readiness|until-ready)-healthcheck-\d+)$/;

/** The names that a pea's cgroup could belong to, longest first: `H-envoy-liveness-healthcheck-0` may be H's or H-envoy's. */
function possibleOwners(name: string): readonly string[] {
  const owners: string[] = [];
  for (let start = name.indexOf('-', 1); start > 0; start = name.indexOf('-', start + 1)) {
    if (PEA_SUFFIX.test(name.slice(start))) owners.push(name.slice(0, start));
  }
  return owners.toReversed();
}

/** The container that a cgroup beside it belongs to as a pea, if one of the possible owners is known. */
export const ownerOfPea = (name: string, isKnown: (owner: string) => boolean): string | null =>
  possibleOwners(name).find(isKnown) ?? null;

/** Below a container the same names are its peas; anything else there is the container's own. */
export const isPeaBelow = (name: string, container: string): boolean =>
  possibleOwners(name).includes(container);
