import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../../demo-cell/cell.ts';
import { asByteString } from '../../model/ids.ts';
import { parseMountInfo } from '../../parse/mountinfo.ts';
import { runC } from './c-program.ts';
import { measure, MOUNTINFO } from './measurements.ts';
import { timed, timingOf, warmUp, type Timing } from './samples.ts';
import { ratioGoal, ratioText, timingText, type Section } from './section.ts';

const LINES = 5000;
const ROUNDS = 10;
const MOST = 1.3;

const COLUMNS = ['what', 'C', 'rollcall', 'ratio'];

const row = (what: string, c: Timing | null, ours: Timing): readonly string[] => [
  what,
  c === null ? '' : timingText(c),
  timingText(ours),
  c === null ? '' : ratioText(ours, c),
];

/** A real mount table, in a mount namespace of its own. */
export async function realMountinfo(cell: Cell, program: string | null): Promise<Section> {
  const asked = { program, lines: LINES, rounds: ROUNDS };
  const through = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--'];
  const { lines, bytes, cgroupMounts, c, ours } = await measure(cell, MOUNTINFO, asked, through);
  const theirs = (samples: readonly number[]): Timing | null =>
    program === null ? null : timingOf(samples);
  const both = theirs(c.both);
  return {
    title: 'A mount table of the kernel',
    about:
      `/proc/self/mountinfo with ${lines} lines (${Math.round(bytes / 1024)} KiB), ${cgroupMounts} of them cgroup mounts, ` +
      'made of real mounts. Both read it until two reads agree and parse every field of every line. C chooses no mount; ' +
      'what the choice adds is in the rows below. In a look the kernel is also asked about each cgroup mount.',
    columns: COLUMNS,
    rows: [
      row('read until two reads agree', theirs(c.read), timingOf(ours.read)),
      row('parse', theirs(c.parse), timingOf(ours.parse)),
      row('read and parse', both, timingOf(ours.both)),
      row('choose', null, timingOf(ours.choose)),
      row('read, parse and choose', both, timingOf(ours.all)),
      row('the same in a look, live', null, timingOf(ours.look)),
    ],
    goals:
      both === null
        ? []
        : [
            ratioGoal('mount table: read and parse', timingOf(ours.both), both, MOST),
            ratioGoal(
              'mount table: read, parse and choose; C only reads and parses',
              timingOf(ours.all),
              both,
              MOST,
            ),
          ],
  };
}

/** The parser alone, on a text that is made up. */
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
    title: 'The parser of mount tables',
    about: `Every field of ${LINES} lines that are made up (${Math.round(text.length / 1024)} KiB), without the kernel.`,
    columns: COLUMNS,
    rows: [row('parse', program === null ? null : timingOf(c), timingOf(ours))],
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
