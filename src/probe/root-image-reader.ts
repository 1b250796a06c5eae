import type { ByteString } from '../model/ids.ts';
import type { RootImage } from '../model/sweep.ts';
import { holdsRootLine, rootImages } from '../parse/root-images.ts';
import type { KernelReader } from './kernel-reader.ts';

/**
 * Bytes that identify a mount table: mount ids are unique to a mount namespace, so the first lines
 * differ.
 */
export const TABLE_KEY_BYTES = 256;

/**
 * Reads the images on the `/` line of a process's mount table; null without a table, as for a
 * zombie. A long table that many processes share is read to its `/` line only once, so use one
 * reader per pass.
 */
export function rootImageReader(
  reader: KernelReader,
): (pid: number) => readonly RootImage[] | null {
  const known = new Map<string, readonly RootImage[]>();
  return (pid) => {
    let key = '';
    const isEnough = (text: ByteString): boolean => {
      key ||= text.slice(0, TABLE_KEY_BYTES);
      return holdsRootLine(text) || known.has(key);
    };
    const table = reader.beginning(`/proc/${pid}/mountinfo`, isEnough);
    if (table === null || table === '') return null;
    const images = rootImages(table);
    if (images.length > 0 || holdsRootLine(table)) {
      if (table.length > TABLE_KEY_BYTES) known.set(key, images);
      return images;
    }
    return known.get(key) ?? images;
  };
}
