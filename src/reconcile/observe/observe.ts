import { type ControllerName, controllerNames, type MountChoice } from '../../model/hierarchy.ts';
import { asHandle, type ByteString, type Handle } from '../../model/ids.ts';
import { type Memory, type RememberedContainer, EMPTY_MEMORY } from '../../model/memory.ts';
import { componentsBelow, isBelow, isBelowAny, ROOT } from '../../model/paths.ts';
import { pathIn, type RepProcess } from '../../model/process.ts';
import type { Scan } from '../../model/scan.ts';
import type { Answers } from '../../model/questions.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bytesOfText, textOfBytes } from '../../model/text.ts';
import {
  type CgroupHierarchies,
  gdnCandidates,
  oldestRep,
  type ReadableHierarchy,
  resolveHierarchies,
} from '../../mounts/resolve.ts';
import { classify, type ClassifiedScan } from './classify.ts';
import type { Proof } from './directory-role.ts';
import { findGdn, type GdnCgroups } from './gdn.ts';
import { lostClaims, movedContainers, type LostClaim } from './moved-containers.ts';
import { isRememberedProof, proofOfClaim } from './ownership.ts';
import { unlistedCgroups, type UnlistedCgroup } from './unlisted-cgroups.ts';

/** The state that the snapshot of a pass shows. Questions and decisions are derived from it. */
export interface ObservedState {
  readonly cgroups: CgroupHierarchies;
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
  readonly isGdnAmbiguous: boolean;
  /** This pass searched every process for gdn. */
  readonly isSearched: boolean;
  /** Null also if it was not searched for. */
  readonly rep: RepProcess | null;
  /** By directory name; null if Garden's list could not be read. */
  readonly listed: ReadonlyMap<ByteString, Handle> | null;
  /**
   * The handles on Garden's list of created containers; null if it was not requested or not
   * answered.
   */
  readonly created: ReadonlySet<Handle> | null;
  readonly listedAgain: ReadonlySet<Handle> | null;
  /** The primary hierarchy; null if it could not be walked. */
  readonly view: ClassifiedScan | null;
  /** The path components of the live cgroups in the walk after the list. */
  readonly namesAfterList: ReadonlySet<ByteString> | null;
  /** The other hierarchies that were walked, for containers that may differ. */
  readonly otherViews: ReadonlyMap<ControllerName, ClassifiedScan>;
  readonly unlisted: readonly UnlistedCgroup[];
  /** In the primary hierarchy. */
  readonly lostClaims: readonly LostClaim[];
  /** The owners of the claims in all walks, by hierarchy and path. */
  readonly proofs: ReadonlyMap<string, Proof>;
}

type SeenScan = Extract<Scan, { kind: 'seen' }>;

/** @param before the state of the same pass with fewer answers; its walk and its list are reused */
export function observe(
  cgroups: CgroupHierarchies,
  snapshot: Snapshot,
  memory: Memory,
  before: ObservedState | null,
): ObservedState {
  const { primary } = cgroups;
  const { primaryScan, list, answers } = snapshot;
  const listed = before === null ? listedNames(list) : before.listed;
  const isSearched = answers.gardenProcesses !== null;
  const earlier = before?.isSearched === isSearched ? before : null;
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
    lostClaims: [],
    proofs: new Map(),
    isSearched,
    rep: oldestRep(answers.repProcesses ?? [], snapshot.mounts.firstProcessPaths),
  };
  if (primary === null || primaryScan?.kind !== 'seen')
    return { ...nothing, gdn: null, otherGdns: [], isGdnAmbiguous: false };

  const names: ReadonlySet<ByteString> = new Set(listed?.keys() ?? []);
  const { gdn, otherGdns, isGdnAmbiguous } =
    earlier ??
    findGdn({
      candidates: gdnCandidates(
        answers.gardenProcesses ?? snapshot.gardenProcesses,
        snapshot.mounts.firstProcessPaths,
      ),
      hierarchies: cgroups.hierarchies,
      primary,
      directories: primaryScan.directories,
      listed: names,
      remembered: memory.anchor,
      rememberedOthers: memory.otherGdns,
    });
  const ownership = { answers, gdn, otherGdns, primary };
  const proofs = new Map(earlier?.proofs);
  const learn = (controller: ControllerName, { claims }: ClassifiedScan): boolean => {
    let isNew = false;
    for (const claim of claims) {
      const proof = proofOfClaim(claim, ownership);
      if (proof === 'open') continue;
      proofs.set(keyOf(controller, claim.path), proof);
      isNew = true;
    }
    return isNew;
  };
  const rememberedAs = (name: ByteString): RememberedContainer | undefined =>
    memory.containers.get(asHandle(textOfBytes(name)));
  const isRemembered = (name: ByteString): boolean => rememberedAs(name)?.listed === true;
  const classified = (hierarchy: ReadableHierarchy, scan: SeenScan): ClassifiedScan => {
    const gdnCgroup = pathIn(gdn?.paths, hierarchy.controller) ?? null;
    return classify(scan, {
      hierarchy,
      gdnCgroup,
      otherGdnCgroups: otherGdnCgroups(hierarchy, gdnCgroup, otherGdns),
      listed: names,
      isRemembered,
      inodeBefore: (name) => {
        const was = rememberedAs(name);
        return was?.inodeOf === hierarchy.controller ? was.cgroupInode : null;
      },
      proofOf: (claim) =>
        proofs.get(keyOf(hierarchy.controller, claim.path)) ??
        (isRememberedProof(claim, hierarchy.controller, memory) ? 'proven' : 'open'),
    });
  };
  const viewOf = (
    known: ClassifiedScan | undefined,
    hierarchy: ReadableHierarchy,
    scan: SeenScan,
  ): ClassifiedScan => {
    const view = known ?? classified(hierarchy, scan);
    return learn(hierarchy.controller, view) ? classified(hierarchy, scan) : view;
  };
  const view = viewOf(earlier?.view ?? undefined, primary, primaryScan);
  const otherViews = new Map<ControllerName, ClassifiedScan>();
  for (const [controller, scan] of answers.scans) {
    const hierarchy = cgroups.hierarchies.find((known) => known.controller === controller);
    if (hierarchy === undefined || hierarchy === primary || scan.kind !== 'seen') continue;
    otherViews.set(controller, viewOf(earlier?.otherViews.get(controller), hierarchy, scan));
  }
  const outside = unlistedCgroups({ view, ownership, listed: names, memory });
  const { directories } = primaryScan;
  const claims = lostClaims({
    directories,
    view,
    gdnCgroup: pathIn(gdn?.paths, primary.controller) ?? null,
    unlisted: outside,
    listed: names,
    memory,
  });
  const moved = movedContainers(claims, ownership);
  const movedTo = new Set(moved.map(({ path }) => path));
  const isMoved = ({ path }: UnlistedCgroup): boolean =>
    movedTo.has(path) || isBelowAny(path, movedTo);
  const unlisted = [...outside.filter((one) => one.basis !== null || !isMoved(one)), ...moved];
  const again = answers.scans.get(primary.controller);
  const namesAfterList = again?.kind === 'seen' ? liveNames(again) : null;
  return {
    cgroups,
    gdn,
    otherGdns,
    isGdnAmbiguous,
    isSearched,
    rep: nothing.rep,
    ...lists,
    proofs,
    view,
    namesAfterList,
    otherViews,
    unlisted,
    lostClaims: claims,
  };
}

const keyOf = (controller: ControllerName, path: ByteString): string => `${controller}\0${path}`;

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

/** Other gdn servers whose cgroup is neither ours nor an ancestor of ours. */
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

/** The location of a container in one hierarchy. */
export interface ContainerLocation {
  readonly controllers: readonly ControllerName[];
  readonly choice: MountChoice;
  /** Null: this hierarchy has no directory for it. */
  readonly path: ByteString | null;
  readonly inode: number | null;
  readonly pids: readonly number[];
}

/** The location of a container in each hierarchy that the pass walked. */
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
