import { eventView } from './agent-state.ts';
import { cellIdentity } from './cell-identity.ts';
import { gardenAnswer } from './garden.ts';
import { CGROUP_NAMESPACES, mountStat } from './hierarchy.ts';
import { mountTable } from './mount.ts';
import type { ByteString } from './ids.ts';
import { membership, processInCgroups } from './process.ts';
import { capturedAnswers } from './questions.ts';
import { reportView } from './report-view.ts';
import { walk } from './walk.ts';
import { sensorInputs } from './sensor.ts';
import * as s from './shape.ts';

const moment = s.struct({
  /** For people. */
  wall: s.time,
  /** CLOCK_MONOTONIC: the same clock in every process of one boot. */
  monotonicMilliseconds: s.number,
});
export type Moment = s.TypeOf<typeof moment>;

const cellFacts = s.struct({
  hostname: s.text,
  bootId: s.text,
  /** Null if nothing shows it. */
  bosh: s.nullable(cellIdentity),
});
export type CellFacts = s.TypeOf<typeof cellFacts>;

/** All that is read to choose the mounts of a live cell, as plain values: a capture holds them. */
const mountInputs = s.struct({
  /** The file that held the cell's table: `/proc/1/mountinfo`, below the root. */
  source: s.text,
  /** `/`, or the directory given with --root. */
  root: s.text,
  namespace: s.choice(...CGROUP_NAMESPACES),
  /** Our own pid namespace. */
  pidNamespace: s.choice(...CGROUP_NAMESPACES),
  cellTable: mountTable,
  /** Our own table: a path is opened through a mount in it. */
  ownTable: mountTable,
  /** By the path as this process opens it. */
  stats: s.map(s.bytes, mountStat),
  /** /proc/1/cgroup; null if it could not be read. */
  firstProcessPaths: s.nullable(membership),
});
export type MountInputs = s.TypeOf<typeof mountInputs>;

/** Everything that one pass read, plain and serialisable. A capture is a list of these. */
const snapshot = s.struct({
  at: moment,
  durationMilliseconds: s.number,
  cell: cellFacts,
  mounts: mountInputs,
  /** The processes that can be Garden's server. */
  gardenProcesses: s.list(processInCgroups),
  /** Null if no hierarchy could be chosen. */
  primaryWalk: s.nullable(walk),
  /** Null in a pass without a search through the processes. */
  sensors: s.nullable(sensorInputs),
  list: gardenAnswer(s.list(s.handle)),
  /** When the list was read, or failed. */
  listedAt: s.time,
  answers: capturedAnswers,
  /** Two reads of command lines hang, so this process makes no more of their kind. */
  hasHangingReads: s.flag,
  /** A read of this file keeps its reader in the kernel, so the pass opened no cgroup; null: none does. */
  hangingFile: s.nullable(s.bytes),
  /** More processes outside containers are called gdn, rep or like a sensor than were read. */
  hasMoreNames: s.later(s.flag, false),
  /** A change on the cell brought the pass forward: whoever made it could expect the pass. */
  isAnnounced: s.flag,
});
export type Snapshot = s.TypeOf<typeof snapshot>;

/** What a pass reads although nothing has changed; all else may be as old as rereads.ts says. */
export type MustRead =
  | 'everything'
  | {
      /** Cgroups of the primary hierarchy, with everything below them. */
      readonly directories: ReadonlySet<ByteString>;
      /** The same, by the name of the highest of them. */
      readonly names: ReadonlySet<ByteString>;
      readonly pids: ReadonlySet<number>;
    };

/** A capture with another number is refused. */
export const CAPTURE_SCHEMA_VERSION = 3;

/** What the agent of a cell answered when a capture was made: it decides nothing in a replay. */
const capturedAgent = s.struct({
  report: reportView,
  /** What it logged, newest first. */
  events: s.list(eventView),
});
export type CapturedAgent = s.TypeOf<typeof capturedAgent>;

/** The inputs of one check, saved to repeat its decision elsewhere. */
export const captureContent = s.struct({
  schemaVersion: s.choice(CAPTURE_SCHEMA_VERSION),
  rollcallVersion: s.text,
  capturedAt: s.time,
  /** Who made it, from the shell's environment; null: left out. */
  capturedBy: s.nullableText,
  settleMilliseconds: s.number,
  /** Oldest first, at least one. */
  passes: s.list(snapshot, 10_000),
  /** Null: no agent of this cell and boot answered. */
  agent: s.later(s.nullable(capturedAgent), null),
});
export type Capture = s.TypeOf<typeof captureContent>;

/** A capture in a file, which also holds a digest of it. */
export interface StoredCapture {
  readonly capture: Capture;
  /** `ofContent` is the SHA-256 of what the file holds now. */
  readonly digest: { readonly stored: string; readonly ofContent: string };
}
