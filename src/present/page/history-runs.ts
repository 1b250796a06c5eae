import type { HistoryPoint } from '../../model/agent-state.ts';

const HOUR = 3_600_000;

/** The points that can be drawn: within an hour, in milliseconds since 1970. */
export interface Hour {
  readonly from: number;
  readonly to: number;
  readonly points: readonly HistoryPoint[];
}

/** A time in which nothing changed. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly point: HistoryPoint;
}

/** The hour before the last pass. The wall clock may have been set meanwhile: what lies outside is left out. */
export function hourOf(history: readonly HistoryPoint[]): Hour | null {
  const last = Date.parse(history.at(-1)?.at ?? '');
  if (Number.isNaN(last)) return null;
  const from = last - HOUR;
  const points = history.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= last);
  const ordered = points.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { from, to: last, points: ordered };
}

const isSame = (a: HistoryPoint, b: HistoryPoint): boolean =>
  a.tracked === b.tracked &&
  a.pending === b.pending &&
  a.untracked === b.untracked &&
  a.isUnknown === b.isUnknown;

/** Looks that say the same, one after another, as one: each holds until the next one says something else. */
export function runsOf(points: readonly HistoryPoint[], to: number): readonly Run[] {
  const runs: Run[] = [];
  for (const point of points) {
    const at = Date.parse(point.at);
    const last = runs.at(-1);
    if (last !== undefined && isSame(last.point, point)) continue;
    if (last !== undefined) runs[runs.length - 1] = { ...last, to: at };
    runs.push({ from: at, to, point });
  }
  return runs;
}
