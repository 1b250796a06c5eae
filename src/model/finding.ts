export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Status = 'tracked' | 'pending' | 'untracked';

interface ReasonEntry {
  /** The severities that it can have. The first one applies until a pass finds out which. */
  readonly severities: readonly [Severity, ...Severity[]];
  /** How many consecutive passes must show it. */
  readonly passes: number;
}

/** Every reason why a container is untracked. If several hold, the first one counts. */
const REASON_ENTRIES = {
  'unknown-to-garden': { severities: ['critical', 'warning'], passes: 1 },
  unowned: { severities: ['critical'], passes: 1 },
  'no-cgroup': { severities: ['warning', 'critical'], passes: 1 },
  escaped: { severities: ['critical', 'warning'], passes: 2 },
  /** The warning is about the cell as a whole: a container that only lost its limit is in order. */
  'limit-lost': { severities: ['critical', 'warning'], passes: 1 },
  partial: { severities: ['warning'], passes: 2 },
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof REASON_ENTRIES;
const isReason = (key: string): key is Reason => Object.hasOwn(REASON_ENTRIES, key);
export const REASONS: readonly Reason[] = Object.keys(REASON_ENTRIES).filter(isReason);

/**
 * Every reason with each of its severities: the series of `rollcall_untracked` that always exist.
 */
export const UNTRACKED_KINDS: readonly (readonly [Reason, Severity])[] = REASONS.flatMap((reason) =>
  REASON_ENTRIES[reason].severities.map((severity) => [reason, severity] as const),
);

/** Whether it is about the cell as a whole: no container has this reason with this severity. */
export const isOfCell = (reason: string | undefined, severity: string | undefined): boolean =>
  reason === 'limit-lost' && severity === 'warning';

export const severityOf = (reason: Reason): Severity => REASON_ENTRIES[reason].severities[0];

export const passesOf = (reason: Reason): number => REASON_ENTRIES[reason].passes;

/** How long a difference must last before it is a finding. */
export interface GracePeriods {
  /** In milliseconds; null if it stays pending forever. */
  readonly of: Readonly<Record<Reason, number | null>>;
  /** For `unowned`, if an older rep may still remove the container or no rep is found. */
  readonly unowned: Readonly<Record<'older' | 'none', number | null>>;
  /** At most this many milliseconds count between two passes; null: all of them. */
  readonly maxGap: number | null;
}
