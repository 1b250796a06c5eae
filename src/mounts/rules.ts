import {
  controllerNames,
  type CgroupNamespace,
  type ControllerName,
  type MountChoice,
  type MountStat,
  type Rule,
} from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';
import { highestTop, shownBy } from './judge-mount.ts';

/** The mount that a rule takes for a controller, `name=X` or v2; null if it finds none. */
export type Pick = (name: ControllerName) => Mount | null;

/** A verified table to which the rules are applied. */
export interface RuleQuestion {
  readonly table: MountTable;
  readonly namespace: CgroupNamespace;
  /** See `statsOf`; null also for a text. */
  readonly stats: ReadonlyMap<ByteString, MountStat> | null;
  readonly verified: readonly MountChoice[];
}

interface RuleEntry {
  /** What the rule requires; null: any table is enough. */
  readonly needs: 'inodes' | 'roots' | null;
  /** The tool opens the mount point as the kernel prints it, with octal escapes. */
  readonly isLiteral: boolean;
  readonly pick: (name: ControllerName, question: RuleQuestion) => Mount | null;
}

const RULE_ENTRIES: Readonly<Record<Rule, RuleEntry>> = {
  /** rollcall's own rule. */
  verified: {
    needs: null,
    isLiteral: false,
    pick: (name, question) => choiceOf(name, question)?.chosen ?? null,
  },
  /** The longest mount point of the hierarchy, if it shows the root. */
  'longest-path': {
    needs: null,
    isLiteral: false,
    pick: longestWithAll,
  },
  /** Tracee up to 0.19: the last line whose mount point contains the name. */
  'last-match': {
    needs: null,
    isLiteral: true,
    // Any later mount of a sub-cgroup replaces the host's.
    pick: (name, question) => searchedMounts(name, question).at(-1) ?? null,
  },
  /** Tracee 0.20: the first line whose mount point contains the name and whose root is `/`. */
  'first-root': {
    needs: 'roots',
    isLiteral: true,
    pick: (name, question) =>
      searchedMounts(name, question).find(({ root }) => root === '/') ?? null,
  },
  /** Tracee 0.21 to 0.22.2: the lowest inode among lines whose mount point contains the name. */
  'lowest-inode': {
    needs: 'inodes',
    isLiteral: true,
    pick: lowestInode,
  },
  /** Tracee since 0.22.3: the same among lines with the root `/`; the longest path on a tie. */
  'root-only': {
    needs: 'roots',
    isLiteral: true,
    pick: rootOnly,
  },
};

export const pickOf =
  (rule: Rule, question: RuleQuestion): Pick =>
  (name) =>
    RULE_ENTRIES[rule].pick(name, question);

/** What the rule requires and the question lacks; null: the rule can answer. */
export function lackOf(rule: Rule, { table, stats }: RuleQuestion): RuleEntry['needs'] {
  const { needs } = RULE_ENTRIES[rule];
  if (needs === 'inodes') return stats === null ? needs : null;
  return needs === 'roots' && table.format === 'mounts' ? needs : null;
}

/** Whether a tool with this rule finds nothing at the mount point, because it has octal escapes. */
export const opensNothing = (rule: Rule, { mountPoint }: Mount): boolean =>
  RULE_ENTRIES[rule].isLiteral && asPrinted(mountPoint) !== mountPoint;

/** A mount point as the kernel prints it (fs/proc_namespace.c, seq_path). */
const asPrinted = (path: ByteString): ByteString =>
  asByteString(
    path.replace(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`),
  );

/** The longest mount point, on a tie the last line: a container's mount may win by its path. */
export const longestPath = (mounts: readonly Mount[]): Mount | null =>
  mounts.reduce<Mount | null>((longest, mount) => {
    if (longest === null) return mount;
    const difference = mount.mountPoint.length - longest.mountPoint.length;
    return difference > 0 || (difference === 0 && mount.line > longest.line) ? mount : longest;
  }, null);

/** Has the proposal's own safeguard: the path must hold the full hierarchy, if that is known. */
function longestWithAll(name: ControllerName, question: RuleQuestion): Mount | null {
  const candidates = choiceOf(name, question)?.candidates ?? [];
  const mounts = candidates.map(({ mount }) => mount);
  const longest = longestPath(mounts);
  const isChosen = candidates.some(
    ({ mount, verdict }) => mount === longest && verdict === 'chosen',
  );
  if (longest === null || isChosen) return longest;
  return shownBy(longest, question.namespace, highestTop(mounts)) === 'top' ? longest : null;
}

/**
 * On a tie it takes the shorter path. A covered mount has the inode of the mount that covers it. It
 * takes the ninth field for the type, which it is only after one optional field; after none, the
 * ninth is the source.
 */
function lowestInode(name: ControllerName, question: RuleQuestion): Mount | null {
  const { stats } = question;
  if (stats === null) return null;
  const found = searchedMounts(name, question).filter(({ optionalFields, source, fstype }) =>
    optionalFields === 0 ? source === fstype : optionalFields === null || optionalFields === 1,
  );
  return lowest(found, stats, (a, b) => a.mountPoint.length - b.mountPoint.length);
}

/**
 * Considers only mounts with the root `/`, and takes the lowest inode (live only); on a tie the
 * longer path, then the earlier line. In a private cgroup namespace it mistakes the reader's own
 * cgroup for the host's.
 */
function rootOnly(name: ControllerName, question: RuleQuestion): Mount | null {
  const roots = searchedMounts(name, question).filter(({ root }) => root === '/');
  return lowest(roots, question.stats, (a, b) => b.mountPoint.length - a.mountPoint.length);
}

/** The mount with the lowest inode, and among these the first by `order`; none that stat cannot open. */
function lowest(
  mounts: readonly Mount[],
  stats: RuleQuestion['stats'],
  order: (a: Mount, b: Mount) => number,
): Mount | null {
  const opened = mounts.flatMap((mount) => {
    const inode = inodeOf(mount, stats);
    return inode === null ? [] : [{ mount, inode }];
  });
  const sorted = opened.toSorted((a, b) => a.inode - b.inode || order(a.mount, b.mount));
  return sorted[0]?.mount ?? null;
}

/** The inode that stat returns for a mount point; null if stat fails. All are 0 for a text. */
function inodeOf(mount: Mount, stats: RuleQuestion['stats']): number | null {
  if (opensNothing('root-only', mount)) return null;
  if (stats === null) return 0;
  const stat = stats.get(mount.mountPoint);
  return stat?.kind === 'read' ? stat.inode : null;
}

const choiceOf = (name: ControllerName, { verified }: RuleQuestion): MountChoice | undefined =>
  verified.find(({ hierarchy }) => controllerNames(hierarchy).includes(name));

/**
 * The mounts from which Tracee's rules choose, in table order: the type must be equal, and the
 * mount point must contain the controller (for `name=X` the X, for v2 nothing). So `cpu` matches
 * `/sys/fs/cgroup/cpuset`, and memory at /dev/memcg is never found. Nothing after a long line is.
 */
function searchedMounts(
  name: ControllerName,
  { table: { longLine }, verified }: RuleQuestion,
): readonly Mount[] {
  const version = name === 'v2' ? 2 : 1;
  const word = name === 'v2' ? '' : name.replace(/^name=/, '');
  return verified
    .flatMap(({ candidates }) => candidates.map(({ mount }) => mount))
    .filter((mount) => cgroupVersion(mount) === version && mount.mountPoint.includes(word))
    .filter(({ line }) => longLine === null || line < longLine)
    .toSorted((a, b) => a.line - b.line);
}
