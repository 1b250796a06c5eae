import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { asByteString } from '../../src/model/ids.ts';
import { runC, ratioOf, timed, timingOf, warmUp } from './samples.ts';
import { measure, MOUNTINFO } from './cell.ts';
import { ratioGoal, timingText, type Section } from './section.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';

const LINES = 5000;
const ROUNDS = 10;
const MAX_RATIO = 1.3;

const COLUMNS = ['what', 'C', 'rollcall', 'ratio'];

/** The columns for C are empty without a C program, or if C has no equivalent. */
const row = (what: string, c: readonly number[], ours: readonly number[]): readonly string[] => [
  what,
  c.length === 0 ? '' : timingText(timingOf(c)),
  timingText(timingOf(ours)),
  c.length === 0 ? '' : ratioOf(ours, c, ROUNDS).toFixed(2),
];

/** A real mount table, in a mount namespace of its own. */
export async function realMountinfo(cell: Cell, program: string | null): Promise<Section> {
  const asked = { program, lines: LINES, rounds: ROUNDS };
  const through = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--'];
  const { lines, bytes, cgroupMounts, c, ours } = await measure(cell, MOUNTINFO, asked, through);
  return {
    title: "The kernel's mount table",
    about:
      `/proc/self/mountinfo with ${lines} lines (${Math.round(bytes / 1024)} KiB), ${cgroupMounts} of them cgroup mounts, ` +
      'all of them real. Both programs read it until two reads agree, and parse every field of every line. C does not choose a ' +
      'mount. The last three rows show what the choice adds; in a pass, rollcall also asks the kernel about each cgroup mount.',
    columns: COLUMNS,
    rows: [
      row('read until two reads agree', c.read, ours.read),
      row('parse', c.parse, ours.parse),
      row('read and parse', c.both, ours.both),
      row('choose', [], ours.choose),
      row('read, parse and choose', c.both, ours.all),
      row('the same in a pass', [], ours.pass),
    ],
    goals:
      program === null
        ? []
        : [
            ratioGoal('mount table: read and parse', ratioOf(ours.both, c.both, ROUNDS), MAX_RATIO),
            ratioGoal(
              'mount table: read, parse and choose; C only reads and parses',
              ratioOf(ours.all, c.both, ROUNDS),
              MAX_RATIO,
            ),
          ],
  };
}

/** The parser alone, on a synthetic text. */
export function syntheticMountinfo(directory: string, program: string | null): Section {
  const text = Array.from({ length: LINES }, (_, n) => lineOf(n)).join('');
  const file = path.join(directory, 'mountinfo');
  writeFileSync(file, text);
  const bytes = asByteString(text);
  const c: number[] = [];
  const ours: number[] = [];
  warmUp(() => parseMountInfo(bytes));
  for (let round = 0; round < ROUNDS; round++) {
    if (program !== null) {
      for (const { parse } of runC(program, 'mountinfo', file, 5)) c.push(parse);
    }
    for (let time = 0; time < 5; time++) timed(ours, () => parseMountInfo(bytes));
  }
  return {
    title: 'The mount table parser',
    about: `Both programs parse every field of ${LINES} generated lines (${Math.round(text.length / 1024)} KiB), without the kernel.`,
    columns: COLUMNS,
    rows: [row('parse', c, ours)],
    goals: [],
  };
}

function lineOf(n: number): string {
  const image = `/var/vcap/data/grootfs/store/unprivileged/images/36f56597-0295-45d1-5e36-${n}`;
  const layers = Array.from({ length: 4 }, (_, layer) => `${image}/layers/${layer}`).join(':');
  return n % 10 === 0
    ? `${n + 100} 30 0:${n + 50} / ${image}/rootfs ro,relatime shared:${n} - overlay overlay ro,lowerdir=${layers}\n`
    : `${n + 100} ${n + 99} 8:1 /data/some\\040app ${image}/home rw,nosuid,relatime shared:1 - ext4 /dev/sda1 rw,discard\n`;
}
