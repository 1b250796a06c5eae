import { controllerNames, type ControllerName, type MountChoice } from '../model/hierarchy.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import { EMPTY_MEMORY } from '../model/memory.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { bytesOfText } from '../model/text.ts';
import { resolveHierarchies } from '../mounts/resolve.ts';
import type { ClassifiedScan } from './classify.ts';
import { observe } from './observe.ts';

/** Where one hierarchy shows a container. */
export interface ContainerLocation {
  readonly controllers: readonly ControllerName[];
  readonly choice: MountChoice;
  /** Null: this hierarchy shows no directory of it. */
  readonly path: ByteString | null;
  readonly inode: number | null;
  readonly pids: readonly number[];
}

/** Where each hierarchy that was walked in a pass shows the container. */
export function locationsOf(handle: Handle, snapshot: Snapshot): readonly ContainerLocation[] {
  const cgroups = resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses);
  const state = observe(cgroups, snapshot, EMPTY_MEMORY, null);
  const views = new Map<ControllerName, ClassifiedScan>(state.otherViews);
  if (cgroups.primary !== null && state.view !== null) {
    views.set(cgroups.primary.controller, state.view);
  }
  const name = bytesOfText(handle);
  return cgroups.hierarchies.flatMap(({ controller, choice }) => {
    const view = views.get(controller);
    if (view === undefined) return [];
    const seen = view.containers.get(name) ?? directoryNamed(name, view);
    return [
      {
        controllers: controllerNames(choice.hierarchy),
        choice,
        path: seen?.path ?? null,
        inode: seen?.inode ?? null,
        pids: seen?.pids ?? [],
      },
    ];
  });
}

/** A container that no list names stands among the unlisted of a hierarchy. */
const directoryNamed = (name: ByteString, { outside }: ClassifiedScan) =>
  outside.find(({ path }) => path.endsWith(`/${name}`));
