// Runs inside the cell: the scan of its primary hierarchy, ours and C's in turn. One JSON argument, one JSON result.
import { readdirSync } from 'node:fs';
import type { Scan, ScanPlan } from '../../model/sighting.ts';
import { scanAtOnce } from '../../probe/cgroup-scan.ts';
import { KernelReader } from '../../probe/kernel-reader.ts';
import { readMounts } from '../../probe/mount-probe.ts';
import { processesNamed } from '../../probe/processes.ts';
import { planScan, surveyMounts } from '../../reconcile/ground.ts';
import { runC } from './c-program.ts';
import { timed } from './samples.ts';

const reader = new KernelReader('/');
const gdn = processesNamed(reader, 'gdn');
const { primary } = surveyMounts(readMounts('/'), gdn);
if (primary === null) throw new Error('no primary');
const plan: ScanPlan = planScan(primary, gdn);
const base = plan.openedAt + (plan.scope === '/' ? '' : plan.scope);
const garden = plan.openedAt + plan.first.at(-1);
const program = process.argv[2] ?? '';
const rounds = Number(process.argv[3] ?? 5);
const per = Number(process.argv[4] ?? 3);
const ours: number[] = [], flat: number[] = [], walk: number[] = [];
let found = [0, 0, 0];
const pidsOf = (scan: Scan) => scan.kind === 'seen' ? scan.directories.reduce((n, d) => n + d.pids.length, 0) : 0;
const warm = performance.now(); while (performance.now() - warm < 400) scanAtOnce(reader, plan);
for (let r = 0; r < rounds; r++) {
  for (const one of runC(program, 'flat', garden, per)) { flat.push(one.read); found[0] = one.found; }
  for (let i = 0; i < per; i++) { const { result, milliseconds } = timed(() => scanAtOnce(reader, plan)); ours.push(milliseconds); found[1] = pidsOf(result); }
  for (const one of runC(program, 'walk', base, per)) { walk.push(one.read); found[2] = one.found; }
}
import { timingOf } from './samples.ts';
const f = timingOf(flat), o = timingOf(ours), w = timingOf(walk);
console.log(JSON.stringify({ found, flat: f, walk: w, ours: o, ratio: o.median / f.median, ratioMin: o.least / f.least, ofWalk: o.median / w.median, n: readdirSync(garden).length }));
