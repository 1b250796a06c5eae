import type { ByteString } from '../../model/ids.ts';
import { nameOf, parentOf } from '../../model/paths.ts';
import type { CgroupDirectory, ReadWalk } from '../../model/walk.ts';
import {
  foldPeas,
  INIT,
  joinDirectories,
  type ContainerDirectory,
  type ContainerCgroup,
  type KnownHandles,
} from './container-cgroup.ts';
import type { PeaClaim } from './pea-claims.ts';
import { isNamedAsInGarden, roleOf, type Role, type RoleQuestion } from './directory-role.ts';

export interface ClassifiedWalk {
  readonly containers: ReadonlyMap<ByteString, ContainerCgroup>;
  /** The Garden directories in which gdn makes containers, and `good` and `bad` in them. */
  readonly gardenDirectories: readonly ByteString[];
  /** Garden directories with a child that is named like another handle. */
  readonly withContainers: ReadonlySet<ByteString>;
  /** Live directories outside Garden's that are named like a listed handle; see `isClaim`. */
  readonly claims: readonly ContainerDirectory[];
  /** Live directories beside a container that count as a pea of it. */
  readonly peas: readonly PeaClaim[];
  /** Live Garden directories, and live ones outside them that are not named like a listed handle. */
  readonly outside: readonly OutsideDirectory[];
  readonly otherGarden: readonly ByteString[];
  /** The inodes of Garden's directories and of those outside, live or not. */
  readonly inodes: ReadonlyMap<ByteString, number>;
  /** Unreadable or truncated directories that could contain a container. */
  readonly hidden: readonly Hidden[];
  /** Garden directories with more cgroups than the walk read. */
  readonly crowded: readonly ByteString[];
  /** How many directories outside the containers were renamed each time before they could be read. */
  readonly renamed: number;
}

export interface OutsideDirectory extends CgroupDirectory {
  readonly isGardenDirectory: boolean;
}

interface Hidden {
  readonly path: ByteString;
  readonly errno: string | null;
  readonly isAncestor: boolean;
}

/** Classifies every directory of a walk, in which parents come first. */
export function classify(walk: ReadWalk, question: RoleQuestion): ClassifiedWalk {
  const withContainers = withContainersOf(walk.directories, question);
  const context = { ...question, liveInits: liveInitsOf(walk.directories), withContainers };
  const roles = new Map<ByteString, Role>();
  const containerDirectories: ContainerDirectory[] = [];
  const outside: OutsideDirectory[] = [];
  const otherGarden: ByteString[] = [];
  const hidden: Hidden[] = [];
  const inodes = new Map<ByteString, number>();

  for (const directory of walk.directories) {
    const parent = parentOf(directory.path);
    const role = roleOf(directory, roles.get(parent) ?? null, context);
    roles.set(directory.path, role);
    if (role.kind === 'outside' || role.kind === 'garden-directory') {
      inodes.set(directory.path, directory.inode);
    }
    if (role.kind === 'container') {
      if (role.directory.path === directory.path) containerDirectories.push(role.directory);
      if (role.directory.path === parent) role.directory.children.push(directory.path);
      if (role.pea !== null) {
        role.directory.peas.push({ name: role.pea, pids: directory.pids });
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
      const isGardenDirectory = role.kind === 'garden-directory';
      if (role.kind === 'outside' || isGardenDirectory)
        outside.push({ ...directory, isGardenDirectory });
    }
  }
  const crowded: ByteString[] = [];
  let renamed = 0;
  for (const { path, why, errno } of walk.unseen) {
    const own = roles.get(path);
    const role = own ?? roles.get(parentOf(path));
    if (role?.kind === 'container') role.directory.unclear = true;
    else if (why === 'renamed') renamed += 1;
    else if (why === 'many' && own?.kind === 'garden-directory') crowded.push(path);
    else if (role?.kind !== 'other-garden')
      hidden.push({ path, errno, isAncestor: own?.kind === 'ancestor' });
  }
  const gardenDirectories = [...roles].flatMap(([path, role]) =>
    role.kind === 'garden-directory' && role.isOwn ? [path] : [],
  );
  const claims = containerDirectories.filter(({ isClaim, pids }) => isClaim && pids.length > 0);
  const folded = foldPeas(containerDirectories, context);
  const containers = joinDirectories(folded, context);
  const isGarden = (path: ByteString): boolean => roles.get(path)?.kind === 'garden-directory';
  return {
    containers,
    gardenDirectories,
    withContainers: new Set([...withContainers].filter(isGarden)),
    claims,
    peas: folded.flatMap(({ name, path, inode, peas }) => {
      if (name === nameOf(path)) return [];
      const pids = peas.flatMap((pea) => pea.pids);
      return pids.length === 0 ? [] : [{ owner: name, path, inode, pids }];
    }),
    outside,
    otherGarden,
    inodes,
    hidden,
    crowded,
    renamed,
  };
}

const withContainersOf = (
  directories: readonly CgroupDirectory[],
  handles: KnownHandles,
): ReadonlySet<ByteString> =>
  new Set(
    directories.flatMap(({ path }) => (isNamedAsInGarden(path, handles) ? [parentOf(path)] : [])),
  );

const liveInitsOf = (directories: readonly CgroupDirectory[]): ReadonlySet<ByteString> =>
  new Set(
    directories.flatMap(({ path, pids }) =>
      pids.length > 0 && nameOf(path) === INIT ? [parentOf(path)] : [],
    ),
  );
