/**
 * Diego's names for the peas of H (executor transformer.go:482-888): one handle may be the prefix
 * of another.
 */
const PEA_SUFFIX =
  /^-(?:envoy|(?:envoy-)?(?:startup|liveness|readiness|until-ready)-healthcheck-\d+)$/;

/** Longest first: `H-envoy-liveness-healthcheck-0` may belong to `H-envoy` or to `H`. */
function possibleOwners(name: string): readonly string[] {
  const owners: string[] = [];
  for (let start = name.indexOf('-', 1); start > 0; start = name.indexOf('-', start + 1)) {
    if (PEA_SUFFIX.test(name.slice(start))) owners.push(name.slice(0, start));
  }
  return owners.toReversed();
}

export const ownerOfPea = (name: string, isKnown: (owner: string) => boolean): string | null =>
  possibleOwners(name).find(isKnown) ?? null;

/** Any other cgroup below a container belongs to the container itself. */
export const isPeaOf = (name: string, container: string): boolean =>
  container !== '' && name.startsWith(container) && PEA_SUFFIX.test(name.slice(container.length));
