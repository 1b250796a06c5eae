// In the cell: looks so many times, as the agent does, and prints how much memory is held after a collection, at intervals.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gracePeriodsOfCheck } from '../../src/pass/check.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import { conclude } from '../../src/reconcile/reconcile.ts';
import { askedOf, SOAK } from './measurements.ts';

setFlagsFromString('--expose-gc');
// A context of its own, because the flag came too late for this one.
const collect = (): unknown => runInNewContext('gc()');

const { looks, every } = askedOf(SOAK);
const probe = probeCell({
  root: '/',
  gardenSocket: '/var/vcap/data/garden/garden.sock',
  gardenTimeoutMilliseconds: 10_000,
});
const held: { looks: number; heapKilobytes: number; remembered: number; findings: number }[] = [];
let memory: Memory = EMPTY_MEMORY;
let findings = 0;
for (let look = 1; look <= looks; look++) {
  const { state, snapshot: inputs } = await takeSnapshot(probe, memory, false);
  const decision = conclude(state, inputs, memory, gracePeriodsOfCheck(30_000));
  memory = decision.memory;
  findings += decision.report.containers.filter(({ status }) => status === 'untracked').length;
  if (look % every !== 0) continue;
  collect();
  const heapKilobytes = Math.round(process.memoryUsage().heapUsed / 1024);
  held.push({ looks: look, heapKilobytes, remembered: memory.containers.size, findings });
}
probe.close();
process.stdout.write(JSON.stringify(held));
