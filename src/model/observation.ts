import type { Handle } from './ids.ts';
import type { SensorName } from './sensor.ts';

/** The formats of a sensor's event file; docs/sensors.md describes `ids`. */
export const SENSOR_FORMATS = ['tracee', 'falco', 'ids'] as const;
export type SensorFormat = (typeof SENSOR_FORMATS)[number];

export const MAX_CONFIGURED_SENSORS = 4;
export const DEFAULT_GRACE_SECONDS = 120;
export const SENSOR_GRACE_RANGE = [1, 86_400] as const;
export const SENSOR_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** A sensor whose event file is read: an entry of `sensors` in the configuration. */
export interface ConfiguredSensor {
  /** The label of its metrics. */
  readonly name: string;
  readonly format: SensorFormat;
  readonly path: string;
  readonly graceSeconds: number;
}

/** What one line says, or several similar lines. */
export type SensorFact =
  /** The container with this id existed: something happened in it, or a list has it. */
  | { readonly kind: 'named'; readonly id: string }
  /** Tracee found the container when it started itself; this many lines say so. */
  | { readonly kind: 'existing'; readonly id: string; readonly lines: number }
  /** Milliseconds since 1970; null if the line has no time. */
  | { readonly kind: 'created'; readonly id: string; readonly at: number | null }
  /** A list is complete as of this time, in milliseconds since 1970. */
  | { readonly kind: 'as-of'; readonly at: number };

/** An event file to read on. */
export interface FollowedFile {
  /** The sensor's name. */
  readonly name: string;
  readonly path: string;
  readonly format: SensorFormat;
  /** Where an earlier process stopped; null: start at the beginning. */
  readonly place: FilePlace | null;
  /** The ids that were named before. */
  readonly known: { readonly has: (id: string) => boolean };
}

/** How far a file has been read. */
export interface FilePlace {
  readonly device: number;
  readonly inode: number;
  readonly offset: number;
}

/** What one pass read while it followed a file. */
export type FileReading =
  | {
      readonly kind: 'read';
      readonly place: FilePlace;
      /** Earlier lines no longer count: another file, or this one before it was truncated. */
      readonly isAnew: boolean;
      /** It was followed from its first byte, or the memory holds what came before. */
      readonly isWhole: boolean;
      /** The file was read to its end. */
      readonly isAtEnd: boolean;
      /** Lines were skipped, because there were too many. */
      readonly hasGap: boolean;
      /** Complete lines, whatever they contain. */
      readonly lines: number;
      readonly facts: readonly SensorFact[];
      /** When the file was last written, in milliseconds since 1970. */
      readonly writtenAt: number;
    }
  | { readonly kind: 'absent'; readonly isDirectoryMissing: boolean }
  /** `what` cannot be read; its mode and owner, if they are known. */
  | {
      readonly kind: 'unreadable';
      readonly what: string;
      readonly errno: string;
      readonly mode: number | null;
      readonly uid: number | null;
      readonly gid: number | null;
    };

export interface EvidenceTime {
  /** Milliseconds since 1970. */
  readonly wall: number;
  /** CLOCK_MONOTONIC in milliseconds, which on a cell is the time since boot. */
  readonly monotonic: number;
}

/** What one pass read of an event file, and when. */
export interface SensorReading {
  readonly reading: FileReading;
  readonly time: EvidenceTime;
}

export const OBSERVATION_STATES = [
  'fresh',
  'stale',
  'absent',
  'unreadable',
  'cannot-be-told',
] as const;
export type ObservationState = (typeof OBSERVATION_STATES)[number];

/** Whether the sensor's process runs; `unknown` if rollcall does not know it or did not find it. */
export type SensorLife = 'runs' | 'ended' | 'unknown';

/** What a configured sensor says it saw. */
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
export interface WrittenId {
  /** A container has or had it. */
  readonly isNamed: boolean;
  /** Since when no container has it; null while one does. */
  readonly unusedSince: number | null;
}

/** What earlier passes of this boot found out about a configured sensor. CLOCK_MONOTONIC, in ms. */
export interface RememberedObservation {
  readonly path: string;
  readonly format: SensorFormat;
  readonly place: FilePlace | null;
  /** The process that wrote the run; it may have ended. Null if it was not found. */
  readonly process: { readonly pid: number; readonly startTicks: number } | null;
  /** When the run was first read. */
  readonly since: number;
  /** The run was read from its beginning. */
  readonly isWhole: boolean;
  /** When lines were last skipped; null if never. */
  readonly gapAt: number | null;
  readonly ids: ReadonlyMap<string, WrittenId>;
  /** The `existing_container` lines: their number and their distinct ids. */
  readonly existing: { readonly lines: number; readonly ids: ReadonlyMap<string, WrittenId> };
  /** The newest `container_create` of each of the last two ids, in milliseconds since 1970. */
  readonly created: ReadonlyMap<string, number>;
  readonly asOf: number | null;
  /** Milliseconds since 1970. */
  readonly lastLineAt: number | null;
  /** Since when a container could have been named but was not. */
  readonly waiting: ReadonlyMap<Handle, number>;
  /** Since when its file cannot be read or its process has ended. */
  readonly brokenSince: number | null;
  /** What was reported and has not ended. */
  readonly reported: { readonly unseen: readonly Handle[]; readonly silent: boolean };
}
