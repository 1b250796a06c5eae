import type { GracePeriods } from '../model/finding.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { mayBeIntermittent } from '../reconcile/clock.ts';
import { gracePeriodsOfCheck } from '../reconcile/difference.ts';
import { MIN_READINGS, type RememberedLedgers } from '../model/ledger.ts';
import { EMPTY_MEMORY, type Memory } from '../model/memory.ts';
import type { Report } from '../model/report.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import {
  checkSettings,
  completePass,
  observeSnapshot,
  type CompletedPass,
} from './complete-pass.ts';
import { takeSnapshot } from './take-snapshot.ts';

export interface CheckOptions {
  readonly settleMilliseconds: number;
  /** Walks every hierarchy, not only those that candidates need: for `explain` and `capture`. */
  readonly allHierarchies: boolean;
  /** Reads the ledgers as often as it takes if they differ: a container may begin or end meanwhile. */
  readonly comparesLedgers: boolean;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const MIN_PAUSE = 500;
/** Each pass stays in memory with everything it read: some megabytes on a large cell. */
const MAX_PAUSES = 20;

export interface Checked {
  readonly report: Report;
  /** The snapshot of each pass, oldest first: what a capture saves. */
  readonly snapshots: readonly Snapshot[];
  /** With what the passes before it remember. */
  readonly lastPass: ObservedPass;
  /** What all readings of the ledgers show. */
  readonly ledgers: RememberedLedgers;
}

/** One pass if nothing differs; one that comes and goes needs up to twice the settle time. */
export async function checkCell(probe: CellProbe, options: CheckOptions): Promise<Checked> {
  const { settleMilliseconds, allHierarchies, comparesLedgers, sleep } = options;
  const settings = checkSettings(gracePeriodsOfCheck(settleMilliseconds));
  const snapshots: Snapshot[] = [];
  let memory: Memory = EMPTY_MEMORY;
  for (;;) {
    const pass = await takeSnapshot(probe, memory, {
      allHierarchies,
      sweepsAll: snapshots.length === 0,
      sensors: settings.sensors,
      mustRead: 'everything',
      reusable: null,
      isAnnounced: false,
    });
    const { snapshot } = pass;
    snapshots.push(snapshot);
    const completed = completePass(pass, settings);
    memory = completed.memory;
    const first = snapshots[0] ?? snapshot;
    const clocks = [...memory.containers.values(), ...memory.vanished.values()].flatMap(
      ({ clock, reported }) => (clock === null || reported ? [] : [clock]),
    );
    const needed = clocks.some(mayBeIntermittent) ? 2 * settleMilliseconds : settleMilliseconds;
    const left = first.at.monotonicMilliseconds + needed - snapshot.at.monotonicMilliseconds;
    const isAccounted = !comparesLedgers || doLedgersAgree(completed);
    const isCompared = isAccounted || snapshots.length >= MIN_READINGS;
    const isDone =
      isAccounted && clocks.length === 0 && !isOpen(completed.report, settings.gracePeriods);
    if ((left <= 0 && isCompared) || isDone)
      return { report: completed.report, snapshots, lastPass: pass, ledgers: memory.ledgers };
    const pause = Math.max(MIN_PAUSE, settleMilliseconds / MAX_PAUSES);
    const took = probe.now().monotonicMilliseconds - snapshot.at.monotonicMilliseconds;
    await sleep(left <= 0 ? pause : Math.min(pause, Math.max(1, left - took)));
  }
}

/** The same check again, from the snapshots of a capture; null: there are none. */
export function replay(snapshots: readonly Snapshot[], settleMilliseconds: number): Checked | null {
  const settings = checkSettings(gracePeriodsOfCheck(settleMilliseconds));
  let memory: Memory = EMPTY_MEMORY;
  let checked: Checked | null = null;
  for (const snapshot of snapshots) {
    const lastPass = observeSnapshot(snapshot, memory);
    const { report, memory: after } = completePass(lastPass, settings);
    memory = after;
    checked = { report, snapshots, lastPass, ledgers: memory.ledgers };
  }
  return checked;
}

/** Nothing differs, and nothing is left to be matched with containers. */
const doLedgersAgree = ({ report, memory }: CompletedPass): boolean =>
  memory.ledgers.watched.size === 0 &&
  report.ledgers.changing === 0 &&
  report.ledgers.unread.length === 0;

/** A difference may become a finding, a question get its answer, a gdn have been replaced. */
const isOpen = ({ unknownCause, containers }: Report, gracePeriods: GracePeriods): boolean =>
  unknownCause?.kind === 'processes-hidden' ||
  containers.some(
    ({ status, reason, explanation }) =>
      explanation.kind === 'undecided' ||
      (status === 'pending' && reason !== null && gracePeriods.of(reason, explanation) !== null),
  );
