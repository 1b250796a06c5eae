import {
  type Explanation,
  graceRuleOf,
  isLost,
  passesOf,
  REASONS,
  sharesClock,
  type GracePeriods,
  type Reason,
  type Status,
} from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import {
  type Clock,
  type Memory,
  type OpenReport,
  type RememberedContainer,
  type RememberedProcess,
} from '../model/memory.ts';
import type { Answers } from '../model/questions.ts';
import type { ProcessIdentity } from '../model/sweep.ts';
import {
  gapSince,
  isSeenOften,
  returns,
  timeByClock,
  type PassTime,
  type ReasonTime,
} from './clock.ts';
import { reasonsOf, type Judgement } from './judge/judgement.ts';
import type { ObservedContainer } from './judge/observed-containers.ts';

/** What memory keeps of a difference after this pass. */
export interface DifferenceState extends Pick<
  RememberedContainer,
  'reason' | 'differingSince' | 'lasted' | 'seenAt' | 'passes' | 'reported' | 'escalation'
> {
  readonly status: Status;
  /** In how many of the last passes; null: in every pass since it began. */
  readonly inPasses: ReasonTime['inPasses'];
}

/** A container and what earlier passes remember of it. */
export interface ComparedContainer {
  /** With the effective judgement. */
  readonly observed: ObservedContainer;
  readonly was: RememberedContainer | null;
  readonly clock: Clock | null;
  readonly difference: DifferenceState;
  /** The container's identity: from Garden now, otherwise from before Garden lost it. */
  readonly identity: RememberedContainer['identity'];
  readonly escaped: readonly RememberedProcess[];
}

const AT_REST = {
  reason: null,
  differingSince: null,
  lasted: 0,
  seenAt: null,
  passes: 0,
  reported: false,
  escalation: null,
  inPasses: null,
} as const;

/** If a handle is reused, its inode and processes differ. But processes can move elsewhere. */
export function rememberedOf(
  { handle, isListed, cgroup }: ObservedContainer,
  memory: Memory,
  primary: ControllerName | null,
  { processes }: Pick<Answers, 'processes'>,
): RememberedContainer | null {
  const remembered = memory.containers.get(handle) ?? memory.vanished.get(handle);
  if (remembered === undefined) return null;
  const { cgroupInode, inodeOf, evidence } = remembered;
  const inode = cgroup?.inode ?? null;
  const isComparable = inode !== null && cgroupInode !== null && inodeOf === primary;
  if (!isComparable || cgroupInode === inode) return remembered;
  const isForgotten = remembered.wasListed && !isListed;
  const isSameProcess = ({ pid, startTicks }: ProcessIdentity): boolean =>
    cgroup?.pids.includes(pid) === true && processes.get(pid)?.startTicks === startTicks;
  return isForgotten || evidence?.processes.some(isSameProcess) === true ? remembered : null;
}

interface Before {
  readonly was: RememberedContainer | null;
  /** After this pass. */
  readonly clock: Clock | null;
}

/**
 * Advances the difference of a container by one pass. The worst reason that has lasted is effective.
 * It may be one that this pass does not see, if it returns after passes without it; otherwise a
 * worse one is an escalation until it has lasted, too.
 */
export function advance(judgement: Judgement, before: Before, time: PassTime): DifferenceState {
  const { explanation, disproved } = judgement;
  const { was, clock } = before;
  if (explanation.kind === 'undecided') {
    return was === null ? { status: 'pending', ...AT_REST } : stillPossible(was, disproved);
  }
  if (judgement.reason === null && clock === null) return withoutReason(explanation);
  const judged = reasonsOf(judgement);
  const differences = REASONS.flatMap((reason) => {
    const isSeen = judged.includes(reason);
    if (!isSeen && (clock === null || !returns(clock, reason))) return [];
    const difference = differenceOf({ reason, explanation, isSeen }, before, time);
    return isSeen || difference.reported ? [difference] : [];
  });
  const [worst] = differences;
  if (worst === undefined) return withoutReason(explanation);
  const reported = differences.find((one) => one.reported);
  if (reported === undefined || reported === worst) return worst;
  const { reason, differingSince, lasted, passes } = worst;
  return { ...reported, escalation: { reason, differingSince, lasted, passes } };
}

const withoutReason = ({ kind }: Explanation): DifferenceState => ({
  status: kind === 'tracked' ? 'tracked' : 'pending',
  ...AT_REST,
});

/** An undecided pass keeps every difference that it does not disprove, but adds no time. */
function stillPossible(
  { reason, differingSince, lasted, seenAt, passes, reported, escalation }: RememberedContainer,
  disproved: readonly Reason[],
): DifferenceState {
  const possible = escalation !== null && disproved.includes(escalation.reason) ? null : escalation;
  if (reason !== null && !disproved.includes(reason)) {
    const status = reported ? 'untracked' : 'pending';
    return {
      status,
      reason,
      differingSince,
      lasted,
      seenAt,
      passes,
      reported,
      escalation: possible,
      inPasses: null,
    };
  }
  if (possible === null) return { status: 'pending', ...AT_REST };
  return { ...AT_REST, ...possible, status: 'pending', seenAt };
}

type Difference = DifferenceState & {
  readonly reason: Reason;
  readonly differingSince: string;
};

interface SeenReason {
  readonly reason: Reason;
  readonly explanation: Explanation;
  /** This pass sees it. */
  readonly isSeen: boolean;
}

function differenceOf(
  { reason, explanation, isSeen }: SeenReason,
  { was, clock }: Before,
  time: PassTime,
): Difference {
  const limit = time.gracePeriods.of(reason, explanation);
  const earlier = was === null ? null : earlierDifference(reason, was);
  const { since, lasted, passes, hasLasted, inPasses } = sharesClock(reason)
    ? timeByClock(clock, reason, { limit, isSeen, now: time.now.wall })
    : ownTime(reason, limit, { earlier, seenAt: was?.seenAt ?? null }, time);
  const wasReported = earlier?.reported === true;
  const staysReported = isSeen || (clock !== null && isSeenOften(clock));
  const reported = hasLasted || (wasReported && staysReported);
  return {
    status: reported ? 'untracked' : 'pending',
    reason,
    differingSince: wasReported ? (earlier.differingSince ?? since) : since,
    lasted,
    seenAt: time.now.monotonicMilliseconds,
    passes,
    reported,
    escalation: null,
    inPasses: reported ? inPasses : null,
  };
}

/** Time counts between two passes that saw the reason, whatever happened in between. */
function ownTime(
  reason: Reason,
  limit: number | null,
  {
    earlier,
    seenAt,
  }: {
    readonly earlier: ReturnType<typeof earlierDifference>;
    readonly seenAt: number | null;
  },
  { now, gracePeriods: { maxGap } }: PassTime,
): ReasonTime {
  const lasted =
    earlier === null ? 0 : earlier.lasted + gapSince(seenAt, now.monotonicMilliseconds, maxGap);
  const passes = (earlier?.passes ?? 0) + 1;
  return {
    since: earlier?.differingSince ?? now.wall,
    lasted,
    passes,
    hasLasted: limit !== null && lasted >= limit && passes >= passesOf(reason),
    inPasses: null,
  };
}

/** What is remembered of this difference, either as the effective one or as its escalation. */
function earlierDifference(reason: Reason, before: RememberedContainer) {
  if (isSameDifference(before.reason, reason)) return before;
  const { escalation } = before;
  return escalation !== null && isSameDifference(escalation.reason, reason)
    ? { ...escalation, reported: false }
    : null;
}

/** Losing the owner and then the list entry is one difference. */
export const isSameDifference = (before: Reason | null, now: Reason): boolean =>
  before === now || (isLost(before) && isLost(now));

/**
 * What stays reported after a pass. A report ends when the container is tracked, gone, or untracked
 * for another reason. A pass in which the reason does not hold does not end it by itself.
 */
export function openReportAfter(
  { status, reason, differingSince }: DifferenceState,
  was: RememberedContainer | null,
): OpenReport | null {
  if (status === 'tracked') return null;
  const before = was?.openReport ?? null;
  if (status === 'pending' || reason === null || differingSince === null) return before;
  return before?.reason === reason ? before : { reason, since: differingSince };
}

/** In a check it must last the settle time, and a gap between two passes has no maximum. */
export const gracePeriodsOfCheck = (settleMilliseconds: number): GracePeriods => ({
  of: (reason, explanation) =>
    settleMilliseconds < graceRuleOf(reason, explanation).leastSettle ? null : settleMilliseconds,
  maxGap: null,
});

/**
 * In the agent some differences must last several grace periods. One pass may be missing between
 * two that compare. A longer gap does not count as time.
 */
export const gracePeriodsOfAgent = (milliseconds: number, interval: number): GracePeriods => ({
  of: (reason, explanation) => {
    const { times, least } = graceRuleOf(reason, explanation);
    return Math.max(times * milliseconds, least);
  },
  maxGap: 2 * interval,
});
