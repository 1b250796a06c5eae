import { OBSTACLE_CAUSES, type ObstacleCause } from '../../model/preflight.ts';
import { CAUSE_TEXTS } from '../../present/preflight.ts';
import { instanceKey, locationIn, type CellLocation } from '../log-cache/cell-samples.ts';
import { isCompared, type CellStatus, type UntrackedInstance } from './cell-status.ts';

/** What would hang, wait or be lost if cells were drained, as far as their metrics tell. */
export interface FoundationObstacle {
  readonly cause: ObstacleCause | 'unknown-cell';
  readonly effect: 'hangs' | 'waits' | 'lost' | 'unknown';
  /** Of containers or entries; null: it concerns the cells themselves. */
  readonly count: number | null;
  readonly cells: readonly CellLocation[];
}

/** How many of it a cell has; 0 and null: none. */
type CountOf = (cell: CellStatus, findings: readonly UntrackedInstance[]) => number | null;

const ofReason =
  (reason: string): CountOf =>
  (_cell, findings) =>
    findings.filter((one) => one.reason === reason && !one.drill).length;

/** The causes that metrics show. `rollcall preflight` on a cell knows the others, too. */
const COUNTS: Partial<Record<ObstacleCause, CountOf>> = {
  stuck: ofReason('stuck'),
  unfinished: ({ warnings }) => warnings?.['unfinished'] ?? null,
  'policy-entry': ({ leftovers }) => leftovers?.['policy'] ?? null,
  'no-rep': ({ warnings }) => warnings?.['no-rep'] ?? null,
  unowned: ofReason('unowned'),
  'unknown-to-garden': ofReason('unknown-to-garden'),
};
const OF_CELLS: ReadonlySet<ObstacleCause> = new Set(['no-rep', 'unfinished']);

export function foundationPreflight(
  cells: readonly CellStatus[],
  findings: readonly UntrackedInstance[],
): FoundationObstacle[] {
  const ofCells = Map.groupBy(findings, ({ cell }) => instanceKey(cell));
  const known = OBSTACLE_CAUSES.flatMap((cause): FoundationObstacle[] => {
    const countOf = COUNTS[cause];
    if (countOf === undefined) return [];
    const having = cells
      .map((cell) => ({ cell, count: countOf(cell, ofCells.get(instanceKey(cell)) ?? []) ?? 0 }))
      .filter(({ count }) => count > 0);
    if (having.length === 0) return [];
    const count = having.reduce((sum, one) => sum + one.count, 0);
    return [
      {
        cause,
        effect: CAUSE_TEXTS[cause].effect,
        count: OF_CELLS.has(cause) ? null : count,
        cells: having.map(({ cell }) => locationIn(cell)),
      },
    ];
  });
  const unknown = cells.filter((cell) => !isCompared(cell) || !isKnown(cell));
  if (unknown.length === 0) return known;
  return [
    ...known,
    { cause: 'unknown-cell', effect: 'unknown', count: null, cells: unknown.map(locationIn) },
  ];
}

/** An agent that has read its ledgers for less than ten minutes knows no leftovers. */
const isKnown = ({ warnings, leftovers, untrackedOmitted }: CellStatus): boolean =>
  warnings !== null && leftovers?.['policy'] !== undefined && untrackedOmitted === 0;

/** The sentence about one, which is said of each. */
export function obstacleSentence({ cause, count, cells }: FoundationObstacle): string {
  if (cause === 'unknown-cell') {
    return 'Their metrics do not show everything: run rollcall preflight on each of them.';
  }
  return `${(count ?? cells.length) > 1 ? 'Each: ' : ''}${CAUSE_TEXTS[cause].sentence}`;
}
