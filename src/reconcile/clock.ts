import { isLost, passesOf, sharesClock, type GracePeriods, type Reason } from '../model/finding.ts';
import {
  MAX_CLOCK_PASSES,
  type Clock,
  type RememberedContainer,
  type RememberedProcess,
} from '../model/memory.ts';
import type { Moment } from '../model/snapshot.ts';
import { countedReasons, reasonsOf } from './judge/judgement.ts';
import type { ObservedContainer } from './judge/observed-containers.ts';
import type { OutsideProcess } from './judge/pass-facts.ts';

/** How many of the passes that a clock remembers must have seen a difference. */
const MIN_SEEN = 4;

export interface PassTime {
  readonly now: Moment;
  readonly gracePeriods: GracePeriods;
  /** A change on the cell brought the pass forward. */
  readonly isAnnounced: boolean;
}

interface ClockFacts {
  readonly observed: ObservedContainer;
  /** The processes of the container that are outside its cgroups in this pass. */
  readonly outside: readonly RememberedProcess[];
  readonly was: RememberedContainer | null;
}

/**
 * The clock after a pass (docs/decisions/clock.md). A pass that decides nothing, or in which Garden
 * may just be starting what is outside, does not count. One that a change announced can be the first
 * sight, or end a streak, and adds and takes no time.
 */
export function clockAfter(
  { observed, outside, was }: ClockFacts,
  { now, isAnnounced, gracePeriods: { maxGap } }: PassTime,
): Clock | null {
  const { judgement } = observed;
  const { wall, monotonicMilliseconds } = now;
  const earlier = was?.clock ?? null;
  // Most containers by far: nothing differs, and no clock runs.
  if (judgement.reason === null && earlier === null && outside.length === 0) return null;
  if (judgement.explanation.kind === 'undecided') return earlier;
  const counting = new Set(outside.flatMap(({ pid, isEntering }) => (isEntering ? [] : [pid])));
  const reasons = countedReasons(judgement, counting).filter(sharesClock);
  const before = withEarlierSights(reasons, { observed, outside, was }, maxGap);
  const isSeen = reasons.length > 0;
  if (before === null) {
    return isSeen ? startedClock(reasons, wall, monotonicMilliseconds) : null;
  }
  const isJudged = reasonsOf(judgement).some((reason) => sharesClock(reason) || isLost(reason));
  const isUnclear = !isSeen && isJudged;
  if (isUnclear) return before;
  if (isAnnounced) return isSeen ? before : { ...before, streak: null };
  const gap = gapSince(before.seenAt, monotonicMilliseconds, maxGap);
  const passes = [...before.passes, reasons].slice(-MAX_CLOCK_PASSES);
  const first = passes.findIndex((counted) => counted.length > 0);
  if (first < 0) return null;
  const { since, streak } = before;
  return {
    since,
    lasted: Math.max(0, before.lasted + (isSeen ? gap : -gap / 2)),
    streak: !isSeen
      ? null
      : { since: streak?.since ?? wall, lasted: streak === null ? 0 : streak.lasted + gap },
    seenAt: monotonicMilliseconds,
    passes: passes.slice(first),
  };
}

const startedClock = (
  reasons: readonly Reason[],
  since: string,
  seenAt: number | null,
  lasted = 0,
): Clock => ({ since, lasted, streak: { since, lasted }, seenAt, passes: [reasons] });

/** Only this pass shows that earlier ones saw it: it is outside for too long, or off the list. */
function withEarlierSights(
  reasons: readonly Reason[],
  { observed, outside, was }: ClockFacts,
  maxGap: GracePeriods['maxGap'],
): Clock | null {
  const clock = was?.clock ?? null;
  if (was === null) return clock;
  const joined = (one: Clock | null, sight: Clock): Clock =>
    one === null ? sight : joinedClock(one, sight, maxGap);
  const entered = outside.find(
    ({ isEntering, pid, startTicks }) =>
      !isEntering &&
      was.escaped.some((one) => one.isEntering && one.pid === pid && one.startTicks === startTicks),
  );
  const owner = was.reason === 'unowned' ? was : was.escalation;
  const leftAll = ({ process: { pid }, left }: OutsideProcess): boolean =>
    pid === entered?.pid && left === null;
  const reason = observed.outside.some(leftAll) ? 'escaped' : 'partial';
  const withProcess =
    entered === undefined
      ? clock
      : joined(clock, startedClock([reason], entered.since, entered.seenAt, entered.lasted));
  if (owner?.reason !== 'unowned' || !reasons.includes('unknown-to-garden')) return withProcess;
  const since = owner.differingSince ?? was.firstSeen;
  return joined(withProcess, startedClock(['unknown-to-garden'], since, was.seenAt, owner.lasted));
}

/**
 * Counts both up to the later of their last sights and keeps the longer time, so that no time counts
 * twice. `maxGap`: milliseconds; null: unlimited.
 */
function joinedClock(clock: Clock, sight: Clock, maxGap: number | null): Clock {
  const seenAt = clock.seenAt === null ? sight.seenAt : Math.max(clock.seenAt, sight.seenAt ?? 0);
  const lastedOf = (one: Clock, lasted = one.lasted): number =>
    lasted + gapSince(one.seenAt, seenAt ?? 0, maxGap);
  const streaks = [clock, sight].flatMap((one) =>
    one.streak === null
      ? []
      : [{ since: one.streak.since, lasted: lastedOf(one, one.streak.lasted) }],
  );
  return {
    ...clock,
    lasted: Math.max(lastedOf(clock), lastedOf(sight)),
    streak: streaks.reduce((longest, one) => (one.lasted > longest.lasted ? one : longest)),
    seenAt,
    passes: [...clock.passes, ...sight.passes].slice(-MAX_CLOCK_PASSES),
  };
}

/** In how many of the passes that it remembers a reason was seen. */
const timesSeen = ({ passes }: Clock, reason: Reason): number =>
  passes.filter((reasons) => reasons.includes(reason)).length;

/** Whether a reason that this pass may not see was seen again after passes without it. */
export const returns = ({ passes }: Clock, reason: Reason): boolean =>
  /1,0,(?:0,)*1/.test(passes.map((seen) => (seen.includes(reason) ? 1 : 0)).join());

const seenPasses = ({ passes }: Clock): number =>
  passes.filter((reasons) => reasons.length > 0).length;

export const isSeenOften = (clock: Clock): boolean => seenPasses(clock) >= MIN_SEEN;

/** Whether it comes and goes, and was there in at least half of the passes. */
export const mayBeIntermittent = (clock: Clock): boolean => {
  const [seen, all] = [seenPasses(clock), clock.passes.length];
  return seen < all && 2 * seen >= all;
};

/** How long a reason has lasted. */
export interface ReasonTime {
  readonly since: string;
  readonly lasted: number;
  readonly passes: number;
  /** For long enough, and in enough passes. */
  readonly hasLasted: boolean;
  /** In how many of the last passes; null: in every pass since it began. */
  readonly inPasses: { readonly seen: number; readonly of: number } | null;
}

interface TimedReason {
  /** Milliseconds; null: it stays pending forever. */
  readonly limit: number | null;
  /** This pass sees it. */
  readonly isSeen: boolean;
  readonly now: string;
}

/**
 * The time of a reason by the clock.
 * @param clock null: no pass that counts has seen it
 */
export function timeByClock(
  clock: Clock | null,
  reason: Reason,
  { limit, isSeen, now }: TimedReason,
): ReasonTime {
  if (clock === null) {
    return { since: now, lasted: 0, passes: 1, hasLasted: false, inPasses: null };
  }
  const { streak, passes } = clock;
  const times = timesSeen(clock, reason);
  // The first sight of all is enough for a reason that needs one pass.
  const isKnown = times >= 2 || (passes.length === 1 && passesOf(reason) === 1);
  const isSteady = limit !== null && streak !== null && streak.lasted >= limit;
  const isIntermittent = limit !== null && clock.lasted >= limit && isSeenOften(clock);
  const { since, lasted } = streak !== null && (isSteady || !isIntermittent) ? streak : clock;
  return {
    since,
    lasted,
    passes: passes.length,
    hasLasted: isKnown && (isSteady || isIntermittent),
    inPasses: isSteady && isSeen ? null : { seen: times, of: passes.length },
  };
}

/** @param seenAt null: no pass of this process saw the difference before */
export const gapSince = (seenAt: number | null, now: number, maxGap: number | null): number =>
  seenAt === null ? 0 : Math.min(maxGap ?? Infinity, Math.max(0, now - seenAt));
