import { asByteString, type ByteString } from '../model/ids.ts';
import type { Mount } from '../model/mount.ts';
import type { RootImage } from '../model/sweep.ts';
import { parseMountInfo } from './mount-table.ts';

/** The images that one line of a mountinfo names, normally one. */
export function imagesOfMount(line: ByteString): readonly RootImage[] {
  const mount = parseMountInfo(line).mounts[0];
  if (mount === undefined) return [];
  const images: RootImage[] = [];
  for (const path of pathsOf(mount)) {
    const image = imageIn(path);
    const isNew = !images.some(({ name, store }) => name === image?.name && store === image.store);
    if (image !== null && isNew) images.push(image);
  }
  return images;
}

/** How many overlays of each image are in a mount table. */
export function overlaysOf(mountinfo: ByteString): ReadonlyMap<ByteString, number> {
  const lines = mountinfo.split('\n').filter((line) => line.includes(' overlay '));
  const { mounts } = parseMountInfo(asByteString(lines.join('\n')));
  const counts = new Map<ByteString, number>();
  for (const mount of mounts) {
    if (mount.fstype !== 'overlay') continue;
    const names = pathsOf(mount).flatMap((path) => imageIn(path)?.name ?? []);
    for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Whether the mount point, the fifth field, is `/`. */
export const isRootLine = (line: ByteString): boolean => /^\d+ \d+ \d+:\d+ [^ ]+ \/ /.test(line);

/**
 * An overlay names its image in `upperdir` and `workdir`, a bind mount in its root. The layers of
 * an overlay do not count, because they belong to many containers. overlayfs puts a backslash
 * before bytes that would separate paths in a list.
 */
const pathsOf = ({ root, superOptions }: Mount): readonly string[] => [
  ...superOptions.flatMap((option) =>
    /^(?:upper|work)dir=/.test(option)
      ? [option.slice(option.indexOf('=') + 1).replaceAll(/\\(.)/gs, '$1')]
      : [],
  ),
  ...(root === null ? [] : [root]),
];

/** `<store>/images/<name>/<directory>`, read from the end: a store may be called `images` too. */
function imageIn(path: string): RootImage | null {
  const nameEnd = path.lastIndexOf('/');
  const nameStart = path.lastIndexOf('/', nameEnd - 1) + 1;
  if (nameStart < 1 || nameStart >= nameEnd) return null;
  const before = path.slice(0, nameStart);
  if (!before.endsWith('/images/')) return null;
  return {
    name: asByteString(path.slice(nameStart, nameEnd)),
    store: asByteString(before.slice(0, -'/images/'.length)),
  };
}
