import type { CellIdentity } from './cell-identity.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { DestroyEvidence } from './destroy.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import { REASONS, type Reason, type Severity, type Status } from './finding.ts';
import type { CgroupMode, CgroupNamespace, ControllerName, MountChoice } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { SensorObservation } from './observation.ts';
import type { SensorReport } from './sensor.ts';

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

/** A problem of the cell rather than of one container; it does not change the verdict. */
export interface CellWarning {
  readonly reason: 'limit-lost';
  readonly containers: number;
  /** The container that holds most, relative to its limit. */
  readonly worst: Handle;
  readonly holds: ExceededLimit;
}

/** The parts of a container's sentence, besides its reason. */
export type Explanation =
  | { readonly kind: 'tracked' }
  | {
      readonly kind: 'unknown-to-garden';
      readonly basis: 'garden-directory' | 'remembered' | 'ancestry';
      /** `hidden`: it hides its members; the others: all that is left of it. Null: it runs. */
      readonly left: 'peas' | 'garden-init' | 'hidden' | null;
      /** What started its init; null if nothing shows it. */
      readonly runtime: 'runc' | 'containerd' | null;
    }
  | {
      readonly kind: 'unowned';
      /** rep's age compared with the container's init. Only an older rep knows the container. */
      readonly rep: 'newer' | 'older' | 'none';
      /** Time since it was first seen. */
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'no-cgroup';
      readonly rootMountPids: readonly number[];
      /** Its Envoy or a health check still runs. */
      readonly onlyPeas: boolean;
      /** Null if the destroy has not been checked yet. */
      readonly destroy: DestroyEvidence | null;
      /** A starting rep destroys it first, and exits if it cannot. */
      readonly stopsRep: boolean;
    }
  | {
      readonly kind: 'escaped';
      /** At most 5, those known longest first. */
      readonly processes: readonly EscapedProcess[];
    }
  | {
      readonly kind: 'limit-lost';
      /** What it holds beyond its limits; empty if this pass could not find out. */
      readonly exceeded: readonly ExceededLimit[];
    }
  | { readonly kind: 'partial'; readonly missing: readonly ControllerName[] }
  /** Garden lists it but has not called it created: it is being created or destroyed. */
  | { readonly kind: 'in-transition' }
  /** Not a container: somebody is testing the alert path. */
  | { readonly kind: 'drill'; readonly until: string }
  /** This pass could not decide about it; the other containers are compared. */
  | { readonly kind: 'undecided'; readonly why: string };

export const EXPLANATION_KINDS: readonly Explanation['kind'][] = [
  'tracked',
  ...REASONS,
  'in-transition',
  'drill',
  'undecided',
];

export interface ContainerReport {
  readonly handle: Handle;
  readonly kind: ContainerKind;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly since: string | null;
  readonly explanation: Explanation;
  readonly drill: boolean;
  /** Null also for a container that is not untracked. */
  readonly acknowledged: Acknowledgement | null;
  readonly app: AppIdentity | null;
  readonly privileged: boolean;
  readonly throttled: boolean;
  /** Number of processes in its cgroup and below, without peas. */
  readonly pids: number;
  /** At most 5, and only for differences. */
  readonly processes: readonly ProcessFacts[];
  readonly cgroups: Membership;
  readonly peas: readonly string[];
}

/** What containers left behind: not a finding, and no alert. */
export interface Leftovers {
  /** Empty cgroup directories. */
  readonly cgroups: number;
  /** Overlays in gdn's mount table whose container no list names; null if not read yet. */
  readonly rootfsMounts: number | null;
}

/** What untracked containers hold: Diego does not count it and places apps on top of it. */
export interface Held {
  /** Null if the kernel did not say. */
  readonly memoryBytes: number | null;
  readonly pids: number;
}

export type Verdict = 'all-tracked' | 'untracked' | 'unknown';

/** Why nothing could be compared, or not everything. */
export type UnknownCause =
  | { readonly kind: 'garden-unavailable'; readonly why: string }
  /** Garden answers its list, but no question about any container. */
  | { readonly kind: 'no-properties'; readonly why: string }
  | { readonly kind: 'no-hierarchy'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly path: ByteString; readonly errno: string }
  | { readonly kind: 'cut'; readonly path: ByteString }
  /** `by`: null if our own pid namespace is the initial one. */
  | { readonly kind: 'processes-hidden'; readonly by: 'pid-namespace' | null }
  /** gdn's cgroup lies outside our cgroup namespace. */
  | { readonly kind: 'own-namespace' }
  /** Nothing shows which Garden the directories belong to: no gdn was found, or several. */
  | { readonly kind: 'no-anchor'; readonly gdns: 'none' | 'several' }
  /** The pass itself failed. */
  | { readonly kind: 'pass-failed'; readonly why: string };

export type GardenState =
  | { readonly state: 'known'; readonly listed: number }
  | { readonly state: 'unavailable'; readonly since: string; readonly why: string };

export interface Ignored {
  readonly bpm: number;
  readonly docker: number;
  readonly systemd: number;
  readonly 'other-garden': number;
  readonly unrecognised: number;
}

/** The result of one pass. Every output is a view of it. */
export interface Report {
  readonly takenAt: string;
  readonly durationMilliseconds: number;
  readonly verdict: Verdict;
  readonly unknownCause: UnknownCause | null;
  readonly cell: {
    readonly hostname: string;
    readonly bootId: string;
    readonly bosh: CellIdentity | null;
    readonly scopes: Membership;
    readonly warnings: readonly CellWarning[];
  };
  readonly cgroups: {
    readonly mode: CgroupMode;
    readonly namespace: CgroupNamespace;
    readonly primary: ControllerName | null;
    readonly hierarchies: readonly MountChoice[];
    /** Where gdn's own cgroup is, and how it was found; null if it was not found. */
    readonly anchor: {
      readonly source: 'process' | 'memory' | 'walk';
      readonly pid: number | null;
      readonly path: ByteString;
    } | null;
  };
  readonly garden: GardenState;
  readonly containers: readonly ContainerReport[];
  /** The security sensors that run. */
  readonly sensors: readonly SensorReport[];
  /** What the configured sensors say they saw. */
  readonly observations: readonly SensorObservation[];
  /** Live container cgroups that the kernel showed, whether or not they were compared. */
  readonly seen: number;
  readonly leftovers: Leftovers;
  /** By untracked containers that Garden, or Diego, does not know. */
  readonly held: Held;
  readonly ignored: Ignored;
  /** Empty directories that were left behind, at most 100; `staleOmitted` counts the rest. */
  readonly stale: readonly ByteString[];
  readonly staleOmitted: number;
}
