import fs from 'node:fs';
import { errnoOf } from '../model/failure.ts';
import { asDevice, type ByteString, type Device } from '../model/ids.ts';
import type { MountStat } from '../model/hierarchy.ts';
import { openablePath } from './kernel-reader.ts';

/** What the kernel says of a path that a table calls a cgroup mount. */
export function statMount(path: ByteString): MountStat {
  try {
    const magic = fs.statfsSync(openablePath(path)).type;
    const { dev, ino } = fs.statSync(openablePath(path), { bigint: true });
    return {
      kind: 'seen',
      magic,
      device: deviceOf(dev),
      inode: Number(ino),
      hasReleaseAgent: has(path, 'release_agent'),
      hasCgroupEvents: has(path, 'cgroup.events'),
    };
  } catch (error) {
    return { kind: 'failed', errno: errnoOf(error) };
  }
}

const has = (directory: ByteString, name: string): boolean =>
  fs.existsSync(openablePath(`${directory}/${name}`));

/** As mountinfo prints it. st_dev packs 12 bits of the major between 8 and 12 of the minor, the rest above (makedev(3)). */
const deviceOf = (dev: bigint): Device => {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return asDevice(`${major}:${minor}`);
};
