import { readFileSync } from 'node:fs';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { cgroupVersion, type MountTable } from '../../src/model/mount.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readMounts, readTables } from '../../src/probe/mount-probe.ts';
import { measure, primaryScan, type Measured } from './cell.ts';
import { makeManyMounts } from './many-mounts.ts';
import { ratioOf, runC, timed, timingOf, warmUp } from './samples.ts';
import { goalOf, timingText, type Section } from './section.ts';

const LINES = 5000;
const ROUNDS = 10;
const TIMES = 4;
const MAX_RATIO = 1.15;
const TABLE = '/proc/self/mountinfo';
/** Inside a tmpfs of the cell. */
const IMAGES = '/var/vcap/data/grootfs/store/unprivileged/images';

/** A real mount table, in a mount namespace of its own. */
export async function mountinfoSection(cell: Cell, program: string): Promise<Section> {
  const through = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--'];
  const of = await measure(cell, ['mountinfo', program], through);
  const [lines, bytes = 0, cgroupMounts] = of('table');
  const row = (what: string, c: readonly number[], ours: readonly number[]) => [
    what,
    c.length === 0 ? '' : timingText(timingOf(c)),
    timingText(timingOf(ours)),
    c.length === 0 ? '' : ratioOf(ours, c, ROUNDS).toFixed(2),
  ];
  return {
    title: "The kernel's mount table",
    about:
      `/proc/self/mountinfo with ${lines} lines (${Math.round(bytes / 1024)} KiB), ${cgroupMounts} of them cgroup mounts, ` +
      'all of them real. Both programs read it until two reads agree, and parse every field of every line. C does not choose a ' +
      'mount. The last three rows show what the choice adds; in a pass, rollcall also asks the kernel about each cgroup mount.',
    columns: ['what', 'C', 'rollcall', 'ratio'],
    rows: [
      row('read until two reads agree', of('read in C'), of('read')),
      row('parse', of('parse in C'), of('parse')),
      row('read and parse', of('both in C'), of('both')),
      row('choose', [], of('choose')),
      row('read, parse and choose', of('both in C'), of('all')),
      row('the same in a pass', [], of('pass')),
    ],
    goals: [
      goalOf(
        'mount table: read, parse and choose; C only reads and parses',
        ratioOf(of('all'), of('both in C'), ROUNDS),
        [MAX_RATIO, '× C'],
        'the choice compares all cgroup mounts',
      ),
    ],
  };
}

/**
 * Reads a long mount table, alternating between the C program and our code, in a mount and pid
 * namespace below the cell's.
 */
export async function measureMountinfo(program = ''): Promise<Measured> {
  makeManyMounts(IMAGES, LINES, (await primaryScan()).top);
  /** Pid 1 and this process are in one mount namespace here, so the two tables are equal. */
  const readers = [new KernelReader('/'), new KernelReader('/')] as const;
  const none = (): number[] => [];
  const c = { 'read in C': none(), 'parse in C': none(), 'both in C': none() };
  const ours = {
    read: none(),
    parse: none(),
    both: none(),
    choose: none(),
    all: none(),
    pass: none(),
  };
  const oneRound = (): MountTable => {
    const start = performance.now();
    const text = readTables(...readers).own;
    const afterRead = performance.now();
    const parsed = parseMountInfo(text);
    const afterParse = performance.now();
    chooseMounts({ table: parsed, namespace: 'initial', live: null, rule: 'verified' });
    const end = performance.now();
    ours.read.push(afterRead - start);
    ours.parse.push(afterParse - afterRead);
    ours.both.push(afterParse - start);
    ours.choose.push(end - afterParse);
    ours.all.push(end - start);
    timed(ours.pass, () => resolveHierarchies(readMounts('/'), [], null));
    return parsed;
  };
  warmUp(oneRound, 1500);
  let table = oneRound();
  for (const samples of Object.values(ours)) samples.length = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const { read, parse, found } of runC(program, 'mountinfo', TABLE, TIMES)) {
      c['read in C'].push(read);
      c['parse in C'].push(parse);
      c['both in C'].push(read + parse);
      if (found !== table.mounts.length) throw new Error(`the C program found ${found} mounts`);
    }
    for (let time = 0; time < TIMES; time++) table = oneRound();
  }
  const bytes = readFileSync(TABLE).length;
  const cgroupMounts = table.mounts.filter((mount) => cgroupVersion(mount) !== null).length;
  return { table: [table.mounts.length, bytes, cgroupMounts], ...c, ...ours };
}
