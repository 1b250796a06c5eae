import type { ByteString } from '../../model/ids.ts';
import { componentsBelow, isGardenDirectory, nameOf, parentOf, ROOT } from '../../model/paths.ts';
import { type Membership, pathIn, type ProcessInCgroups } from '../../model/process.ts';
import type { CgroupDirectory } from '../../model/walk.ts';
import { pathBelowMount, type ReadableHierarchy } from '../../mounts/resolve.ts';

/** The location of gdn's own cgroup: containers are found relative to it. */
export interface GdnCgroups {
  readonly source: 'process' | 'memory' | 'walk';
  readonly pid: number | null;
  /** Below the chosen mount, by controller; only of the primary one if just the walk shows it. */
  readonly paths: Membership;
  /** The number of NSpid entries: as many as gdn's helpers have, fewer than containers. */
  readonly namespaces: number;
  /** In clock ticks since boot; null if no process shows it. */
  readonly startTicks: number | null;
  readonly depot: string | null;
  readonly containerdSocket: string | null;
}

const withoutProcess = (source: 'memory' | 'walk', paths: Membership): GdnCgroups => ({
  source,
  pid: null,
  paths,
  namespaces: 1,
  startTicks: null,
  depot: null,
  containerdSocket: null,
});

export interface GdnQuestion {
  /** See `gdnCandidates`. */
  readonly candidates: readonly ProcessInCgroups[];
  readonly hierarchies: readonly ReadableHierarchy[];
  readonly primary: ReadableHierarchy;
  readonly directories: readonly CgroupDirectory[];
  readonly listed: ReadonlySet<ByteString>;
  readonly remembered: Membership | null;
  /** The cgroups of other gdns that ran since this boot. */
  readonly rememberedOthers: readonly Membership[];
  /** Garden answered before all processes were searched, so one of the candidates is its server. */
  readonly isServing: boolean;
}

export interface FoundGdn {
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
  /** Several processes can be Garden's server, and nothing shows which one is. */
  readonly isGdnAmbiguous: boolean;
}

/** By its process, otherwise the remembered cgroup, or the parent of the Garden directories. */
export function findGdn(question: GdnQuestion): FoundGdn {
  const { primary, remembered } = question;
  const ranked = rankedCandidates(question);
  const [first, ...rest] = ranked.filter(
    (one) => one.holds > 0 || !isKnownOther(one.path, question),
  );
  if (first === undefined) {
    const gdn =
      remembered !== null && pathIn(remembered, primary.controller) !== undefined
        ? withoutProcess('memory', remembered)
        : gdnOfWalk(question);
    const otherGdns = [...ranked.map((one) => one.gdn), ...endedGdns(question)];
    return { gdn, otherGdns, isGdnAmbiguous: false };
  }
  // In one cgroup they are one server, for example a child before its exec or one that ends.
  const rivals = rest.filter(({ path }) => path !== first.path);
  const isGdnAmbiguous = rivals.some(
    ({ holds, isRemembered, children }) =>
      holds === first.holds &&
      isRemembered === first.isRemembered &&
      children > 0 &&
      first.children > 0,
  );
  if (isGdnAmbiguous) return { gdn: null, otherGdns: [], isGdnAmbiguous };
  const others = ranked.filter(({ path }) => path !== first.path);
  const otherGdns = [...others.map(({ gdn }) => gdn), ...endedGdns(question)];
  return { gdn: first.gdn, otherGdns, isGdnAmbiguous };
}

/** While ours is away, another one that ran beside it does not take its place. */
function isKnownOther(
  path: ByteString | undefined,
  { primary: { controller }, remembered, rememberedOthers, isServing }: GdnQuestion,
): boolean {
  const ours = pathIn(remembered, controller);
  return (
    !isServing &&
    ours !== undefined &&
    path !== ours &&
    rememberedOthers.some((paths) => pathIn(paths, controller) === path)
  );
}

/**
 * The candidates in reach of the mounts. The first holds the most listed handles in its Garden
 * directories, then has its cgroup in memory, then has more living children, then is the oldest.
 */
function rankedCandidates(question: GdnQuestion) {
  const { controller } = question.primary;
  const remembered = pathIn(question.remembered, controller);
  const candidates = question.candidates
    .map((process) => ({ process, paths: pathsInMounts(process.membership, question.hierarchies) }))
    .filter(({ paths }) => pathIn(paths, controller) !== undefined);
  // Counting is needed only to choose between several candidates.
  const countBelow = candidates.length > 1 ? listedBelow(question) : () => 0;
  return candidates
    .map(({ process, paths }) => {
      const path = pathIn(paths, controller);
      const gdn: GdnCgroups = {
        source: 'process',
        pid: process.pid,
        paths,
        namespaces: process.namespacePids.length,
        startTicks: process.startTicks,
        depot: process.depot,
        containerdSocket: process.containerdSocket,
      };
      const { children } = process;
      return { gdn, path, children, holds: countBelow(path), isRemembered: path === remembered };
    })
    .toSorted(
      (a, b) =>
        b.holds - a.holds ||
        Number(b.isRemembered) - Number(a.isRemembered) ||
        b.children - a.children,
    );
}

/** Those that no longer run: what one leaves behind does not belong to another gdn. */
function endedGdns(question: GdnQuestion): readonly GdnCgroups[] {
  const { primary, candidates, remembered, rememberedOthers } = question;
  const running = new Set(
    candidates.flatMap((one) => pathBelowMount(one.membership, primary) ?? []),
  );
  return rememberedOthers.flatMap((paths) => {
    const path = pathIn(paths, primary.controller);
    const isOther =
      path !== undefined && !running.has(path) && path !== pathIn(remembered, primary.controller);
    return isOther ? [withoutProcess('memory', paths)] : [];
  });
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

/**
 * Counts the listed handles that live below a cgroup: directly in one of its Garden directories, or
 * in `good` or `bad` there. Empty directories do not count, because a privileged container can make
 * them.
 */
function listedBelow({ primary, directories, listed }: GdnQuestion) {
  const handles = new Map<ByteString, Set<ByteString>>();
  for (const { path, pids } of directories) {
    if (pids.length === 0) continue;
    for (let at = path, below = ROOT, handle = ROOT; at !== ROOT; at = parentOf(at)) {
      const name = nameOf(at);
      if (isGardenDirectory(name) && listed.has(handle)) {
        const known = handles.get(parentOf(at)) ?? new Set();
        handles.set(parentOf(at), known.add(handle));
      }
      handle = name === 'good' || name === 'bad' ? below : name;
      below = name;
    }
  }
  return (cgroup: ByteString | undefined): number =>
    cgroup === undefined
      ? 0
      : gardenParents(primary, cgroup).reduce(
          (sum, parent) => sum + (handles.get(parent)?.size ?? 0),
          0,
        );
}

/**
 * The directories whose `garden*` children hold containers. On v2 runc puts those at the top and
 * not below gdn's own cgroup (guardian command_linux.go:268), so the scope is one of them.
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
  return withoutProcess('walk', { [primary.controller]: best.path });
}
