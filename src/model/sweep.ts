import { hasController, type ControllerName } from './hierarchy.ts';
import { isAtHome, pathInWalk, type Homes } from './homes.ts';
import type { ByteString } from './ids.ts';
import { isPeaOf } from './peas.ts';
import type { CgroupDirectory } from './walk.ts';
import { membership, pathIn, processFacts, type Membership } from './process.ts';
import * as s from './shape.ts';

/** The image of a root filesystem, as grootfs names it: `<store>/images/<name>/…`. */
export const rootImage = s.struct({
  /** The handle of the container, or of a pea with its own image. */
  name: s.bytes,
  /** The path before `/images/`. */
  store: s.bytes,
});
export type RootImage = s.TypeOf<typeof rootImage>;

/** Pids are reused; the start time tells one process from the next. */
export const processIdentity = s.struct({ pid: s.number, startTicks: s.number });
export type ProcessIdentity = s.TypeOf<typeof processIdentity>;

/**
 * It has the root filesystem of a container, and in a hierarchy that counts it is in none of that
 * container's cgroups.
 */
const suspectedProcess = s.struct({
  process: processFacts,
  membership,
  image: rootImage,
  /** A glance saw it so, since the last pass that counts; the pass itself did not. */
  byGlance: s.flag,
});
export type SuspectedProcess = s.TypeOf<typeof suspectedProcess>;

/** A container's root filesystem, and the container's cgroup in which it was seen. */
const ownRoot = s.struct({ ...rootImage.fields, cgroup: s.bytes });
export type OwnRoot = s.TypeOf<typeof ownRoot>;

export interface SweepPlan {
  /** The walk of this pass, which already says who is in which cgroup. */
  readonly directories: readonly CgroupDirectory[];
  readonly homes: Homes;
  /** The NSpid entries of gdn: under bpm it runs in a pid namespace below ours. */
  readonly gardenNamespaces: number;
  /** Those that belong to a container: checked again in every pass, before other processes. */
  readonly suspects: readonly ProcessIdentity[];
  /** Whether to check every process in this pass. */
  readonly isWhole: boolean;
  /** A change on the cell brought the pass forward: the next one gets what glances saw, too. */
  readonly isAnnounced: boolean;
}

/** Processes that look as if they had left a container, beyond those that a pass keeps. */
const omittedSuspects = s.struct({
  processes: s.number,
  /** The container in whose cgroup most of them are; null: they are in none. */
  container: s.nullable(s.bytes),
});

/** What one pass saw in its slice of the processes. */
export const sweep = s.struct({
  /** A process with more NSpid entries is in the pid namespace of a container. */
  namespaces: s.number,
  /**
   * At most 5 per image, and at most 64, or 1,024 in a whole sweep; the same again of those whose image
   * is of no known container, and of those that are in a cgroup of their container in another hierarchy
   * that counts. A quarter of them may be in the cgroup of one container.
   */
  suspects: s.list(suspectedProcess),
  /** By all passes of this process until now; null: none were left out. */
  omitted: s.later(s.nullable(omittedSuspects), null),
  /** From processes in the cgroups of their containers, each once; empty if there is no suspect. */
  roots: s.list(ownRoot),
});
export type Sweep = s.TypeOf<typeof sweep>;

/** Whether a process that is outside its container's cgroups in this hierarchy has left its limits. */
export const countsFor = (controller: ControllerName, primary: ControllerName): boolean =>
  controller === primary || hasController(controller);

/** The hierarchies of a process in which whoever leaves the cgroups of a container leaves its limits. */
export const hierarchiesThatCount = (
  cgroups: Membership,
  primary: ControllerName,
): readonly ControllerName[] =>
  Object.keys(cgroups).filter((controller) => countsFor(controller, primary));

/** Those of them in which the process is in a cgroup of the container, or of a pea of it. */
export const hierarchiesAtHome = (
  cgroups: Membership,
  container: ByteString,
  homes: Homes,
): readonly ControllerName[] =>
  hierarchiesThatCount(cgroups, homes.primary).filter((controller) => {
    const path = pathIn(cgroups, controller);
    return (
      path !== undefined &&
      isAtHome(container, controller, pathInWalk(path, controller, homes), homes)
    );
  });

/** Whether a cgroup is that of the container or of a pea of it, or below one of these. */
export function isInCgroupOf(
  name: ByteString,
  path: string,
  handles: ReadonlySet<string>,
): boolean {
  // A shortcut: most paths do not contain the name at all.
  if (name === '' || !path.includes(`/${name}`)) return false;
  return path
    .split('/')
    .some(
      (component) => component === name || (isPeaOf(component, name) && !handles.has(component)),
    );
}
