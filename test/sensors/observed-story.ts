import type { CgroupMode } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle, type Handle } from '../../src/model/ids.ts';
import type {
  ConfiguredSensor,
  FileReading,
  RememberedObservation,
  SensorFact,
  SensorFormat,
  SensorObservation,
} from '../../src/model/observation.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import { judgeSensor, unnamed } from '../../src/sensors/judge-observation.ts';
import type { Writer } from '../../src/sensors/formats.ts';
import { evidenceAfter, rememberedFor } from '../../src/sensors/sensor-evidence.ts';

export const GRACE = 60;
const BOOTED = Date.UTC(2026, 0, 1);

/** The handle of an app instance. */
export const handleOf = (number: number): Handle =>
  asHandle(`8a37cb6f-385b-4dd3-732c-${number.toString(16).padStart(4, '0')}`);

interface Pass {
  /** Seconds since boot. */
  readonly at: number;
  readonly lines?: readonly string[];
  readonly isAnew?: boolean;
  readonly isWhole?: boolean;
  readonly isAtEnd?: boolean;
  readonly hasGap?: boolean;
  /** In place of a file that can be read. */
  readonly failed?: Exclude<FileReading, { readonly kind: 'read' }>;
  /** Null: nothing could be compared. */
  readonly isCompared?: boolean;
}

/** Passes of an agent over one sensor, with what runs. */
export class ObservedStory {
  readonly sensor: ConfiguredSensor;
  mode: CgroupMode = 'v2';
  /** Seconds since boot at which each container started. */
  readonly running = new Map<Handle, number>();
  /** Handles without Tracee's form. */
  readonly paths = new Map<Handle, string>();
  /** Null: it does not run. */
  writer: Writer | null = { pid: 100, startTicks: 10_000 };
  remembered: RememberedObservation | undefined;
  last: SensorObservation | null = null;
  #hasRead = false;
  #written = 0;

  constructor(format: SensorFormat) {
    this.sensor = { name: 'tracee', format, path: '/events', graceSeconds: GRACE };
  }

  start(count: number, at: number, from = 0): readonly Handle[] {
    const handles = Array.from({ length: count }, (_, index) => handleOf(from + index));
    for (const handle of handles) this.running.set(handle, at);
    return handles;
  }

  pass(pass: Pass): SensorObservation {
    const { sensor, writer } = this;
    const was = rememberedFor(sensor, this.remembered);
    const time = { wall: BOOTED + pass.at * 1000, monotonic: pass.at * 1000 };
    const reading = pass.failed ?? this.#reading(pass);
    const process = was?.process;
    const isWriterAlive =
      process?.pid === writer?.pid && process?.startTicks === writer?.startTicks;
    const run = evidenceAfter(was, {
      sensor,
      reading,
      writer,
      isWriterAlive: writer !== null && isWriterAlive,
      time,
    });
    const containers = [...this.running.keys()].map((handle) => ({
      handle,
      // A kernel may have cpuset in a hierarchy of version 1 that the cell does not show.
      membership: {
        cpuset: asByteString('/'),
        v2: asByteString(this.paths.get(handle) ?? `/garden/${handle}`),
      },
    }));
    const asked = new Set(unnamed(run, containers));
    const { observation, remembered } = judgeSensor(run, {
      mode: this.mode,
      sensor,
      reading,
      containers: pass.isCompared === false ? null : containers,
      starts: new Map(
        [...this.running].flatMap(([handle, at]) =>
          asked.has(handle) ? [[handle, at * 100] as const] : [],
        ),
      ),
      writer,
      last: this.last,
      time,
    });
    this.remembered = remembered;
    this.last = observation;
    return observation;
  }

  #reading({ at, lines = [], ...pass }: Pass): FileReading {
    const isKnown = (id: string): boolean => this.remembered?.ids.has(id) === true;
    const facts = lines.flatMap((line): SensorFact[] => {
      const fact = sensorFact(this.sensor.format, line, isKnown);
      return fact === null ? [] : [fact];
    });
    const isAnew = pass.isAnew ?? !this.#hasRead;
    this.#hasRead = true;
    if (lines.length > 0) this.#written = BOOTED + at * 1000;
    return {
      kind: 'read',
      place: { device: 1, inode: 1, offset: 1 },
      isAnew,
      isWhole: pass.isWhole ?? true,
      isAtEnd: pass.isAtEnd ?? true,
      hasGap: pass.hasGap ?? false,
      lines: lines.length,
      facts,
      writtenAt: this.#written,
    };
  }
}

/** The wall clock of a story. */
export const wallAt = (seconds: number): number => BOOTED + seconds * 1000;
