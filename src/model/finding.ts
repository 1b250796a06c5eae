export const REASONS = ['unknown-to-garden', 'unowned', 'no-cgroup', 'partial'] as const;

/** Why a container is untracked; if several hold, the first of this order. */
export type Reason = (typeof REASONS)[number];
export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
/** Every reason with the severities that it can have: the series of `rollcall_untracked`, which are always there. */
export const UNTRACKED_KINDS: readonly (readonly [Reason, Severity])[] = [
  ['unknown-to-garden', 'critical'],
  ['unowned', 'critical'],
  ['no-cgroup', 'warning'],
  ['no-cgroup', 'critical'],
  ['partial', 'warning'],
];
export type Status = 'tracked' | 'pending' | 'untracked';

/** How long a difference must last before it is a finding; null: it stays pending for ever. */
export interface GracePeriods {
  readonly milliseconds: Readonly<Record<Reason, number | null>>;
  /** `partial` is never told from one pass alone. */
  readonly passes: Readonly<Record<Reason, number>>;
}
