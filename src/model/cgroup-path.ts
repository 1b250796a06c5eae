import type { ByteString } from './ids.ts';

/**
 * Whether a path or a root begins above the cgroup namespace of whoever read it: the kernel prints it relative to that
 * namespace, with `/..` for every level up (cgroup_namespaces(7)). A cgroup called `..x` is not above.
 */
export const isAboveNamespace = (path: ByteString): boolean =>
  path === '/..' || path.startsWith('/../');
