import type { Mount } from '../../model/mount.ts';

/**
 * The rule that was proposed against nested mounts: of the mounts of a hierarchy the one with the longest mount point,
 * among equally long ones the last line. It prefers a container's mount to the host's wherever that one's path is longer.
 */
export const longestPath = (mounts: readonly Mount[]): Mount | null =>
  mounts.reduce<Mount | null>((longest, mount) => {
    if (longest === null) return mount;
    const difference = mount.mountPoint.length - longest.mountPoint.length;
    return difference > 0 || (difference === 0 && mount.line > longest.line) ? mount : longest;
  }, null);
