import type { CgroupNamespace } from '../model/hierarchy.ts';
import { isAboveNamespace } from '../model/paths.ts';
import type { Membership } from '../model/process.ts';

/** PROC_CGROUP_INIT_INO, 0xEFFFFFFB: fixed since cgroup namespaces exist (4.6, include/linux/proc_ns.h). */
const INITIAL = 'cgroup:[4026531835]';

/**
 * The cgroup namespace of the reader: private if its link (/proc/self/ns/cgroup) is not the initial one, or if pid 1 is
 * outside of it. Without a link the kernel has no cgroup namespaces.
 */
export const cgroupNamespaceOf = (
  link: string | null,
  firstProcessPaths: Membership | null,
): CgroupNamespace =>
  (link !== null && link !== INITIAL) ||
  Object.values(firstProcessPaths ?? {}).some(isAboveNamespace)
    ? 'private'
    : 'initial';
