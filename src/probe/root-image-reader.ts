import type { ByteString } from '../model/ids.ts';
import type { RootImage } from '../model/sweep.ts';
import { holdsRootLine, rootImages } from '../parse/root-images.ts';
import type { KernelReader } from './kernel-reader.ts';

/**
 * Mount ids are unique to a mount namespace, so that the first lines tell one table from another.
 */
const BEGINNING = 256;

/**
 * Reads the images that the `/` line of a process names; null without a table, as of a zombie. A
 * long table that many processes share is read to its `/` line once: use one reader for one round.
 */
export function rootImageReader(
  reader: KernelReader,
): (pid: number) => readonly RootImage[] | null {
  const known = new Map<string, readonly RootImage[]>();
  return (pid) => {
    let key = '';
    const isEnough = (text: ByteString): boolean => {
      key ||= text.slice(0, BEGINNING);
      return holdsRootLine(text) || known.has(key);
    };
    const table = reader.beginning(`/proc/${pid}/mountinfo`, isEnough);
    if (table === null || table === '') return null;
    const images = rootImages(table);
    if (images.length > 0 || holdsRootLine(table)) {
      if (table.length > BEGINNING) known.set(key, images);
      return images;
    }
    return known.get(key) ?? images;
  };
}
