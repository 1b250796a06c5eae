import type { GracePeriods } from '../model/finding.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { gracePeriodsOfCheck } from '../reconcile/lasting.ts';
import { EMPTY_MEMORY, type Memory } from '../model/memory.ts';
import type { Report } from '../model/report.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { reconcile, reconcileObserved } from '../reconcile/reconcile.ts';
import { takeSnapshot } from './take-snapshot.ts';

export interface CheckOptions {
  readonly settleMilliseconds: number;
  /** Walks every hierarchy, not only those of candidates: for `explain` and `capture`. */
  readonly allHierarchies: boolean;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const MIN_PAUSE = 500;
/** Every pass is kept until the end, with the tables and answers that it read: some megabytes each on a large cell. */
const MAX_PAUSES = 20;

export interface Checked {
  readonly report: Report;
  /** The snapshot of each pass, oldest first: what a capture saves. */
  readonly looks: readonly Snapshot[];
}

/**
 * Looks until every difference is gone or has lasted the settle time. A cell without a difference is told at the first
 * look.
 */
export async function checkCell(probe: CellProbe, options: CheckOptions): Promise<Checked> {
  const { settleMilliseconds, allHierarchies, sleep } = options;
  const gracePeriods = gracePeriodsOfCheck(settleMilliseconds);
  const looks: Snapshot[] = [];
  let memory: Memory = EMPTY_MEMORY;
  for (;;) {
    const pass = await takeSnapshot(probe, memory, allHierarchies);
    const { snapshot } = pass;
    looks.push(snapshot);
    const decision = reconcileObserved(pass, memory, gracePeriods);
    memory = decision.memory;
    const first = looks[0] ?? snapshot;
    const left =
      first.at.monotonicMilliseconds + settleMilliseconds - snapshot.at.monotonicMilliseconds;
    if (left <= 0 || !isOpen(decision.report, gracePeriods))
      return { report: decision.report, looks };
    const pause = Math.max(MIN_PAUSE, settleMilliseconds / MAX_PAUSES);
    await sleep(Math.min(pause, untilNext(snapshot, left, probe)));
  }
}

/** What is left of the settle time, less the time that the pass itself took. */
const untilNext = ({ at }: Snapshot, left: number, probe: CellProbe): number =>
  Math.max(1, left - (probe.now().monotonicMilliseconds - at.monotonicMilliseconds));

/** The same report from the snapshot of a capture. */
export function replay(looks: readonly Snapshot[], settleMilliseconds: number): Report | null {
  const gracePeriods = gracePeriodsOfCheck(settleMilliseconds);
  let memory: Memory = EMPTY_MEMORY;
  let report: Report | null = null;
  for (const snapshot of looks) ({ report, memory } = reconcile(snapshot, memory, gracePeriods));
  return report;
}

/**
 * Whether another pass can tell more: something pending may become a finding, a question may get its answer, and a gdn that
 * was replaced in the middle of a pass is found in the next.
 */
const isOpen = ({ unknownCause, containers }: Report, gracePeriods: GracePeriods): boolean =>
  unknownCause?.kind === 'undecided' ||
  unknownCause?.kind === 'processes-hidden' ||
  containers.some(
    ({ status, reason }) =>
      status === 'pending' && reason !== null && gracePeriods[reason] !== null,
  );
