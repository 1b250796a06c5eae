import type { Mount } from '../../model/mount.ts';
import type { InodeOf } from './lowest-inode.ts';

/**
 * Tracee since 0.22.3: only mounts with the root `/`, of these the lowest inode (live only), on a tie the longer path,
 * then the earlier line. In a private cgroup namespace it takes the reader's own cgroup for the host's.
 */
export function rootOnly(searched: readonly Mount[], inodeOf: InodeOf | null): Mount | null {
  let best: { readonly mount: Mount; readonly inode: number } | null = null;
  for (const mount of searched) {
    if (mount.root !== '/') continue;
    const inode = inodeOf === null ? 0 : inodeOf(mount);
    if (inode === null) continue;
    const isBetter =
      best === null ||
      inode < best.inode ||
      (inode === best.inode && mount.mountPoint.length > best.mount.mountPoint.length);
    if (isBetter) best = { mount, inode };
  }
  return best?.mount ?? null;
}
