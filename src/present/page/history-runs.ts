import type { AgentState, HistoryPoint } from '../../model/agent-state.ts';

const HOUR = 3_600_000;

/** The points of an hour, in milliseconds since 1970. */
export interface Hour {
  readonly from: number;
  /** Since when this agent has run, within the hour. */
  readonly began: number;
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
  /** `no-pass`: the agent ran, but a pass hung, the cell was suspended, or its clock jumped. */
  readonly kind: 'not-compared' | 'no-pass' | 'before';
  readonly from: number;
  readonly to: number;
}

export const GAP_WORDS: Readonly<Record<GapRun['kind'], string>> = {
  'not-compared': 'not compared',
  'no-pass': 'no pass completed',
  before: 'before this agent started',
};

/** The hour before the last pass, without points that lie outside because the clock was set. */
export function hourOf({
  history,
  startedAt,
}: Pick<AgentState, 'history' | 'startedAt'>): Hour | null {
  const last = Date.parse(history.at(-1)?.at ?? '');
  if (Number.isNaN(last)) return null;
  const from = last - HOUR;
  const points = history.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= last);
  const ordered = points.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = Date.parse(ordered[0]?.at ?? '');
  const began = Math.min(Math.max(from, Date.parse(startedAt)), first);
  return { from, began, to: last, points: ordered };
}

/** An agent makes at least one pass a minute; three minutes without one are a gap. */
const MAX_BETWEEN_POINTS = 180_000;

/**
 * The hour in runs, each up to the next one. Consecutive equal points form one run: a point holds
 * until the next different one, unless that comes so late that a pass must be missing.
 */
export function runsOf({ points, from, began, to }: Hour): readonly Run[] {
  const runs: Run[] = began > from ? [{ kind: 'before', from, to: began }] : [];
  let heldUntil = began;
  for (const [index, point] of points.entries()) {
    const at = Date.parse(point.at);
    if (at - heldUntil > MAX_BETWEEN_POINTS) {
      runs.push({ kind: 'no-pass', from: heldUntil, to: at });
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
