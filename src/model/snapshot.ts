import type { CellIdentity } from './cell-identity.ts';
import type { GardenAnswer } from './garden.ts';
import type { CgroupNamespace, MountStat } from './hierarchy.ts';
import type { Handle, ByteString } from './ids.ts';
import type { MountTable } from './mount.ts';
import type { Membership, ProcessInCgroups } from './process.ts';
import type { Answers } from './questions.ts';
import type { Scan } from './scan.ts';
import type { SensorInputs } from './sensor.ts';

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
  /** Two reads of command lines hang, so this process makes no more of their kind. */
  readonly hasHangingReads: boolean;
  /** A change on the cell brought the pass forward: whoever made it could expect the pass. */
  readonly isAnnounced: boolean;
}

/** All that is read to choose the mounts of a live cell, as plain values: a capture holds them. */
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
