import type { Handle } from './ids.ts';
import type { SensorMarks, SensorName } from './sensor.ts';
import * as s from './shape.ts';

/** The formats of a sensor's event file; docs/sensors.md describes `ids`. */
export const SENSOR_FORMATS = ['tracee', 'falco', 'ids'] as const;
export type SensorFormat = (typeof SENSOR_FORMATS)[number];

/** A sensor whose event file is read: an entry of `sensors` in the configuration. */
export interface ConfiguredSensor {
  /** The label of its metrics. */
  readonly name: string;
  readonly format: SensorFormat;
  readonly path: string;
  readonly graceSeconds: number;
}

/** An id as a sensor may write it. */
export const SENSOR_ID = /^[\x21-\x7e]{1,255}$/;
const id = s.matching(SENSOR_ID);

/** What one line says, or several similar lines. */
const sensorFact = s.union(
  /** The container with this id existed: something happened in it, or a list has it. */
  s.struct({ kind: s.choice('named'), id }),
  /** Tracee found the container when it started itself; this many lines say so. */
  s.struct({ kind: s.choice('existing'), id, lines: s.number }),
  /** The time is null if the line has none. */
  s.struct({ kind: s.choice('created'), id, at: s.nullable(s.instant) }),
  /** A list is complete as of this time. */
  s.struct({ kind: s.choice('as-of'), at: s.instant }),
);
export type SensorFact = s.TypeOf<typeof sensorFact>;

export interface FollowedFile {
  readonly name: string;
  readonly path: string;
  readonly format: SensorFormat;
  /** Where an earlier process stopped; null: start at the beginning. */
  readonly place: FilePlace | null;
  /** The ids that were named before. */
  readonly known: { readonly has: (id: string) => boolean };
}

/** How far a file has been read. */
const filePlace = s.struct({ device: s.number, inode: s.number, offset: s.number });
export type FilePlace = s.TypeOf<typeof filePlace>;

/** What one pass read while it followed a file. */
const fileReading = s.union(
  s.struct({
    kind: s.choice('read'),
    place: filePlace,
    /** Earlier lines no longer count: another file, or this one before it was truncated. */
    isAnew: s.flag,
    /** The file was followed from its first byte, or the memory holds what came before. */
    isWhole: s.flag,
    /** The file was read to its end. */
    isAtEnd: s.flag,
    /** Lines were skipped, because there were too many. */
    hasGap: s.flag,
    /** Complete lines, whatever they contain. */
    lines: s.number,
    facts: s.list(sensorFact),
    /** When the file was last written. */
    writtenAt: s.instant,
  }),
  s.struct({ kind: s.choice('absent'), isDirectoryMissing: s.flag }),
  /** `what` cannot be read; its mode and owner, if they are known. */
  s.struct({
    kind: s.choice('unreadable'),
    what: s.text,
    errno: s.matching(/^[\w ]{1,32}$/),
    mode: s.nullable(s.number),
    uid: s.nullable(s.number),
    gid: s.nullable(s.number),
  }),
);
export type FileReading = s.TypeOf<typeof fileReading>;

const evidenceTime = s.struct({
  wall: s.instant,
  /** CLOCK_MONOTONIC in milliseconds, which on a cell is the time since boot. */
  monotonic: s.number,
});
export type EvidenceTime = s.TypeOf<typeof evidenceTime>;

export const sensorReading = s.struct({ reading: fileReading, time: evidenceTime });
export type SensorReading = s.TypeOf<typeof sensorReading>;

/** `unknown`: it is fresh, but does not show whether its sensor misses a container. */
export const OBSERVATION_STATES = ['fresh', 'stale', 'absent', 'unreadable', 'unknown'] as const;
export type ObservationState = (typeof OBSERVATION_STATES)[number];

/** Whether the sensor's process runs; `unknown` if rollcall does not know it or did not find it. */
export type SensorLife = 'runs' | 'ended' | 'unknown';

export interface SensorObservation {
  readonly sensor: ConfiguredSensor;
  /** The known sensor that writes the file; null for another tool. */
  readonly process: SensorName | null;
  readonly state: ObservationState;
  readonly life: SensorLife;
  /** Its process has not ended and its file can be read; it may be silent nevertheless. */
  readonly isUp: boolean;
  /** Dead or unreadable for a grace period, or without a line although containers started. */
  readonly isSilent: boolean;
  /** No if it should have named a container and did not, or is not expected to. */
  readonly sees: SensorMarks;
  readonly seen: number;
  readonly unseen: readonly Handle[];
  readonly expectedUnseen: number;
  /** Not named yet, and still within the grace period or without proof either way. */
  readonly undecided: number;
  /** Ids that name no container, at most MAX_SHOWN_IDS. */
  readonly unknownIds: readonly string[];
  readonly unknownIdsOmitted: number;
  readonly lastLineAt: string | null;
  /** Why, in sentences. */
  readonly why: string;
}

export const MAX_SHOWN_IDS = 5;

/** An id that a sensor wrote. */
const writtenId = s.struct({
  /** A container has or had it. */
  isNamed: s.flag,
  /** Since when no container has it; null while one does. */
  unusedSince: s.nullable(s.number),
});
export type WrittenId = s.TypeOf<typeof writtenId>;
const writtenIds = s.map(s.text, writtenId, 20_000);

/** What the memory file keeps of an observation. CLOCK_MONOTONIC, in ms. */
export const storedObservation = s.struct({
  path: s.text,
  format: s.choice(...SENSOR_FORMATS),
  place: s.nullable(filePlace),
  /** The process that wrote the run; it may have ended. Null if it was not found. */
  process: s.nullable(s.struct({ pid: s.number, startTicks: s.number })),
  /** When the run was first read. */
  since: s.number,
  /** The run was read from its beginning. */
  isWhole: s.flag,
  /** When lines were last skipped; null if never. */
  gapAt: s.nullable(s.number),
  ids: writtenIds,
  /** The `existing_container` lines: their number and their distinct ids. */
  existing: s.struct({ lines: s.number, ids: writtenIds }),
  /** The newest `container_create` of each of the last two ids, in milliseconds since 1970. */
  created: s.map(s.text, s.number),
  /** Since when a container could have been named but was not. */
  waiting: s.map(s.handle, s.number),
  /** Since when its file cannot be read or its process has ended. */
  brokenSince: s.nullable(s.number),
  /** What was reported and has not ended. */
  reported: s.struct({ unseen: s.list(s.handle), silent: s.flag }),
});

/** What earlier passes of this boot found out about a configured sensor. */
export type RememberedObservation = s.TypeOf<typeof storedObservation> & {
  /** Milliseconds since 1970, as `lastLineAt`. */
  readonly asOf: number | null;
  readonly lastLineAt: number | null;
};
