import type { ByteString } from '../model/ids.ts';
import {
  componentsBelow,
  isAtOrBelow,
  isGardenDirectory,
  nameOf,
  parentOf,
} from '../model/paths.ts';
import {
  isGardenServer,
  type Membership,
  pathIn,
  type ProcessInCgroups,
} from '../model/process.ts';
import type { CgroupDirectory } from '../model/scan.ts';
import { pathInMount, type ReadableHierarchy } from '../mounts/resolve.ts';

/** Where gdn's own cgroup is: containers are found relative to it. */
export interface GdnCgroups {
  readonly source: 'process' | 'memory' | 'walk';
  readonly pid: number | null;
  /** Per controller, as paths below the chosen mount; a walk knows the primary hierarchy only. */
  readonly paths: Membership;
}

interface GdnQuestion {
  readonly processes: readonly ProcessInCgroups[];
  readonly hierarchies: readonly ReadableHierarchy[];
  readonly primary: ReadableHierarchy;
  readonly directories: readonly CgroupDirectory[];
  readonly listed: ReadonlySet<ByteString>;
  readonly remembered: Membership | null;
}

/**
 * gdn's process: called `gdn`, in the outermost pid namespace, of real uid 0, not below a `garden*`
 * directory (anything in a container can call itself gdn). Among several it is the one whose
 * `garden*` directories hold listed handles, then the oldest. Without a process, the remembered
 * cgroup counts, else the parent of the `garden*` directories in the walk.
 */
export function findGdn(question: GdnQuestion): {
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
} {
  const servers = question.processes
    .filter(isGardenServer)
    .map((process) => ({ process, paths: pathsInMounts(process.membership, question.hierarchies) }))
    .filter(({ paths }) => isOutsideGardens(paths, question));
  // Only several need to be told apart.
  const countBelow = servers.length > 1 ? listedBelow(question) : () => 0;
  const candidates = servers
    .map(({ process, paths }) => ({
      process,
      gdn: { source: 'process', pid: process.pid, paths } satisfies GdnCgroups,
      holds: countBelow(pathIn(paths, question.primary.controller)),
    }))
    .toSorted(
      (a, b) =>
        Number(b.holds > 0) - Number(a.holds > 0) ||
        a.process.startTicks - b.process.startTicks ||
        a.process.pid - b.process.pid,
    );
  const [first, ...rest] = candidates;
  if (first !== undefined) {
    // One whose directories hold listed handles is not another Garden.
    const otherGdns = rest.filter(({ holds }) => holds === 0).map(({ gdn }) => gdn);
    return { gdn: first.gdn, otherGdns };
  }
  const { remembered, primary } = question;
  if (remembered !== null && pathIn(remembered, primary.controller) !== undefined) {
    return { gdn: { source: 'memory', pid: null, paths: remembered }, otherGdns: [] };
  }
  return { gdn: gdnOfWalk(question), otherGdns: [] };
}

function pathsInMounts(
  membership: Membership,
  hierarchies: readonly ReadableHierarchy[],
): Membership {
  return Object.fromEntries(
    hierarchies.flatMap((hierarchy) => {
      const path = pathBelowMount(membership, hierarchy);
      return path === null ? [] : [[hierarchy.controller, path] as const];
    }),
  );
}

/** A process's cgroup as the chosen mount shows it; null if the mount does not. */
export function pathBelowMount(
  membership: Membership,
  { controller, choice }: ReadableHierarchy,
): ByteString | null {
  const path = pathIn(membership, controller);
  return path === undefined ? null : pathInMount(path, choice);
}

function isOutsideGardens(paths: Membership, { hierarchies, primary }: GdnQuestion): boolean {
  if (pathIn(paths, primary.controller) === undefined) return false;
  return hierarchies.every(({ controller, scope }) => {
    const path = pathIn(paths, controller);
    if (path === undefined) return true;
    if (!isAtOrBelow(path, scope)) return controller !== primary.controller;
    return !componentsBelow(path, scope).some(isGardenDirectory);
  });
}

/**
 * Counts the listed handles below a cgroup: directly in a `garden*` directory of it, or in the
 * `good` or `bad` there. One pass over the walk serves all cgroups.
 */
function listedBelow({ primary, directories, listed }: GdnQuestion) {
  const counts = new Map<ByteString, number>();
  for (const { path } of directories) {
    if (!listed.has(nameOf(path))) continue;
    const above = parentOf(path);
    const garden = nameOf(above) === 'good' || nameOf(above) === 'bad' ? parentOf(above) : above;
    if (!isGardenDirectory(nameOf(garden))) continue;
    counts.set(parentOf(garden), (counts.get(parentOf(garden)) ?? 0) + 1);
  }
  return (cgroup: ByteString | undefined): number =>
    cgroup === undefined
      ? 0
      : gardenParents(primary, cgroup).reduce((sum, parent) => sum + (counts.get(parent) ?? 0), 0);
}

/**
 * The directories whose `garden*` children hold containers. On v2 runc puts them at the top, not
 * below gdn's own cgroup (guardian command_linux.go:268), so the scope counts too.
 */
export const gardenParents = (
  hierarchy: ReadableHierarchy,
  gdnCgroup: ByteString,
): readonly ByteString[] =>
  hierarchy.controller === 'v2' && gdnCgroup !== hierarchy.scope
    ? [gdnCgroup, hierarchy.scope]
    : [gdnCgroup];

function gdnOfWalk(question: GdnQuestion): GdnCgroups | null {
  const { primary, directories, listed } = question;
  const parents = new Set<ByteString>();
  for (const { path } of directories) {
    if (!isGardenDirectory(nameOf(path)) || path === primary.scope) continue;
    const inside = componentsBelow(parentOf(path), primary.scope);
    if (inside.some((name) => isGardenDirectory(name) || listed.has(name))) continue;
    parents.add(parentOf(path));
  }
  const countBelow = listedBelow(question);
  const [best, second] = [...parents]
    .map((path) => ({ path, holds: countBelow(path) }))
    .toSorted((a, b) => b.holds - a.holds);
  if (best === undefined || (best.holds === 0 && second !== undefined)) return null;
  return { source: 'walk', pid: null, paths: { [primary.controller]: best.path } };
}
