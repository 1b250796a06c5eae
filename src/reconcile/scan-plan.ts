import type { MountChoice } from '../model/hierarchy.ts';
import { joinPath } from '../model/paths.ts';
import { pathIn, type ProcessInCgroups } from '../model/process.ts';
import type { ScanPlan } from '../model/scan.ts';
import {
  type CgroupHierarchies,
  canBeMissed,
  pathInMount,
  type ReadableHierarchy,
} from '../mounts/resolve.ts';

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
export function otherHierarchies(cgroups: CgroupHierarchies): readonly ReadableHierarchy[] {
  const taken = new Set<MountChoice>(cgroups.primary === null ? [] : [cgroups.primary.choice]);
  return cgroups.hierarchies.filter(({ controller, choice }) => {
    if (!canBeMissed(controller) || taken.has(choice)) return false;
    taken.add(choice);
    return true;
  });
}
