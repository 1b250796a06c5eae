import type { ByteString } from '../model/ids.ts';
import { parentOf } from '../model/paths.ts';
import type { CgroupDirectory, Scan } from '../model/scan.ts';
import {
  foldPeas,
  joinDirectories,
  type ContainerDirectory,
  type ContainerCgroup,
} from './container-cgroup.ts';
import { roleOf, type Role, type ScanContext } from './role.ts';

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
