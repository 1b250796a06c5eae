import type { Mount } from '../model/mount.ts';

/**
 * The words in which the `/` mount of a process can name the container whose root filesystem it is: the path components
 * of its root, source and super options. Null if the table has no `/`. The last one listed covers the others.
 */
export function rootMountComponents(mounts: readonly Mount[]): ReadonlySet<string> | null {
  const root = mounts.findLast((mount) => mount.mountPoint === '/');
  if (root === undefined) return null;
  // Only paths name a container: the words `overlay` or `rw` stand in every table and could be handles, too.
  const texts = [root.root ?? '', root.source, ...root.superOptions].filter((text) =>
    text.includes('/'),
  );
  return new Set(texts.flatMap((text) => text.split(/[/:=,]/)).filter((word) => word !== ''));
}
