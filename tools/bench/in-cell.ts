// `in-cell.ts NAME PROGRAM LIST`: measures a read beside kernel-reads.c, or only writes the list of quiet
// passes, in a process in the cell. Prints JSON.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { walkAtOnce } from '../../src/probe/walk/walk-hierarchy.ts';
import { CommandLines } from '../../src/probe/command-lines.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MountReader, readTables } from '../../src/probe/mount-probe.ts';
import { gardenProcesses as readGardenProcesses } from '../../src/probe/processes.ts';
import { planWalk } from '../../src/reconcile/observe/walk-plan.ts';
import { quietPasses, TABLE_READS, walkReads } from './read-lists.ts';
import { cpuNow, median, MIN_READINGS, runFloor } from './samples.ts';

/** The duration of a turn: long enough that what the last turn left does not matter. */
const TURN_MILLISECONDS = 60;
const WARM_UP_MILLISECONDS = 2000;

const [, , name = '', program = '', list = '', ledgersEach = ''] = process.argv;
const JOBS: Readonly<Record<string, () => object | Promise<object>>> = {
  table: () => {
    const readers = [new KernelReader('/'), new KernelReader('/')] as const;
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length - 1;
    const read = () => {
      const table = parseMountInfo(readTables(...readers).own);
      chooseMounts({ table, namespace: 'initial', live: null, rule: 'verified' });
    };
    return { ...inTurns(TABLE_READS, read), size: [lines] };
  },
  walk: async () => {
    const { directories, walk } = await knownCell();
    return { ...inTurns(walkReads(directories), walk), size: [directories.length] };
  },
  passes: async () => {
    writeFileSync(list, quietPasses(await knownCell(), Number(ledgersEach)));
    return {};
  },
};

/** What an agent knows of the cell, and how it walks the primary hierarchy. */
async function knownCell() {
  const reader = new KernelReader('/');
  const gardenProcesses = await readGardenProcesses(reader, new CommandLines(reader, shownCommand));
  const mounts = new MountReader('/').read();
  const { primary } = resolveHierarchies(mounts, gardenProcesses, null);
  if (primary === null) throw new Error('this cell has no primary hierarchy');
  const plan = planWalk(primary, { gardenProcesses, mounts }, null);
  const walk = () => walkAtOnce(reader, plan);
  const seen = walk();
  const found = seen.kind === 'read' ? seen.directories : [];
  return {
    walk,
    directories: found.map((one) => ({ ...one, path: `${plan.openedAt}${one.path}` })),
    mounts: [...mounts.stats.keys()],
    gdn: gardenProcesses[0]?.pid ?? 0,
    pids: readdirSync('/proc').map(Number).filter(Boolean),
  };
}

/** CPU time in milliseconds of our code, warm, and of its reads in C: the medians of turns. */
function inTurns(reads: string, ours: () => unknown) {
  writeFileSync(list, reads);
  const timed = (): number => {
    const start = cpuNow();
    ours();
    return cpuNow() - start;
  };
  // An agent runs for weeks, so its code is compiled.
  for (const start = cpuNow(); cpuNow() - start < WARM_UP_MILLISECONDS;) ours();
  const times = Math.max(4, Math.min(40, Math.round(TURN_MILLISECONDS / timed())));
  const c = Array.of<number>();
  const rollcall = Array.of<number>();
  for (let round = 0; round < MIN_READINGS; round++) {
    c.push(median(runFloor(program, list, times)));
    rollcall.push(median(Array.from({ length: times }, timed)));
  }
  return { c, rollcall };
}

const job = JOBS[name];
if (job === undefined) throw new Error(`unknown job ${name}`);
process.stdout.write(JSON.stringify(await job()));
