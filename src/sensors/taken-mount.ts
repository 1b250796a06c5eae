import {
  controllerNames,
  type ControllerName,
  type MountStat,
  type Rule,
} from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import {
  CGROUP_MOUNT_POINT,
  cgroupVersion,
  ROOT_INODE,
  type Mount,
  type MountTable,
} from '../model/mount.ts';
import type { MountInputs } from '../model/snapshot.ts';
import type { TakenMount } from '../model/sensor.ts';
import { chooseMounts } from '../mounts/choose-mounts.ts';
import { hierarchyOf } from '../mounts/hierarchies.ts';
import { pathWalk, waysToOpen, type PathWalk, type WaysToOpen } from '../mounts/reachability.ts';
import { lackOf, pickOf, type RuleQuestion } from '../mounts/rules.ts';

export type MountAnswer =
  | {
      readonly kind: 'taken';
      readonly taken: Exclude<TakenMount, { kind: 'none' }>;
      /** The name that /proc/PID/cgroup has for the hierarchy that is walked. */
      readonly controller: ControllerName;
    }
  | { readonly kind: 'cannot-be-told'; readonly why: string };

/** What the rules of all versions need to know of one mount table. */
export interface TableView {
  readonly controller: ControllerName;
  readonly question: RuleQuestion;
}

/**
 * The mount in a table through which Tracee walks the cgroups: of v2 if cgroup2 is at
 * /sys/fs/cgroup, otherwise of cpuset (common/cgroup/cgroup.go:332). It mounts the hierarchy itself
 * if its rule finds nothing, or nothing below /sys/fs/cgroup (isMountedByOS, the same from v0.13 to
 * 7c9ec978).
 */
export function takenMount(rule: Rule, { controller, question }: TableView): MountAnswer {
  if (lackOf(rule, question) !== null) {
    return {
      kind: 'cannot-be-told',
      why: 'its rule compares inodes, and not every mount that it compares is reachable from here',
    };
  }
  const mount = pickOf(rule, question)(controller);
  if (mount === null || !mount.mountPoint.includes(CGROUP_MOUNT_POINT)) {
    return { kind: 'taken', taken: { kind: 'own', instead: mount }, controller };
  }
  const hierarchy = hierarchyOf(mount);
  // Tracee searches for the word in the path, so the hierarchy may be another one.
  const names = hierarchy === null ? [] : controllerNames(hierarchy);
  return {
    kind: 'taken',
    taken: { kind: 'mount', mount },
    controller: names.includes(controller) ? controller : (names[0] ?? controller),
  };
}

/** Walking the table of a large cell takes longer than applying all rules to the view. */
export function tableView(table: MountTable, inputs: MountInputs): TableView {
  const walk = pathWalk(table);
  const standard = walk.endsOn(CGROUP_MOUNT_POINT);
  const isV2 = standard !== null && cgroupVersion(standard) === 2;
  // A large cell has some thousands of other mounts, which these rules ignore.
  const mounts = table.mounts.filter(
    (mount) =>
      cgroupVersion(mount) === (isV2 ? 2 : 1) && (isV2 || mount.mountPoint.includes('cpuset')),
  );
  const searched = { ...table, mounts };
  const stats = statsOf(searched, walk, inputs);
  const live =
    stats === null ? null : { ...inputs, ownTable: searched, root: '/', stats, gdnPaths: null };
  const text = { table: searched, namespace: inputs.namespace };
  const { choices } = chooseMounts({ ...text, live: null, rule: 'verified' });
  return { controller: isV2 ? 'v2' : 'cpuset', question: { ...text, live, verified: choices } };
}

/**
 * The stat results for each cgroup mount point of a table, as far as our own mounts show the same;
 * null if they do not decide which inode is the lowest. The root of a hierarchy has inode 1, so if
 * a root is among them, the others need not be known.
 */
function statsOf(
  table: MountTable,
  walk: PathWalk,
  inputs: MountInputs,
): ReadonlyMap<ByteString, MountStat> | null {
  const own = { ...inputs.ownTable, mounts: inputs.ownTable.mounts.filter(isCgroup) };
  const ways = waysToOpen(own, pathWalk(inputs.ownTable), inputs.root);
  const stats = new Map<ByteString, MountStat>();
  const unknown: ByteString[] = [];
  for (const { mountPoint } of table.mounts) {
    if (stats.has(mountPoint)) continue;
    const shown = walk.endsOn(mountPoint);
    const stat = shown === null ? GONE : statOf(shown, ways, inputs);
    if (stat === null) unknown.push(mountPoint);
    else stats.set(mountPoint, stat);
  }
  if (unknown.length === 0) return stats;
  const root = [...stats.values()].find(
    (stat) => stat.kind === 'seen' && stat.inode === ROOT_INODE,
  );
  if (root?.kind !== 'seen') return null;
  for (const mountPoint of unknown) stats.set(mountPoint, { ...root, inode: Infinity });
  return stats;
}

const isCgroup = (mount: Mount): boolean => cgroupVersion(mount) !== null;

const GONE: MountStat = { kind: 'failed', errno: 'ENOENT' };

/** Null: none of our mounts shows the same. */
function statOf(shown: Mount, ways: WaysToOpen, { stats }: MountInputs): MountStat | null {
  if (cgroupVersion(shown) === null) return null;
  for (const path of ways(shown)) {
    const stat = stats.get(path);
    if (stat?.kind === 'seen' && stat.device === shown.device) return stat;
  }
  return null;
}
