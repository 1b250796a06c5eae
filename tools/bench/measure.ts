// Runs one measurement, named by its first argument, in the cell and in a process of its own.
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as v from 'valibot';
import { GARDEN_SOCKET } from '../../src/demo-cell/gdn/config.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { cgroupVersion, type MountTable } from '../../src/model/mount.ts';
import type { Scan } from '../../src/model/scan.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { completePass } from '../../src/pass/complete-pass.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readMounts, readTables } from '../../src/probe/mount-probe.ts';
import { processesNamed } from '../../src/probe/processes.ts';
import { planScan } from '../../src/reconcile/observe/scan-plan.ts';
import { sweeper } from '../../src/probe/sweep.ts';
import { MOUNTINFO, SCAN, SOAK, SWEEP } from './cell.ts';
import { makeManyMounts } from './many-mounts.ts';
import { runC, timed, warmUp, type CRound } from './samples.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';

const TABLE = '/proc/self/mountinfo';
/** Inside a tmpfs of the cell. */
const IMAGES = '/var/vcap/data/grootfs/store/unprivileged/images';
const TIMES = 4;
const PASSES_A_SWEEP = 10;
/**
 * The duration of each turn. It is long enough that the effects of the turn before (caches, a fork)
 * do not matter.
 */
const TURN_MILLISECONDS = 60;

type Asked<M extends { readonly asked: v.GenericSchema }> = v.InferOutput<M['asked']>;
type Result<M extends { readonly result: v.GenericSchema }> = v.InferOutput<M['result']>;

/**
 * Reads a long mount table, alternating between the C program and our code, in a mount and pid
 * namespace below the cell's.
 */
function measureMountinfo(asked: Asked<typeof MOUNTINFO>): Result<typeof MOUNTINFO> {
  makeManyMounts(IMAGES, asked.lines, primaryScan().top);
  /** Pid 1 and this process are in one mount namespace here, so the two tables are equal. */
  const readers = [new KernelReader('/'), new KernelReader('/')] as const;
  const none = (): number[] => [];
  const c = { read: none(), parse: none(), both: none() };
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
  const roundsOfC = (): readonly CRound[] =>
    asked.program === null ? [] : runC(asked.program, 'mountinfo', TABLE, TIMES);

  warmUp(oneRound, 1500);
  let table = oneRound();
  for (const samples of Object.values(ours)) samples.length = 0;
  for (let round = 0; round < asked.rounds; round++) {
    for (const { read, parse, found } of roundsOfC()) {
      c.read.push(read);
      c.parse.push(parse);
      c.both.push(read + parse);
      if (found !== table.mounts.length) throw new Error(`the C program found ${found} mounts`);
    }
    for (let time = 0; time < TIMES; time++) table = oneRound();
  }
  const bytes = readFileSync(TABLE).length;
  const cgroupMounts = table.mounts.filter((mount) => cgroupVersion(mount) !== null).length;
  return { lines: table.mounts.length, bytes, cgroupMounts, c, ours };
}

/** Scans the cell's primary hierarchy, alternating between the C program and our code. */
async function measureScan(asked: Asked<typeof SCAN>): Promise<Result<typeof SCAN>> {
  const { program, rounds, containers, asynchronously } = asked;
  const scan = primaryScan();
  const flat: number[] = [];
  const tree: number[] = [];
  const ours: number[] = [];
  const asynchronous: number[] = [];
  warmUp(() => scan.run());
  timed(ours, () => scan.run());
  const times = Math.max(3, Math.min(40, Math.round(TURN_MILLISECONDS / (ours.pop() ?? 1))));

  /** The number of members that it found; null without a C program. */
  const turnOfC = (job: 'flat' | 'walk', directory: string, samples: number[]): number | null => {
    if (program === null) return null;
    const done = runC(program, job, directory, times);
    for (const { read } of done) samples.push(read);
    return done.at(-1)?.found ?? 0;
  };
  const turnOfOurs = (): number => {
    let members = 0;
    for (let time = 0; time < times; time++) members = membersIn(timed(ours, () => scan.run()));
    return members;
  };
  for (let round = 0; round < rounds; round++) {
    const inGarden = turnOfC('flat', scan.garden, flat);
    const members = turnOfOurs();
    const inTree = turnOfC('walk', scan.top, tree);
    if (inGarden === null || inTree === null) continue;
    // Only equal work can be compared. The C program counts itself, and a process of the cell may
    // start or end.
    if (inGarden !== containers || Math.abs(inTree - members) > 3) {
      throw new Error(`C found ${inGarden} and ${inTree} processes, the scan ${members}`);
    }
  }
  for (let time = 0; time < asynchronously; time++) {
    const start = performance.now();
    await readThroughThePool(scan.garden);
    asynchronous.push(performance.now() - start);
  }
  return { flat, tree, ours, asynchronous };
}

/** The flat read through the thread pool, all files at once. */
async function readThroughThePool(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const directories = entries.filter((entry) => entry.isDirectory());
  await Promise.all(directories.map(({ name }) => readFile(`${directory}/${name}/cgroup.procs`)));
}

/**
 * Makes this many passes, as the agent does, and reports at intervals how much memory is held after
 * a garbage collection.
 */
async function measureSoak({ passes, every }: Asked<typeof SOAK>): Promise<Result<typeof SOAK>> {
  setFlagsFromString('--expose-gc');
  // A new context is necessary, because the flag was set too late for this one.
  const collect = (): unknown => runInNewContext('gc()');
  const probe = probeCell({
    root: '/',
    gardenSocket: GARDEN_SOCKET,
    gardenTimeoutMilliseconds: 10_000,
    bosh: null,
  });
  const settings = {
    gracePeriods: gracePeriodsOfCheck(30_000),
    sensors: [],
    acknowledged: [],
    gardenSocket: null,
  };
  const held: Result<typeof SOAK> = [];
  let memory: Memory = EMPTY_MEMORY;
  let findings = 0;
  for (let made = 1; made <= passes; made++) {
    const pass = await takeSnapshot(probe, memory, {
      allHierarchies: false,
      sweepsAll: false,
      sensors: settings.sensors,
    });
    const completed = completePass(pass, settings);
    memory = completed.memory;
    findings += completed.report.containers.filter(({ status }) => status === 'untracked').length;
    if (made % every !== 0) continue;
    collect();
    const heapKilobytes = Math.round(process.memoryUsage().heapUsed / 1024);
    held.push({ passes: made, heapKilobytes, remembered: memory.containers.size, findings });
  }
  probe.close();
  return held;
}

/** Measures the slices of several sweeps of a newly started agent, and as many whole sweeps. */
async function measureSweep({ sweeps }: Asked<typeof SWEEP>): Promise<Result<typeof SWEEP>> {
  const scan = primaryScan().run();
  if (scan.kind !== 'seen') throw new Error('the primary hierarchy could not be walked');
  const plan = {
    directories: scan.directories,
    handles: new Set<never>(),
    gardenNamespaces: 1,
    suspects: [],
  };
  const reader = new KernelReader('/');
  const first: number[] = [];
  const later: number[] = [];
  const whole: number[] = [];
  const time = async (run: () => Promise<unknown>, kept: number[]): Promise<void> => {
    const start = performance.now();
    await run();
    kept.push(performance.now() - start);
  };
  for (let n = 0; n < sweeps; n++) {
    const agent = sweeper(reader, () => Promise.resolve());
    for (const kept of [first, later]) {
      for (let pass = 0; pass < PASSES_A_SWEEP; pass++) {
        await time(() => agent({ ...plan, isWhole: false }), kept);
      }
    }
    const check = sweeper(reader, () => Promise.resolve());
    await time(() => check({ ...plan, isWhole: true }), whole);
  }
  return { processes: membersIn(scan), first, later, whole };
}

/** The scan of the primary hierarchy of the surrounding cell. */
interface PrimaryScan {
  /**
   * The top of the cell's own part of the hierarchy, and the directory in it that holds the
   * containers.
   */
  readonly top: string;
  readonly garden: string;
  run(): Scan;
}

function primaryScan(): PrimaryScan {
  const reader = new KernelReader('/');
  const gardenProcesses = processesNamed(reader, 'gdn');
  const mounts = readMounts('/');
  const { primary } = resolveHierarchies(mounts, gardenProcesses, null);
  if (primary === null) throw new Error('this cell has no primary hierarchy');
  const plan = planScan(primary, { gardenProcesses, mounts }, null);
  return {
    top: plan.openedAt + plan.scope,
    // Below gdn's own cgroup; on v2 beside it, which comes first in the plan.
    garden: plan.openedAt + (primary.controller === 'v2' ? plan.first[0] : plan.first.at(-1)),
    run: () => scanAtOnce(reader, plan),
  };
}

/** The number of members that a scan found. Equal work finds the same number. */
const membersIn = (scan: Scan): number =>
  scan.kind === 'seen' ? scan.directories.reduce((sum, { pids }) => sum + pids.length, 0) : 0;

function measured(name: string, asked: unknown): unknown {
  switch (name) {
    case MOUNTINFO.name:
      return measureMountinfo(v.parse(MOUNTINFO.asked, asked));
    case SCAN.name:
      return measureScan(v.parse(SCAN.asked, asked));
    case SWEEP.name:
      return measureSweep(v.parse(SWEEP.asked, asked));
    case SOAK.name:
      return measureSoak(v.parse(SOAK.asked, asked));
    default:
      throw new Error(`unknown measurement ${name}`);
  }
}

const [, , name = '', asked = ''] = process.argv;
process.stdout.write(JSON.stringify(await measured(name, JSON.parse(asked))));
