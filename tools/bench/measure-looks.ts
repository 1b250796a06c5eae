// In the cell: whole looks, the first one of a new process, later ones with what it remembers.
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/pass/check.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import { conclude } from '../../src/reconcile/reconcile.ts';
import { GARDEN_SOCKET } from '../../src/demo-cell/gdn-config.ts';
import { answerWith, askedOf, LOOKS, type Look } from './measurements.ts';
import { timedProbe } from './timed-probe.ts';

const asked = askedOf(LOOKS);
const gracePeriods = gracePeriodsOfCheck(2000);
const spent = { mounts: 0, processes: 0, scan: 0, list: 0, answers: 0 };
const probe = timedProbe(
  probeCell({ root: '/', gardenSocket: GARDEN_SOCKET, gardenTimeoutMilliseconds: 60_000 }),
  spent,
);

const looks: Look[] = [];
let memory: Memory = EMPTY_MEMORY;
for (let count = 0; count < asked.looks; count++) {
  Object.assign(spent, { mounts: 0, processes: 0, scan: 0, list: 0, answers: 0 });
  const start = performance.now();
  const { state, snapshot: inputs } = await takeSnapshot(probe, memory, false);
  const decision = conclude(state, inputs, memory, gracePeriods);
  const all = performance.now() - start;
  memory = decision.memory;
  const { verdict, containers } = decision.report;
  if (verdict !== 'all-tracked' || containers.length !== asked.containers) {
    throw new Error(`a pass saw ${containers.length} containers and said ${verdict}`);
  }
  const { mounts, processes, scan, list, answers } = spent;
  const decide = all - mounts - processes - scan - list - answers;
  looks.push({ all, parts: { ...spent, decide } });
}
probe.close();
answerWith(looks);
