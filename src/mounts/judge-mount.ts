import { textOfBytes } from '../model/byte-text.ts';
import { isAboveNamespace } from '../model/cgroup-path.ts';
import type {
  CgroupNamespace,
  Hierarchy,
  MountStat,
  CandidateVerdict,
} from '../model/hierarchy.ts';
import { controllerNames } from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import type { Mount, MountTable } from '../model/mount.ts';
import { type Membership, pathIn } from '../model/process.ts';
import { foundAt, type Found } from './confirm-mount.ts';
import * as say from './mount-sentences.ts';
import type { PathWalk } from './reachability.ts';
import { levelsUp, shownBy } from './shown-root.ts';
import type { WaysToOpen } from './ways-to-open.ts';

/** What can be asked of a running cell; a text has nothing of it. */
export interface LiveCell {
  /** Our own /proc/self/mountinfo. */
  readonly ownTable: MountTable;
  /** `/`, or the directory given with --root. */
  readonly root: string;
  /** By the path as this process opens it: see `pathsToStat`. */
  readonly stats: ReadonlyMap<ByteString, MountStat>;
  /** gdn's own /proc/<pid>/cgroup; null if gdn is not running or not known. */
  readonly gdnPaths: Membership | null;
  /** /proc/1/cgroup; null if it could not be read. */
  readonly firstProcessPaths: Membership | null;
}

/** All that one mount of a hierarchy is judged by. */
export interface MountEvidence {
  readonly hierarchy: Hierarchy;
  readonly namespace: CgroupNamespace;
  readonly walk: PathWalk;
  /** Levels of the deepest `/../..` among the mounts of the hierarchy. */
  readonly highest: number;
  readonly live: (LiveCell & { readonly waysToOpen: WaysToOpen }) | null;
}

type Live = NonNullable<MountEvidence['live']>;

export type MountJudgement =
  /** Shows the whole hierarchy; `openedAt` is null for a text. */
  | { readonly good: true; readonly openedAt: ByteString | null; readonly why: string }
  | { readonly good: false; readonly verdict: CandidateVerdict; readonly why: string };

const no = (verdict: CandidateVerdict, why: string): MountJudgement => ({
  good: false,
  verdict,
  why,
});

/** One mount by itself, in the order of the questions: can it be reached, does it show the root, is that confirmed. */
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
      return live === null ? no(shown, say.MAY_SHOW_READERS_OWN) : confirm(mount, evidence, live);
    case 'top':
      return live === null
        ? { good: true, openedAt: null, why: say.SHOWS_TOP }
        : confirm(mount, evidence, live);
  }
}

/** The first way to open it that shows the root decides; if none does, the first one explains. */
function confirm(mount: Mount, evidence: MountEvidence, live: Live): MountJudgement {
  const judgements = live
    .waysToOpen(mount)
    .map((path) =>
      judgeFound(foundAt(live.stats.get(path), evidence.hierarchy), path, mount, evidence, live),
    );
  return (
    judgements.find(({ good }) => good) ??
    judgements[0] ??
    no('not-confirmed', say.outOfReach(evidence.hierarchy))
  );
}

function judgeFound(
  found: Found,
  path: ByteString,
  mount: Mount,
  { hierarchy, namespace }: MountEvidence,
  live: Live,
): MountJudgement {
  if (found.kind === 'other') return no('not-confirmed', say.notConfirmed(found.why));
  const signs =
    path === mount.mountPoint ? found.signs : `opened at ${textOfBytes(path)}: ${found.signs}`;
  switch (found.kind) {
    case 'root':
      return { good: true, openedAt: path, why: say.confirmedLive(signs) };
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
        ? { good: true, openedAt: path, why: say.topOfContainer(signs) }
        : no('own-namespace', say.showsOwnNamespace(signs));
    }
  }
}

/**
 * A cell inside of a container (BOSH Lite) has a cgroup namespace around its pid 1. What lies in there is all there is of
 * it, so its top is as good as a root, if gdn's own cgroup lies below: else only we may be in that namespace.
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
