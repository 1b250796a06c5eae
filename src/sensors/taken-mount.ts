import type { CgroupNamespace, ControllerName, Rule } from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { CGROUP_MOUNT_POINT, cgroupVersion, type Mount, type MountTable } from '../model/mount.ts';
import { isAboveNamespace, isAtOrBelow, joinPath } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import type { MountInputs } from '../model/snapshot.ts';
import type { TakenMount } from '../model/sensor.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { hierarchyOf } from '../mounts/hierarchies.ts';
import { statsOf } from '../mounts/mount-stats.ts';
import { pathWalk, type PathWalk } from '../mounts/reachability.ts';
import { lackOf, opensNothing, pickOf, type RuleQuestion } from '../mounts/rules.ts';

export type MountAnswer =
  | {
      readonly kind: 'taken';
      readonly taken: Exclude<TakenMount, { kind: 'none' }>;
      /** The name that /proc/PID/cgroup has for the hierarchy whose cgroups it counts. */
      readonly controller: ControllerName;
      /** The paths at which a walk finds a cgroup of that hierarchy, relative to its start. */
      readonly found: (cgroup: ByteString) => readonly ByteString[];
    }
  | { readonly kind: 'unknown'; readonly why: string };

/** What the rules of all versions need to know of one mount table. */
export interface TableView {
  readonly controller: ControllerName;
  readonly question: RuleQuestion;
  readonly walk: PathWalk;
  /** The mounts of the hierarchy of that controller. */
  readonly mounts: readonly Mount[];
}

/**
 * The mount in a table at which Tracee walks the cgroups: of v2 if cgroup2 is at /sys/fs/cgroup,
 * otherwise of cpuset (common/cgroup/cgroup.go:332). It mounts the hierarchy itself if its rule
 * finds nothing, or nothing below /sys/fs/cgroup (isMountedByOS, the same from v0.13 to 7c9ec978).
 */
export function takenMount(rule: Rule, view: TableView): MountAnswer {
  const { controller, question, walk } = view;
  if (lackOf(rule, question) !== null) {
    return {
      kind: 'unknown',
      why: 'its rule compares inodes, but rollcall cannot reach every mount that the rule compares',
    };
  }
  const mount = pickOf(rule, question)(controller);
  if (mount === null || !mount.mountPoint.includes(CGROUP_MOUNT_POINT)) {
    const found = (cgroup: ByteString): readonly ByteString[] => [cgroup];
    return {
      kind: 'taken',
      taken: { kind: 'own', instead: mount, mayBeYounger: false },
      controller,
      found,
    };
  }
  const isNowhere = opensNothing(rule, mount);
  const shown = isNowhere ? null : walk.endsOn(mount.mountPoint);
  return {
    kind: 'taken',
    taken: { kind: 'mount', mount, shown, mayBeYounger: false },
    controller,
    found: isNowhere ? () => [] : findBelow(mount.mountPoint, view),
  };
}

/**
 * A walk finds what lies at the path, which another mount may cover, and crosses the mounts below.
 * Tracee knows processes by the inode of their cgroup, so other hierarchies do not count.
 */
function findBelow(
  start: ByteString,
  { mounts, walk, question: { namespace } }: TableView,
): (cgroup: ByteString) => readonly ByteString[] {
  const near = mounts.filter(
    ({ mountPoint }) => isAtOrBelow(mountPoint, start) || isAtOrBelow(start, mountPoint),
  );
  return (cgroup) =>
    near.flatMap((mount) => {
      const rest = pathBelowRoot(cgroup, mount.root, namespace);
      if (rest === null) return [];
      const place =
        rest === '/' ? mount.mountPoint : joinPath(mount.mountPoint, asByteString(rest.slice(1)));
      return isAtOrBelow(place, start) && walk.endsOn(place) === mount
        ? [asByteString(place.slice(start.length) || '/')]
        : [];
    });
}

/** A path of the hierarchy, relative to one of its mounts; null if the mount does not show it. */
function pathBelowRoot(
  path: ByteString,
  root: ByteString | null,
  namespace: CgroupNamespace,
): ByteString | null {
  if (root === null) return path;
  if (root === '/') return namespace === 'private' && isAboveNamespace(path) ? null : path;
  return isAtOrBelow(path, root) ? asByteString(path.slice(root.length) || '/') : null;
}

/** A mount that shows the whole hierarchy which Tracee walks, in the table of the cell; null: none does. */
export function wholeMount(inputs: MountInputs): Mount | null {
  const { mounts, walk } = tableView(inputs.cellTable, inputs);
  const isWhole = (mount: Mount): boolean =>
    mount.root === '/' && walk.endsOn(mount.mountPoint) === mount;
  return mounts.find(isWhole) ?? null;
}

/** Walking the table of a large cell takes longer than applying all rules to the view. */
export function tableView(table: MountTable, inputs: MountInputs): TableView {
  const walk = pathWalk(table);
  const standard = walk.endsOn(CGROUP_MOUNT_POINT);
  const isV2 =
    (standard !== null && cgroupVersion(standard) === 2) || hasNoCpuset(inputs.firstProcessPaths);
  const controller = isV2 ? 'v2' : 'cpuset';
  const version = isV2 ? 2 : 1;
  // A large cell has some thousands of other mounts, which these rules ignore.
  const ofVersion = table.mounts.filter((mount) => cgroupVersion(mount) === version);
  const searched = isV2
    ? ofVersion
    : ofVersion.filter(({ mountPoint }) => mountPoint.includes('cpuset'));
  const text = { table: { ...table, mounts: searched }, namespace: inputs.namespace };
  const { choices } = chooseMounts({ ...text, live: null, rule: 'verified' });
  return {
    controller,
    question: { ...text, stats: statsOf(searched, walk, inputs), verified: choices },
    walk,
    mounts: isV2
      ? ofVersion
      : ofVersion.filter((mount) => hierarchyOf(mount)?.controllers.includes('cpuset') === true),
  };
}

/** Without cpuset in v1, Tracee takes v2 wherever that is (/proc/cgroups). */
const hasNoCpuset = (firstProcess: MountInputs['firstProcessPaths']): boolean =>
  firstProcess !== null && pathIn(firstProcess, 'cpuset') === undefined;
