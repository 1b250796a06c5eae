import type { Mount } from '../model/mount.ts';

/** One mount can be listed twice in a table that changed while it was read. */
export const isSameMount = (a: Mount, b: Mount): boolean =>
  a === b || (a.id === b.id && a.mountPoint === b.mountPoint && identity(a) === identity(b));

/** Orders mounts whose ids and mount points are equal, so that not even then the lines decide. */
export const identity = ({ parentId, device, root, fstype, source, superOptions }: Mount): string =>
  JSON.stringify([parentId, device, root, fstype, source, superOptions]);
