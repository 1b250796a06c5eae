import type { RememberedAcknowledgements } from './acknowledgement.ts';
import type { DestroyEvidence } from './destroy.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import type { ControllerName } from './hierarchy.ts';
import type { Handle } from './ids.ts';
import type { Reason, Severity } from './finding.ts';
import type { Membership, ProcessFacts } from './process.ts';
import type { CellWarning, ContainerReport, Held, Leftovers } from './report.ts';
import type { RememberedObservation, SensorObservation } from './observation.ts';
import type { RememberedSensor, SensorReport } from './sensor.ts';
import type { ProcessIdentity } from './sweep.ts';

/** What earlier passes found out about one container. */
export interface RememberedContainer {
  /** Tells apart two containers that had the same handle; null while no cgroup was seen. */
  readonly cgroupInode: number | null;
  /**
   * The hierarchy of that inode: another one becomes primary when the primary one's mount vanishes.
   */
  readonly inodeOf: ControllerName | null;
  /** A process of that cgroup has shown that it is the handle's. */
  readonly isProven: boolean;
  readonly firstSeen: string;
  /** Garden's list has held it at some time. */
  readonly listed: boolean;
  readonly differingSince: string | null;
  readonly reason: Reason | null;
  /** From the last pass that could tell; null also in a memory that an earlier version wrote. */
  readonly severity: Severity | null;
  /** Milliseconds the difference lasted, counted between passes that saw it. */
  readonly lasted: number;
  /**
   * CLOCK_MONOTONIC of the last pass that saw the difference. Not in the file: time in which no
   * agent ran does not count.
   */
  readonly seenAt: number | null;
  readonly looks: number;
  readonly reported: boolean;
  /** What was reported and has not ended, although its reason may not hold any more. */
  readonly told: OpenReport | null;
  /** A worse reason that is still within its grace period, while the reported one holds. */
  readonly worse: Escalation | null;
  /** At most 5. */
  readonly escaped: readonly RememberedProcess[];
  /** Hierarchies in which this container was seen. */
  readonly seenIn: readonly ControllerName[];
  /** Kept because Garden may lose it. */
  readonly identity: { readonly kind: ContainerKind; readonly app: AppIdentity | null } | null;
  /** Of a `no-cgroup`: it is not read anew in every pass. */
  readonly destroy: DestroyEvidence | null;
  /** Null while it does not differ. */
  readonly evidence: Evidence | null;
}

export interface OpenReport {
  readonly reason: Reason;
  readonly since: string;
}

export interface Escalation {
  readonly reason: Reason;
  readonly differingSince: string;
  readonly lasted: number;
  readonly looks: number;
}

/** A differing container when its processes were first seen. */
export interface Evidence {
  /** At most 5. */
  readonly processes: readonly ProcessFacts[];
  readonly cgroups: Membership;
  readonly pids: number;
}

/** The schema of the memory file. A file with a newer one is set aside. */
export const MEMORY_SCHEMA_VERSION = 1;

/** A process that left the cgroups of its container. */
export interface RememberedProcess extends ProcessIdentity {
  readonly since: string;
  /** As of a container: each process must last, not one after the other. */
  readonly lasted: number;
  readonly seenAt: number | null;
  readonly looks: number;
}

/** A warning of the cell that was told once and has not ended. */
export interface RememberedWarning {
  readonly since: string;
  /** CLOCK_MONOTONIC of the last pass that saw it; null: none of this process. */
  readonly seenAt: number | null;
}

/** What the last report that compared showed, and what is shown while nothing can be compared. */
export interface LastShown {
  readonly containers: readonly ContainerReport[];
  readonly held: Held;
  readonly leftovers: Leftovers;
  readonly warnings: readonly CellWarning[];
  /** Of the last search for them. */
  readonly sensors: readonly SensorReport[];
  readonly observations: readonly SensorObservation[];
}

/** That this process sees a removed directory in place of Garden's. */
export interface GardenDirectory {
  /** Passes in a row that saw it. Not in the file: each process begins anew. */
  readonly passes: number;
  /** When an agent last ended for it, RFC 3339; null: none has. */
  readonly endedAt: string | null;
}

export interface Memory {
  readonly bootId: string | null;
  readonly anchor: Membership | null;
  /** The cgroups of other gdns that were seen: what a dead one left is not ours. */
  readonly otherGdns: readonly Membership[];
  readonly gardenUnavailableSince: string | null;
  /**
   * The kind of unknown cause that was reported and whose end was not; null: none. A text, because
   * a later version may have written the file. Garden's absence has its own time and transitions.
   */
  readonly troubleTold: string | null;
  /** The last pass. */
  readonly lastLook: { readonly monotonicMilliseconds: number; readonly compared: boolean } | null;
  readonly containers: ReadonlyMap<Handle, RememberedContainer>;
  readonly acknowledgements: RememberedAcknowledgements;
  /** Which sensors ran when it was last searched for them. */
  readonly sensors: readonly RememberedSensor[];
  /** What each configured sensor wrote, by its name. */
  readonly observations: ReadonlyMap<string, RememberedObservation>;
  /** Not in the file. */
  readonly lastShown: LastShown;
  /** Containers ran without their limits, and that was told; null: none did. */
  readonly limitsLost: RememberedWarning | null;
  readonly gardenDirectory: GardenDirectory;
  /** Passes of this process that compared: some readings are too costly for each. */
  readonly passes: number;
}

export const EMPTY_MEMORY: Memory = {
  bootId: null,
  anchor: null,
  otherGdns: [],
  gardenUnavailableSince: null,
  troubleTold: null,
  lastLook: null,
  containers: new Map(),
  acknowledgements: new Map(),
  sensors: [],
  observations: new Map(),
  lastShown: {
    containers: [],
    held: { memoryBytes: 0, pids: 0 },
    leftovers: { cgroups: 0, rootfsMounts: null },
    warnings: [],
    sensors: [],
    observations: [],
  },
  limitsLost: null,
  gardenDirectory: { passes: 0, endedAt: null },
  passes: 0,
};
