import type { CgroupMode, ControllerName, MountChoice } from '../model/hierarchy.ts';
import { controllerNames } from '../model/hierarchy.ts';
import type { MountInputs } from '../model/mount-inputs.ts';
import type { ProcessInCgroups } from '../model/process.ts';
import { chooseMounts } from './choose-mounts.ts';
import { gardenServer } from '../model/garden-server.ts';
import { primaryHierarchy } from './primary.ts';
import { readableHierarchies, type ReadableHierarchy } from './scope.ts';

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
