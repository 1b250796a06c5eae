import { expect } from 'chai';
import { mountLines, type MountPlan } from '../../../../tools/demo-cell/cell/mounts.ts';
import {
  cellHierarchies,
  ownMode,
  shown,
  type CellMode,
  cgroupMountPoints,
  hostHierarchies,
} from '../../../../tools/demo-cell/cgroups/hierarchies.ts';
import { whyNoMode } from '../../../../tools/demo-cell/cell/requirements.ts';
import type { MountTable } from '../../../../src/model/mount.ts';
import { asByteString } from '../../../../src/model/ids.ts';
import { parseMountInfo } from '../../../../src/parse/mount-table.ts';

const tableOf = (lines: readonly string[]) => parseMountInfo(asByteString(`${lines.join('\n')}\n`));

/**
 * A hybrid machine with co-mounted cpu, a container's view of memory before the whole of it, and an
 * odd mount point.
 */
const HYBRID = tableOf([
  '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
  '20 1 0:19 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755',
  '21 20 0:20 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw,nsdelegate',
  '22 20 0:21 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd',
  '23 20 0:22 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct',
  '24 1 0:23 /docker/x /var/lib/odd\\040place rw - cgroup cgroup rw,memory',
  '25 20 0:23 / /sys/fs/cgroup/memory rw shared:13 - cgroup cgroup rw,memory',
]);
const V2 = tableOf(['30 1 0:20 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw']);

function plan(host: MountTable, mode: CellMode, change: Partial<MountPlan> = {}): MountPlan {
  return {
    inherited: cgroupMountPoints(host),
    hierarchies: shown(cellHierarchies(mode, hostHierarchies(host))),
    reversed: false,
    tag: null,
    keepVisible: [],
    ...change,
  };
}

describe('the hierarchies of the machine', function () {
  it('are read once each, by the mount that shows all of them', () => {
    expect(hostHierarchies(HYBRID).map(({ mountPoint }) => mountPoint)).to.deep.equal([
      '/sys/fs/cgroup/unified',
      '/sys/fs/cgroup/systemd',
      '/sys/fs/cgroup/cpu,cpuacct',
      '/sys/fs/cgroup/memory',
    ]);
    expect(hostHierarchies(HYBRID).map(({ controllers }) => controllers)).to.deep.equal([
      [],
      [],
      ['cpu', 'cpuacct'],
      ['memory'],
    ]);
  });

  it('decide which cells can be built', () => {
    const [hybrid, v2] = [HYBRID, V2].map((table) => ownMode(hostHierarchies(table)));
    expect([hybrid, v2]).to.deep.equal(['hybrid', 'v2']);
    expect([whyNoMode('v1', 'hybrid'), whyNoMode('auto', 'v2')]).to.deep.equal([null, null]);
    expect(whyNoMode('v1', 'v2')).to.include('v2 only');
  });
});

describe("the plan of a cell's mount table", function () {
  it("removes the machine's own cgroup mounts first, in reverse order", () => {
    const removed = mountLines(plan(HYBRID, 'v1')).filter((line) => line.startsWith('umount'));
    expect(removed[0]).to.contain("'/sys/fs/cgroup/memory'");
    expect(removed).to.include("umount -l '/var/lib/odd place' 2>/dev/null || :");
    expect(removed.at(-1)).to.contain("'/sys/fs/cgroup'");
  });

  it('covers /var, which nobody removes on the machine, as somebody did with /var/vcap', () => {
    const covers = mountLines(plan(HYBRID, 'v1')).filter((line) => line.includes('mode=1777'));
    expect(covers).to.deep.equal(["must mount -t tmpfs -o mode=1777 tmpfs '/var'"]);
  });

  it('keeps the program visible where a cover would hide it, and quotes every name for sh', () => {
    const keepVisible = ["/tmp/it's here", '/var/vcap/packages/node/bin'];
    const script = mountLines(plan(HYBRID, 'v1', { tag: 'ab', keepVisible })).join('\n');
    expect(script).to.include(String.raw`exec 4<'/tmp/it'\''s here'`);
    expect(script).to.include(String.raw`must mount -c --bind /proc/self/fd/4 '/tmp/it'\''s here'`);
    expect(script).to.include("must mount -c --bind /proc/self/fd/4 '/var/vcap/packages/node/bin'");
    expect(script).to.include("umount -l '/var/lib/odd place'");
  });
});
