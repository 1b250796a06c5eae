import type { Handle } from './ids.ts';
import type { SensorName } from './sensor.ts';

/** How the event file of a sensor is written; docs/sensors.md describes `ids`. */
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

/** What one line, or several alike, say. */
export type SensorFact =
  /** A container had an id when something happened in it, or in a list. */
  | { readonly kind: 'named'; readonly id: string }
  /** Tracee met the container when it started: so many lines say it. */
  | { readonly kind: 'existing'; readonly id: string; readonly lines: number }
  /** Milliseconds since 1970; null: the line does not tell. */
  | { readonly kind: 'created'; readonly id: string; readonly at: number | null }
  /** A list is complete as of that time, in milliseconds since 1970. */
  | { readonly kind: 'as-of'; readonly at: number };

/** Where a file was read to. */
export interface FilePlace {
  readonly device: number;
  readonly inode: number;
  readonly offset: number;
}

/** What following one file for one pass brought. */
export type FileReading =
  | {
      readonly kind: 'read';
      readonly place: FilePlace;
      /**
       * What the lines before this pass said belongs to another file, or to one that was truncated.
       */
      readonly isAnew: boolean;
      /** It was followed from its first byte, or the memory knows what came before. */
      readonly isWhole: boolean;
      /** The file was read to its end. */
      readonly isAtEnd: boolean;
      /** Lines were left out, because there were too many. */
      readonly hasGap: boolean;
      /** Whole lines, of whatever content. */
      readonly lines: number;
      readonly facts: readonly SensorFact[];
      /** Milliseconds since 1970: when the file was last written. */
      readonly writtenAt: number;
    }
  | { readonly kind: 'absent'; readonly isDirectoryMissing: boolean }
  /** `what` cannot be read; mode and owner where they are known. */
  | {
      readonly kind: 'unreadable';
      readonly what: string;
      readonly errno: string;
      readonly mode: number | null;
      readonly uid: number | null;
      readonly gid: number | null;
    };

export type ObservationState = 'fresh' | 'stale' | 'absent' | 'unreadable' | 'cannot-be-told';

/**
 * Whether the process of the sensor runs; `unknown`: rollcall does not know or has not found it.
 */
export type SensorLife = 'runs' | 'ended' | 'unknown';

/** What a configured sensor says it saw. */
export interface SensorObservation {
  readonly sensor: ConfiguredSensor;
  /** The known sensor that writes the file; null: another tool. */
  readonly process: SensorName | null;
  readonly state: ObservationState;
  readonly life: SensorLife;
  /** Its process has not ended, and its file can be read; it may be silent all the same. */
  readonly isUp: boolean;
  /**
   * Dead, or without a file that can be read, for a grace period; or without a line although
   * containers began.
   */
  readonly isSilent: boolean;
  readonly seen: number;
  readonly unseen: readonly Handle[];
  readonly expectedUnseen: number;
  /** Not named yet, within the grace period or without proof either way. */
  readonly undecided: number;
  /** Ids that name no container, at most MAX_SHOWN_IDS. */
  readonly strangers: readonly string[];
  readonly strangersOmitted: number;
  readonly lastLineAt: string | null;
  /** Why, in sentences. */
  readonly why: string;
}

export const MAX_SHOWN_IDS = 5;

/** An id that a sensor wrote. */
export interface WrittenId {
  /** A container has or had it. */
  readonly isNamed: boolean;
  /** Since when no container has it; null: one has. */
  readonly unusedSince: number | null;
}

/**
 * What earlier passes found out about one configured sensor, of this boot. Times are
 * CLOCK_MONOTONIC in milliseconds.
 */
export interface RememberedObservation {
  readonly path: string;
  readonly format: SensorFormat;
  readonly place: FilePlace | null;
  /** The process that wrote the run, which may have ended; null: it was not found. */
  readonly process: { readonly pid: number; readonly startTicks: number } | null;
  /** When the run was first read. */
  readonly since: number;
  /** The beginning of the run was read. */
  readonly isWhole: boolean;
  /** When lines were last left out; null: never. */
  readonly gapAt: number | null;
  readonly ids: ReadonlyMap<string, WrittenId>;
  /** `existing_container` lines: how many, and their distinct ids. */
  readonly existing: { readonly lines: number; readonly ids: ReadonlyMap<string, WrittenId> };
  /** The newest `container_create` of each of the last two ids, in milliseconds since 1970. */
  readonly created: ReadonlyMap<string, number>;
  readonly asOf: number | null;
  /** Milliseconds since 1970. */
  readonly lastLineAt: number | null;
  /** Since when a container could have been named and was not. */
  readonly waiting: ReadonlyMap<Handle, number>;
  /** Since when its file cannot be read or its process has ended. */
  readonly brokenSince: number | null;
  /** What was told and has not ended. */
  readonly told: { readonly unseen: readonly Handle[]; readonly silent: boolean };
}
