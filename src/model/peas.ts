/**
 * The process ids that Diego gives the peas of a container H: `H-envoy`, and numbered health checks
 * of the app or its Envoy (executor transformer.go:482-888). A cgroup beside a container counts as
 * its pea only with one of these, because one free-form handle may be the prefix of another.
 */
const PEA_SUFFIX =
  /^-(?:envoy|(?:envoy-)?(?:startup|liveness|readiness|until-ready)-healthcheck-\d+)$/;

/** Longest first: `H-envoy-liveness-healthcheck-0` may belong to `H-envoy` or to `H`. */
function possibleOwners(name: string): readonly string[] {
  const owners: string[] = [];
  // A shortcut: most names are handles.
  if (!name.endsWith('-envoy') && !name.includes('-healthcheck-')) return owners;
  for (let start = name.indexOf('-', 1); start > 0; start = name.indexOf('-', start + 1)) {
    if (PEA_SUFFIX.test(name.slice(start))) owners.push(name.slice(0, start));
  }
  return owners.toReversed();
}

/** The known container to which a cgroup beside it belongs as a pea. */
export const ownerOfPea = (name: string, isKnown: (owner: string) => boolean): string | null =>
  possibleOwners(name).find(isKnown) ?? null;

/** Any other cgroup below a container belongs to the container itself. */
export const isPeaOf = (name: string, container: string): boolean =>
  container !== '' && name.startsWith(container) && PEA_SUFFIX.test(name.slice(container.length));
