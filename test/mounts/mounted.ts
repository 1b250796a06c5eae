import type { MountStat } from '../../src/model/hierarchy.ts';
import { asByteString, asDevice, type ByteString } from '../../src/model/ids.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { statOfV1, tableOf } from './mount-lines.ts';

const TABLE = tableOf(
  '27 1 254:0 / / rw - ext4 /dev/vda rw',
  '31 27 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
);
/** The same snapshot with the mount table of a machine that has one hierarchy, memory. */
export const withMounts = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  mounts: {
    ...snapshot.mounts,
    cellTable: TABLE,
    ownTable: TABLE,
    stats: new Map<ByteString, MountStat>([
      [asByteString('/sys/fs/cgroup/memory'), statOfV1(asDevice('0:32'))],
    ]),
    firstProcessPaths: { memory: asByteString('/') },
  },
});
