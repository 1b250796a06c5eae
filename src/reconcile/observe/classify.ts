import { type ByteString, asByteString } from '../../model/ids.ts';
import {
  parentOf,
  componentsBelow,
  isAtOrBelow,
  isBelow,
  joinPath,
  nameOf,
  isGardenDirectory,
  isInBpmJob,
} from '../../model/paths.ts';
import type { CgroupDirectory, Scan } from '../../model/scan.ts';
import type { ReadableHierarchy } from '../../mounts/resolve.ts';
import { foreignKind, isPeaBelow, ownerOfPea } from './cgroup-names.ts';
import {
  foldPeas,
  joinDirectories,
  type ContainerDirectory,
  type ContainerCgroup,
  type KnownHandles,
} from './container-cgroup.ts';
import { gardenParents } from './gdn.ts';

export interface ClassifiedScan {
  readonly containers: ReadonlyMap<ByteString, ContainerCgroup>;
  /** The Garden directories in which gdn makes containers, and `good` and `bad` in them. */
  readonly gardenDirectories: readonly ByteString[];
  /** Live directories outside Garden's that are named like a listed handle; see `isClaim`. */
  readonly claims: readonly ContainerDirectory[];
  /** Live directories outside Garden's that are not named like a listed handle. */
  readonly outside: readonly CgroupDirectory[];
  readonly otherGarden: readonly ByteString[];
  /** The inodes of Garden's directories and of those outside, live or not. */
  readonly inodes: ReadonlyMap<ByteString, number>;
  /** Unreadable or truncated directories that could contain a container. */
  readonly hidden: readonly Hidden[];
}

interface Hidden {
  readonly path: ByteString;
  readonly errno: string | null;
  readonly isAncestor: boolean;
}

/** Classifies every directory of a walk, in which parents come first. */
export function classify(
  scan: Extract<Scan, { kind: 'seen' }>,
  question: ScanQuestion,
): ClassifiedScan {
  const context = { ...question, liveInits: liveInitsOf(scan.directories) };
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
      if (role.pea !== null) {
        role.directory.peas.push(role.pea);
        for (const pid of directory.pids) role.directory.peaPids.push(pid);
      } else {
        for (const pid of directory.pids) role.directory.pids.push(pid);
        if (directory.trouble !== null) role.directory.unclear = true;
      }
    } else if (directory.trouble !== null && role.kind !== 'other-garden') {
      const isAncestor = role.kind === 'ancestor';
      hidden.push({ path: directory.path, errno: directory.trouble, isAncestor });
    } else if (directory.pids.length > 0) {
      if (role.kind === 'other-garden') otherGarden.push(directory.path);
      // Garden's own directories hold no processes, but a lost container may have such a name.
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
    role.kind === 'garden-directory' && role.isOwn ? [path] : [],
  );
  const claims = containerDirectories.filter(({ isClaim, pids }) => isClaim && pids.length > 0);
  const containers = joinDirectories(foldPeas(containerDirectories, context));
  return { containers, gardenDirectories, claims, outside, otherGarden, inodes, hidden };
}

interface ScanQuestion extends KnownHandles {
  readonly hierarchy: ReadableHierarchy;
  /** gdn's own cgroup in this hierarchy; null if unknown. */
  readonly gdnCgroup: ByteString | null;
  /** The cgroups of other gdn servers on this machine. */
  readonly otherGdnCgroups: readonly ByteString[];
  /** Who owns a cgroup outside Garden's directories that is named like a listed handle. */
  readonly proofOf: (claim: { readonly path: ByteString; readonly inode: number }) => Proof;
}

/** `refuted`: its processes do not belong to the handle. */
export type Proof = 'proven' | 'refuted' | 'open';

interface ScanContext extends ScanQuestion {
  /** The parents of the live directories named `init`. */
  readonly liveInits: ReadonlySet<ByteString>;
}

const liveInitsOf = (directories: readonly CgroupDirectory[]): ReadonlySet<ByteString> =>
  new Set(
    directories.flatMap(({ path, pids }) =>
      pids.length > 0 && nameOf(path) === INIT ? [parentOf(path)] : [],
    ),
  );

type Role =
  | { readonly kind: 'ancestor' }
  | {
      readonly kind: 'garden-directory';
      readonly throttling: 'good' | 'bad' | null;
      readonly isOwn: boolean;
    }
  | {
      readonly kind: 'container';
      readonly directory: ContainerDirectory;
      readonly pea: string | null;
    }
  | { readonly kind: 'other-garden' }
  | { readonly kind: 'outside' };

/** Adds a directory that begins a container to `directories`. */
function roleOf(
  directory: CgroupDirectory,
  parent: Role | null,
  context: ScanContext,
  directories: ContainerDirectory[],
): Role {
  const { path } = directory;
  const { hierarchy, gdnCgroup, otherGdnCgroups, listed, proofOf } = context;
  const name = nameOf(path);
  if (parent?.kind === 'container') {
    const isPea =
      parent.pea === null &&
      parentOf(path) === parent.directory.path &&
      isPeaBelow(name, parent.directory.name);
    if (name === INIT && parentOf(path) === parent.directory.path) parent.directory.init = path;
    return isPea ? { ...parent, pea: name } : parent;
  }
  if (parent?.kind === 'other-garden') return parent;
  const startDirectory = (
    of: ByteString,
    {
      where,
      throttling = null,
      isClaim = false,
    }: Pick<ContainerDirectory, 'where'> & {
      readonly throttling?: ContainerDirectory['throttling'];
      readonly isClaim?: boolean;
    },
  ): ContainerDirectory => {
    const started: ContainerDirectory = {
      name: of,
      path,
      inode: directory.inode,
      where,
      throttling,
      init: null,
      isClaim,
      pids: [],
      peaPids: [],
      peas: [],
      unclear: false,
    };
    directories.push(started);
    return started;
  };
  if (parent?.kind === 'garden-directory') {
    const throttling = throttlingOf(name);
    if (parent.throttling === null && throttling !== null && !isListedAndLive(directory, context)) {
      return { ...parent, throttling };
    }
    const started = startDirectory(name, { where: 'garden', throttling: parent.throttling });
    return { kind: 'container', directory: started, pea: null };
  }
  // gdn's own cgroup and its ancestors are not containers, even if a handle has the same name.
  if (path === hierarchy.scope || (gdnCgroup !== null && isAtOrBelow(gdnCgroup, path)))
    return { kind: 'ancestor' };
  if (otherGdnCgroups.some((other) => isBelow(path, other))) return { kind: 'other-garden' };
  // A gdn that moves to another cgroup leaves its Garden directory and its containers behind.
  const isOwn = gdnCgroup !== null && gardenParents(hierarchy, gdnCgroup).includes(parentOf(path));
  const isGarden = isGardenDirectory(name) && (isOwn || !isInForeignUnit(path, hierarchy.scope));
  if (isGarden && (name === 'garden' || !isListedAndLive(directory, context)))
    return { kind: 'garden-directory', throttling: null, isOwn };
  if (listed.has(name)) {
    const proof = proofOf(directory);
    if (proof === 'refuted') return { kind: 'outside' };
    const started = startDirectory(name, { where: 'outside', isClaim: proof === 'open' });
    return { kind: 'container', directory: started, pea: null };
  }
  const owner = ownerOfPea(name, (candidate) => listed.has(asByteString(candidate)));
  if (owner !== null) {
    return {
      kind: 'container',
      directory: startDirectory(asByteString(owner), { where: 'outside' }),
      pea: name,
    };
  }
  return { kind: 'outside' };
}

/**
 * Whether a Garden directory belongs to something other than a gdn of this cell: to a Garden in a
 * docker container, or to a systemd unit named `garden-….service`.
 */
const isInForeignUnit = (path: ByteString, scope: ByteString): boolean => {
  const { kind } = foreignKind(path, scope);
  return kind === 'docker' || kind === 'systemd' || (kind === 'bpm' && !isInBpmJob(path, 'garden'));
};

/**
 * A container named like a Garden directory has processes, or its leaf `init` has. That leaf may be
 * the container `init`, unless it lives beside the directory.
 */
function isListedAndLive(
  { path, pids }: CgroupDirectory,
  { listed, liveInits }: ScanContext,
): boolean {
  if (!listed.has(nameOf(path))) return false;
  const isLeaf = !listed.has(INIT) || liveInits.has(joinPath(parentOf(path), INIT));
  return pids.length > 0 || (isLeaf && liveInits.has(path));
}

/**
 * Whether a privileged container's cgroups can be there: below gdn's own, and on v2 also beside it.
 */
export function isAmongGardens(
  path: ByteString,
  { hierarchy, gdnCgroup }: Pick<ScanQuestion, 'hierarchy' | 'gdnCgroup'>,
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

/** guardian separates throttled and unthrottled containers (garden.cpu_throttling). */
const throttlingOf = (name: string): 'good' | 'bad' | null =>
  name === 'good' || name === 'bad' ? name : null;
