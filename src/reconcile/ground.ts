import type { CgroupMode, ControllerName, MountChoice } from '../model/hierarchy.ts';
import { controllerNames } from '../model/hierarchy.ts';
import type { MountInputs } from '../model/mount-inputs.ts';
import { pathIn, type ProcessInCgroups } from '../model/process.ts';
import type { ScanPlan } from '../model/sighting.ts';
import { chooseMounts } from './choose-mounts.ts';
import { gardenServer } from './garden-server.ts';
import { joinPath } from './paths.ts';
import { primaryHierarchy } from './primary.ts';
import { canBeMissed, pathInMount, readableHierarchies, type ReadableHierarchy } from './scope.ts';

/** What the mounts give us to stand on. */
export interface Ground {
  readonly mode: CgroupMode;
  readonly choices: readonly MountChoice[];
  readonly hierarchies: readonly ReadableHierarchy[];
  readonly primary: ReadableHierarchy | null;
}

export function surveyMounts(
  mounts: MountInputs,
  gardenProcesses: readonly ProcessInCgroups[],
): Ground {
  const { mode, choices } = chooseMounts({
    table: mounts.cellTable,
    namespace: mounts.namespace,
    rule: 'verified',
    live: {
      ownTable: mounts.ownTable,
      root: mounts.root,
      stats: mounts.stats,
      anchorPaths: gardenServer(gardenProcesses)?.membership ?? null,
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

/** How to walk a hierarchy: Garden's directories first, in case a bound cuts the rest. */
export function planScan(
  hierarchy: ReadableHierarchy,
  gardenProcesses: readonly ProcessInCgroups[],
): ScanPlan {
  const { controller, choice, openedAt, scope } = hierarchy;
  const places = gardenProcesses.flatMap(({ membership }) => {
    const raw = pathIn(membership, controller);
    const path = raw === undefined ? null : pathInMount(raw, choice);
    return path === null ? [] : [joinPath(path, 'garden')];
  });
  return { controller, openedAt, scope, first: [joinPath(scope, 'garden'), ...places] };
}

/** One name for each other hierarchy in which a container can be missing: co-mounted controllers are one tree. */
export function otherHierarchies(ground: Ground): readonly ReadableHierarchy[] {
  const taken = new Set<MountChoice>(ground.primary === null ? [] : [ground.primary.choice]);
  return ground.hierarchies.filter(({ controller, choice }) => {
    if (!canBeMissed(controller) || taken.has(choice)) return false;
    taken.add(choice);
    return true;
  });
}
