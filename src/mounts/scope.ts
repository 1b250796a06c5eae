import { isAboveNamespace, isAtOrBelow, ROOT } from '../model/cgroup-path.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { controllerNames, type ControllerName, type MountChoice } from '../model/hierarchy.ts';
import { type Membership, pathIn } from '../model/process.ts';

/** A hierarchy that can be read, under one of its names. */
export interface ReadableHierarchy {
  readonly controller: ControllerName;
  readonly choice: MountChoice;
  readonly openedAt: ByteString;
  /** Only what lies at or below it is this cell's: pid 1's cgroup without a trailing `/init.scope`. */
  readonly scope: ByteString;
}

/** Whether the absence of a container from this hierarchy can ever be a reason: not in named trees. */
export const canBeMissed = (controller: ControllerName): boolean =>
  controller !== 'v2' && !controller.startsWith('name=');

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
