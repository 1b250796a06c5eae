import type { HistoryPoint } from '../../model/agent-state.ts';

const HOUR = 3_600_000;

/** The points that can be drawn: within an hour, in milliseconds since 1970. */
export interface Hour {
  readonly from: number;
  readonly to: number;
  readonly points: readonly HistoryPoint[];
}

/** A period in which nothing changed, or for which nothing is known. */
export type Run = CompleteRun | GapRun;

interface CompleteRun {
  readonly kind: 'compared';
  readonly from: number;
  readonly to: number;
  readonly point: HistoryPoint;
}

interface GapRun {
  /** `no-agent`: no pass ended, whether or not it would have compared anything. */
  readonly kind: 'not-compared' | 'no-agent' | 'before';
  readonly from: number;
  readonly to: number;
}

export const GAP_WORDS: Readonly<Record<GapRun['kind'], string>> = {
  'not-compared': 'not compared',
  'no-agent': 'no agent',
  before: 'before this agent started',
};

export const isGap = (run: Run): run is GapRun => run.kind !== 'compared';

/** The hour before the last pass, without points that lie outside because the clock was set. */
export function hourOf(history: readonly HistoryPoint[]): Hour | null {
  const last = Date.parse(history.at(-1)?.at ?? '');
  if (Number.isNaN(last)) return null;
  const from = last - HOUR;
  const points = history.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= last);
  const ordered = points.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { from, to: last, points: ordered };
}

/** An agent makes at least one pass a minute; three minutes without one are a gap. */
const MAX_BETWEEN_POINTS = 180_000;

/**
 * The hour in runs, each up to the next one. Consecutive equal points form one run: a point holds
 * until the next different one, unless that comes so late that no agent can have run.
 */
export function runsOf(
  points: readonly HistoryPoint[],
  { from, to }: Pick<Hour, 'from' | 'to'>,
): readonly Run[] {
  const runs: Run[] = [];
  let heldUntil = from;
  for (const [index, point] of points.entries()) {
    const at = Date.parse(point.at);
    if (at - heldUntil > MAX_BETWEEN_POINTS) {
      runs.push({ kind: index === 0 ? 'before' : 'no-agent', from: heldUntil, to: at });
    }
    const last = runs.at(-1);
    const after = Date.parse(points[index + 1]?.at ?? '');
    const ends = Number.isNaN(after) ? to : after - at > MAX_BETWEEN_POINTS ? at : after;
    const next: Run = point.isUnknown
      ? { kind: 'not-compared', from: at, to: ends }
      : { kind: 'compared', from: at, to: ends, point };
    if (last !== undefined && last.to === at && isSame(last, next)) {
      runs[runs.length - 1] = { ...last, to: ends };
    } else runs.push(next);
    heldUntil = ends;
  }
  return runs;
}

function isSame(a: Run, b: Run): boolean {
  if (a.kind !== 'compared' || b.kind !== 'compared') return a.kind === b.kind;
  return (
    a.point.tracked === b.point.tracked &&
    a.point.pending === b.point.pending &&
    a.point.untracked === b.point.untracked
  );
}

export const isoOf = (at: number): string => new Date(at).toISOString();
