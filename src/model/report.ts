import type { CellIdentity } from './cell-identity.ts';
import type { CellWarning } from './cell-warning.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import { isLost, type Explanation, type Reason, type Severity, type Status } from './finding.ts';
import type { CgroupMode, CgroupNamespace, ControllerName, MountChoice } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';
import type { Account } from './ledger.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { SensorObservation } from './observation.ts';
import type { SensorReport } from './sensor.ts';
import * as s from './shape.ts';

export interface ContainerReport {
  readonly handle: Handle;
  readonly kind: ContainerKind;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly since: string | null;
  /** The agent of the cell says so: a check alone knows only that it lasted as long as the check. */
  readonly isSinceOfAgent?: true;
  readonly explanation: Explanation;
  /** In how many of the last passes it had its reason; null: in all since it began. */
  readonly inPasses: { readonly seen: number; readonly of: number } | null;
  readonly drill: boolean;
  readonly app: AppIdentity | null;
  /** What names its app, where Garden does not now; absent: Garden's properties, or nothing. */
  readonly appSource?: 'policy-store' | 'memory';
  readonly privileged: boolean;
  readonly throttled: boolean;
  /** Number of processes in its cgroup and below, without peas. */
  readonly pids: number;
  /** At most 5, and only for differences. */
  readonly processes: readonly ProcessFacts[];
  readonly cgroups: Membership;
  readonly peas: readonly string[];
  /** Only for differences, and only of what this pass read; at most 8 peas in which something runs. */
  readonly peaProcesses: readonly PeaProcesses[];
}

/** What runs in one pea. */
interface PeaProcesses {
  readonly pea: string;
  /** Number of processes in its cgroup and below. */
  readonly pids: number;
  /** At most 5. */
  readonly processes: readonly ProcessFacts[];
}

/**
 * Whether Diego takes what a finding uses for free, because Garden or Diego lost it. An older rep
 * still counts a container until it is destroyed (executor's store). One whose rep this pass could
 * not decide counts as unaccounted.
 */
export const isUnaccounted = ({
  status,
  reason,
  explanation,
}: Pick<ContainerReport, 'status' | 'reason' | 'explanation'>): boolean =>
  status === 'untracked' &&
  isLost(reason) &&
  !(explanation.kind === 'unowned' && explanation.rep === 'older');

/** What unaccounted containers use: Diego does not count it and places apps on top of it. */
export const unaccounted = s.object({
  memoryBytes: s.key(s.nullableCount, 'Null: the kernel has no value.'),
  pids: s.key(s.count, 'Processes.'),
});
export type Unaccounted = s.TypeOf<typeof unaccounted>;

export const VERDICTS = ['all-tracked', 'untracked', 'unknown'] as const;
type Verdict = (typeof VERDICTS)[number];

/** Why nothing could be compared, or not everything. */
export type UnknownCause =
  | { readonly kind: 'garden-unavailable'; readonly why: string }
  /** Garden answers its list, but no question about any container. */
  | { readonly kind: 'no-properties'; readonly why: string }
  | { readonly kind: 'no-hierarchy'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly path: ByteString; readonly errno: string }
  | { readonly kind: 'cut'; readonly path: ByteString }
  /** Another mount lies over the cgroup `path`. */
  | {
      readonly kind: 'covered';
      readonly path: ByteString;
      readonly fstype: string;
      readonly mountPoint: ByteString;
    }
  /** `by`: null if our own pid namespace is the initial one. */
  | { readonly kind: 'processes-hidden'; readonly by: 'pid-namespace' | null }
  /** gdn's cgroup lies outside our cgroup namespace. */
  | { readonly kind: 'own-namespace' }
  /** Nothing shows which Garden the directories belong to: no gdn was found, or several. */
  | { readonly kind: 'no-anchor'; readonly gdns: 'none' | 'several' }
  | { readonly kind: 'pass-failed'; readonly why: string };

const gardenKnown = s.object({
  state: s.key(s.choice('known'), 'The list was read.'),
  listed: s.key(s.count, 'How many containers Garden lists.'),
});
const gardenUnavailable = s.object({
  state: s.key(s.choice('unavailable'), 'The list could not be read.'),
  since: s.key(s.time, 'Since when; the time of the first pass if that already found it so.'),
  why: s.key(s.text, 'The event, and what to do.'),
});
export const gardenState = s.union(gardenKnown, gardenUnavailable);

/** Live cgroups that are not Garden's. */
export const ignored = s.object({
  bpm: s.key(s.count, 'Cgroups of bpm jobs.'),
  docker: s.key(s.count, 'Cgroups of Docker containers.'),
  systemd: s.key(s.count, 'Cgroups of systemd.'),
  'other-garden': s.key(s.count, 'Cgroups of another gdn.'),
  unrecognised: s.key(s.count, 'Cgroups of an unknown owner.'),
});
export type Ignored = s.TypeOf<typeof ignored>;

/** How gdn's own cgroup was found. */
export const ANCHOR_SOURCES = ['process', 'memory', 'walk'] as const;

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
    /** Where gdn's own cgroup is; null if it was not found. */
    readonly anchor: {
      readonly source: (typeof ANCHOR_SOURCES)[number];
      readonly pid: number | null;
      readonly path: ByteString;
    } | null;
  };
  readonly garden: s.TypeOf<typeof gardenState>;
  readonly containers: readonly ContainerReport[];
  readonly sensors: readonly SensorReport[];
  readonly observations: readonly SensorObservation[];
  /** Live container cgroups that the kernel showed, whether or not they were compared. */
  readonly live: number;
  readonly ledgers: Account;
  readonly unaccounted: Unaccounted;
  readonly ignored: Ignored;
  /** Empty cgroups that were left behind, at most 100; the next number counts the rest. */
  readonly leftoverCgroups: readonly ByteString[];
  readonly leftoverCgroupsOmitted: number;
}
