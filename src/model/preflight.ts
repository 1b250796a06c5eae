/** Why a drain of the cell hangs, waits, or loses something. */
export const OBSTACLE_CAUSES = [
  'stuck',
  'undestroyed',
  'unfinished',
  'policy-entry',
  'no-rep',
  'policy-unread',
  'undecided',
  'unowned',
  'unknown-to-garden',
] as const;
export type ObstacleCause = (typeof OBSTACLE_CAUSES)[number];

export const OBSTACLE_EFFECTS = ['hangs', 'waits', 'lost', 'unknown'] as const;

export interface Obstacle {
  readonly cause: ObstacleCause;
  /** A handle; null for the cell. */
  readonly subject: string | null;
  /** The obstacle is younger than a finding must be, so it may end by itself. */
  readonly isPending: boolean;
}
