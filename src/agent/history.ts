import type { HistoryPoint } from '../model/agent-state.ts';
import type { Report } from '../model/report.ts';

const MAX_POINTS = 240;
const BETWEEN_POINTS = 15_000;

/** The last hour with one more look in it. Passes close together share a point, which keeps the worst of them. */
export function withPass(
  history: readonly HistoryPoint[],
  { containers, takenAt, verdict }: Report,
): readonly HistoryPoint[] {
  const count = (status: string): number =>
    containers.filter((container) => container.status === status).length;
  const point: HistoryPoint = {
    at: takenAt,
    tracked: count('tracked'),
    pending: count('pending'),
    untracked: count('untracked'),
    isUnknown: verdict === 'unknown',
  };
  const last = history.at(-1);
  const age = last === undefined ? Infinity : Date.parse(takenAt) - Date.parse(last.at);
  if (last !== undefined && age >= 0 && age < BETWEEN_POINTS) {
    const worst = {
      ...point,
      at: last.at,
      untracked: Math.max(last.untracked, point.untracked),
      isUnknown: last.isUnknown || point.isUnknown,
    };
    return [...history.slice(0, -1), worst];
  }
  return [...history, point].slice(-MAX_POINTS);
}
