import type { ByteString } from '../model/ids.ts';
import { componentsBelow } from '../model/paths.ts';

export type ForeignKind = 'bpm' | 'docker' | 'systemd' | 'unrecognised';

/**
 * bpm's containers: `bpm-<job>` without systemd, `runc-bpm-<job>.scope` (bpm < 1.4.33), `<unique>-bpm-bpm-<job>.scope`
 * since (bpm cgroups/cgroup.go:132-170).
 */
const BPM = /(?:^|-)bpm-[^/]+?(?:\.scope)?$/;
const DOCKER_SCOPE = /^docker-[0-9a-f]{64}\.scope$/;
const DOCKER_ID = /^[0-9a-f]{64}$/;
const SYSTEMD_UNIT = /\.(?:service|scope|slice|mount|socket|swap)$/;

/** What a cgroup outside Garden's directories is, by its path; and the part of the path that is the one thing to count. */
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
  // A directory that a unit made below itself (Delegate=yes) is not the unit: only the unit's own cgroup is.
  if (last >= 0 && last === components.length - 1) return { kind: 'systemd', unit: upTo(last) };
  return { kind: 'unrecognised', unit: path };
}

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
