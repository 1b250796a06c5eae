import type { Hierarchy, MountStat } from '../model/hierarchy.ts';

/** What is really at a path that a table calls a mount of a hierarchy. */
export type Found =
  | { readonly kind: 'root'; readonly signs: string }
  /** A cgroup of the right hierarchy, but not its root. */
  | { readonly kind: 'below'; readonly signs: string }
  /** The two signs of a root disagree. */
  | { readonly kind: 'contradiction'; readonly signs: string }
  | { readonly kind: 'other'; readonly why: string };

const MAGIC = { 1: 0x27e0eb, 2: 0x63677270 } as const;
/** kernfs numbers the root of every hierarchy 1, in every cgroup namespace; a cgroup below never gets that number. */
const ROOT_INODE = 1;

/**
 * Compares what the kernel said of a path with what the table promised. Magic and device catch a mount that another one
 * covers (the root of a tmpfs has inode 1 too). Of the root there are two signs that do not depend on each other: its
 * inode, and a file that only (v1 `release_agent`) or everywhere but (v2 `cgroup.events`) the root has.
 */
export function foundAt(stat: MountStat | undefined, hierarchy: Hierarchy): Found {
  if (stat === undefined) return { kind: 'other', why: 'nothing asked the kernel about it' };
  if (stat.kind === 'failed') return { kind: 'other', why: `it cannot be opened (${stat.errno})` };
  const { version, device } = hierarchy;
  if (stat.magic !== MAGIC[version]) {
    const magic = `0x${stat.magic.toString(16)}`;
    return { kind: 'other', why: `there is no cgroup v${version} file system (magic ${magic})` };
  }
  if (stat.device !== device) {
    return { kind: 'other', why: `device ${stat.device} is there instead of ${device}` };
  }
  const isRootInode = stat.inode === ROOT_INODE;
  const isRootFile = version === 1 ? stat.hasReleaseAgent : !stat.hasCgroupEvents;
  const file =
    version === 1
      ? `${stat.hasReleaseAgent ? '' : 'no '}release_agent`
      : `${stat.hasCgroupEvents ? '' : 'no '}cgroup.events`;
  const signs = `device ${stat.device}, inode ${stat.inode}, ${file}`;
  if (isRootInode !== isRootFile) return { kind: 'contradiction', signs };
  return { kind: isRootInode ? 'root' : 'below', signs };
}
