import { asHandle, type ByteString, type Handle } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import {
  componentsBelow,
  isBelow,
  isBelowAny,
  joinPath,
  nameOf,
  parentOf,
} from '../../model/paths.ts';
import { isPeaOf, ownerOfPea } from '../../model/peas.ts';
import { pathIn } from '../../model/process.ts';
import type { CgroupDirectory } from '../../model/walk.ts';
import { bytesOfText, textOfBytes } from '../../model/text.ts';
import { foreignKind, type ForeignKind } from './cgroup-names.ts';
import type { ClassifiedWalk, OutsideDirectory } from './classify.ts';
import { joinedPeas, type PeaMembers } from './container-cgroup.ts';
import type { RoleQuestion } from './directory-role.ts';
import { type Launch, launchesOf, type OwnershipFacts } from './ownership.ts';
import { lowestPids } from './pids.ts';

/** A live cgroup outside Garden's directories that is not named like a listed handle. */
export interface UnlistedCgroup {
  readonly handle: Handle;
  readonly path: ByteString;
  /** Null if no cgroup is named like the handle. */
  readonly inode: number | null;
  readonly pids: readonly number[];
  readonly peas: readonly PeaMembers[];
  readonly kind: ForeignKind | 'other-garden';
  readonly unit: string;
  /** Neither its name nor its place rules it out as a container, and memory does not know it. */
  readonly mayBeContainer: boolean;
  /** Why it counts as a container of this Garden; null if it does not. */
  readonly basis: 'remembered' | 'ancestry' | null;
  /** Several gdns run, and nothing shows which of them started it. */
  readonly isOwnerUnknown: boolean;
  /** Its processes are in a Garden directory, so what is below belongs to other containers. */
  readonly isInGardenDirectory: boolean;
}

/** For one cgroup. If there are many, each gets as few as the second limit allows. */
const MAX_PIDS_OF_ONE = 8;
const MAX_PIDS = 2048;

interface UnlistedQuestion {
  readonly view: ClassifiedWalk;
  readonly ownership: OwnershipFacts;
  readonly listed: ReadonlySet<ByteString>;
  readonly memory: Memory;
}

/**
 * Privileged containers are outside Garden's directories. A cgroup there counts only if Garden
 * listed its handle before, or if one of its processes descends from gdn's dadoo or from a
 * containerd-shim of the namespace `garden`.
 */
export const unlistedCgroups = (question: UnlistedQuestion): readonly UnlistedCgroup[] =>
  withoutParts(
    question.view.outside.flatMap((directory) => unlistedCgroup(directory, question) ?? []),
  );

/** Null: its processes belong to a listed container, which moved them there. */
function unlistedCgroup(
  directory: OutsideDirectory,
  question: UnlistedQuestion,
): UnlistedCgroup | null {
  const { view, ownership, listed } = question;
  const { primary, gdn } = ownership;
  const path = containerPath(directory);
  const gdnCgroup = pathIn(gdn?.paths, primary.controller) ?? null;
  const { kind, unit } = foreignKind(path, primary.scope);
  const remembered = rememberedAt(path, question);
  const mayBeContainer =
    remembered === null &&
    (kind === 'unrecognised' || isAmongGardens(path, { hierarchy: primary, gdnCgroup }));
  const { inode, pids } = directory;
  const handle = asHandle(textOfBytes(nameOf(path)));
  const cgroup = {
    handle,
    path,
    inode,
    pids,
    peas: [],
    kind,
    unit,
    mayBeContainer,
    isOwnerUnknown: false,
    isInGardenDirectory: view.withContainers.has(remembered?.path ?? path),
  };
  if (remembered !== null) return { ...cgroup, ...remembered, basis: 'remembered' };
  const launches = mayBeContainer ? launchesOf(containedPids(pids, ownership), ownership) : [];
  // A listed container that is privileged can have moved its processes there.
  const isLost = ({ id, owner }: Launch): boolean =>
    owner !== 'other' && !listed.has(bytesOfText(id));
  const launch = launches.find(isLost) ?? launches[0];
  if (launch === undefined) return { ...cgroup, basis: null };
  if (launch.owner === 'other') return { ...cgroup, kind: 'other-garden', basis: null };
  const name = bytesOfText(launch.id);
  if (listed.has(name)) return null;
  // A container may keep its processes in cgroups of any name below or beside its own.
  const own = nearestNamed(path, name, view);
  return {
    ...cgroup,
    basis: 'ancestry',
    handle: asHandle(launch.id),
    path: own ?? path,
    inode: own === null ? null : (view.inodes.get(own) ?? null),
    isInGardenDirectory: own === null ? directory.isGardenDirectory : view.withContainers.has(own),
    isOwnerUnknown: launch.owner === 'unknown',
  };
}

/** Where a privileged container's cgroups can be: below gdn's own, on v2 also beside it. */
function isAmongGardens(
  path: ByteString,
  { hierarchy, gdnCgroup }: Pick<RoleQuestion, 'hierarchy' | 'gdnCgroup'>,
): boolean {
  if (gdnCgroup === null || gdnCgroup === hierarchy.scope) return false;
  if (isBelow(path, gdnCgroup)) return true;
  const around = parentOf(gdnCgroup);
  if (hierarchy.controller !== 'v2' || around === hierarchy.scope || !isBelow(path, around)) {
    return false;
  }
  const [beside = path] = componentsBelow(path, around);
  return foreignKind(joinPath(around, beside), hierarchy.scope).kind === 'unrecognised';
}

/** The container that Garden listed before, and whose cgroup this is or is below. */
function rememberedAt(
  path: ByteString,
  { view, ownership: { primary }, listed, memory }: UnlistedQuestion,
): Pick<UnlistedCgroup, 'handle' | 'path' | 'inode'> | null {
  let below: ByteString | null = null;
  for (let at = path; ; below = at, at = parentOf(at)) {
    const inode = view.inodes.get(at);
    // Garden's directories and their ancestors are above every container.
    if (inode === undefined) return null;
    const handle = asHandle(textOfBytes(nameOf(at)));
    const remembered = memory.containers.get(handle);
    const isIt =
      remembered?.wasListed === true &&
      // The cgroup of a listed handle would have been found as its own.
      !listed.has(nameOf(at)) &&
      (remembered.inodeOf === primary.controller
        ? remembered.cgroupInode === inode
        : foreignKind(at, primary.scope).kind === 'unrecognised');
    if (!isIt) continue;
    // A running pea does not make its container live.
    const isPea = below !== null && isPeaOf(nameOf(below), nameOf(at));
    return isPea ? null : { handle, path: at, inode };
  }
}

/** containerd on v2 keeps the processes in a leaf `init` (guardian cgroup_manager_linux.go:17). */
const containerPath = ({ path }: CgroupDirectory): ByteString =>
  nameOf(path) === 'init' ? parentOf(path) : path;

/** Gdn's own cgroup and its ancestors are not containers, even if a handle has the same name. */
function nearestNamed(
  path: ByteString,
  name: ByteString,
  { inodes }: ClassifiedWalk,
): ByteString | null {
  for (let at = path; inodes.has(at); at = parentOf(at)) if (nameOf(at) === name) return at;
  return null;
}

/** The cgroups that may be containers although nothing shows yet that they are. */
const possibleContainers = (unlisted: readonly UnlistedCgroup[]): readonly UnlistedCgroup[] =>
  unlisted.filter(({ mayBeContainer, basis }) => mayBeContainer && basis === null);

/**
 * The processes of possible containers. Cgroups with few siblings come first, so that the many
 * cgroups of one unit do not crowd out the others.
 */
export function unlistedPidsToAsk(unlisted: readonly UnlistedCgroup[]): readonly number[] {
  const possible = possibleContainers(unlisted);
  const each = Math.max(1, Math.floor(MAX_PIDS / possible.length));
  return [...Map.groupBy(possible, ({ path }) => parentOf(path)).values()]
    .toSorted((a, b) => a.length - b.length)
    .flat()
    .slice(0, MAX_PIDS)
    .flatMap(({ pids }) => lowestPids(pids, Math.min(each, MAX_PIDS_OF_ONE)));
}

/** The processes of possible containers whose ancestors may show who started them. */
export const unlistedAncestorsToAsk = (
  unlisted: readonly UnlistedCgroup[],
  ownership: OwnershipFacts,
): readonly number[] =>
  possibleContainers(unlisted).flatMap(({ pids }) => containedPids(pids, ownership));

/** The members in a deeper pid namespace than gdn's. Only these can descend from a runtime. */
const containedPids = (
  pids: readonly number[],
  { answers, gdn }: OwnershipFacts,
): readonly number[] =>
  lowestPids(pids, MAX_PIDS_OF_ONE).filter((pid) => {
    const depth = answers.processes.get(pid)?.namespacePids.length ?? 0;
    return depth > (gdn?.namespaces ?? 1);
  });

/** Drops cgroups below a container, joins the peas beside it, and keeps each container once. */
function withoutParts(found: readonly UnlistedCgroup[]): readonly UnlistedCgroup[] {
  const containers = new Map<Handle, UnlistedCgroup & { readonly pids: number[] }>();
  for (const cgroup of found) {
    if (cgroup.basis === null) continue;
    // Append in place: one container can have thousands of live cgroups.
    const known = containers.get(cgroup.handle);
    if (known === undefined) containers.set(cgroup.handle, { ...cgroup, pids: [...cgroup.pids] });
    else for (const pid of cgroup.pids) known.pids.push(pid);
  }
  const paths = ownPaths(containers.values());
  const peas = Map.groupBy(
    found.map(({ path, pids }) => ({ name: textOfBytes(nameOf(path)), pids })),
    ({ name }) => peaOwner(name, containers),
  );
  const whole = [...containers.values()]
    .filter(({ path }) => !isBelowAny(path, paths))
    .map((container) => ({ ...container, peas: joinedPeas(peas.get(container.handle) ?? []) }));
  const others = found.filter(
    ({ path, handle, basis }) =>
      basis === null && !isBelowAny(path, paths) && peaOwner(handle, containers) === null,
  );
  return [...whole, ...others];
}

/** The cgroups below which everything belongs to the container. */
export const ownPaths = (containers: Iterable<UnlistedCgroup>): ReadonlySet<ByteString> =>
  new Set(
    [...containers].flatMap(({ path, isInGardenDirectory }) => (isInGardenDirectory ? [] : [path])),
  );

const peaOwner = (name: string, containers: ReadonlyMap<Handle, UnlistedCgroup>): string | null =>
  ownerOfPea(name, (owner) => containers.has(asHandle(owner)));
