import {
  type CgroupNamespace,
  type Hierarchy,
  type MountStat,
  type CandidateVerdict,
  controllerNames,
} from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import {
  type Mount,
  type MountTable,
  cgroupVersion,
  isDeleted,
  ROOT_INODE,
} from '../model/mount.ts';
import { isAboveNamespace } from '../model/paths.ts';
import { type Membership, pathIn } from '../model/process.ts';
import { textOfBytes } from '../model/text.ts';
import * as say from './mount-sentences.ts';
import type { PathWalk, WaysToOpen } from './reachability.ts';

/** What only a running cell can show, and a text cannot. */
export interface LiveCell {
  /** Our own /proc/self/mountinfo. */
  readonly ownTable: MountTable;
  /** `/`, or the directory given with --root. */
  readonly root: string;
  /** By the path that this process opens; see `pathsToStat`. */
  readonly stats: ReadonlyMap<ByteString, MountStat>;
  /** gdn's own /proc/<pid>/cgroup; null if gdn does not run or is unknown. */
  readonly gdnPaths: Membership | null;
  /** /proc/1/cgroup; null if it could not be read. */
  readonly firstProcessPaths: Membership | null;
}

export interface MountEvidence {
  readonly hierarchy: Hierarchy;
  readonly namespace: CgroupNamespace;
  readonly walk: PathWalk;
  /** The number of levels in the deepest `/../..` among the mounts of the hierarchy. */
  readonly highest: number;
  readonly live: (LiveCell & { readonly waysToOpen: WaysToOpen }) | null;
}

type LiveEvidence = MountEvidence & { readonly live: NonNullable<MountEvidence['live']> };

export type MountJudgement =
  /** Shows the whole hierarchy; `openedAt` is null for a text. */
  | { readonly showsRoot: true; readonly openedAt: ByteString | null; readonly why: string }
  | { readonly showsRoot: false; readonly verdict: CandidateVerdict; readonly why: string };

const no = (verdict: CandidateVerdict, why: string): MountJudgement => ({
  showsRoot: false,
  verdict,
  why,
});

/** Judges one mount: whether it can be reached, shows the root, and is confirmed. */
export function judgeMount(mount: Mount, evidence: MountEvidence): MountJudgement {
  const { namespace, walk, highest, live } = evidence;
  if (!walk.reaches(mount)) return no('shadowed', say.hiddenBy(walk.endsOn(mount.mountPoint)));
  const shown = shownBy(mount, namespace, highest);
  switch (shown) {
    case 'deleted':
      return no(shown, say.removed(mount.root));
    case 'sub-cgroup':
      return no(
        shown,
        namespace === 'private' && levelsUp(mount.root) > 0
          ? say.showsBetween(mount.root, highest)
          : say.showsBelow(mount.root),
      );
    case 'own-namespace':
      return no(shown, say.showsReadersOwn(highest));
    case 'undecided':
      return live === null
        ? no(shown, say.MAY_SHOW_READERS_OWN)
        : confirm(mount, { ...evidence, live });
    case 'top':
      return live === null
        ? { showsRoot: true, openedAt: null, why: say.SHOWS_TOP }
        : confirm(mount, { ...evidence, live });
  }
}

/** The first path that shows the root decides. If none does, the first path gives the reason. */
function confirm(mount: Mount, evidence: LiveEvidence): MountJudgement {
  const judgements = evidence.live
    .waysToOpen(mount)
    .map((path) => judgeOpened(mount, path, evidence));
  return (
    judgements.find(({ showsRoot }) => showsRoot) ??
    judgements[0] ??
    no('not-confirmed', say.outOfReach(evidence.hierarchy))
  );
}

function judgeOpened(mount: Mount, path: ByteString, evidence: LiveEvidence): MountJudgement {
  const { hierarchy, namespace, live } = evidence;
  const found = foundAt(live.stats.get(path), hierarchy);
  if (found.kind === 'other') return no('not-confirmed', say.notConfirmed(found.why));
  const signs =
    path === mount.mountPoint ? found.signs : `opened at ${textOfBytes(path)}: ${found.signs}`;
  switch (found.kind) {
    case 'root':
      return { showsRoot: true, openedAt: path, why: say.confirmedLive(signs) };
    case 'contradiction':
      return no(
        'not-confirmed',
        say.notConfirmed(`the two signs of a root cgroup disagree (${signs})`),
      );
    case 'below': {
      if (namespace !== 'private' || mount.root !== '/') {
        return no('not-confirmed', say.notConfirmed(`a cgroup below the root is there (${signs})`));
      }
      return isCellInContainer(hierarchy, live)
        ? { showsRoot: true, openedAt: path, why: say.topOfContainer(signs) }
        : no('own-namespace', say.showsOwnNamespace(signs));
    }
  }
}

/**
 * A cell inside a container (BOSH Lite) has a private cgroup namespace around its pid 1. The top of
 * that namespace counts as a root if gdn's cgroup lies below it. Otherwise the namespace may be
 * ours alone.
 */
function isCellInContainer(hierarchy: Hierarchy, live: LiveCell): boolean {
  const isInside = (paths: Membership | null): boolean => {
    const path = controllerNames(hierarchy)
      .map((name) => pathIn(paths, name))
      .find((one) => one !== undefined);
    return path !== undefined && !isAboveNamespace(path);
  };
  return isInside(live.firstProcessPaths) && isInside(live.gdnPaths);
}

/** What the kernel shows at the path of a mount. */
type Found =
  | { readonly kind: 'root'; readonly signs: string }
  /** A cgroup of the right hierarchy, but not its root. */
  | { readonly kind: 'below'; readonly signs: string }
  /** The two signs of a root disagree. */
  | { readonly kind: 'contradiction'; readonly signs: string }
  | { readonly kind: 'other'; readonly why: string };

const MAGIC = { 1: 0x27e0eb, 2: 0x63677270 } as const;

/**
 * Compares the kernel's answer for a path with the table. The magic number and the device reveal a
 * covering mount (the root of a tmpfs has inode 1, too). The root has two independent signs: its
 * inode, and a file that only the root has (v1 `release_agent`) or lacks (v2 `cgroup.events`).
 */
function foundAt(stat: MountStat | undefined, hierarchy: Hierarchy): Found {
  if (stat === undefined) return { kind: 'other', why: 'the kernel was not asked about it' };
  if (stat.kind === 'failed') return { kind: 'other', why: `it cannot be opened (${stat.errno})` };
  const { version, device } = hierarchy;
  if (stat.magic !== MAGIC[version]) {
    const magic = `0x${stat.magic.toString(16)}`;
    return { kind: 'other', why: `it is not a cgroup v${version} file system (magic ${magic})` };
  }
  if (stat.device !== device) {
    return { kind: 'other', why: `device ${stat.device} is there instead of ${device}` };
  }
  const isRootInode = stat.inode === ROOT_INODE;
  const isRootFile = version === 1 ? stat.hasReleaseAgent : !stat.hasCgroupEvents;
  const file =
    version === 1
      ? `${stat.hasReleaseAgent ? '' : 'no '}release_agent`
      : `${stat.hasCgroupEvents ? '' : 'no '}cgroup.events`;
  const signs = `device ${stat.device}, inode ${stat.inode}, ${file}`;
  if (isRootInode !== isRootFile) return { kind: 'contradiction', signs };
  return { kind: isRootInode ? 'root' : 'below', signs };
}

/** The part of its hierarchy that a mount shows, according to its root field. */
export type ShownPart = 'top' | 'own-namespace' | 'undecided' | 'sub-cgroup' | 'deleted';

const UPS = /^(?:\/\.\.)+$/;

/** The levels of a root above the reader's cgroup namespace; 0 for `/` and everything below. */
const levelsUp = (root: ByteString | null): number =>
  root !== null && UPS.test(root) ? root.length / 3 : 0;

/** The deepest `/../..` leads to the top. A bind mount of a cgroup in between has a shorter one. */
export const highestTop = (mounts: readonly Mount[]): number =>
  mounts.reduce((most, { root }) => Math.max(most, levelsUp(root)), 0);

/**
 * The kernel prints a root relative to the reader's cgroup namespace (cgroup_show_path), separately
 * for each hierarchy. In one private namespace memory can be at `/../..`, while pids, whose
 * namespace root is the reader's own cgroup, is at `/`.
 */
export function shownBy(mount: Mount, namespace: CgroupNamespace, highest: number): ShownPart {
  if (isDeleted(mount)) return 'deleted';
  const { root } = mount;
  if (namespace === 'initial') return root === '/' ? 'top' : 'sub-cgroup';
  if (root === '/') return highest > 0 ? 'own-namespace' : 'undecided';
  return highest > 0 && levelsUp(root) === highest ? 'top' : 'sub-cgroup';
}

/** The namespace of a text: private if any root lies outside the reader's namespace. */
export const assumedNamespace = (table: MountTable): CgroupNamespace =>
  table.mounts.some(
    (mount) => cgroupVersion(mount) !== null && mount.root !== null && isAboveNamespace(mount.root),
  )
    ? 'private'
    : 'initial';
