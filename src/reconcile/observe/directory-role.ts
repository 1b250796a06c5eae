import { type ByteString, asByteString } from '../../model/ids.ts';
import {
  isAtOrBelow,
  isBelow,
  isGardenDirectory,
  isInBpmJob,
  joinPath,
  nameOf,
  parentOf,
} from '../../model/paths.ts';
import { isPeaOf, ownerOfPea } from '../../model/peas.ts';
import type { CgroupDirectory } from '../../model/walk.ts';
import type { ReadableHierarchy } from '../../mounts/resolve.ts';
import { foreignKind } from './cgroup-names.ts';
import { INIT, type ContainerDirectory, type KnownHandles } from './container-cgroup.ts';
import { gardenParents } from './gdn.ts';

export interface RoleQuestion extends KnownHandles {
  readonly hierarchy: ReadableHierarchy;
  /** gdn's own cgroup in this hierarchy; null if unknown. */
  readonly gdnCgroup: ByteString | null;
  /** The cgroups of other gdn servers on this machine. */
  readonly otherGdnCgroups: readonly ByteString[];
  /** Whether a directory of this name is the container's own: Garden made it there. */
  readonly isAtHome: (name: ByteString, path: ByteString) => boolean;
  /** Who owns a cgroup outside Garden's directories that is named like a listed handle. */
  readonly proofOf: (claim: { readonly path: ByteString; readonly inode: number }) => Proof;
}

/** `refuted`: its processes do not belong to the handle. */
export type Proof = 'proven' | 'refuted' | 'open';

interface RoleContext extends RoleQuestion {
  /** The parents of the live directories named `init`. */
  readonly liveInits: ReadonlySet<ByteString>;
  /** The parents of directories named like handles, if they are named like Garden directories. */
  readonly withContainers: ReadonlySet<ByteString>;
}

/** What a cgroup directory is to Garden. */
export type Role =
  | { readonly kind: 'ancestor' }
  | {
      readonly kind: 'garden-directory';
      readonly throttling: 'good' | 'bad' | null;
      readonly isOwn: boolean;
    }
  | {
      readonly kind: 'container';
      /** The topmost directory of the container at or above this one. */
      readonly directory: ContainerDirectory;
      readonly pea: string | null;
    }
  | { readonly kind: 'other-garden' }
  | { readonly kind: 'outside' };

type GardenRole = Extract<Role, { kind: 'garden-directory' }>;
type ContainerRole = Extract<Role, { kind: 'container' }>;

/** @param parent the role of the directory above; null for the top of the walk */
export function roleOf(
  directory: CgroupDirectory,
  parent: Role | null,
  context: RoleContext,
): Role {
  if (parent?.kind === 'container') return roleInContainer(directory.path, parent);
  if (parent?.kind === 'garden-directory') return roleInGarden(directory, parent, context);
  return parent?.kind === 'other-garden' ? parent : roleOutside(directory, context);
}

function roleInContainer(path: ByteString, parent: ContainerRole): Role {
  const name = nameOf(path);
  const isPea =
    parent.pea === null &&
    parentOf(path) === parent.directory.path &&
    isPeaOf(name, parent.directory.name);
  return isPea ? { ...parent, pea: name } : parent;
}

function roleInGarden(directory: CgroupDirectory, parent: GardenRole, context: RoleContext): Role {
  const name = nameOf(directory.path);
  const throttling = throttlingOf(name);
  if (parent.throttling === null && throttling !== null && !isListedAndLive(directory, context)) {
    return { ...parent, throttling };
  }
  if (!context.isAtHome(name, directory.path)) return { kind: 'outside' };
  return beginning(directory, name, { where: 'garden', throttling: parent.throttling });
}

function roleOutside(directory: CgroupDirectory, context: RoleContext): Role {
  const { path } = directory;
  const { hierarchy, gdnCgroup, otherGdnCgroups, listed, isRemembered, isPea, isAtHome, proofOf } =
    context;
  const name = nameOf(path);
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
    if (!isAtHome(name, path)) return { kind: 'outside' };
    const proof = proofOf(directory);
    if (proof === 'refuted') return { kind: 'outside' };
    return beginning(directory, name, { where: 'outside', isClaim: proof === 'open' });
  }
  const owner = ownerOfPea(name, (candidate) => listed.has(asByteString(candidate)));
  return owner === null || isRemembered(name) || !isPea(path) || !isAtHome(name, path)
    ? { kind: 'outside' }
    : { ...beginning(directory, asByteString(owner), { where: 'outside' }), pea: name };
}

/** The role of the topmost directory of a container. */
const beginning = (
  { path, inode }: CgroupDirectory,
  name: ByteString,
  known: Pick<ContainerDirectory, 'where'> &
    Partial<Pick<ContainerDirectory, 'throttling' | 'isClaim'>>,
): ContainerRole => ({
  kind: 'container',
  directory: {
    name,
    path,
    inode,
    throttling: null,
    isClaim: false,
    ...known,
    children: [],
    pids: [],
    peas: [],
    unclear: false,
  },
  pea: null,
});

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
 * the container `init`, unless it lives beside the directory. A Garden directory with containers can
 * have a process, too, because a privileged container can move one there.
 */
function isListedAndLive(
  { path, pids }: CgroupDirectory,
  { listed, liveInits, withContainers }: RoleContext,
): boolean {
  if (!listed.has(nameOf(path)) || withContainers.has(path)) return false;
  const isLeaf = !listed.has(INIT) || liveInits.has(joinPath(parentOf(path), INIT));
  return pids.length > 0 || (isLeaf && liveInits.has(path));
}

/** Whether a directory and its parent are named like a container and its Garden directory. */
export function isNamedAsInGarden(
  path: ByteString,
  { listed, isRemembered }: KnownHandles,
): boolean {
  const name = nameOf(path);
  const above = nameOf(parentOf(path));
  if (!isGardenDirectory(above) && throttlingOf(above) === null) return false;
  return name !== INIT && name !== above && (listed.has(name) || isRemembered(name));
}

/** guardian separates throttled and unthrottled containers (garden.cpu_throttling). */
const throttlingOf = (name: string): 'good' | 'bad' | null =>
  name === 'good' || name === 'bad' ? name : null;
