import { type ByteString, asByteString } from '../model/ids.ts';
import {
  parentOf,
  componentsBelow,
  isAtOrBelow,
  isBelow,
  joinPath,
  nameOf,
  isGardenDirectory,
} from '../model/paths.ts';
import type { CgroupDirectory, Scan } from '../model/scan.ts';
import type { ReadableHierarchy } from '../mounts/resolve.ts';
import { foreignKind, isPeaBelow, ownerOfPea } from './cgroup-names.ts';
import {
  foldPeas,
  joinDirectories,
  type ContainerDirectory,
  type ContainerCgroup,
} from './container-cgroup.ts';
import { gardenParents } from './gdn.ts';

export interface ClassifiedScan {
  readonly containers: ReadonlyMap<ByteString, ContainerCgroup>;
  /** The `garden*` directories of gdn, and `good` and `bad` in them. */
  readonly gardenDirectories: readonly ByteString[];
  /** Live, outside Garden's directories, and no listed handle. */
  readonly outside: readonly CgroupDirectory[];
  readonly otherGarden: readonly ByteString[];
  /** Of the directories that are no container of the list and not on the way to Garden's, live or not. */
  readonly inodes: ReadonlyMap<ByteString, number>;
  /** Unreadable or cut outside any container; containers stand in garden directories and below their ancestors. */
  readonly hidden: readonly Hidden[];
}

interface Hidden {
  readonly path: ByteString;
  readonly errno: string | null;
  readonly isAncestor: boolean;
}

/** Decides of every directory of a walk what it is. A directory inherits from its parent, which stands before it. */
export function classify(
  scan: Extract<Scan, { kind: 'seen' }>,
  context: ScanContext,
): ClassifiedScan {
  const { listed } = context;
  const roles = new Map<ByteString, Role>();
  const containerDirectories: ContainerDirectory[] = [];
  const outside: CgroupDirectory[] = [];
  const otherGarden: ByteString[] = [];
  const hidden: Hidden[] = [];
  const inodes = new Map<ByteString, number>();

  for (const directory of scan.directories) {
    const role = roleOf(
      directory,
      roles.get(parentOf(directory.path)) ?? null,
      context,
      containerDirectories,
    );
    roles.set(directory.path, role);
    if (role.kind === 'outside' || role.kind === 'garden-directory') {
      inodes.set(directory.path, directory.inode);
    }
    if (role.kind === 'container') {
      if (role.pea !== null) role.directory.peas.push(role.pea);
      else {
        for (const pid of directory.pids) role.directory.pids.push(pid);
        if (directory.trouble !== null) role.directory.unclear = true;
      }
    } else if (directory.trouble !== null && role.kind !== 'other-garden') {
      const isAncestor = role.kind === 'ancestor';
      hidden.push({ path: directory.path, errno: directory.trouble, isAncestor });
    } else if (directory.pids.length > 0) {
      if (role.kind === 'other-garden') otherGarden.push(directory.path);
      // Garden's own directories hold no processes; a lost container may be called like one.
      if (role.kind === 'outside' || role.kind === 'garden-directory') outside.push(directory);
    }
  }
  for (const { path, errno } of scan.unseen) {
    const own = roles.get(path);
    const role = own ?? roles.get(parentOf(path));
    if (role?.kind === 'container') role.directory.unclear = true;
    else if (role?.kind !== 'other-garden')
      hidden.push({ path, errno, isAncestor: own?.kind === 'ancestor' });
  }
  const gardenDirectories = [...roles].flatMap(([path, role]) =>
    role.kind === 'garden-directory' ? [path] : [],
  );
  const containers = joinDirectories(foldPeas(containerDirectories, listed));
  return { containers, gardenDirectories, outside, otherGarden, inodes, hidden };
}

export interface ScanContext {
  readonly hierarchy: ReadableHierarchy;
  /** gdn's own cgroup in this hierarchy; null if it is not known. */
  readonly gdnCgroup: ByteString | null;
  /** The cgroups of other gdn servers on this machine. */
  readonly otherGdnCgroups: readonly ByteString[];
  readonly listed: ReadonlySet<ByteString>;
  /** The parents of the live directories called `init`. */
  readonly liveInits: ReadonlySet<ByteString>;
}

export const liveInitsOf = ({
  directories,
}: {
  readonly directories: readonly CgroupDirectory[];
}) =>
  new Set(
    directories.flatMap(({ path, pids }) =>
      pids.length > 0 && nameOf(path) === INIT ? [parentOf(path)] : [],
    ),
  );

/** What a directory is. */
type Role =
  | { readonly kind: 'ancestor' }
  | { readonly kind: 'garden-directory'; readonly throttling: 'good' | 'bad' | null }
  | {
      readonly kind: 'container';
      readonly directory: ContainerDirectory;
      readonly pea: string | null;
    }
  | { readonly kind: 'other-garden' }
  | { readonly kind: 'outside' };

/** A directory inherits from its parent, which was classified before it. New directories are added to `directories`. */
function roleOf(
  directory: CgroupDirectory,
  parent: Role | null,
  context: ScanContext,
  directories: ContainerDirectory[],
): Role {
  const { path } = directory;
  const { hierarchy, gdnCgroup, otherGdnCgroups, listed } = context;
  const name = nameOf(path);
  if (parent?.kind === 'container') {
    const isPea =
      parent.pea === null &&
      parentOf(path) === parent.directory.path &&
      isPeaBelow(name, parent.directory.name);
    return isPea ? { ...parent, pea: name } : parent;
  }
  if (parent?.kind === 'other-garden') return parent;
  const startDirectory = (
    of: ByteString,
    where: ContainerDirectory['where'],
    bad: boolean,
  ): ContainerDirectory => {
    const started: ContainerDirectory = {
      name: of,
      path,
      inode: directory.inode,
      where,
      bad,
      pids: [],
      peas: [],
      unclear: false,
    };
    directories.push(started);
    return started;
  };
  if (parent?.kind === 'garden-directory') {
    const throttling = throttlingOf(name);
    if (parent.throttling === null && throttling !== null && !isListedAndLive(directory, context)) {
      return { kind: 'garden-directory', throttling };
    }
    const bad = parent.throttling === 'bad';
    return { kind: 'container', directory: startDirectory(name, 'garden', bad), pea: null };
  }
  // gdn's own cgroup and what leads to it hold containers; they are none, whatever a handle is called.
  if (path === hierarchy.scope || (gdnCgroup !== null && isAtOrBelow(gdnCgroup, path)))
    return { kind: 'ancestor' };
  const isGardenDirectoryHere =
    gdnCgroup !== null &&
    isGardenDirectory(name) &&
    gardenParents(hierarchy, gdnCgroup).includes(parentOf(path)) &&
    (name === 'garden' || !isListedAndLive(directory, context));
  if (isGardenDirectoryHere) return { kind: 'garden-directory', throttling: null };
  if (otherGdnCgroups.some((other) => isBelow(path, other))) return { kind: 'other-garden' };
  // A unit of systemd, of bpm or of docker is no container of Garden's, whatever handle a client chose.
  const isForeign = foreignKind(path, hierarchy.scope).kind !== 'unrecognised';
  if (isForeign && !isBesideGarden(path, context)) return { kind: 'outside' };
  if (listed.has(name)) {
    return { kind: 'container', directory: startDirectory(name, 'outside', false), pea: null };
  }
  const owner = ownerOfPea(name, (candidate) => listed.has(asByteString(candidate)));
  if (owner !== null) {
    return {
      kind: 'container',
      directory: startDirectory(asByteString(owner), 'outside', false),
      pea: name,
    };
  }
  return { kind: 'outside' };
}

/** A container that is called like a directory of Garden's: it has processes of its own, or those of its leaf `init`. */
const isListedAndLive = (directory: CgroupDirectory, { listed, liveInits }: ScanContext): boolean =>
  listed.has(nameOf(directory.path)) &&
  (directory.pids.length > 0 || (liveInits.has(directory.path) && !listed.has(INIT)));

/**
 * Where runc puts a privileged container on v1: directly below gdn's own cgroup. On v2 it is beside that one
 * (opencontainers/cgroups fs2/defaultpath.go:53), and so are the units of systemd: what is called like one counts as one there.
 */
function isBesideGarden(
  path: ByteString,
  { hierarchy, gdnCgroup }: Pick<ScanContext, 'hierarchy' | 'gdnCgroup'>,
): boolean {
  if (gdnCgroup === null) return false;
  const parent = parentOf(path);
  return parent === gdnCgroup && parent !== hierarchy.scope;
}

/**
 * Whether a cgroup is that of a privileged container, or one that such a container made below its own and called as it liked: below
 * gdn's own cgroup, on v2 beside it (opencontainers/cgroups fs2/defaultpath.go:53), where the units of systemd stand too.
 */
export function isAmongGardens(
  path: ByteString,
  { hierarchy, gdnCgroup }: Pick<ScanContext, 'hierarchy' | 'gdnCgroup'>,
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

const INIT = asByteString('init');

/** guardian keeps throttled and unthrottled containers apart (garden.cpu_throttling). */
function throttlingOf(name: string): 'good' | 'bad' | null {
  return name === 'good' || name === 'bad' ? name : null;
}
