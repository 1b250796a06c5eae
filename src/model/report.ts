import type { CellIdentity } from './cell-identity.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { DestroyEvidence } from './destroy.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import type { Reason, Severity, Status } from './finding.ts';
import type { CgroupMode, CgroupNamespace, ControllerName, MountChoice } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { SensorObservation } from './observation.ts';
import type { SensorReport } from './sensor.ts';

/** A process with the root filesystem of a container that is in none of its cgroups. */
export interface EscapedProcess {
  readonly pid: number;
  /** Its cgroup in the primary hierarchy. */
  readonly cgroup: ByteString;
  /** The command with which somebody entered from outside; null: nobody did. */
  readonly enteredBy: string | null;
}

/** A container holds so much in its cgroups, throttled or not, together. */
export interface ExceededLimit {
  /** Memory in bytes. */
  readonly resource: 'memory' | 'pids';
  readonly holds: number;
  readonly limit: number;
}

/** What is wrong with a cell, and with no container alone: it changes no verdict. */
export interface CellWarning {
  readonly reason: 'limit-lost';
  readonly containers: number;
  /** The one that holds most, measured by its limit. */
  readonly worst: Handle;
  readonly holds: ExceededLimit;
}

/** The parts of a container's sentence, beyond its reason. */
export type Explanation =
  | { readonly kind: 'tracked' }
  | {
      readonly kind: 'unknown-to-garden';
      readonly basis: 'garden-directory' | 'remembered' | 'ancestry';
      /** All that is left of it, or that it hides its members; null: it runs. */
      readonly left: 'peas' | 'garden-init' | 'hidden' | null;
      /** What started its init; null: nothing tells. */
      readonly runtime: 'runc' | 'containerd' | null;
    }
  | {
      readonly kind: 'unowned';
      /** rep beside the container's init. Only a rep that is older knows the container. */
      readonly rep: 'newer' | 'older' | 'none';
      /** Since it was first seen. */
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'no-cgroup';
      readonly rootMountPids: readonly number[];
      /** Its Envoy or a health check still runs. */
      readonly onlyPeas: boolean;
      /** Null: nothing was looked into yet. */
      readonly destroy: DestroyEvidence | null;
      /** A rep that starts destroys it first, and exits if it cannot. */
      readonly stopsRep: boolean;
    }
  | {
      readonly kind: 'escaped';
      /** At most 5, the longest known first. */
      readonly processes: readonly EscapedProcess[];
    }
  | {
      readonly kind: 'limit-lost';
      /** What it holds more of than its limit allows; empty where this pass could not tell. */
      readonly exceeded: readonly ExceededLimit[];
    }
  | { readonly kind: 'partial'; readonly missing: readonly ControllerName[] }
  /** Garden lists it and has not called it created: it is being created or destroyed. */
  | { readonly kind: 'in-transition' }
  /** Not a container: somebody tests the alert path. */
  | { readonly kind: 'drill'; readonly until: string }
  /** This pass could not decide about it; the others are compared. */
  | { readonly kind: 'undecided'; readonly why: string };

export interface ContainerReport {
  readonly handle: Handle;
  readonly kind: ContainerKind;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly since: string | null;
  readonly explanation: Explanation;
  readonly drill: boolean;
  /** Null also of what is not untracked. */
  readonly acknowledged: Acknowledgement | null;
  readonly app: AppIdentity | null;
  readonly privileged: boolean;
  readonly throttled: boolean;
  /** Number of processes in its cgroup and below, peas not counted. */
  readonly pids: number;
  /** At most 5, for differences only. */
  readonly processes: readonly ProcessFacts[];
  readonly cgroups: Membership;
  readonly peas: readonly string[];
}

/** What containers left behind: no finding, and no alarm. */
export interface Leftovers {
  /** Empty cgroup directories. */
  readonly cgroups: number;
  /** Overlays in gdn's mount table whose container no list names; null: not read yet. */
  readonly rootfsMounts: number | null;
}

/** What a cell has that Diego does not count and places apps onto. */
export interface Held {
  /** Null where the kernel did not tell. */
  readonly memoryBytes: number | null;
  readonly pids: number;
}

export type Verdict = 'all-tracked' | 'untracked' | 'unknown';

/** Why nothing could be compared; `undecided`: not everything. */
export type UnknownCause =
  | { readonly kind: 'garden-unavailable'; readonly why: string }
  /** Garden answers its list, and no question about any container. */
  | { readonly kind: 'no-properties'; readonly why: string }
  | { readonly kind: 'no-hierarchy'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly path: ByteString; readonly errno: string }
  | { readonly kind: 'cut'; readonly path: ByteString }
  /** `by`: null where our own pid namespace is the initial one. */
  | { readonly kind: 'processes-hidden'; readonly by: 'pid-namespace' | null }
  /** gdn's cgroup lies outside of what our cgroup namespace shows. */
  | { readonly kind: 'own-namespace' }
  /** Nothing tells which Garden the directories belong to: no gdn is seen, or several. */
  | { readonly kind: 'no-anchor'; readonly gdns: 'none' | 'several' }
  /** The pass itself failed. */
  | { readonly kind: 'look-failed'; readonly why: string };

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
    /** Where gdn's own cgroup is, and how it was found; null if it was not. */
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
  /** Live container cgroups that the kernel showed, compared or not. */
  readonly seen: number;
  /** By untracked containers that Garden, or Diego, does not know. */
  readonly leftovers: Leftovers;
  readonly held: Held;
  readonly ignored: Ignored;
  /** Leftover empty directories, at most 100; `staleOmitted` counts the rest. */
  readonly stale: readonly ByteString[];
  readonly staleOmitted: number;
}
