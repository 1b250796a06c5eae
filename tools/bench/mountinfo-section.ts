import { readFileSync } from 'node:fs';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { cgroupVersion } from '../../src/model/mount.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readTables } from '../../src/probe/mount-probe.ts';
import { measure, primaryScan, type Measured } from './cell.ts';
import { makeManyMounts } from './many-mounts.ts';
import { cpuNow, ratioOf, runC, timingOf, warmUp } from './samples.ts';
import { goalOf, timingText, type Section } from './section.ts';

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

/** A real mount table, in a mount namespace of its own. */
export async function mountinfoSection(cell: Cell, program: string): Promise<Section> {
  const through = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--'];
  const of = await measure(cell, ['mountinfo', program], through);
  const [lines, bytes = 0, cgroupMounts] = of('table');
  const ratio = ratioOf(of('all'), of('all in C'), ROUNDS);
  return {
    title: "The kernel's mount table",
    about:
      `/proc/self/mountinfo with ${lines} lines (${Math.round(bytes / 1024)} KiB), ${cgroupMounts} of them cgroup mounts, ` +
      'all of them real. Both programs read it until two reads agree, and parse every field of every line. C does not choose a mount.',
    columns: ['what', 'C', 'rollcall', 'ratio'],
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
        'C makes no strings of a line and no choice',
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
