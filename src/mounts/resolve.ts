import {
  type CgroupMode,
  type ControllerName,
  type MountChoice,
  controllerNames,
  hasController,
} from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { CGROUP_MOUNT_POINT } from '../model/mount.ts';
import {
  commonAncestor,
  isAboveNamespace,
  isAtOrBelow,
  ROOT,
  withoutInitScope,
} from '../model/paths.ts';
import {
  isGardenServer,
  isInGarden,
  isRep,
  type Membership,
  pathIn,
  type ProcessInCgroups,
  type RepProcess,
} from '../model/process.ts';
import type { MountInputs } from '../model/snapshot.ts';
import { chooseMounts } from './choose-mounts.ts';
import { coversBelow, type Cover } from './covers.ts';

/** The hierarchies of a cell, and which of them can be read. */
export interface CgroupHierarchies {
  readonly mode: CgroupMode;
  readonly choices: readonly MountChoice[];
  readonly hierarchies: readonly ReadableHierarchy[];
  readonly primary: ReadableHierarchy | null;
  /** The other v1 hierarchies with controllers. A named hierarchy need not hold a container. */
  readonly others: readonly ReadableHierarchy[];
}

/**
 * @param remembered gdn's cgroups from memory, as paths below the mounts; used while gdn does not
 * run
 */
export function resolveHierarchies(
  mounts: MountInputs,
  gardenProcesses: readonly ProcessInCgroups[],
  remembered: Membership | null,
): CgroupHierarchies {
  const candidates = gdnCandidates(gardenProcesses, mounts.firstProcessPaths);
  const { mode, choices } = chooseMounts({
    table: mounts.cellTable,
    namespace: mounts.namespace,
    rule: 'verified',
    live: {
      ownTable: mounts.ownTable,
      root: mounts.root,
      stats: mounts.stats,
      gdnPaths: candidates[0]?.membership ?? remembered,
      firstProcessPaths: mounts.firstProcessPaths,
    },
  });
  const places = candidates.map(({ membership }) => membership);
  const hierarchies = readableHierarchies(choices, mounts, places, remembered);
  const chosen = primaryHierarchy(choices, mode);
  const name = chosen === null ? undefined : primaryName(chosen);
  const primary = hierarchies.find(({ controller }) => controller === name) ?? null;
  const others = otherHierarchies({ hierarchies, primary }).filter(({ controller }) =>
    hasController(controller),
  );
  return { mode, choices, hierarchies, primary, others };
}

/** Garden sets limits with these, so every container is in them, most reliably in the first. */
const PREFERRED = ['memory', 'pids', 'cpu'] as const;

/** The one name under which a co-mounted hierarchy is walked. */
function primaryName(choice: MountChoice): ControllerName | undefined {
  const names = controllerNames(choice.hierarchy);
  return PREFERRED.find((name) => names.includes(name)) ?? names[0];
}

/**
 * The hierarchy in which all containers are searched for: v2 on a v2 host; otherwise memory, pids,
 * cpu, or another v1 hierarchy with controllers, in this order. Null if that one has no usable
 * mount: on a hybrid host v2 has no controller, and a named hierarchy need not hold the containers.
 *
 * Garden and runc treat a host as v2 if statfs of /sys/fs/cgroup says so (guardian,
 * opencontainers/cgroups IsCgroup2UnifiedMode). Then they do not use v1 at all, even if a stray
 * controller (net_cls) is mounted elsewhere.
 */
export function primaryHierarchy(
  choices: readonly MountChoice[],
  mode: CgroupMode,
): MountChoice | null {
  const usable = choices.filter(({ chosen }) => chosen !== null);
  if (mode === 'v2' || choices.some(isUnifiedAtStandardPlace)) {
    return usable.find(({ hierarchy }) => hierarchy.version === 2) ?? null;
  }
  for (const name of PREFERRED) {
    const choice = usable.find(({ hierarchy }) => hierarchy.controllers.includes(name));
    if (choice !== undefined) return choice;
  }
  return usable.find(({ hierarchy }) => hierarchy.controllers.length > 0) ?? null;
}

const isUnifiedAtStandardPlace = ({ hierarchy, candidates }: MountChoice): boolean =>
  hierarchy.version === 2 &&
  candidates.some(
    ({ mount, verdict }) => verdict !== 'shadowed' && mount.mountPoint === CGROUP_MOUNT_POINT,
  );

/** A hierarchy that can be read, under one of its names. */
export interface ReadableHierarchy {
  readonly controller: ControllerName;
  readonly choice: MountChoice;
  readonly openedAt: ByteString;
  /**
   * Only what lies at or below it belongs to this cell. It is the deepest cgroup above both pid 1
   * (`/init.scope` not counted) and gdn, because a sensor may have moved pid 1 to a cgroup of its
   * own.
   */
  readonly scope: ByteString;
  /** What cannot be seen of it, because other mounts lie over it. */
  readonly covers: readonly Cover[];
}

/** Each hierarchy except the primary one, once: co-mounted controllers are one tree. */
export function otherHierarchies({
  hierarchies,
  primary,
}: Pick<CgroupHierarchies, 'hierarchies' | 'primary'>): readonly ReadableHierarchy[] {
  const taken = new Set<MountChoice>(primary === null ? [] : [primary.choice]);
  return hierarchies.filter(({ choice }) => {
    if (taken.has(choice)) return false;
    taken.add(choice);
    return true;
  });
}

/**
 * Translates a path in /proc/<pid>/cgroup to a path below the chosen mount. In a private cgroup
 * namespace a mount with the root `/../..` shows the top, and the paths of other processes have
 * that prefix, too.
 */
function pathInMount(path: ByteString, choice: MountChoice): ByteString | null {
  const root = choice.chosen?.root ?? ROOT;
  if (root === '/') return isAboveNamespace(path) ? null : path;
  if (!isAtOrBelow(path, root)) return null;
  const rest = asByteString(path.slice(root.length) || '/');
  return isAboveNamespace(rest) ? null : rest;
}

/** The processes that can be Garden's server, oldest first; none is in a Garden directory. */
export const gdnCandidates = (
  processes: readonly ProcessInCgroups[],
  firstProcess: Membership | null,
): readonly ProcessInCgroups[] => oldestFirst(processes.filter(isGardenServer), firstProcess);

/** The oldest process that can be Diego's rep; not one of a container, which can be called rep. */
export const oldestRep = (
  processes: readonly RepProcess[],
  firstProcess: Membership | null,
): RepProcess | null => oldestFirst(processes.filter(isRep), firstProcess)[0] ?? null;

const oldestFirst = <P extends Pick<RepProcess, 'pid' | 'startTicks' | 'membership'>>(
  processes: readonly P[],
  firstProcess: Membership | null,
): readonly P[] =>
  processes
    .filter(({ membership }) => !isInGarden(membership, firstProcess))
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);

/** A process's cgroup as the chosen mount shows it; null if the mount does not show it. */
export function pathBelowMount(
  membership: Membership,
  { controller, choice }: Pick<ReadableHierarchy, 'controller' | 'choice'>,
): ByteString | null {
  const path = pathIn(membership, controller);
  return path === undefined ? null : pathInMount(path, choice);
}

/**
 * The hierarchies that this process can open and that contain pid 1, one entry per controller.
 * @param memberships those of gdn; `remembered` is used if none runs
 */
function readableHierarchies(
  choices: readonly MountChoice[],
  { firstProcessPaths: firstProcess, ownTable }: MountInputs,
  memberships: readonly Membership[],
  remembered: Membership | null,
): readonly ReadableHierarchy[] {
  const covers = coversBelow(
    choices.flatMap(({ openedAt }) => openedAt ?? []),
    ownTable,
  );
  return choices.flatMap((choice) => {
    const { openedAt } = choice;
    if (choice.chosen === null || openedAt === null) return [];
    return controllerNames(choice.hierarchy).flatMap((controller) => {
      const first = pathIn(firstProcess, controller);
      const firstInMount = first === undefined ? ROOT : pathInMount(first, choice);
      if (firstInMount === null) return [];
      const running = memberships.flatMap(
        (membership) => pathBelowMount(membership, { controller, choice }) ?? [],
      );
      const known =
        memberships.length > 0 ? running : [pathIn(remembered, controller) ?? []].flat();
      const scope = known.reduce(commonAncestor, withoutInitScope(firstInMount));
      return [{ controller, choice, openedAt, scope, covers: covers.get(openedAt) ?? [] }];
    });
  });
}
