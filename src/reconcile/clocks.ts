import type { Patience, Status } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Moment } from '../model/look-inputs.ts';
import { EMPTY_MEMORY, type Memory, type RememberedContainer } from '../model/memory.ts';
import type { Reason } from '../model/finding.ts';
import type { Subject } from './differences.ts';

/** How a difference stands after this look: the part of memory that is a clock. */
export interface Clock {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly differingSince: string | null;
  readonly lasted: number;
  readonly looks: number;
  readonly reported: boolean;
}

const AT_REST = {
  reason: null,
  differingSince: null,
  lasted: 0,
  looks: 0,
  reported: false,
} as const;

/** What is remembered of this incarnation; a handle used again has a cgroup with another inode. */
export function rememberedOf(
  { handle, cgroup }: Subject,
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
 * Moves one clock. It counts the time between two looks that could both compare, and starts anew when the reason changes.
 */
export function advance(
  subject: Subject,
  before: RememberedContainer | null,
  elapsed: number,
  now: Moment,
  patience: Patience,
): Clock {
  const { reason, explanation } = subject.judgement;
  if (explanation.kind === 'undecided') {
    if (before === null || before.reason === null) return { status: 'pending', ...AT_REST };
    const { reason: still, differingSince, lasted, looks, reported } = before;
    const status = reported ? 'untracked' : 'pending';
    return { status, reason: still, differingSince, lasted, looks, reported };
  }
  if (reason === null) {
    return { status: explanation.kind === 'tracked' ? 'tracked' : 'pending', ...AT_REST };
  }
  const goesOn = before !== null && isSameDifference(before.reason, reason);
  const lasted = goesOn ? before.lasted + elapsed : 0;
  const looks = goesOn ? before.looks + 1 : 1;
  const limit = patience.milliseconds[reason];
  const isLasting = limit !== null && lasted >= limit && looks >= patience.looks[reason];
  const reported = isLasting || (goesOn && before.reported);
  return {
    status: reported ? 'untracked' : 'pending',
    reason,
    differingSince: (goesOn ? before.differingSince : null) ?? now.wall,
    lasted,
    looks,
    reported,
  };
}

/** A container that lost its owner and then its place in the list is lost all the while; other reasons earn their own time. */
const isSameDifference = (before: Reason | null, now: Reason): boolean =>
  before === now || (before !== null && isLost(before) && isLost(now));

const isLost = (reason: Reason): boolean => reason === 'unowned' || reason === 'unknown-to-garden';

/** What was remembered of this boot: nothing lives on through a reboot. */
export const memoryOfBoot = (memory: Memory, bootId: string): Memory =>
  memory.bootId === bootId ? memory : EMPTY_MEMORY;

/** Milliseconds that count for the clocks: none if one of the two looks could not compare, or the cell was rebooted. */
export function elapsedSince(memory: Memory, bootId: string, now: Moment): number {
  if (memory.lastLook === null || !memory.lastLook.compared || memory.bootId !== bootId) return 0;
  return Math.max(0, now.monotonicMilliseconds - memory.lastLook.monotonicMilliseconds);
}
