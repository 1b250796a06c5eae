import { type ControllerName, controllerNames, type MountChoice } from '../model/hierarchy.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import { type Memory, EMPTY_MEMORY } from '../model/memory.ts';
import { componentsBelow, isBelow, ROOT } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import type { Scan } from '../model/scan.ts';
import type { Answers, Snapshot } from '../model/snapshot.ts';
import { bytesOfText } from '../model/text.ts';
import {
  type CgroupHierarchies,
  gdnCandidates,
  type ReadableHierarchy,
  resolveHierarchies,
} from '../mounts/resolve.ts';
import { classify, type ClassifiedScan } from './classify.ts';
import { findGdn, type GdnCgroups } from './gdn.ts';
import { unlistedCgroups, type UnlistedCgroup } from './unlisted-cgroups.ts';

/** What the snapshot of a pass shows: questions and decisions follow from it. */
export interface ObservedState {
  readonly cgroups: CgroupHierarchies;
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
  readonly isGdnAmbiguous: boolean;
  /** By the name a directory has; null if Garden's list could not be read. */
  readonly listed: ReadonlyMap<ByteString, Handle> | null;
  /** Garden's further lists; null where they were not asked for, or not answered. */
  readonly created: ReadonlySet<Handle> | null;
  readonly listedAgain: ReadonlySet<Handle> | null;
  /** The primary hierarchy; null if it could not be walked. */
  readonly view: ClassifiedScan | null;
  /** The path components of the live cgroups in the walk after the list. */
  readonly namesAfterList: ReadonlySet<ByteString> | null;
  /** Hierarchies that were walked for candidates. */
  readonly otherViews: ReadonlyMap<ControllerName, ClassifiedScan>;
  readonly unlisted: readonly UnlistedCgroup[];
}

type SeenScan = Extract<Scan, { kind: 'seen' }>;

/**
 * @param earlier the state of the same pass with fewer answers: what its walk and its list show is
 * reused
 */
export function observe(
  cgroups: CgroupHierarchies,
  snapshot: Snapshot,
  memory: Memory,
  earlier: ObservedState | null,
): ObservedState {
  const { primary } = cgroups;
  const { primaryScan, list, answers } = snapshot;
  const listed = earlier === null ? listedNames(list) : earlier.listed;
  const lists = {
    listed,
    created: handlesIn(answers.createdList),
    listedAgain: handlesIn(answers.secondList),
  };
  const nothing = {
    cgroups,
    ...lists,
    view: null,
    namesAfterList: null,
    otherViews: new Map(),
    unlisted: [],
  };
  if (primary === null || primaryScan?.kind !== 'seen')
    return { ...nothing, gdn: null, otherGdns: [], isGdnAmbiguous: false };

  const names: ReadonlySet<ByteString> = new Set(listed?.keys() ?? []);
  const { gdn, otherGdns, isGdnAmbiguous } =
    earlier ??
    findGdn({
      candidates: gdnCandidates(snapshot.gardenProcesses, snapshot.mounts.firstProcessPaths),
      hierarchies: cgroups.hierarchies,
      primary,
      directories: primaryScan.directories,
      listed: names,
      remembered: memory.anchor,
    });
  const classified = (hierarchy: ReadableHierarchy, scan: SeenScan): ClassifiedScan => {
    const gdnCgroup = pathIn(gdn?.paths, hierarchy.controller) ?? null;
    return classify(scan, {
      hierarchy,
      gdnCgroup,
      otherGdnCgroups: otherGdnCgroups(hierarchy, gdnCgroup, otherGdns),
      listed: names,
    });
  };
  const view = earlier?.view ?? classified(primary, primaryScan);
  const otherViews = new Map<ControllerName, ClassifiedScan>();
  for (const [controller, scan] of answers.scans) {
    const hierarchy = cgroups.hierarchies.find((known) => known.controller === controller);
    if (hierarchy === undefined || hierarchy === primary || scan.kind !== 'seen') continue;
    const known = earlier?.otherViews.get(controller);
    otherViews.set(controller, known ?? classified(hierarchy, scan));
  }
  const unlisted = unlistedCgroups({ view, primary, gdn, listed: names, answers, memory });
  const again = answers.scans.get(primary.controller);
  const namesAfterList = again?.kind === 'seen' ? liveNames(again) : null;
  return {
    cgroups,
    gdn,
    otherGdns,
    isGdnAmbiguous,
    ...lists,
    view,
    namesAfterList,
    otherViews,
    unlisted,
  };
}

const listedNames = (list: Snapshot['list']): ObservedState['listed'] =>
  list.kind === 'answered'
    ? new Map(list.value.map((handle) => [bytesOfText(handle), handle] as const))
    : null;

const handlesIn = (list: Answers['createdList']): ReadonlySet<Handle> | null =>
  list?.kind === 'answered' ? new Set(list.value) : null;

const liveNames = ({ directories }: SeenScan): ReadonlySet<ByteString> =>
  new Set(
    directories.flatMap(({ path, pids }) => (pids.length > 0 ? componentsBelow(path, ROOT) : [])),
  );

/** Other gdn servers whose cgroup neither holds ours nor is ours. */
function otherGdnCgroups(
  hierarchy: ReadableHierarchy,
  gdnCgroup: ByteString | null,
  others: readonly GdnCgroups[],
): readonly ByteString[] {
  return others.flatMap(({ paths }) => {
    const other = pathIn(paths, hierarchy.controller);
    if (other === undefined || other === hierarchy.scope) return [];
    return gdnCgroup !== null && (other === gdnCgroup || isBelow(gdnCgroup, other)) ? [] : [other];
  });
}

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
  const cgroups = resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses, null);
  const state = observe(cgroups, snapshot, EMPTY_MEMORY, null);
  const views = new Map<ControllerName, ClassifiedScan>(state.otherViews);
  if (cgroups.primary !== null && state.view !== null) {
    views.set(cgroups.primary.controller, state.view);
  }
  const name = bytesOfText(handle);
  return cgroups.hierarchies.flatMap(({ controller, choice }) => {
    const view = views.get(controller);
    if (view === undefined) return [];
    const seen =
      view.containers.get(name) ?? view.outside.find(({ path }) => path.endsWith(`/${name}`));
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
