import type { DestroyEvidence } from './destroy.ts';
import type { AppIdentity, ContainerKind } from './garden.ts';
import type { ControllerName } from './hierarchy.ts';
import type { Handle } from './ids.ts';
import { NO_ACCOUNT, NO_LEDGERS_READ, type Ledgers, type RememberedLedgers } from './ledger.ts';
import { REASONS, type Reason, type Severity } from './finding.ts';
import { membership, processFacts, type Membership } from './process.ts';
import type { CellWarning, WarningReason } from './cell-warning.ts';
import type { Report } from './report.ts';
import type { RememberedObservation } from './observation.ts';
import type { RememberedSensor } from './sensor.ts';
import * as s from './shape.ts';
import { processIdentity, type ProcessIdentity } from './sweep.ts';

const MAX_CLOCK_PASSES = 8;

/** What earlier passes found out about one container. */
export interface RememberedContainer {
  /** Tells apart two containers that had the same handle; null while no cgroup has been seen. */
  readonly cgroupInode: number | null;
  /** The hierarchy of that inode: if the primary one vanishes, another one becomes primary. */
  readonly inodeOf: ControllerName | null;
  /** A process in that cgroup has shown that it belongs to the handle. */
  readonly isProven: boolean;
  readonly firstSeen: string;
  /** Who has listed it at some time. */
  readonly listedBy: Ledgers;
  readonly differingSince: string | null;
  readonly reason: Reason | null;
  /** From the last pass that could decide it. */
  readonly severity: Severity | null;
  /** Milliseconds that the difference has lasted, counted between passes that saw it. */
  readonly lasted: number;
  /** CLOCK_MONOTONIC of the last pass that saw the difference. Not in the file. */
  readonly seenAt: number | null;
  /** How many passes saw the difference, counted like `lasted`. */
  readonly passes: number;
  readonly reported: boolean;
  /** What was reported and has not ended, although its reason may no longer apply. */
  readonly openReport: OpenReport | null;
  /** A more severe reason that is still within its grace period, while the reported one applies. */
  readonly escalation: Escalation | null;
  /** Null: no recent pass saw a difference that shares it. */
  readonly clock: Clock | null;
  /** Those that are outside, then those that were while the clock runs; at most 5. */
  readonly escaped: readonly RememberedProcess[];
  /** Hierarchies in which this container was seen. */
  readonly seenIn: readonly ControllerName[];
  /** Kept because Garden may lose it. */
  readonly identity: { readonly kind: ContainerKind; readonly app: AppIdentity | null } | null;
  /** For `no-cgroup`; kept because not every pass reads it again. */
  readonly destroy: DestroyEvidence | null;
  /** Null while it does not differ. */
  readonly evidence: Evidence | null;
}

/** Whether earlier passes saw this difference, either as the effective one or as its escalation. */
export const hadReason = (was: RememberedContainer | null, reason: Reason): boolean =>
  was?.reason === reason || was?.escalation?.reason === reason;

/** For how long one incarnation has been untracked, and in which passes. */
export const keptClock = s.struct({
  /** When a pass first saw it. */
  since: s.text,
  /** Milliseconds: passes that saw it added their time, and clean ones took half of theirs away. */
  lasted: s.number,
  /** Since the last clean pass; null: that was the last one. */
  streak: s.nullable(s.struct({ since: s.text, lasted: s.number })),
  /** The reasons of the last passes, oldest first. A clean pass has none; the first one has some. */
  passes: s.list(s.list(s.choice(...REASONS)), MAX_CLOCK_PASSES),
});
export type Clock = s.TypeOf<typeof keptClock> & {
  /** CLOCK_MONOTONIC of the last pass that counted. Not in the file. */
  readonly seenAt: number | null;
};

export const keptReport = s.struct({ reason: s.choice(...REASONS), since: s.text });
export type OpenReport = s.TypeOf<typeof keptReport>;

interface Escalation {
  readonly reason: Reason;
  readonly differingSince: string;
  readonly lasted: number;
  readonly passes: number;
}

/** What a differing container had when its processes were first seen. */
export const keptEvidence = s.struct({
  processes: s.list(processFacts, 5),
  cgroups: membership,
  pids: s.number,
});
export type Evidence = s.TypeOf<typeof keptEvidence>;

/** The schema of the memory file. A file with another one is set aside. */
export const MEMORY_SCHEMA_VERSION = 1;

/** Its pid and start time are kept, so that a pass needs one read to see that it lives. */
export interface RememberedRep extends ProcessIdentity {
  /** CLOCK_MONOTONIC of the first pass that found no rep; null: one runs. Not in the file. */
  readonly missingSince: number | null;
}

/** A process that left the cgroups of its container. */
export const keptProcess = s.struct({
  ...processIdentity.fields,
  since: s.text,
  /** Milliseconds, counted between passes that saw it outside. */
  lasted: s.number,
  /** Garden started it, and it may still be on its way into the container: it does not count. */
  isEntering: s.flag,
});
export type RememberedProcess = s.TypeOf<typeof keptProcess> & {
  /** CLOCK_MONOTONIC of the last pass that saw it outside. Not in the file. */
  readonly seenAt: number | null;
};

/** A warning about the cell that was reported once and has not ended. */
export interface RememberedWarning {
  readonly since: string;
  /** CLOCK_MONOTONIC of the last pass that saw it; null if no pass of this process has. */
  readonly seenAt: number | null;
}

/** What the last report that compared showed. It is shown again while nothing can be compared. */
export interface LastShown extends Pick<
  Report,
  'containers' | 'held' | 'sensors' | 'observations' | 'ledgers'
> {
  readonly warnings: readonly CellWarning[];
}

/** Whether this process sees a removed directory in place of Garden's. */
export interface GardenDirectory {
  /** Consecutive passes that saw it. Not in the file, because each process starts anew. */
  readonly passes: number;
  /** When an agent last ended because of it, RFC 3339; null if none has. */
  readonly endedAt: string | null;
}

export interface Memory {
  readonly bootId: string | null;
  readonly anchor: Membership | null;
  /** The cgroups of other gdns that were seen: what a dead one left behind is not ours. */
  readonly otherGdns: readonly Membership[];
  readonly gardenUnavailableSince: string | null;
  /**
   * The kind of the unknown cause that was reported and has not ended; null if there is none. A
   * string, because a later version may have written the file. An unavailable Garden is not one: it
   * has its own time and transitions.
   */
  readonly reportedCause: string | null;
  readonly lastPass: { readonly monotonicMilliseconds: number; readonly compared: boolean } | null;
  readonly containers: ReadonlyMap<Handle, RememberedContainer>;
  /**
   * Containers that the last pass showed nowhere, while their clocks run: one that vanishes in turns
   * does not begin anew. Not in the file.
   */
  readonly vanished: ReadonlyMap<Handle, RememberedContainer>;
  /** Diego's rep, as it was last seen; null if none was. */
  readonly rep: RememberedRep | null;
  /** Which sensors ran at the last search for them. */
  readonly sensors: readonly RememberedSensor[];
  /** What each configured sensor wrote, by its name. */
  readonly observations: ReadonlyMap<string, RememberedObservation>;
  /** Not in the file. */
  readonly lastShown: LastShown;
  /** The warnings about the cell that were reported and have not ended. */
  readonly warnings: ReadonlyMap<WarningReason, RememberedWarning>;
  readonly gardenDirectory: GardenDirectory;
  /** CLOCK_MONOTONIC of the last pass that read the signals of processes. Not in the file. */
  readonly signalsReadAt: number | null;
  /** How many passes of this process compared: some reads are too costly for each. Not saved. */
  readonly comparedPasses: number;
  /** What is named like a pea and was one: its first process by inode. Not in the file. */
  readonly peas: ReadonlyMap<number, number>;
  /** Not in the file. */
  readonly ledgers: RememberedLedgers;
}

export const EMPTY_MEMORY: Memory = {
  bootId: null,
  anchor: null,
  otherGdns: [],
  gardenUnavailableSince: null,
  reportedCause: null,
  lastPass: null,
  containers: new Map(),
  vanished: new Map(),
  rep: null,
  sensors: [],
  observations: new Map(),
  lastShown: {
    containers: [],
    held: { memoryBytes: 0, pids: 0 },
    warnings: [],
    sensors: [],
    observations: [],
    ledgers: NO_ACCOUNT,
  },
  warnings: new Map(),
  gardenDirectory: { passes: 0, endedAt: null },
  signalsReadAt: null,
  comparedPasses: 0,
  peas: new Map(),
  ledgers: NO_LEDGERS_READ,
};
