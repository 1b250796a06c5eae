import type { GracePeriods } from '../model/finding.ts';
import type { Memory } from '../model/memory.ts';

/** In the daemon a `no-cgroup` must last three times as long: a slow network plugin is no failure. */
export function gracePeriodsOfAgent(gracePeriodMilliseconds: number): GracePeriods {
  return {
    milliseconds: {
      'unknown-to-garden': gracePeriodMilliseconds,
      unowned: gracePeriodMilliseconds,
      'no-cgroup': 3 * gracePeriodMilliseconds,
      partial: gracePeriodMilliseconds,
    },
    passes: { 'unknown-to-garden': 1, unowned: 1, 'no-cgroup': 1, partial: 2 },
  };
}

/** A burst of changes is one pass; a pass that costs much is not repeated at once. */
export const GATHER = 100;
const MAX_SHARE = 0.1;
const SOONEST = 50;
const FIRST_RETRY = 1000;

/**
 * How long to wait after a change, so that passes take at most a tenth of the time however much changes; yet never longer than
 * an interval, because a pass is also long when Garden is slow.
 */
export const waitAfterChange = (lookMilliseconds: number, intervalMilliseconds: number): number =>
  Math.max(GATHER, Math.min(intervalMilliseconds, lookMilliseconds / MAX_SHARE));

/**
 * How long to wait for a change: until the first difference is due, at most an interval. After looks that could not tell, or not of all, at
 * most 1, 2, 4, … seconds: the next may get its answer.
 * @param failures such passes in a row
 */
export function nextPassIn(
  memory: Memory,
  gracePeriods: GracePeriods,
  failures: number,
  intervalMilliseconds: number,
): number {
  const retry = failures === 0 ? Infinity : FIRST_RETRY * 2 ** Math.min(failures - 1, 20);
  let soonest = Math.min(intervalMilliseconds, retry);
  // Where nothing was compared no time counts.
  if (memory.lastLook?.compared !== true) return soonest;
  const undecided = new Set(
    memory.lastKnown.flatMap(({ handle, explanation }) =>
      explanation.kind === 'undecided' ? [handle] : [],
    ),
  );
  for (const [handle, container] of memory.containers) {
    // No time counts for it, so it would be due again and again.
    if (undecided.has(handle)) continue;
    const running = container.reported ? container.worse : container;
    if (running === null || running.reason === null) continue;
    const limit = gracePeriods.milliseconds[running.reason];
    if (limit !== null) soonest = Math.min(soonest, Math.max(SOONEST, limit - running.lasted));
  }
  return soonest;
}
