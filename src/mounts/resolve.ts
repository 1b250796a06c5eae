import {
  type CgroupMode,
  type ControllerName,
  type MountChoice,
  controllerNames,
} from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { isAboveNamespace, isAtOrBelow, ROOT } from '../model/paths.ts';
import { type ProcessInCgroups, gardenServer, type Membership, pathIn } from '../model/process.ts';
import type { MountInputs } from '../model/snapshot.ts';
import { chooseMounts } from './choose-mounts.ts';

/** What the mounts give us to stand on. */
export interface CgroupHierarchies {
  readonly mode: CgroupMode;
  readonly choices: readonly MountChoice[];
  readonly hierarchies: readonly ReadableHierarchy[];
  readonly primary: ReadableHierarchy | null;
}

export function resolveHierarchies(
  mounts: MountInputs,
  gardenProcesses: readonly ProcessInCgroups[],
): CgroupHierarchies {
  const { mode, choices } = chooseMounts({
    table: mounts.cellTable,
    namespace: mounts.namespace,
    rule: 'verified',
    live: {
      ownTable: mounts.ownTable,
      root: mounts.root,
      stats: mounts.stats,
      gdnPaths: gardenServer(gardenProcesses)?.membership ?? null,
      firstProcessPaths: mounts.firstProcessPaths,
    },
  });
  const hierarchies = readableHierarchies(choices, mounts.firstProcessPaths);
  const chosen = primaryHierarchy(choices, mode);
  const name = chosen === null ? undefined : primaryName(chosen);
  const primary = hierarchies.find(({ controller }) => controller === name) ?? null;
  return { mode, choices, hierarchies, primary };
}

/** A hierarchy is scanned under one name: memory before pids before cpu before its first. */
function primaryName(choice: MountChoice): ControllerName | undefined {
  const names = controllerNames(choice.hierarchy);
  return ['memory', 'pids', 'cpu'].find((name) => names.includes(name)) ?? names[0];
}

/** What Garden limits by, in the order in which every container is sure to be in it. */
const PREFERRED = ['memory', 'pids', 'cpu'] as const;

/**
 * The hierarchy in which all containers are looked for: v2 on a v2 host; else memory, pids, cpu, another v1 with
 * controllers; null if the one it should be has no mount that will do (hybrid v2 holds no controller, and a named tree
 * need not hold the containers at all).
 *
 * Garden and runc take a host for v2 when statfs of /sys/fs/cgroup says so (guardian, opencontainers/cgroups
 * IsCgroup2UnifiedMode), and use no v1 then, even if somebody mounted a stray controller (net_cls) elsewhere.
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
    ({ mount, verdict }) => verdict !== 'shadowed' && mount.mountPoint === '/sys/fs/cgroup',
  );

/** A hierarchy that can be read, under one of its names. */
export interface ReadableHierarchy {
  readonly controller: ControllerName;
  readonly choice: MountChoice;
  readonly openedAt: ByteString;
  /** Only what lies at or below it is this cell's: pid 1's cgroup without a trailing `/init.scope`. */
  readonly scope: ByteString;
}

/** Each hierarchy but the primary one, under one name: co-mounted controllers are one tree. */
export function otherHierarchies(cgroups: CgroupHierarchies): readonly ReadableHierarchy[] {
  const taken = new Set<MountChoice>(cgroups.primary === null ? [] : [cgroups.primary.choice]);
  return cgroups.hierarchies.filter(({ choice }) => {
    if (taken.has(choice)) return false;
    taken.add(choice);
    return true;
  });
}

/** The others in which a container can be missing: v1 with controllers. A named tree need not hold any container. */
export const otherControllerHierarchies = (
  cgroups: CgroupHierarchies,
): readonly ReadableHierarchy[] =>
  otherHierarchies(cgroups).filter(
    ({ controller }) => controller !== 'v2' && !controller.startsWith('name='),
  );

/**
 * A path of /proc/<pid>/cgroup as a path below the chosen mount. In a private cgroup namespace a mount with the root
 * `/../..` shows the top, and /proc gives the paths of other processes with the same ups in front.
 */
export function pathInMount(path: ByteString, choice: MountChoice): ByteString | null {
  const root = choice.chosen?.root ?? ROOT;
  if (root === '/') return isAboveNamespace(path) ? null : path;
  if (!isAtOrBelow(path, root)) return null;
  const rest = asByteString(path.slice(root.length) || '/');
  return isAboveNamespace(rest) ? null : rest;
}

/** The hierarchies that are open to us and in which pid 1 has a place, one entry per controller name. */
export function readableHierarchies(
  choices: readonly MountChoice[],
  firstProcess: Membership | null,
): readonly ReadableHierarchy[] {
  return choices.flatMap((choice) => {
    const { openedAt } = choice;
    if (choice.chosen === null || openedAt === null) return [];
    return controllerNames(choice.hierarchy).flatMap((controller) => {
      const path = pathIn(firstProcess, controller);
      const inMount = path === undefined ? ROOT : pathInMount(path, choice);
      if (inMount === null) return [];
      const scope = asByteString(inMount.replace(/\/init\.scope$/, '') || '/');
      return [{ controller, choice, openedAt, scope }];
    });
  });
}
