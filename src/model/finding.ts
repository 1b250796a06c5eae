export const REASONS = ['unknown-to-garden', 'unowned', 'no-cgroup', 'partial'] as const;

/** Why a container is untracked; if several hold, the first of this order. */
export type Reason = (typeof REASONS)[number];
export type Severity = 'warning' | 'critical';
export type Status = 'tracked' | 'pending' | 'untracked';

/** How long a difference must last before it is a finding; null: it stays pending for ever. */
export interface Patience {
  readonly milliseconds: Readonly<Record<Reason, number | null>>;
  /** `partial` is never told from one look alone. */
  readonly looks: Readonly<Record<Reason, number>>;
}
