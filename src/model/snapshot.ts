import type { CellIdentity } from './cell-identity.ts';
import type { CgroupNumbers, CgroupNumbersQuestion } from './cgroup-numbers.ts';
import type { ContainerProperties, GardenAnswer } from './garden.ts';
import type { DestroyEvidence, DestroyQuestion } from './destroy.ts';
import type { ControllerName, CgroupNamespace, MountStat } from './hierarchy.ts';
import type { Handle, ByteString } from './ids.ts';
import type { MountTable } from './mount.ts';
import type { FollowedFile, SensorReading } from './observation.ts';
import type {
  Membership,
  ProcessFacts,
  ProcessInCgroups,
  ProcessStart,
  RepProcess,
} from './process.ts';
import type { Scan } from './scan.ts';
import type { SensorInputs } from './sensor.ts';
import { NO_SWEEP, type RootImage, type Sweep } from './sweep.ts';

/** What a pure stage needs to know before it can decide; probe answers it. */
export interface Questions {
  readonly properties: readonly Handle[];
  /** Whether to list `garden.state=created`, to find out if Garden calls a candidate created. */
  readonly createdList: boolean;
  /**
   * Whether to list once more after the properties, so that there is a list before and after them.
   */
  readonly secondList: boolean;
  /** Pids whose /proc/<pid>/cgroup is read. */
  readonly memberships: readonly number[];
  /** Other hierarchies to walk, for candidates only. */
  readonly scans: readonly ControllerName[];
  /** Pids for evidence. */
  readonly processes: readonly number[];
  /** Pids whose chain of parents is read. */
  readonly ancestors: readonly number[];
  /** Processes whose `/` mount may name the image of a container. */
  readonly rootImages: readonly number[];
  /** Whether to search again for every process called `gdn`: one may have started since. */
  readonly gardenProcesses: boolean;
  /** Handles whose root filesystem a process elsewhere may still have as its `/` mount. */
  readonly rootMounts: readonly Handle[];
  /**
   * Whether to look for Diego's rep: a running one removes containers whose properties Garden lost.
   */
  readonly repProcesses: boolean;
  /** More pids of a container whose init is not known. */
  readonly starts: readonly number[];
  readonly destroys: DestroyQuestion;
  /** The pid of gdn, whose mount table is read for leftovers; null: not in this pass. */
  readonly overlays: number | null;
  /** Cgroups of the primary hierarchy. */
  readonly cgroupNumbers: readonly CgroupNumbersQuestion[];
  /** The event files of configured sensors. */
  readonly sensorFiles: readonly FollowedFile[];
  /** Pids of sensors, and of containers that their files do not name. */
  readonly startTicks: readonly number[];
}

export const NO_QUESTIONS: Questions = {
  properties: [],
  createdList: false,
  secondList: false,
  memberships: [],
  scans: [],
  processes: [],
  ancestors: [],
  rootImages: [],
  gardenProcesses: false,
  rootMounts: [],
  repProcesses: false,
  starts: [],
  destroys: { handles: [], gdnPid: null },
  overlays: null,
  cgroupNumbers: [],
  sensorFiles: [],
  startTicks: [],
};

export interface Answers {
  readonly properties: ReadonlyMap<Handle, GardenAnswer<ContainerProperties>>;
  readonly createdList: GardenAnswer<readonly Handle[]> | null;
  readonly secondList: GardenAnswer<readonly Handle[]> | null;
  readonly memberships: ReadonlyMap<number, Membership | null>;
  readonly scans: ReadonlyMap<ControllerName, Scan>;
  readonly processes: ReadonlyMap<number, ProcessFacts | null>;
  readonly ancestors: ReadonlyMap<number, readonly ProcessFacts[]>;
  /** Null if the process is gone, or its `/` mount was not found. */
  readonly rootImages: ReadonlyMap<number, readonly RootImage[] | null>;
  /** Null if not searched. */
  readonly gardenProcesses: readonly ProcessInCgroups[] | null;
  /** The pids found per handle; an empty list for a handle without any. */
  readonly rootMounts: ReadonlyMap<Handle, readonly number[]>;
  /** By the path in the primary hierarchy. */
  readonly cgroupNumbers: ReadonlyMap<ByteString, CgroupNumbers>;
  /** What this pass's slice of the sweep saw. */
  readonly sweep: Sweep;
  /** The processes that could be rep; null if not searched. */
  readonly repProcesses: readonly RepProcess[] | null;
  /** Null if the process is gone. */
  readonly starts: ReadonlyMap<number, ProcessStart | null>;
  readonly destroys: ReadonlyMap<Handle, DestroyEvidence>;
  /** The images whose overlays gdn has mounted; null if not read. */
  readonly overlays: readonly ByteString[] | null;
  /** What was read of each sensor's event file, by the sensor's name. */
  readonly sensorFiles: ReadonlyMap<string, SensorReading>;
  /** In clock ticks since boot; null if the process has ended. */
  readonly startTicks: ReadonlyMap<number, number | null>;
}

export const NO_ANSWERS: Answers = {
  properties: new Map(),
  createdList: null,
  secondList: null,
  memberships: new Map(),
  scans: new Map(),
  processes: new Map(),
  ancestors: new Map(),
  rootImages: new Map(),
  gardenProcesses: null,
  rootMounts: new Map(),
  cgroupNumbers: new Map(),
  sweep: NO_SWEEP,
  repProcesses: null,
  starts: new Map(),
  destroys: new Map(),
  overlays: null,
  sensorFiles: new Map(),
  startTicks: new Map(),
};

export interface Moment {
  /** RFC 3339 UTC, for people. */
  readonly wall: string;
  /** CLOCK_MONOTONIC: the same clock in every process of one boot. */
  readonly monotonicMilliseconds: number;
}

export interface CellFacts {
  readonly hostname: string;
  readonly bootId: string;
  /** Null if nothing shows it. */
  readonly bosh: CellIdentity | null;
}

/** Everything that one pass read, plain and serialisable. A capture is a list of these. */
export interface Snapshot {
  readonly at: Moment;
  readonly durationMilliseconds: number;
  readonly cell: CellFacts;
  readonly mounts: MountInputs;
  /** The processes called `gdn`; `command` is empty for one that cannot be Garden's server. */
  readonly gardenProcesses: readonly ProcessInCgroups[];
  /** Null if no hierarchy could be chosen. */
  readonly primaryScan: Scan | null;
  /** Null in a pass without a search through the processes, and in captures of earlier versions. */
  readonly sensors: SensorInputs | null;
  readonly list: GardenAnswer<readonly Handle[]>;
  /** RFC 3339: when the list was read, or failed; null in captures of earlier versions. */
  readonly listedAt: string | null;
  readonly answers: Answers;
}

/**
 * Everything that is read to choose the mounts of a live cell, as plain values: a capture holds
 * them.
 */
export interface MountInputs {
  /** The file that held the cell's table: `/proc/1/mountinfo`, below the root. */
  readonly source: string;
  /** `/`, or the directory given with --root. */
  readonly root: string;
  readonly namespace: CgroupNamespace;
  /** Our own pid namespace. */
  readonly pidNamespace: CgroupNamespace;
  readonly cellTable: MountTable;
  /** Our own table: a path is opened through a mount in it. */
  readonly ownTable: MountTable;
  /** By the path as this process opens it. */
  readonly stats: ReadonlyMap<ByteString, MountStat>;
  /** /proc/1/cgroup; null if it could not be read. */
  readonly firstProcessPaths: Membership | null;
}

/** Version 1 had no sweep; versions 1 and 2 had no event files of sensors. */
export const CAPTURE_SCHEMA_VERSION = 3;

/** The inputs of one check, saved to repeat its decision elsewhere. */
export interface Capture {
  readonly schemaVersion: typeof CAPTURE_SCHEMA_VERSION;
  readonly rollcallVersion: string;
  readonly capturedAt: string;
  readonly settleMilliseconds: number;
  /** Oldest first, at least one. */
  readonly looks: readonly Snapshot[];
}
