import { type ControllerName, controllerNames, type MountChoice } from '../../model/hierarchy.ts';
import { isAtHome, type Homes } from '../../model/homes.ts';
import { asHandle, type ByteString, type Handle } from '../../model/ids.ts';
import { type Memory, type RememberedContainer, EMPTY_MEMORY } from '../../model/memory.ts';
import { componentsBelow, isBelow, isBelowAny, ROOT } from '../../model/paths.ts';
import { pathIn, type RepProcess } from '../../model/process.ts';
import type { ReadWalk } from '../../model/walk.ts';
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
import { classify, type ClassifiedWalk } from './classify.ts';
import type { Proof } from './directory-role.ts';
import { findGdn, type FoundGdn, type GdnCgroups, type GdnQuestion } from './gdn.ts';
import { type PeaProof, proofOfPea } from './pea-claims.ts';
import { withoutCovered } from './hidden-cgroups.ts';
import { homesOf } from './homes.ts';
import { lostClaims, movedContainers, type LostClaim } from './moved-containers.ts';
import { isRememberedProof, proofOfClaim, type OwnershipFacts } from './ownership.ts';
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
  /** On Garden's list of created containers; null: not requested, or not answered. */
  readonly created: ReadonlySet<Handle> | null;
  readonly secondList: ReadonlySet<Handle> | null;
  /** The primary hierarchy; null if it could not be walked. */
  readonly view: HierarchyView | null;
  /** The path components of the live cgroups in the walk after the list. */
  readonly namesAfterList: ReadonlySet<ByteString> | null;
  /** Whether that walk read all of Garden's directories, so that what it lacks is gone. */
  readonly isAllAfterList: boolean;
  /** The other hierarchies that were walked, for containers that may differ. */
  readonly otherViews: ReadonlyMap<ControllerName, HierarchyView>;
  /** Outside of Garden's directories. In one, each cgroup that is not listed counts as a container. */
  readonly unlisted: readonly UnlistedCgroup[];
  /** In the primary hierarchy. */
  readonly lostClaims: readonly LostClaim[];
  /** Null if the primary hierarchy could not be walked. */
  readonly ownership: OwnershipFacts | null;
  /** Null if there is nothing to compare. */
  readonly homes: Homes | null;
}

/** One walk, classified. */
export interface HierarchyView extends ClassifiedWalk {
  /** The claims whose owner this pass has found out, by path. */
  readonly proofs: ReadonlyMap<ByteString, Proof>;
  /** The same for cgroups that are named like a pea. */
  readonly peaProofs: ReadonlyMap<ByteString, PeaProof>;
}

/** @param before the state of the same pass with fewer answers; its walks and its list are reused */
export function observe(
  cgroups: CgroupHierarchies,
  snapshot: Snapshot,
  memory: Memory,
  before: ObservedState | null,
): ObservedState {
  const { primary } = cgroups;
  const { primaryWalk, list, answers } = snapshot;
  const known = {
    cgroups,
    isSearched: answers.gardenProcesses !== null,
    rep: oldestRep(answers.repProcesses ?? [], snapshot.mounts.firstProcessPaths),
    listed: before === null ? listedNames(list) : before.listed,
    created: handlesIn(answers.createdList),
    secondList: handlesIn(answers.secondList),
  };
  if (primary === null || primaryWalk?.kind !== 'read') return { ...known, ...NOTHING_WALKED };
  // A new search may find another gdn, which changes whose every cgroup is.
  const earlier = before?.isSearched === known.isSearched ? before : null;
  const listed: ReadonlySet<ByteString> = new Set(known.listed?.keys() ?? []);
  const walk = withoutCovered(primaryWalk, primary);
  const { gdn, otherGdns, isGdnAmbiguous } =
    earlier ??
    gdnOfPass(cgroups, snapshot, memory, {
      primary,
      directories: walk.directories,
      listed,
    });
  const ownership = { answers, gdn, otherGdns, primary };
  const homes = before === null ? homesOf(cgroups, snapshot, memory) : before.homes;
  const facts = { ownership, listed, memory, homes };
  const view = viewOf(primary, walk, earlier?.view ?? null, facts);
  const later = answers.walks.get(primary.controller);
  return {
    ...known,
    gdn,
    otherGdns,
    isGdnAmbiguous,
    view,
    namesAfterList: later?.kind === 'read' ? liveNames(later) : null,
    isAllAfterList: later?.kind === 'read' && !later.unseen.some(({ why }) => why === 'many'),
    otherViews: otherViewsOf(cgroups, earlier, facts),
    ...outsideOf(view, walk.directories, facts),
    ownership,
    homes,
  };
}

const NOTHING_WALKED = {
  gdn: null,
  otherGdns: [],
  isGdnAmbiguous: false,
  view: null,
  namesAfterList: null,
  isAllAfterList: false,
  otherViews: new Map(),
  unlisted: [],
  lostClaims: [],
  ownership: null,
  homes: null,
} as const satisfies Partial<ObservedState>;

const gdnOfPass = (
  { hierarchies }: CgroupHierarchies,
  { answers, gardenProcesses, list, mounts }: Snapshot,
  { anchor, otherGdns }: Memory,
  walk: Pick<GdnQuestion, 'primary' | 'directories' | 'listed'>,
): FoundGdn =>
  findGdn({
    ...walk,
    hierarchies,
    candidates: gdnCandidates(answers.gardenProcesses ?? gardenProcesses, mounts.firstProcessPaths),
    remembered: anchor,
    rememberedOthers: otherGdns,
    isServing: list.kind === 'answered' && answers.gardenProcesses !== null,
  });

/** What shows whose a cgroup is. */
interface WalkFacts {
  readonly ownership: OwnershipFacts;
  readonly listed: ReadonlySet<ByteString>;
  readonly memory: Memory;
  readonly homes: Homes | null;
}

/**
 * A classified walk. Answers that prove or refute a claim change what its cgroup is, so the walk is
 * then classified again.
 * @param earlier the same walk with fewer answers
 */
function viewOf(
  hierarchy: ReadableHierarchy,
  walk: ReadWalk,
  earlier: HierarchyView | null,
  facts: WalkFacts,
): HierarchyView {
  const view =
    earlier ?? viewWith({ proofs: new Map(), peaProofs: new Map() }, hierarchy, walk, facts);
  const decidedClaims = view.claims.flatMap((claim) => {
    const proof = proofOfClaim(claim, facts.ownership);
    return proof === 'open' ? [] : [[claim.path, proof] as const];
  });
  const decidedPeas = view.peas.flatMap((pea) => {
    const proof = view.peaProofs.has(pea.path) ? null : proofOfPea(pea, facts.ownership);
    return proof === null ? [] : [[pea.path, proof] as const];
  });
  const proven = {
    proofs: new Map([...view.proofs, ...decidedClaims]),
    peaProofs: new Map([...view.peaProofs, ...decidedPeas]),
  };
  const isSame = decidedClaims.length === 0 && decidedPeas.every(([, proof]) => proof === 'pea');
  return isSame ? { ...view, ...proven } : viewWith(proven, hierarchy, walk, facts);
}

function viewWith(
  { proofs, peaProofs }: Pick<HierarchyView, 'proofs' | 'peaProofs'>,
  hierarchy: ReadableHierarchy,
  walk: ReadWalk,
  { ownership, listed, memory, homes }: WalkFacts,
): HierarchyView {
  const { controller } = hierarchy;
  const gdnCgroup = pathIn(ownership.gdn?.paths, controller) ?? null;
  const rememberedAs = (name: ByteString): RememberedContainer | undefined =>
    memory.containers.get(asHandle(textOfBytes(name)));
  const classified = classify(walk, {
    hierarchy,
    gdnCgroup,
    otherGdnCgroups: otherGdnCgroups(hierarchy, gdnCgroup, ownership.otherGdns),
    listed,
    isRemembered: (name) => rememberedAs(name)?.wasListed === true,
    isPea: (path) => (peaProofs.get(path) ?? 'pea') === 'pea',
    inodeBefore: (name) => {
      const was = rememberedAs(name);
      return was?.inodeOf === controller ? was.cgroupInode : null;
    },
    isAtHome: (name, path) => homes === null || isAtHome(name, controller, path, homes),
    proofOf: (claim) =>
      proofs.get(claim.path) ?? (isRememberedProof(claim, controller, memory) ? 'proven' : 'open'),
  });
  return { ...classified, proofs, peaProofs };
}

function otherViewsOf(
  { hierarchies }: CgroupHierarchies,
  earlier: ObservedState | null,
  facts: WalkFacts,
): ObservedState['otherViews'] {
  const { answers, primary } = facts.ownership;
  return new Map(
    [...answers.walks].flatMap(([controller, walk]) => {
      const hierarchy = hierarchies.find((known) => known.controller === controller);
      if (hierarchy === undefined || hierarchy === primary || walk.kind !== 'read') return [];
      const before = earlier?.otherViews.get(controller) ?? null;
      const uncovered = withoutCovered(walk, hierarchy);
      return [[controller, viewOf(hierarchy, uncovered, before, facts)] as const];
    }),
  );
}

/** The cgroups outside Garden's directories that may be containers, in the primary hierarchy. */
function outsideOf(
  view: HierarchyView,
  directories: ReadWalk['directories'],
  { ownership, listed, memory }: WalkFacts,
): Pick<ObservedState, 'unlisted' | 'lostClaims'> {
  const { gdn, primary } = ownership;
  const outside = unlistedCgroups({ view, ownership, listed, memory });
  const claims = lostClaims({
    directories,
    view,
    gdnCgroup: pathIn(gdn?.paths, primary.controller) ?? null,
    unlisted: outside,
    listed,
    memory,
  });
  const moved = movedContainers(claims, ownership);
  const movedTo = new Set(moved.map(({ path }) => path));
  const isMoved = ({ path }: UnlistedCgroup): boolean =>
    movedTo.has(path) || isBelowAny(path, movedTo);
  const others = outside.filter((one) => one.basis !== null || !isMoved(one));
  return { unlisted: [...others, ...moved], lostClaims: claims };
}

const listedNames = (list: Snapshot['list']): ObservedState['listed'] =>
  list.kind === 'answered'
    ? new Map(list.value.map((handle) => [bytesOfText(handle), handle] as const))
    : null;

const handlesIn = (list: Answers['createdList']): ReadonlySet<Handle> | null =>
  list?.kind === 'answered' ? new Set(list.value) : null;

const liveNames = ({ directories }: ReadWalk): ReadonlySet<ByteString> =>
  new Set(
    directories.flatMap(({ path, pids }) => (pids.length > 0 ? componentsBelow(path, ROOT) : [])),
  );

/** The cgroups of other gdn servers that are neither that of our gdn nor an ancestor of it. */
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
  const name = bytesOfText(handle);
  return cgroups.hierarchies.flatMap((hierarchy) => {
    const { controller, choice } = hierarchy;
    const view = hierarchy === cgroups.primary ? state.view : state.otherViews.get(controller);
    if (view === undefined || view === null) return [];
    const cgroup =
      view.containers.get(name) ?? view.outside.find(({ path }) => path.endsWith(`/${name}`));
    return [
      {
        controllers: controllerNames(choice.hierarchy),
        choice,
        path: cgroup?.path ?? null,
        inode: cgroup?.inode ?? null,
        pids: cgroup?.pids ?? [],
      },
    ];
  });
}
