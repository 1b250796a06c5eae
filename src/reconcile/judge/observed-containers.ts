import { type ByteString, type Handle, asHandle } from '../../model/ids.ts';
import { isAtOrBelow, isBelowAny, nameOf } from '../../model/paths.ts';
import type { ReadWalk, Walk } from '../../model/walk.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { bytesOfText, textOfBytes } from '../../model/text.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import { judgeEscaped, outsideByName } from './escaped.ts';
import { hiddenContainers } from '../observe/hidden-cgroups.ts';
import { judgeHidden, judgeListed, judgeNoLongerOurs, judgeUnlisted } from './judge.ts';
import { inOrder, undecided, type Judgement } from './judgement.ts';
import { judgeHiddenListed } from './lifeless.ts';
import { judgeLeft } from './missing-hierarchies.ts';
import {
  knownContainer,
  type JudgedFacts,
  type KnownContainer,
  type OutsideProcess,
  type PassFacts,
  type ReadPass,
} from './pass-facts.ts';
import {
  gardenDirectoryOf,
  isOurs,
  isShared,
  launchesOf,
  proofPids,
  witnessesIn,
} from '../observe/ownership.ts';
import { ownPaths } from '../observe/unlisted-cgroups.ts';
import type { ObservedState } from '../observe/observe.ts';

export type ObservedCgroup = Pick<
  ContainerCgroup,
  'path' | 'pids' | 'peas' | 'peaPids' | 'throttled' | 'throttling' | 'directories' | 'unclear'
> & {
  /** Null if no cgroup is named like the handle. */
  readonly inode: number | null;
  readonly privileged: boolean;
  /** Outside Garden's directories, and proven by more than its name to belong to the handle. */
  readonly isProven: boolean;
};

/** One container of this pass: in Garden's list, in a cgroup, or both. */
export interface ObservedContainer extends KnownContainer {
  /** Null if the primary hierarchy showed no directory for it. */
  readonly cgroup: ObservedCgroup | null;
  readonly judgement: Judgement;
  /** The processes of the container that are outside its cgroups. */
  readonly outside: readonly OutsideProcess[];
}

/** A pass with judged containers. Questions and decisions are derived from it. */
export interface ObservedPass extends ReadPass {
  readonly containers: readonly ObservedContainer[];
}

/** Judges every container of a pass, and every reported one that still has processes. */
export function observedContainers(
  pass: PassFacts,
  { primaryWalk }: Pick<Snapshot, 'primaryWalk'>,
): readonly ObservedContainer[] {
  const { answers, memory } = pass;
  const { view, listed, ownership, homes } = pass.state;
  if (view === null || listed === null || ownership === null || homes === null) return [];
  const { controller } = ownership.primary;
  const complete = { ...pass, view, listed, ownership, homes };
  const facts: FoundFacts = {
    ...complete,
    walk: answers.walks.get(controller) ?? primaryWalk,
    hidden: hiddenContainers(view, controller, memory),
    outside: outsideByName(complete),
  };
  const found = new Map<Handle, Found>();
  for (const containersOf of [
    listedContainers,
    unlistedInGarden,
    unlistedOutside,
    hiddenUnlisted,
    noLongerOurs,
    withoutCgroup,
  ] as const) {
    // Two names that are not UTF-8 can have the same handle. Memory keeps one entry for it.
    for (const one of containersOf(facts, found)) {
      if (!found.has(one.handle)) found.set(one.handle, one);
    }
  }
  return [...found.values()].map((one) => withOutside(one, facts));
}

type Found = Omit<ObservedContainer, 'outside'>;

interface FoundFacts extends JudgedFacts {
  /** The last walk of the primary hierarchy. */
  readonly walk: Walk | null;
  readonly hidden: ReturnType<typeof hiddenContainers>;
}

function withOutside(one: Found, facts: JudgedFacts): ObservedContainer {
  const outside = facts.outside.get(one.name) ?? [];
  if (outside.some(({ left }) => left === null)) return { ...one, outside };
  // Even if nothing else is known about it: suspects are read again in every pass.
  const disproved = [...one.judgement.disproved, 'escaped' as const];
  return { ...one, judgement: { ...one.judgement, disproved }, outside };
}

const listedContainers = (facts: FoundFacts): readonly Found[] =>
  [...facts.listed].map(([name, handle]) => {
    const cgroup = facts.view.containers.get(name);
    const isHidden = (cgroup?.pids.length ?? 0) === 0 && facts.hidden.has(handle);
    const known = knownContainer({ name, handle, isListed: true }, facts);
    const judgement = isHidden ? judgeHiddenListed(known) : judgeListed(known, facts);
    return { ...known, cgroup: cgroupOf(cgroup), judgement };
  });

const unlistedContainer = (name: ByteString, handle: Handle, facts: PassFacts): KnownContainer =>
  knownContainer({ name, handle, isListed: false }, facts);

/** The containers in Garden's directories that are not on its list. */
function unlistedInGarden(facts: FoundFacts): readonly Found[] {
  const { state, answers, view, listed, ownership } = facts;
  const outside = ownPaths(containersOutside(state));
  const sharing = state.otherGdns.length === 0 ? new Map() : view.containers;
  const witnesses = witnessesIn(sharing, listed);
  return [...view.containers].flatMap(([name, cgroup]): readonly Found[] => {
    if (listed.has(name)) return [];
    const isLive = cgroup.pids.length > 0 || cgroup.peaPids.length > 0;
    if (isLive && hasEndedSince(cgroup.path, state)) return [];
    if (!isLive && !cgroup.unclear) return [];
    // A container with processes both in its own cgroup and in others is one container.
    if (isBelowAny(cgroup.path, outside)) return [];
    const known = unlistedContainer(name, asHandle(textOfBytes(name)), facts);
    const isOwnerAsked = isShared(cgroup.path, ownership);
    const launches = isOwnerAsked ? launchesOf(proofPids(cgroup), ownership) : [];
    const launch = launches.find(({ id }) => id === known.handle) ?? launches[0];
    // Without a helper of its own, it belongs to the gdn whose directory it is in.
    const isRead = proofPids(cgroup).every((pid) => answers.ancestors.has(pid));
    const isInOurs = (): boolean =>
      isRead &&
      launch === undefined &&
      isOurs(witnesses.get(gardenDirectoryOf(cgroup.path)), ownership);
    const owner = !isOwnerAsked || isInOurs() ? 'ours' : launch?.owner;
    if (owner === 'other') return [];
    const judge = (): Judgement => {
      if (owner !== 'ours') return OWNER_UNKNOWN;
      if (view.peaProofs.get(cgroup.path) === 'unclear') return PEA_UNKNOWN;
      return cgroup.pids.length > 0 || !cgroup.unclear
        ? judgeUnlisted(known, cgroup, 'garden-directory', facts)
        : judgeHidden('garden-directory');
    };
    return [{ ...known, cgroup: cgroupOf(cgroup), judgement: judge() }];
  });
}

/** The unlisted cgroups outside Garden's directories that count as containers. */
const containersOutside = ({ unlisted }: ObservedState) =>
  unlisted.flatMap(({ basis, ...one }) => (basis === null ? [] : [{ basis, ...one }]));

const unlistedOutside = (facts: FoundFacts): readonly Found[] =>
  containersOutside(facts.state)
    .filter(({ path }) => !hasEndedSince(path, facts.state))
    .map(({ handle, path, inode, pids, peas, basis, isOwnerUnknown, isInGardenDirectory }) => {
      const known = unlistedContainer(bytesOfText(handle), handle, facts);
      const directories = isInGardenDirectory ? [] : [path];
      const cgroup = { ...cgroupAt(path, true), directories, inode, pids, peas };
      const judgement = isOwnerUnknown ? OWNER_UNKNOWN : judgeUnlisted(known, cgroup, basis, facts);
      return { ...known, cgroup, judgement };
    });

/** Containers that were listed before and now hide their cgroups. */
const hiddenUnlisted = (facts: FoundFacts): readonly Found[] =>
  [...facts.hidden].map(([handle, { path, inode }]) => ({
    ...unlistedContainer(bytesOfText(handle), handle, facts),
    cgroup: { ...cgroupAt(path, true), inode, pids: [], peas: [] },
    judgement: judgeHidden('remembered'),
  }));

/** Reported containers whose cgroup still lives, or may, although nothing else shows them. */
function noLongerOurs(facts: FoundFacts, known: ReadonlyMap<Handle, Found>): readonly Found[] {
  const { memory, view, listed, walk } = facts;
  const { controller } = facts.ownership.primary;
  if (walk?.kind !== 'read') return [];
  // A cgroup that was renamed is now the one of the container with its new name.
  const inodesOfListed = new Set(
    [...listed.keys()].map((name) => view.containers.get(name)?.inode),
  );
  return [...memory.containers].flatMap(([handle, was]) => {
    if (was.openReport === null || was.inodeOf !== controller || known.has(handle)) return [];
    if (was.cgroupInode === null || inodesOfListed.has(was.cgroupInode)) return [];
    const cgroup = liveCgroup(was.cgroupInode, walk);
    // It may have been renamed, which v2 cannot, in a directory that was not read whole.
    if (cgroup === null && (view.crowded.length === 0 || controller === 'v2')) return [];
    const judgement = cgroup === null ? PERHAPS_RENAMED : judgeNoLongerOurs();
    return [{ ...unlistedContainer(bytesOfText(handle), handle, facts), cgroup, judgement }];
  });
}

/** Containers that Garden forgot or destroyed, and of which only processes outside are left. */
const withoutCgroup = (facts: FoundFacts): readonly Found[] =>
  [...facts.outside.keys()].map((name) => {
    const known = unlistedContainer(name, asHandle(textOfBytes(name)), facts);
    const judgement = inOrder(judgeEscaped(known, facts), judgeLeft(known, facts));
    return { ...known, cgroup: null, judgement };
  });

const PEA_UNKNOWN = undecided(
  'nothing shows whether this is a side process of another container',
  [],
);
const PERHAPS_RENAMED = undecided(
  'a Garden directory has more cgroups than one pass reads, and the cgroup of the container may have another name',
  [],
);
const OWNER_UNKNOWN = undecided(
  'several gdns run, and nothing shows which of them the container belongs to',
  [],
);

/** A cgroup that is known by its path alone. Outside Garden's directories it is privileged. */
const cgroupAt = (path: ByteString, privileged: boolean) => ({
  path,
  directories: [path],
  peaPids: [],
  privileged,
  isProven: privileged,
  throttled: false,
  throttling: null,
  unclear: false,
});

const cgroupOf = (cgroup: ContainerCgroup | undefined): ObservedCgroup | null => {
  if (cgroup === undefined) return null;
  const privileged = cgroup.where === 'outside';
  return { ...cgroup, privileged, isProven: privileged && !cgroup.isClaim };
};

/** The cgroup with this inode and its processes; null if it is empty or gone. */
function liveCgroup(inode: number, { directories }: ReadWalk): ObservedCgroup | null {
  const own = directories.find((directory) => directory.inode === inode);
  if (own === undefined) return null;
  const pids = directories.flatMap(({ path, pids: members }) =>
    isAtOrBelow(path, own.path) ? members : [],
  );
  if (pids.length === 0) return null;
  return { ...cgroupAt(own.path, false), inode: own.inode, pids, peas: [] };
}

/**
 * A container that was destroyed between the walk and the list appears live, then unlisted. A walk
 * after the list settles this, because Garden lists a container until its processes are gone.
 */
const hasEndedSince = (
  path: ByteString,
  { namesAfterList, isAllAfterList }: ObservedState,
): boolean => isAllAfterList && namesAfterList?.has(nameOf(path)) === false;
