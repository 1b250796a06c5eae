import type { CellIdentity } from './cell-identity.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import type { Explanation, Reason, Severity, Status } from './finding.ts';
import type { CgroupMode, CgroupNamespace, ControllerName } from './hierarchy.ts';
import type { GardenState, Held, Leftovers, Ignored, Report, Verdict } from './report.ts';
import type { ObservationState } from './observation.ts';

/**
 * A report in the shape of its JSON, from `check` and from a running agent alike. Tables are drawn
 * from it. Texts are as the cell gave them: escape them on output.
 */
export interface ReportView {
  readonly schemaVersion: 1;
  readonly takenAt: string;
  readonly durationMilliseconds: number;
  readonly verdict: Verdict;
  /** The report in one sentence. */
  readonly why: string;
  readonly cell: {
    readonly hostname: string;
    readonly bootId: string;
    readonly bosh: CellIdentity | null;
    readonly scopes: Readonly<Record<ControllerName, string>>;
    readonly warnings: readonly CellWarningView[];
  };
  readonly cgroups: {
    readonly mode: CgroupMode;
    readonly namespace: CgroupNamespace;
    readonly primary: ControllerName | null;
    readonly anchor: {
      readonly source: NonNullable<Report['cgroups']['anchor']>['source'];
      readonly pid: number | null;
      readonly path: string;
    } | null;
    readonly hierarchies: readonly HierarchyView[];
  };
  readonly garden: GardenState;
  readonly containers: readonly ContainerView[];
  readonly sensors: readonly SensorView[];
  readonly seen: number;
  /** Null in an answer of an earlier version. */
  readonly held: Held | null;
  /** Null in an answer of an earlier version. */
  readonly leftovers: Leftovers | null;
  readonly ignored: Ignored;
  readonly stale: readonly string[];
  readonly staleOmitted: number;
  readonly summary: {
    readonly listed: number;
    readonly tracked: number;
    readonly pending: number;
    readonly untracked: number;
    /** Those of the three above that the pass could not decide. */
    readonly undecided: number;
    /** Not included in `untracked` or `byReason`. */
    readonly acknowledged: number;
    readonly byReason: Readonly<Record<string, number>>;
  };
}

/** The reason is a plain string, because the agent may be of a later version. */
interface CellWarningView {
  readonly reason: string;
  readonly containers: number;
  readonly worst: string;
  readonly sentence: string;
}

/** A sensor that runs. Its name is a plain string, because the agent may be of a later version. */
export interface SensorView {
  readonly name: string;
  readonly title: string;
  readonly version: null;
  /** Null for a configured sensor whose process was not found. */
  readonly pid: number | null;
  readonly startedAt: string | null;
  /** Its systemd unit or bpm job. */
  readonly unit: string | null;
  readonly olderContainers: number | null;
  readonly containers: number | null;
  readonly prediction:
    | (Readonly<Record<'seen' | 'missed' | 'misnamed' | 'unknown' | 'knownLimits', number>> & {
        readonly mount: string | null;
      })
    | null;
  readonly blind: boolean | null;
  /** All that is known about it. */
  readonly sentence: string;
  /** What it says it saw; null if its event file is not read. */
  readonly observation: ObservationView | null;
}

export interface ObservationView {
  /** As configured: the label of its metrics. */
  readonly name: string;
  readonly format: string;
  readonly path: string;
  readonly state: ObservationState;
  readonly up: boolean;
  readonly silent: boolean;
  readonly seen: number;
  readonly unseen: readonly string[];
  readonly expectedUnseen: number;
  readonly undecided: number;
  /** Some of the ids that it wrote and that no container has. */
  readonly unknownIds: readonly string[];
  readonly unknownIdsOmitted: number;
  readonly lastLineAt: string | null;
  readonly sentence: string;
}

export interface HierarchyView {
  readonly device: string | null;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly name: string | null;
  readonly chosen: {
    readonly mountPoint: string;
    readonly mountId: number | null;
    readonly root: string | null;
  } | null;
  readonly confirmed: boolean | null;
  readonly why: string;
}

export interface ContainerView {
  readonly handle: string;
  readonly kind: ContainerKind;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly since: string | null;
  readonly explanation: Explanation['kind'];
  readonly sentence: string;
  /** What to do about it; null if it is not a finding. */
  readonly advice: string | null;
  readonly drill: boolean;
  readonly acknowledged: Acknowledgement | null;
  readonly app: AppIdentity | null;
  readonly privileged: boolean;
  readonly throttled: boolean;
  readonly pids: number;
  readonly processes: readonly {
    readonly pid: number;
    readonly parentPid: number;
    readonly uid: number;
    readonly startedAt: string;
    readonly command: string;
  }[];
  readonly cgroups: Readonly<Record<ControllerName, string>>;
  readonly peas: readonly string[];
}
