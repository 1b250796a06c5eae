import type { Mount } from '../../model/mount.ts';

/** The inode of a mount point as stat gives it; null if stat fails. */
export type InodeOf = (mount: Mount) => number | null;

/**
 * Tracee 0.21 and 0.22: the mount point with the lowest inode, the shorter path on a tie. Where nothing can be asked
 * there is no answer. A mount that another one covers is judged by what covers it.
 */
export function lowestInode(searched: readonly Mount[], inodeOf: InodeOf | null): Mount | null {
  if (inodeOf === null) return null;
  let best: { readonly mount: Mount; readonly inode: number } | null = null;
  for (const mount of searched) {
    const inode = inodeOf(mount);
    if (inode === null) continue;
    const isBetter =
      best === null ||
      inode < best.inode ||
      (inode === best.inode && mount.mountPoint.length < best.mount.mountPoint.length);
    if (isBetter) best = { mount, inode };
  }
  return best?.mount ?? null;
}
