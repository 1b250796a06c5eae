import { NO_ANSWERS } from '../../src/model/questions.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';

/** A probe that reads from made-up snapshots; whatever of a process is asked, the process is gone. */
export const syntheticProbe = (snapshot: () => Snapshot, now: CellProbe['now']): CellProbe => ({
  now,
  startsPass: () => undefined,
  cell: () => snapshot().cell,
  mounts: () => snapshot().mounts,
  gardenProcesses: () => Promise.resolve(snapshot().gardenProcesses),
  scan: () => {
    const { primaryScan } = snapshot();
    return primaryScan === null
      ? Promise.reject(new Error('no scan'))
      : Promise.resolve(primaryScan);
  },
  list: () => Promise.resolve(snapshot().list),
  answer: (questions) =>
    Promise.resolve({
      ...NO_ANSWERS,
      ...snapshot().answers,
      memberships: new Map(questions.memberships.map((pid) => [pid, null])),
      processes: new Map(questions.processes.map((pid) => [pid, null])),
      ancestors: new Map(questions.ancestors.map((pid) => [pid, []])),
    }),
  sensors: () => Promise.resolve(snapshot().sensors),
  hasHangingReads: () => snapshot().hasHangingReads,
  searchSensors: () => Promise.resolve(),
  pause: () => Promise.resolve(),
  close: () => undefined,
});
