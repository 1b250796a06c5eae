import type { DestroyEvidence } from './destroy.ts';
import type { ControllerName } from './hierarchy.ts';
import type { ByteString } from './ids.ts';

export const SEVERITIES = ['warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type Status = 'tracked' | 'pending' | 'untracked';

/** A process that has a container's root filesystem but is in none of its cgroups. */
export interface EscapedProcess {
  readonly pid: number;
  /** Its cgroup in the primary hierarchy. */
  readonly cgroup: ByteString;
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

/** The parts of a container's sentence, for each reason why it is untracked. */
interface Facts {
  readonly 'unknown-to-garden': {
    readonly basis: 'garden-directory' | 'remembered' | 'ancestry';
    /** `hidden`: it hides its members; the others: all that is left of it. Null: it runs. */
    readonly left: 'peas' | 'garden-init' | 'hidden' | null;
    /** What started its init; null if nothing shows it. */
    readonly runtime: 'runc' | 'containerd' | null;
  };
  readonly unowned: {
    /** rep's age compared with the container's init. Only an older rep knows the container. */
    readonly rep: 'newer' | 'older' | 'none';
    /** Time since it was first seen. */
    readonly milliseconds: number;
  };
  readonly 'no-cgroup': {
    readonly rootMountPids: readonly number[];
    /** Its Envoy or a health check still runs. */
    readonly onlyPeas: boolean;
    /** Null if the destroy has not been checked yet. */
    readonly destroy: DestroyEvidence | null;
    /** A starting rep destroys it first, and exits if it cannot. */
    readonly stopsRep: boolean;
  };
  readonly escaped: {
    /** At most 5, those known longest first. */
    readonly processes: readonly EscapedProcess[];
  };
  readonly 'limit-lost': {
    /** What it holds beyond its limits; empty if this pass could not find out. */
    readonly exceeded: readonly ExceededLimit[];
  };
  readonly partial: { readonly missing: readonly ControllerName[] };
}

/** Why a container is untracked. */
export type Reason = keyof Facts;

/** The explanation of a reason. */
export type Difference<R extends Reason = Reason> = {
  readonly [K in R]: { readonly kind: K } & Facts[K];
}[R];

/** What a pass found out about a container. */
export type Explanation =
  | Difference
  | { readonly kind: 'tracked' }
  /** Garden lists it but has not called it created: it is being created or destroyed. */
  | { readonly kind: 'in-transition' }
  /** Not a container: somebody is testing the alert path. */
  | { readonly kind: 'drill'; readonly until: string }
  /** This pass could not decide about it; the other containers are compared. */
  | { readonly kind: 'undecided'; readonly why: string };

interface ReasonEntry {
  /** The severities that it can have. The first one applies until a pass finds out which. */
  readonly severities: readonly [Severity, ...Severity[]];
  /** How many consecutive passes must show it. */
  readonly passes: number;
}

/** Every reason why a container is untracked. If several hold, the first one counts. */
const REASON_ENTRIES: Readonly<Record<Reason, ReasonEntry>> = {
  'unknown-to-garden': { severities: ['critical', 'warning'], passes: 1 },
  unowned: { severities: ['critical'], passes: 1 },
  'no-cgroup': { severities: ['warning', 'critical'], passes: 1 },
  escaped: { severities: ['critical', 'warning'], passes: 2 },
  /** The warning is about the cell as a whole: a container that only lost its limit is in order. */
  'limit-lost': { severities: ['critical', 'warning'], passes: 1 },
  partial: { severities: ['warning'], passes: 2 },
};

const isReason = (key: string): key is Reason => Object.hasOwn(REASON_ENTRIES, key);
export const REASONS: readonly Reason[] = Object.keys(REASON_ENTRIES).filter(isReason);

export const EXPLANATION_KINDS: readonly Explanation['kind'][] = [
  'tracked',
  ...REASONS,
  'in-transition',
  'drill',
  'undecided',
];

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
