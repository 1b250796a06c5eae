import { readFileSync } from 'node:fs';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { cgroupVersion } from '../../src/model/mount.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readTables } from '../../src/probe/mount-probe.ts';
import { measure, primaryScan, type Measured } from './cell.ts';
import { cpuNow, ratioOf, runC, timingOf, warmUp } from './samples.ts';
import { goalOf, timingText, type Section } from './section.ts';
import { execaSync } from 'execa';

const LINES = 5000;
const ROUNDS = 10;
const TIMES = 4;
const TABLE = '/proc/self/mountinfo';
/** Inside a tmpfs of the cell. */
const IMAGES = '/var/vcap/data/grootfs/store/unprivileged/images';
const STEPS = ['read', 'parse', 'choose', 'all'] as const;
const TITLES = {
  read: 'read until two reads agree',
  parse: 'parse',
  choose: 'choose',
  all: 'read, parse and choose',
};

export async function mountinfoSection(cell: Cell, program: string): Promise<Section> {
  const through = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--'];
  const of = await measure(cell, 'mountinfo', program, through);
  const [lines, bytes = 0, cgroupMounts] = of('table');
  const ratio = ratioOf(of('all'), of('all in C'), ROUNDS);
  return {
    title: "The kernel's mount table",
    columns: [
      `${lines} lines (${Math.round(bytes / 1024)} KiB), ${cgroupMounts} of them cgroup mounts`,
      'C',
      'rollcall',
      'ratio',
    ],
    rows: STEPS.map((step) => {
      const [ours, c] = [of(step), of(`${step} in C`)];
      return [
        TITLES[step],
        c.length === 0 ? '' : timingText(timingOf(c)),
        timingText(timingOf(ours)),
        c.length === 0 ? '' : ratioOf(ours, c, ROUNDS).toFixed(2),
      ];
    }),
    goals: [
      goalOf(
        'mount table: read, parse and choose; C only reads and parses',
        ratio,
        [1.15, '× C'],
        'C makes no strings of a line, no garbage and no choice',
      ),
    ],
  };
}

/** Alternates between the C program and our code, in a namespace below the cell's. */
export async function measureMountinfo(program: string): Promise<Measured> {
  makeManyMounts(IMAGES, LINES, (await primaryScan()).top);
  /** Pid 1 and this process are in one mount namespace here, so the two tables are equal. */
  const readers = [new KernelReader('/'), new KernelReader('/')] as const;
  const samples = new Map<string, number[]>();
  const add = (what: string, milliseconds: number): void => {
    samples.set(what, [...(samples.get(what) ?? []), milliseconds]);
  };
  const oneRound = () => {
    const start = cpuNow();
    const text = readTables(...readers).own;
    const read = cpuNow();
    const table = parseMountInfo(text);
    const parsed = cpuNow();
    chooseMounts({ table, namespace: 'initial', live: null, rule: 'verified' });
    const end = cpuNow();
    add('read', read - start);
    add('parse', parsed - read);
    add('choose', end - parsed);
    add('all', end - start);
    return table;
  };
  warmUp(oneRound, 2500);
  const { mounts } = oneRound();
  samples.clear();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { read, parse, found } of runC(program, 'mountinfo', TABLE, TIMES)) {
      if (found !== mounts.length) throw new Error(`the C program found ${found} mounts`);
      add('read in C', read);
      add('parse in C', parse);
      add('all in C', read + parse);
    }
    for (let time = 0; time < TIMES; time++) oneRound();
  }
  const cgroupMounts = mounts.filter((mount) => cgroupVersion(mount) !== null).length;
  const table = [mounts.length, readFileSync(TABLE).length, cgroupMounts];
  return { table, ...Object.fromEntries(samples) };
}

/** The lines of one container: its root filesystem, and the mounts in it. */
const IN_A_CONTAINER = 20;

/**
 * Fills a directory with mounts like those of a cell, one set per container: an overlay of twelve
 * layers, proc, tmpfs, bind mounts, names with spaces, the container's own cgroup. Recursive bind
 * mounts make the copies, so that one mount(8) makes twenty lines.
 */
const SCRIPT = `
set -e
directory=$1 containers=$2 cgroup=$3
mkdir -p "$directory"
mount -t tmpfs -o mode=755 images "$directory"
cd "$directory"
layers=
for n in 0 1 2 3 4 5 6 7 8 9 a b; do
  layer=$directory/layers/0d4a5f1c62e84b97a3f0c9d2b1e7568$n
  mkdir -p "$layer"
  layers=$layers:$layer
done
for place in proc sys dev/pts dev/shm dev/mqueue etc/hosts etc/hostname etc/resolv.conf etc/cf-assets tmp cgroup \\
  'home/vcap/some app' volume/1 volume/2 volume/3 volume/4 volume/5 volume/6; do
  mkdir -p "$layer/$place"
done
mkdir -p first/rootfs
# The new mount API takes no option of more than 256 bytes; grootfs uses the old one.
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "ro,lowerdir=\${layers#:}" overlay first/rootfs
mount --make-shared first/rootfs
cd first/rootfs
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
for place in pts shm mqueue; do mount -t tmpfs -o nosuid,nodev,noexec,size=65536k shm "dev/$place"; done
for place in hosts hostname resolv.conf cf-assets; do mount --bind "$directory/layers" "etc/$place"; done
mount --bind "$directory/layers" 'home/vcap/some app'
mount -t tmpfs -o size=64m "an app's own" tmp
mount --bind "$cgroup" cgroup
for n in 1 2 3 4 5 6; do mount -t tmpfs -o "nosuid,nodev,size=\${n}m" "volume-$n" "volume/$n"; done
cd "$directory"
n=1
while [ "$n" -lt "$containers" ]; do
  name=$(printf '36f56597-0295-45d1-5e36-%04d' "$n")
  mkdir -p "$name/rootfs"
  mount --rbind first/rootfs "$name/rootfs"
  n=$((n + 1))
done
`;

/** Adds about this many mounts to the table of this process, in a mount namespace of its own. */
function makeManyMounts(directory: string, lines: number, cgroup: string): void {
  const containers = Math.ceil(lines / IN_A_CONTAINER);
  execaSync('sh', ['-c', SCRIPT, 'sh', directory, `${containers}`, cgroup]);
}
