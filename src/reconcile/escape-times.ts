import type { RememberedContainer, RememberedProcess } from '../model/memory.ts';
import type { ProcessIdentity, SuspectedProcess } from '../model/sweep.ts';
import { gapSince, type PassTime } from './lasting.ts';

/** The processes that left a container, each with how long it has been seen outside. */
export const escapeTimes = (
  escaped: readonly SuspectedProcess[],
  was: RememberedContainer | null,
  { now, gracePeriods: { maxGap } }: PassTime,
): readonly RememberedProcess[] =>
  escaped.map(({ process: { pid, startTicks } }) => {
    const before = was?.escaped.find((one) => isSame(one, { pid, startTicks }));
    const gap = gapSince(before?.seenAt ?? null, now.monotonicMilliseconds, maxGap);
    return {
      pid,
      startTicks,
      since: before?.since ?? now.wall,
      lasted: before === undefined ? 0 : before.lasted + gap,
      seenAt: now.monotonicMilliseconds,
      passes: (before?.passes ?? 0) + 1,
    };
  });

/**
 * The pids that have been outside for long enough. Others may be on their way into the container.
 */
export const pidsThatLasted = (
  times: readonly RememberedProcess[],
  { gracePeriods }: PassTime,
): ReadonlySet<number> => {
  const limit = gracePeriods.of('escaped', null) ?? Infinity;
  return new Set(times.flatMap(({ pid, lasted }) => (lasted >= limit ? [pid] : [])));
};

/**
 * What to remember of a container. An escape lasts as long as one single process was seen outside:
 * a series of short-lived processes is not a lasting difference.
 */
export function withEscapeTime(
  was: RememberedContainer | null,
  escaped: readonly SuspectedProcess[],
): RememberedContainer | null {
  if (was === null) return null;
  const longest = was.escaped
    .filter((one) => escaped.some(({ process }) => isSame(one, process)))
    .toSorted((a, b) => b.lasted - a.lasted || b.passes - a.passes)[0];
  if (was.reason === 'escaped' && !was.reported) {
    if (longest === undefined) return { ...was, reason: null, escalation: null };
    const { since, lasted, seenAt, passes } = longest;
    return { ...was, differingSince: since, lasted, seenAt, passes };
  }
  if (was.escalation?.reason === 'escaped') {
    if (longest === undefined) return { ...was, escalation: null };
    const { since, lasted, passes } = longest;
    return { ...was, escalation: { ...was.escalation, differingSince: since, lasted, passes } };
  }
  return was;
}

const isSame = (a: ProcessIdentity, b: ProcessIdentity): boolean =>
  a.pid === b.pid && a.startTicks === b.startTicks;
