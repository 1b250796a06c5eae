import type { ByteString } from '../model/ids.ts';
import type { RootImage } from '../model/sweep.ts';
import { imagesOfMount, isRootLine } from '../parse/root-images.ts';
import type { KernelReader } from './kernel-reader.ts';
import type { ProcDirectory } from './live-thread.ts';

/** The `/` line is the first; a chrooted process may have 100,000 others instead (mount-max). */
const MAX_TABLE_BYTES = 16 * 1024;
/** Longer first lines are not kept. */
const MAX_KEY_BYTES = 1024;

/**
 * Reads the images on the `/` line of a process's mount table: only that line shows whose root
 * filesystem the process has. For gdn, its helpers and every host process in gdn's mount namespace,
 * other lines contain `images/H`. If several mounts cover `/`, the first one is the process's root.
 * Null if it could not tell: no table, as for a zombie, or no `/` line in the part that is read.
 *
 * A table is read only once, so use one reader per pass. Its first line identifies it: mount ids are
 * unique to a mount namespace, and the mount point is relative to the root of the process. Only two
 * roots of which one is mounted on the other can have the same first line, and then both have a `/`
 * line.
 * @param takes called with how many bytes of a table were read
 */
export function rootImageReader(
  reader: KernelReader,
  takes: (bytes: number) => void = () => undefined,
): (directory: ProcDirectory) => readonly RootImage[] | null {
  const known = new Map<ByteString, readonly RootImage[] | null>();
  return (directory) => {
    let first: ByteString | null = null;
    let images: readonly RootImage[] | null = [];
    let length = 0;
    for (const line of reader.lines(`/proc/${directory}/mountinfo`, MAX_TABLE_BYTES)) {
      if (line === null) {
        takes(MAX_TABLE_BYTES - length);
        images = null;
        break;
      }
      takes(line.length + 1);
      length += line.length + 1;
      first ??= line;
      const before = line === first ? known.get(line) : undefined;
      if (before !== undefined) return before;
      if (isRootLine(line)) {
        images = imagesOfMount(line);
        break;
      }
    }
    if (first === null) return null;
    if (first.length <= MAX_KEY_BYTES) known.set(first, images);
    return images;
  };
}
