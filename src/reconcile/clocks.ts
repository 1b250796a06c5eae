import type { Patience, Status } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Moment } from '../model/snapshot.ts';
import {
  EMPTY_MEMORY,
  type Memory,
  type RememberedContainer,
  type WorseReason,
} from '../model/memory.ts';
import type { Reason } from '../model/finding.ts';
import type { ObservedContainer } from './observed-containers.ts';

/** How a difference stands after this pass: the part of memory that is a clock. */
export interface Clock {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly differingSince: string | null;
  readonly lasted: number;
  readonly looks: number;
  readonly reported: boolean;
  readonly worse: WorseReason | null;
}

const AT_REST = {
  reason: null,
  differingSince: null,
  lasted: 0,
  looks: 0,
  reported: false,
  worse: null,
} as const;

/** What is remembered of this incarnation; a handle used again has a cgroup with another inode. */
export function rememberedOf(
  { handle, cgroup }: ObservedContainer,
  memory: Memory,
  primary: ControllerName | null,
): RememberedContainer | null {
  const remembered = memory.containers.get(handle);
  if (remembered === undefined) return null;
  const { cgroupInode, inodeOf } = remembered;
  const isComparable = cgroup !== null && cgroupInode !== null && inodeOf === primary;
  const isSame = !isComparable || cgroupInode === cgroup.inode;
  return isSame ? remembered : null;
}

/**
 * Moves one clock. It counts the time between two passes that could both compare, and starts anew when the reason changes. What
 * was reported and holds still stands until the worse reason has lasted too.
 */
export function advance(
  observed: ObservedContainer,
  before: RememberedContainer | null,
  elapsed: number,
  now: Moment,
  patience: Patience,
): Clock {
  const { reason, explanation, besides } = observed.judgement;
  if (explanation.kind === 'undecided') {
    if (before === null || before.reason === null) return { status: 'pending', ...AT_REST };
    const { reason: still, differingSince, lasted, looks, reported, worse } = before;
    const status = reported ? 'untracked' : 'pending';
    return { status, reason: still, differingSince, lasted, looks, reported, worse };
  }
  if (reason === null) {
    return { status: explanation.kind === 'tracked' ? 'tracked' : 'pending', ...AT_REST };
  }
  const clock = tick(reason, before, elapsed, now, patience);
  const lesser = besides?.reason ?? null;
  if (clock.reported || lesser === null || before?.reported !== true || before.reason !== lesser) {
    return clock;
  }
  const { differingSince, lasted, looks } = clock;
  const worse = { reason, differingSince, lasted, looks };
  return { ...tick(lesser, before, elapsed, now, patience), worse };
}

function tick(
  reason: Reason,
  before: RememberedContainer | null,
  elapsed: number,
  now: Moment,
  patience: Patience,
): Clock & { readonly differingSince: string } {
  const runs = before === null ? null : runningClock(reason, before);
  const lasted = runs === null ? 0 : runs.lasted + elapsed;
  const looks = runs === null ? 1 : runs.looks + 1;
  const limit = patience.milliseconds[reason];
  const isLasting = limit !== null && lasted >= limit && looks >= patience.looks[reason];
  const reported = isLasting || runs?.reported === true;
  return {
    status: reported ? 'untracked' : 'pending',
    reason,
    differingSince: runs?.differingSince ?? now.wall,
    lasted,
    looks,
    reported,
    worse: null,
  };
}

/** The clock of this difference if one runs: the one that stands, or the one behind it. */
function runningClock(reason: Reason, before: RememberedContainer) {
  if (isSameDifference(before.reason, reason)) return before;
  const { worse } = before;
  return worse !== null && isSameDifference(worse.reason, reason)
    ? { ...worse, reported: false }
    : null;
}

/** A container that lost its owner and then its place in the list is lost all the while; other reasons earn their own time. */
const isSameDifference = (before: Reason | null, now: Reason): boolean =>
  before === now || (before !== null && isLost(before) && isLost(now));

const isLost = (reason: Reason): boolean => reason === 'unowned' || reason === 'unknown-to-garden';

/** What was remembered of this boot: nothing lives on through a reboot. */
export const memoryOfBoot = (memory: Memory, bootId: string): Memory =>
  memory.bootId === bootId ? memory : EMPTY_MEMORY;

/** Milliseconds that count for the clocks: none if one of the two passes could not compare, or the cell was rebooted. */
export function elapsedSince(memory: Memory, bootId: string, now: Moment): number {
  if (memory.lastLook === null || !memory.lastLook.compared || memory.bootId !== bootId) return 0;
  return Math.max(0, now.monotonicMilliseconds - memory.lastLook.monotonicMilliseconds);
}
