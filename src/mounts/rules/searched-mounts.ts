import type { ControllerName } from '../../model/hierarchy.ts';
import { cgroupVersion, type Mount } from '../../model/mount.ts';

/** The word looked for in mount points: the controller, the X of `name=X`, nothing for v2. */
const searchWord = (name: ControllerName): string =>
  name === 'v2' ? '' : name.replace(/^name=/, '');

/**
 * What Tracee's rules choose from, in the order of the table: the type must be equal and the mount point must contain
 * the word. `cpu` is in `/sys/fs/cgroup/cpuset` too, and memory at /dev/memcg is never found.
 */
export function searchedMounts(mounts: readonly Mount[], name: ControllerName): readonly Mount[] {
  const version = name === 'v2' ? 2 : 1;
  const word = searchWord(name);
  return mounts.filter(
    (mount) => cgroupVersion(mount) === version && mount.mountPoint.includes(word),
  );
}
