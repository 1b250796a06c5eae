import {
  type Explanation,
  graceRuleOf,
  isLost,
  passesOf,
  type GracePeriods,
  type Reason,
  type Status,
} from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import {
  EMPTY_MEMORY,
  type Escalation,
  type Memory,
  type OpenReport,
  type RememberedContainer,
  type RememberedProcess,
} from '../model/memory.ts';
import type { Answers } from '../model/questions.ts';
import type { Moment } from '../model/snapshot.ts';
import type { ProcessIdentity } from '../model/sweep.ts';
import { holdsBelow, type Judgement } from './judge/judgement.ts';
import type { ObservedContainer } from './judge/observed-containers.ts';

/** What memory keeps of a difference after this pass. */
export interface DifferenceState {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly differingSince: string | null;
  readonly lasted: number;
  readonly seenAt: number | null;
  readonly passes: number;
  readonly reported: boolean;
  readonly escalation: Escalation | null;
}

/** A container and what earlier passes remember of it. */
export interface ComparedContainer {
  /** With the effective judgement. */
  readonly observed: ObservedContainer;
  readonly was: RememberedContainer | null;
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
} as const;

/**
 * What is remembered of this incarnation. If a handle is reused, its cgroup has another inode and
 * other processes, and Garden lists it. But processes can move to another cgroup.
 */
export function rememberedOf(
  { handle, listedBy, cgroup }: ObservedContainer,
  memory: Memory,
  primary: ControllerName | null,
  { processes }: Pick<Answers, 'processes'>,
): RememberedContainer | null {
  const remembered = memory.containers.get(handle);
  if (remembered === undefined) return null;
  const { cgroupInode, inodeOf, evidence } = remembered;
  const inode = cgroup?.inode ?? null;
  const isComparable = inode !== null && cgroupInode !== null && inodeOf === primary;
  if (!isComparable || cgroupInode === inode) return remembered;
  const isForgotten = remembered.listedBy.has('garden') && !listedBy.has('garden');
  const isSameProcess = ({ pid, startTicks }: ProcessIdentity): boolean =>
    cgroup?.pids.includes(pid) === true && processes.get(pid)?.startTicks === startTicks;
  return isForgotten || evidence?.processes.some(isSameProcess) === true ? remembered : null;
}

export interface PassTime {
  readonly now: Moment;
  readonly gracePeriods: GracePeriods;
}

/**
 * Advances one difference by one pass. Time counts between two passes that both saw the difference,
 * whatever happened in between, and restarts when the reason changes. A reported difference that
 * still holds stays effective until its escalation has lasted too.
 */
export function advance(
  judgement: Judgement,
  before: RememberedContainer | null,
  time: PassTime,
): DifferenceState {
  const { reason, explanation, disproved } = judgement;
  if (explanation.kind === 'undecided') {
    return before === null ? { status: 'pending', ...AT_REST } : stillPossible(before, disproved);
  }
  if (reason === null) {
    return { status: explanation.kind === 'tracked' ? 'tracked' : 'pending', ...AT_REST };
  }
  const difference = extend(reason, explanation, before, time);
  if (
    difference.reported ||
    before?.reported !== true ||
    before.reason === null ||
    !holdsBelow(judgement, before.reason)
  ) {
    return difference;
  }
  const { differingSince, lasted, passes } = difference;
  const escalation = { reason, differingSince, lasted, passes };
  return { ...extend(before.reason, explanation, before, time), escalation };
}

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
    };
  }
  if (possible === null) return { status: 'pending', ...AT_REST };
  return { ...possible, status: 'pending', seenAt, reported: false, escalation: null };
}

function extend(
  reason: Reason,
  explanation: Explanation,
  before: RememberedContainer | null,
  { now, gracePeriods }: PassTime,
): DifferenceState & { readonly differingSince: string } {
  const { maxGap } = gracePeriods;
  const limit = gracePeriods.of(reason, explanation);
  const runs = before === null ? null : earlierDifference(reason, before);
  const lasted =
    runs === null
      ? 0
      : runs.lasted + gapSince(before?.seenAt ?? null, now.monotonicMilliseconds, maxGap);
  const passes = runs === null ? 1 : runs.passes + 1;
  const isLasting = limit !== null && lasted >= limit && passes >= passesOf(reason);
  const reported = isLasting || runs?.reported === true;
  return {
    status: reported ? 'untracked' : 'pending',
    reason,
    differingSince: runs?.differingSince ?? now.wall,
    lasted,
    seenAt: now.monotonicMilliseconds,
    passes,
    reported,
    escalation: null,
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

/**
 * Losing the owner and then the list entry is one difference; any other change of reason starts
 * anew.
 */
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

/**
 * In a check a difference must last the settle time, and the gap between two passes has no maximum.
 */
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

/** The memory of this boot: nothing survives a reboot but the unknown cause that was reported. */
export const memoryOfBoot = (memory: Memory, bootId: string): Memory =>
  memory.bootId === bootId ? memory : { ...EMPTY_MEMORY, reportedCause: memory.reportedCause };

/** @param seenAt null: no pass of this process saw the difference before */
export const gapSince = (seenAt: number | null, now: number, maxGap: number | null): number =>
  seenAt === null ? 0 : Math.min(maxGap ?? Infinity, Math.max(0, now - seenAt));
