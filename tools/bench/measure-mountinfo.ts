// In a mount and pid namespace of its own, below the cell's: a long mount table, read by the C program and by us in turn.
import { readFileSync } from 'node:fs';
import type { MountTable } from '../../src/model/mount.ts';
import { cgroupVersion } from '../../src/model/mount.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readMounts, readTables } from '../../src/probe/mount-probe.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { runC, type CRound } from './c-program.ts';
import { makeManyMounts } from './many-mounts.ts';
import { answerWith, askedOf, MOUNTINFO } from './measurements.ts';
import { primaryScan } from './primary-scan.ts';
import { timed, warmUp } from './samples.ts';

const TABLE = '/proc/self/mountinfo';
/** A tmpfs of the cell's own is around it. */
const DIRECTORY = '/var/vcap/data/grootfs/store/unprivileged/images';
const TIMES = 4;

const asked = askedOf(MOUNTINFO);
makeManyMounts(DIRECTORY, asked.lines, primaryScan().top);

/** Here pid 1 and we are in one mount namespace, so that the two tables are one. */
const readers = [new KernelReader('/'), new KernelReader('/')] as const;
const none = (): number[] => [];
const c = { read: none(), parse: none(), both: none() };
const ours = {
  read: none(),
  parse: none(),
  both: none(),
  choose: none(),
  all: none(),
  look: none(),
};

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
answerWith({ lines: table.mounts.length, bytes, cgroupMounts, c, ours });

function roundsOfC(): readonly CRound[] {
  return asked.program === null ? [] : runC(asked.program, 'mountinfo', TABLE, TIMES);
}

function oneRound(): MountTable {
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
  timed(ours.look, () => resolveHierarchies(readMounts('/'), []));
  return parsed;
}
