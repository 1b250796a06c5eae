import type { DestroyEvidence, WaitEvidence } from './destroy.ts';
import type { ControllerName } from './hierarchy.ts';
import type { ByteString } from './ids.ts';

export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const STATUSES = ['tracked', 'pending', 'untracked'] as const;
export type Status = (typeof STATUSES)[number];

/**
 * A process that has a container's root filesystem but is in none of its cgroups, at least where a
 * controller is.
 */
export interface EscapedProcess {
  readonly pid: number;
  /** The cgroup of the process in the primary hierarchy. */
  readonly cgroup: ByteString;
  /** The hierarchies without a controller in which it is still in a cgroup of the container. */
  readonly kept: readonly ControllerName[];
  /** The process was seen outside between two passes, and not in the last one. */
  readonly byGlance: boolean;
  /** The command with which somebody entered from outside; null if nobody did. */
  readonly enteredBy: string | null;
}

/** A container holds this much in its cgroups, throttled and unthrottled ones together. */
export interface ExceededLimit {
  /** Memory in bytes. */
  readonly resource: 'memory' | 'pids';
  readonly holds: number;
  readonly limit: number;
}

/**
 * Who tries again to destroy a container that does not run.
 * `rep`: an app or a task that still has its owner, and rep runs.
 * `health-check`: rep, which made it for its own health check, in each of these checks.
 * `at-start`: no rep serves, and each that starts tries to destroy it.
 * `nobody`: rep does not know it, or never knew it.
 * `perhaps`: Garden lost its properties under a rep that may know it: gdn has died since it was
 * made, perhaps in the middle of its destroy.
 * `hanging`: a process that gdn started for it does not end, so no other attempt can begin.
 * `perhaps-hanging`: the same if gdn waits for a process that is not below it.
 * `unknown`: not all processes were searched for those that gdn waits for.
 */
export type DestroyRetry =
  | 'rep'
  | 'health-check'
  | 'at-start'
  | 'nobody'
  | 'perhaps'
  | 'hanging'
  | 'perhaps-hanging'
  | 'unknown';

/** The parts of a container's sentence, for each reason why it is untracked. */
interface Facts {
  readonly 'unknown-to-garden': {
    /** `name`: nothing but its name and its place in a Garden directory shows that it is a container. */
    readonly basis: 'garden-directory' | 'name' | 'remembered' | 'ancestry';
    /** `hidden`: it hides its members; the others: all that is left of it. Null: it runs. */
    readonly left: 'peas' | 'garden-init' | 'hidden' | null;
    /** What started its init; null if nothing shows it. */
    readonly runtime: 'runc' | 'containerd' | null;
  };
  readonly unowned: {
    /**
     * What rep does about it. `never`: it is neither an app nor a task, so no rep removes it. For
     * these two it is rep's age compared with that of the container's init, because only an older rep
     * knows the container; `none`: no rep runs.
     */
    readonly rep: 'never' | 'newer' | 'older' | 'none';
    /** All that is left of it; null: it runs. */
    readonly left: 'garden-init' | null;
    /** Time since it was first seen. */
    readonly milliseconds: number;
  };
  readonly 'no-cgroup': {
    /** Null if this pass did not search all processes for them. */
    readonly rootMountPids: readonly number[] | null;
    /** Only an Envoy or a health check of the container still runs. */
    readonly onlyPeas: boolean;
    /** Null if the destroy has not been checked yet. */
    readonly destroy: DestroyEvidence | null;
    readonly retry: DestroyRetry;
    /**
     * Where a rep that starts tries to destroy it and exits if it cannot: `destroy`, before it serves
     * (executor initializer_garden.go:412), or `health-check`, in its first one (gardenhealth
     * runner.go). Null: nowhere.
     */
    readonly stopsRep: 'destroy' | 'health-check' | null;
  };
  readonly stuck: {
    /** All of its processes that live, without those of its peas. */
    readonly processes: number;
    /** How many of these processes show no pending SIGKILL because they are exiting. */
    readonly exiting: number;
    /** Null if this pass did not look. */
    readonly wait: WaitEvidence | null;
  };
  readonly escaped: {
    /** At most 5, those known longest first. */
    readonly processes: readonly EscapedProcess[];
  };
  readonly 'limit-lost': {
    /** What it holds beyond its limits; empty if this pass could not find out. */
    readonly exceeded: readonly ExceededLimit[];
  };
  readonly partial: {
    readonly missing: readonly ControllerName[];
    /** The processes that are missing in that hierarchy; null: all of the container. */
    readonly pids: readonly number[] | null;
  };
}

/** Why a container is untracked. */
export type Reason = keyof Facts;

export type Difference<R extends Reason = Reason> = {
  readonly [K in R]: { readonly kind: K } & Facts[K];
}[R];

/** What a pass found out about a container. */
export type Explanation =
  | Difference
  | { readonly kind: 'tracked' }
  /** Other passes saw the reason, and this one did not. */
  | { readonly kind: 'intermittent' }
  /** Garden lists it but has not called it created: it is being created or destroyed. */
  | { readonly kind: 'in-transition' }
  /** No such container exists: somebody is testing the alert path. */
  | { readonly kind: 'drill'; readonly until: string }
  /** This pass could not decide about it; the other containers are compared. */
  | { readonly kind: 'undecided'; readonly why: string };

/** How long a difference must last before it is a finding. */
interface GraceRule {
  /** In an agent: this many grace periods, but at least this many milliseconds. */
  readonly times: number;
  readonly least: number;
  /** A check that settles for fewer milliseconds cannot report it. */
  readonly leastSettle: number;
}

const ONE_PERIOD: GraceRule = { times: 1, least: 0, leastSettle: 0 };
/** A slow network plugin takes up to half a minute, and the container has no cgroup until then. */
const UNTIL_CREATED: GraceRule = { times: 3, least: 0, leastSettle: 30_000 };
/** An older rep removes it within 35 s (measured), 70 s on a full cell (docs/decisions/diego.md). */
const UNTIL_REMOVED: GraceRule = { times: 4, least: 120_000, leastSettle: 120_000 };
/** A destroy that works ends within seconds of its SIGKILL. */
const UNTIL_KILLED: GraceRule = { times: 1, least: 180_000, leastSettle: 180_000 };
/** Rep may still start. */
const UNTIL_REP_STARTS: GraceRule = { times: 4, least: 0, leastSettle: 0 };

interface ReasonEntry {
  /** The severities that it can have. The first one applies until a pass finds out which. */
  readonly severities: readonly [Severity, ...Severity[]];
  /** With this severity it is about the cell as a whole: no container has it. */
  readonly ofCell: Severity | null;
  /** For `unowned` by rep's age. */
  readonly grace: GraceRule | Readonly<Record<Difference<'unowned'>['rep'], GraceRule>>;
  /**
   * It shares the container's clock with the others that do, because a process can alternate
   * between them. Otherwise it has its own time, which begins anew after a pass without it.
   */
  readonly sharesClock: boolean;
  /** How many passes must show it, even if the grace period is zero. */
  readonly passes: number;
  /** Garden or Diego lost the container. */
  readonly isLost: boolean;
  /** The only containers for which it can hold; null: it can hold for any. */
  readonly only: 'unlisted' | 'live' | 'lifeless' | null;
}

const USUAL = {
  ofCell: null,
  grace: ONE_PERIOD,
  sharesClock: false,
  passes: 1,
  isLost: false,
  only: null,
} as const;

/** Every reason why a container is untracked. If several hold, the first one counts. */
const REASON_ENTRIES: Readonly<Record<Reason, ReasonEntry>> = {
  'unknown-to-garden': {
    ...USUAL,
    severities: ['critical', 'warning'],
    sharesClock: true,
    isLost: true,
    only: 'unlisted',
  },
  unowned: {
    ...USUAL,
    severities: ['critical', 'warning'],
    grace: {
      never: ONE_PERIOD,
      newer: ONE_PERIOD,
      older: UNTIL_REMOVED,
      none: UNTIL_REP_STARTS,
    },
    isLost: true,
    only: 'live',
  },
  'no-cgroup': {
    ...USUAL,
    severities: ['warning', 'critical'],
    grace: UNTIL_CREATED,
    only: 'lifeless',
  },
  // It holds only for a container that Garden lists as well, which `only` does not say.
  stuck: { ...USUAL, severities: ['warning'], grace: UNTIL_KILLED, only: 'live' },
  escaped: { ...USUAL, severities: ['critical', 'warning'], sharesClock: true, passes: 2 },
  // A throttled container within its limits is tracked. Memory stays charged to its cgroup.
  'limit-lost': { ...USUAL, severities: ['critical', 'warning'], ofCell: 'warning' },
  partial: { ...USUAL, severities: ['warning'], sharesClock: true, passes: 2, only: 'live' },
};

const isReason = (key: string): key is Reason => Object.hasOwn(REASON_ENTRIES, key);
export const REASONS: readonly Reason[] = Object.keys(REASON_ENTRIES).filter(isReason);

/** Whether it gives a reason. */
export const isDifference = (explanation: Explanation): explanation is Difference =>
  isReason(explanation.kind);

export const EXPLANATION_KINDS: readonly Explanation['kind'][] = [
  'tracked',
  ...REASONS,
  'intermittent',
  'in-transition',
  'drill',
  'undecided',
];

/** The severities that it can have. The first one applies until a pass finds out which. */
export const severitiesOf = (reason: Reason): ReasonEntry['severities'] =>
  REASON_ENTRIES[reason].severities;

/** Every reason with each of its severities: the permanent series of `rollcall_untracked`. */
export const UNTRACKED_KINDS: readonly (readonly [Reason, Severity])[] = REASONS.flatMap((reason) =>
  severitiesOf(reason).map((severity) => [reason, severity] as const),
);

/** Whether it is about the cell as a whole: no container has this reason with this severity. */
export const isOfCell = (reason: Reason, severity: Severity): boolean =>
  REASON_ENTRIES[reason].ofCell === severity;

export const severityOf = (reason: Reason): Severity => severitiesOf(reason)[0];

export const sharesClock = (reason: Reason): boolean => REASON_ENTRIES[reason].sharesClock;

export const passesOf = (reason: Reason): number => REASON_ENTRIES[reason].passes;

/** Whether Garden or Diego lost the container. */
export const isLost = (reason: Reason | null): boolean =>
  reason !== null && REASON_ENTRIES[reason].isLost;

/** The reasons that cannot hold for a container that is none of these. */
export const reasonsOnlyFor = (
  ...kinds: readonly NonNullable<ReasonEntry['only']>[]
): readonly Reason[] =>
  REASONS.filter((reason) => kinds.some((kind) => kind === REASON_ENTRIES[reason].only));

/** @param explanation null if it is not known */
export function graceRuleOf(reason: Reason, explanation: Explanation | null): GraceRule {
  const { grace } = REASON_ENTRIES[reason];
  if ('times' in grace) return grace;
  return grace[explanation?.kind === 'unowned' ? explanation.rep : 'newer'];
}

/** A check that settles for this many milliseconds can report it in every case. */
export function leastSettleOf(reason: Reason): number {
  const { grace } = REASON_ENTRIES[reason];
  const rules = 'times' in grace ? [grace] : Object.values(grace);
  return Math.max(...rules.map(({ leastSettle }) => leastSettle));
}

/** How long a difference must last before it is a finding. */
export interface GracePeriods {
  /** In milliseconds; null if it stays pending forever. */
  readonly of: (reason: Reason, explanation: Explanation | null) => number | null;
  /** At most this many milliseconds count between two passes; null: all of them. */
  readonly maxGap: number | null;
}
