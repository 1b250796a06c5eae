import type { CellIdentity } from './cell-identity.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import type { ExceededLimit, Explanation, Reason, Severity, Status } from './finding.ts';
import type { CgroupMode, CgroupNamespace, ControllerName, MountChoice } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { SensorObservation } from './observation.ts';
import type { SensorReport } from './sensor.ts';

/** A problem of the cell rather than of one container; it does not change the verdict. */
export interface CellWarning {
  readonly reason: 'limit-lost';
  readonly containers: number;
  /** The container that holds most, relative to its limit. */
  readonly worst: Handle;
  readonly holds: ExceededLimit;
}

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
