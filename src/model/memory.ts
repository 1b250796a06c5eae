import { WARNING_REASONS, type CellWarning, type WarningReason } from './cell-warning.ts';
import { destroyEvidence } from './destroy.ts';
import { REASONS, SEVERITIES, type Reason } from './finding.ts';
import { appIdentity, CONTAINER_KINDS } from './garden.ts';
import type { Handle } from './ids.ts';
import { NO_ACCOUNT, NO_LEDGERS_READ, type RememberedLedgers } from './ledger.ts';
import { storedObservation, type RememberedObservation } from './observation.ts';
import { membership, processFacts } from './process.ts';
import type { Report, UnknownCause } from './report.ts';
import { SENSOR_NAMES } from './sensor.ts';
import * as s from './shape.ts';
import { processIdentity, type ProcessIdentity } from './sweep.ts';

/*
 * What the memory file keeps is declared as a shape (`stored…`). The types add what only one process can
 * use, such as times of CLOCK_MONOTONIC, which are in milliseconds.
 */

/** A process that left the cgroups of its container. */
const storedProcess = s.struct({
  ...processIdentity.fields,
  /** When a pass first saw it outside, RFC 3339. */
  since: s.text,
  /** Milliseconds, counted between passes that saw it outside. */
  lasted: s.number,
  /** Garden started it, and it may still be on its way into the container: it does not count. */
  isEntering: s.flag,
});
export type RememberedProcess = s.TypeOf<typeof storedProcess> & {
  /** CLOCK_MONOTONIC of the last pass that saw it outside. Not in the file. */
  readonly seenAt: number | null;
};

/** The number of passes whose reasons a clock keeps. */
export const MAX_CLOCK_PASSES = 8;

/** For how long one incarnation has been untracked, and in which passes. */
const storedClock = s.struct({
  /** When a pass first saw it, RFC 3339. */
  since: s.text,
  /** Milliseconds: passes that saw it added their time, and clean ones took half of theirs away. */
  lasted: s.number,
  /** The passes since the last clean one; null: the last pass was clean. */
  streak: s.nullable(s.struct({ since: s.text, lasted: s.number })),
  /** The reasons of the last passes, oldest first. A clean pass has none; the first one has some. */
  passes: s.list(s.list(s.choice(...REASONS)), MAX_CLOCK_PASSES),
});
export type Clock = s.TypeOf<typeof storedClock> & {
  /** CLOCK_MONOTONIC of the last pass that counted. Not in the file. */
  readonly seenAt: number | null;
};

/** A finding that was reported and has not ended. */
const openReport = s.struct({ reason: s.choice(...REASONS), since: s.text });
export type OpenReport = s.TypeOf<typeof openReport>;

/** The most processes that are kept, and shown, of one difference; of each of its peas as well. */
export const MAX_EVIDENCE = 5;

/** What a differing container had when its processes were first seen. */
const evidence = s.struct({
  processes: s.list(processFacts, MAX_EVIDENCE),
  cgroups: membership,
  /** How many processes it had. */
  pids: s.number,
});
export type Evidence = s.TypeOf<typeof evidence>;

/** What earlier passes found out about one container. */
export const storedContainer = s.struct({
  /** Tells apart two containers that had the same handle; null while no cgroup has been seen. */
  cgroupInode: s.nullable(s.number),
  /** The hierarchy of that inode: if the primary one vanishes, another one becomes primary. */
  inodeOf: s.nullableText,
  /** A process in that cgroup has shown that it belongs to the handle. */
  isProven: s.flag,
  firstSeen: s.text,
  /** Garden has listed it at some time. */
  wasListed: s.flag,
  differingSince: s.nullableText,
  reason: s.nullable(s.choice(...REASONS)),
  /** From the last pass that could decide it. */
  severity: s.nullable(s.choice(...SEVERITIES)),
  /** Milliseconds that the difference has lasted, counted between passes that saw it. */
  lasted: s.number,
  /** How many passes saw the difference, counted like `lasted`. */
  passes: s.number,
  reported: s.flag,
  /** What was reported and has not ended, although its reason may no longer apply. */
  openReport: s.nullable(openReport),
  /** A more severe reason that is still within its grace period, while the reported one applies. */
  escalation: s.nullable(
    s.struct({
      reason: s.choice(...REASONS),
      differingSince: s.text,
      lasted: s.number,
      passes: s.number,
    }),
  ),
  /** Null: no recent pass saw a difference that shares it. */
  clock: s.nullable(storedClock),
  /** Processes that are outside, then those that were outside while the clock has been running. */
  escaped: s.list(storedProcess),
  /** Hierarchies in which this container was seen. */
  seenIn: s.list(s.text),
  /** Whose it is; kept because Garden may lose it. */
  identity: s.nullable(
    s.struct({ kind: s.choice(...CONTAINER_KINDS), app: s.nullable(appIdentity) }),
  ),
  /** For `no-cgroup`; kept because not every pass reads it again. */
  destroy: s.nullable(destroyEvidence),
  /** Null while it does not differ. */
  evidence: s.nullable(evidence),
});
export type RememberedContainer = Omit<s.TypeOf<typeof storedContainer>, 'clock' | 'escaped'> & {
  readonly clock: Clock | null;
  readonly escaped: readonly RememberedProcess[];
  /** CLOCK_MONOTONIC of the last pass that saw the difference. Not in the file. */
  readonly seenAt: number | null;
};

/** Whether earlier passes saw this difference, either as the effective one or as its escalation. */
export const hadReason = (was: RememberedContainer | null, reason: Reason): boolean =>
  was?.reason === reason || was?.escalation?.reason === reason;

/** Its pid and start time are kept, so that a pass needs one read to see that it lives. */
export interface RememberedRep extends ProcessIdentity {
  /** CLOCK_MONOTONIC of the first pass that found no rep; null: one runs. Not in the file. */
  readonly missingSince: number | null;
}

/** A warning about the cell that was reported once and has not ended. */
export interface RememberedWarning {
  readonly since: string;
  /** CLOCK_MONOTONIC of the last pass that saw it; null if no pass of this process has. */
  readonly seenAt: number | null;
}

/** What the last report that compared showed. It is shown again while nothing can be compared. */
export interface LastReport extends Pick<
  Report,
  'containers' | 'unaccounted' | 'sensors' | 'observations' | 'ledgers'
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

/** An unavailable Garden is not one: it has its own time and transitions. */
const REPORTED_CAUSES = [
  'no-properties',
  'no-hierarchy',
  'unreadable',
  'cut',
  'covered',
  'processes-hidden',
  'own-namespace',
  'no-anchor',
  'pass-failed',
] as const satisfies readonly UnknownCause['kind'][];

/** The schema of the memory file. A file with another one is set aside. */
export const MEMORY_SCHEMA_VERSION = 1;

/** The memory file. */
export const storedMemory = s.struct({
  schemaVersion: s.choice(MEMORY_SCHEMA_VERSION),
  writtenAt: s.text,
  bootId: s.nullableText,
  anchor: s.nullable(membership),
  /** The cgroups of other gdns that were seen: what a dead one left behind is not ours. */
  otherGdns: s.list(membership),
  gardenUnavailableSince: s.nullableText,
  /** The kind of the unknown cause that was reported and has not ended; null if there is none. */
  reportedCause: s.nullable(s.choice(...REPORTED_CAUSES)),
  /** Null also in the file of a quiet cell, which is not written again for each pass. */
  lastPass: s.nullable(s.struct({ monotonicMilliseconds: s.number, compared: s.flag })),
  containers: s.map(s.handle, storedContainer),
  /** Diego's rep, as it was last seen; null if none was. */
  rep: s.nullable(processIdentity),
  /** Which sensors ran at the last search for them. */
  sensors: s.list(s.struct({ name: s.choice(...SENSOR_NAMES), ...processIdentity.fields })),
  /** What each configured sensor wrote, by its name. */
  observations: s.map(s.text, storedObservation),
  /** The warnings about the cell that were reported and have not ended. */
  warnings: s.map(s.choice(...WARNING_REASONS), s.struct({ since: s.text })),
  /** When an agent last ended because of Garden's directory, RFC 3339; null if none has. */
  gardenDirectory: s.struct({ endedAt: s.nullableText }),
});

export type Memory = Pick<
  s.TypeOf<typeof storedMemory>,
  | 'bootId'
  | 'anchor'
  | 'otherGdns'
  | 'gardenUnavailableSince'
  | 'reportedCause'
  | 'lastPass'
  | 'sensors'
> & {
  /** Those that the last pass showed, and those of which only an empty cgroup is left. */
  readonly containers: ReadonlyMap<Handle, RememberedContainer>;
  readonly rep: RememberedRep | null;
  readonly observations: ReadonlyMap<string, RememberedObservation>;
  readonly warnings: ReadonlyMap<WarningReason, RememberedWarning>;
  readonly gardenDirectory: GardenDirectory;
  /**
   * Containers of which the last pass showed nothing, while their clocks run: one that vanishes in
   * turns does not begin anew. Not in the file, as all below.
   */
  readonly vanished: ReadonlyMap<Handle, RememberedContainer>;
  readonly lastReport: LastReport;
  /** CLOCK_MONOTONIC of the last pass that read the signals of processes. */
  readonly signalsReadAt: number | null;
  /** How many passes of this process compared: some reads are too costly for each. */
  readonly comparedPasses: number;
  /** What is named like a pea and was one: its first process by inode. */
  readonly peas: ReadonlyMap<number, number>;
  readonly ledgers: RememberedLedgers;
};

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
  lastReport: {
    containers: [],
    unaccounted: { memoryBytes: 0, pids: 0 },
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

/** The memory of this boot: nothing survives a reboot but the unknown cause that was reported. */
export const memoryOfBoot = (memory: Memory, bootId: string | null): Memory =>
  memory.bootId === bootId ? memory : { ...EMPTY_MEMORY, reportedCause: memory.reportedCause };
