import type { ByteString } from '../../model/ids.ts';
import { componentsBelow } from '../../model/paths.ts';

export type ForeignKind = 'bpm' | 'docker' | 'systemd' | 'unrecognised';

/**
 * bpm's containers: `bpm-<job>` without systemd, `runc-bpm-<job>.scope` (bpm < 1.4.33),
 * `<unique>-bpm-bpm-<job>.scope` since (bpm cgroups/cgroup.go:132-170).
 */
const BPM = /(?:^|-)bpm-[^/]+?(?:\.scope)?$/;
const DOCKER_SCOPE = /^docker-[0-9a-f]{64}\.scope$/;
const DOCKER_ID = /^[0-9a-f]{64}$/;
const SYSTEMD_UNIT = /\.(?:service|scope|slice|mount|socket|swap)$/;

/**
 * Classifies a cgroup outside Garden's directories by its path. All cgroups of one unit count once.
 */
export function foreignKind(
  path: ByteString,
  scope: ByteString,
): { readonly kind: ForeignKind; readonly unit: string } {
  const components = componentsBelow(path, scope);
  const upTo = (index: number): string => components.slice(0, index + 1).join('/');
  const bpm = components.findIndex((name) => BPM.test(name));
  if (bpm >= 0) return { kind: 'bpm', unit: upTo(bpm) };
  const docker = components.findIndex(
    (name, index) =>
      DOCKER_SCOPE.test(name) || (DOCKER_ID.test(name) && components[index - 1] === 'docker'),
  );
  if (docker >= 0) return { kind: 'docker', unit: upTo(docker) };
  const last = components.findLastIndex((name) => SYSTEMD_UNIT.test(name));
  // A directory that a unit made below its own cgroup (Delegate=yes) is not the unit itself.
  if (last >= 0 && last === components.length - 1) return { kind: 'systemd', unit: upTo(last) };
  return { kind: 'unrecognised', unit: path };
}

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
  for (let start = name.indexOf('-', 1); start > 0; start = name.indexOf('-', start + 1)) {
    if (PEA_SUFFIX.test(name.slice(start))) owners.push(name.slice(0, start));
  }
  return owners.toReversed();
}

/** The known container to which a cgroup beside it belongs as a pea. */
export const ownerOfPea = (name: string, isKnown: (owner: string) => boolean): string | null =>
  possibleOwners(name).find(isKnown) ?? null;

/** Any other cgroup below a container belongs to the container itself. */
export const isPeaBelow = (name: string, container: string): boolean =>
  container !== '' && name.startsWith(container) && PEA_SUFFIX.test(name.slice(container.length));
