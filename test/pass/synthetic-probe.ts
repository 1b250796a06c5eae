import { NO_ANSWERS, type LookInputs } from '../../src/model/look-inputs.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';

/** A probe that reads from inputs that were made up; whatever of a process is asked, the process is gone. */
export const syntheticProbe = (inputs: () => LookInputs, now: CellProbe['now']): CellProbe => ({
  now,
  cell: () => inputs().cell,
  mounts: () => inputs().mounts,
  gardenProcesses: () => inputs().gardenProcesses,
  scan: () => {
    const { primaryScan } = inputs();
    return primaryScan === null
      ? Promise.reject(new Error('no scan'))
      : Promise.resolve(primaryScan);
  },
  list: () => Promise.resolve(inputs().list),
  answer: (questions) =>
    Promise.resolve({
      ...NO_ANSWERS,
      ...inputs().answers,
      memberships: new Map(questions.memberships.map((pid) => [pid, null])),
      processes: new Map(questions.processes.map((pid) => [pid, null])),
      ancestors: new Map(questions.ancestors.map((pid) => [pid, []])),
    }),
  pause: () => Promise.resolve(),
  close: () => undefined,
});
