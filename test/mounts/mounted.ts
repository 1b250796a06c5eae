import type { MountStat } from '../../src/model/hierarchy.ts';
import { asByteString, asDevice, type ByteString } from '../../src/model/ids.ts';
import type { LookInputs } from '../../src/model/look-inputs.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';

const TABLE = parseMountInfo(
  asByteString(
    [
      '27 1 254:0 / / rw - ext4 /dev/vda rw',
      '31 27 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '',
    ].join('\n'),
  ),
);
const ROOT: MountStat = {
  kind: 'seen',
  magic: 0x27e0eb,
  device: asDevice('0:32'),
  inode: 1,
  hasReleaseAgent: true,
  hasCgroupEvents: false,
};

/** The same inputs with the mount table of a machine that has one hierarchy, memory. */
export const withMounts = (inputs: LookInputs): LookInputs => ({
  ...inputs,
  mounts: {
    ...inputs.mounts,
    cellTable: TABLE,
    ownTable: TABLE,
    stats: new Map<ByteString, MountStat>([[asByteString('/sys/fs/cgroup/memory'), ROOT]]),
    firstProcessPaths: { memory: asByteString('/') },
  },
});
