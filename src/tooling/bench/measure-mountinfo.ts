// In a mount and pid namespace of its own, below the cell's: a long mount table, read by the C program and by us in turn.
import { readFileSync } from 'node:fs';
import type { MountTable } from '../../model/mount.ts';
import { cgroupVersion } from '../../model/mount.ts';
import { parseMountInfo } from '../../parse/mountinfo.ts';
import { readStable } from '../../probe/kernel-file.ts';
import { KernelReader } from '../../probe/kernel-reader.ts';
import { readMounts } from '../../probe/mount-probe.ts';
import { chooseMounts } from '../../reconcile/choose-mounts.ts';
import { surveyMounts } from '../../reconcile/ground.ts';
import { runC } from './c-program.ts';
import { makeManyMounts } from './many-mounts.ts';
import { answerWith, askedOf, MOUNTINFO } from './measurements.ts';
import { primaryScan } from './primary-scan.ts';
import { timed, warmUp } from './samples.ts';

const TABLE = '/proc/self/mountinfo';
/** A tmpfs of the cell's own is around it. */
const DIRECTORY = '/var/vcap/data/grootfs/store/unprivileged/images';
const TIMES = 4;

const asked = askedOf(MOUNTINFO);
makeManyMounts(DIRECTORY, asked.lines, primaryScan().garden);

const reader = new KernelReader('/');
const c = { read: [] as number[], parse: [] as number[], both: [] as number[] };
const ours = {
  read: [] as number[],
  parse: [] as number[],
  both: [] as number[],
  choose: [] as number[],
  all: [] as number[],
  look: [] as number[],
};

warmUp(oneRound, 1500);
for (const samples of Object.values(ours)) samples.length = 0;
for (let round = 0; round < asked.rounds; round++) {
  if (asked.program !== null) {
    for (const { read, parse, found } of runC(asked.program, 'mountinfo', TABLE, TIMES)) {
      c.read.push(read);
      c.parse.push(parse);
      c.both.push(read + parse);
      if (found !== tableNow().mounts.length) throw new Error(`the C program found ${found} mounts`);
    }
  }
  for (let time = 0; time < TIMES; time++) oneRound();
}

const bytes = readFileSync(TABLE).length;
const { mounts } = tableNow();
const cgroupMounts = mounts.filter((mount) => cgroupVersion(mount) !== null).length;
answerWith({ lines: mounts.length, bytes, cgroupMounts, c, ours });

function oneRound(): void {
  const read = timed(ours.read, () =>
    readStable(reader, TABLE, { attempts: 8, before: null }),
  );
  if (read.kind === 'failed') throw new Error(read.errno);
  const table = timed(ours.parse, () => parseMountInfo(read.bytes));
  timed(ours.choose, () =>
    chooseMounts({ table, namespace: 'initial', live: null, rule: 'verified' }),
  );
  const [reading, parsing, choosing] = [ours.read, ours.parse, ours.choose].map(
    (samples) => samples.at(-1) ?? 0,
  );
  ours.both.push((reading ?? 0) + (parsing ?? 0));
  ours.all.push((reading ?? 0) + (parsing ?? 0) + (choosing ?? 0));
  timed(ours.look, () => surveyMounts(readMounts('/'), []));
}

function tableNow(): MountTable {
  return parseMountInfo(readAll());
}
