// In the cell: the scan of its primary hierarchy, the C program's and ours in turn.
import { readdir, readFile } from 'node:fs/promises';
import { runC } from './c-program.ts';
import { answerWith, askedOf, SCAN } from './measurements.ts';
import { membersIn, primaryScan } from './primary-scan.ts';
import { timed, warmUp } from './samples.ts';

/** Of each turn, so that what a turn costs the next one (caches, a fork) does not count. */
const TURN_MILLISECONDS = 60;

const { program, rounds, containers, asynchronously } = askedOf(SCAN);
const scan = primaryScan();
const flat: number[] = [];
const tree: number[] = [];
const ours: number[] = [];
const asynchronous: number[] = [];

warmUp(() => scan.run());
timed(ours, () => scan.run());
const times = Math.max(3, Math.min(40, Math.round(TURN_MILLISECONDS / (ours.pop() ?? 1))));

for (let round = 0; round < rounds; round++) {
  const inGarden = turnOfC('flat', scan.garden, flat);
  const members = turnOfOurs();
  const inTree = turnOfC('walk', scan.top, tree);
  if (inGarden !== null && inTree !== null) compare(inGarden, members, inTree);
}
for (let time = 0; time < asynchronously; time++) await readAsynchronously();
answerWith({ flat, tree, ours, asynchronous });

/** How many members it found. */
function turnOfOurs(): number {
  let members = 0;
  for (let time = 0; time < times; time++) members = membersIn(timed(ours, () => scan.run()));
  return members;
}

/** The same; null where there is no C program. */
function turnOfC(job: 'flat' | 'walk', directory: string, samples: number[]): number | null {
  if (program === null) return null;
  const done = runC(program, job, directory, times);
  for (const { read } of done) samples.push(read);
  return done.at(-1)?.found ?? 0;
}

/** The flat read through the thread pool, all files at once. */
async function readAsynchronously(): Promise<void> {
  const start = performance.now();
  const entries = await readdir(scan.garden, { withFileTypes: true });
  await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => readFile(`${scan.garden}/${name}/cgroup.procs`)),
  );
  asynchronous.push(performance.now() - start);
}

/** Only equal work can be compared. The C program counts itself, and a process of the cell may come or go. */
function compare(inGarden: number, members: number, inTree: number): void {
  if (inGarden === containers && Math.abs(inTree - members) <= 3) return;
  throw new Error(`C found ${inGarden} and ${inTree} processes, the scan ${members}`);
}
