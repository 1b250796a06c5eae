import { MAX_SERVERS, type FileServer } from '../model/destroy.ts';
import { asByteString } from '../model/ids.ts';
import { parseMountInfo } from './mount-table.ts';

/**
 * The file systems of a mount table whose server can make a process wait, each once. The name of a
 * FUSE connection is the kernel's device number (fs/fuse/control.c), without a major one the minor.
 * @param text may end in the middle of a line, which does not count
 */
export function fileServersIn(text: string): readonly FileServer[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1);
  const { mounts } = parseMountInfo(asByteString(lines));
  const found = new Map<string, FileServer>();
  for (const { fstype, device } of mounts) {
    if (device === null) continue;
    const [major = 0, minor = 0] = device.split(':').map(Number);
    if (/^nfs4?$/.test(fstype)) found.set(device, { kind: 'nfs', minor });
    else if (/^fuse(?:blk)?(?:\.|$)/.test(fstype)) {
      found.set(device, { kind: 'fuse', connection: major * 2 ** 20 + minor });
    }
  }
  return [...found.values()].slice(0, MAX_SERVERS);
}
