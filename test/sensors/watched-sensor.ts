import { expect } from 'chai';
import type { CgroupMode } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle, type Handle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type {
  FileReading,
  RememberedObservation,
  SensorFact,
  SensorFormat,
  SensorObservation,
} from '../../src/model/observation.ts';
import { reread as rereadMemory } from '../parse/reread-memory.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import { judgeSensor, unnamed, type Judged } from '../../src/sensors/judge-observation.ts';
import type { Writer } from '../../src/sensors/formats.ts';
import { evidenceAfter, rememberedFor } from '../../src/sensors/sensor-evidence.ts';
import { falcoLine, traceeLine, type TraceeVersion } from './event-lines.ts';

const GRACE_SECONDS = 60;
const BOOTED = Date.UTC(2026, 0, 1);
/** Unix time, in milliseconds, so many seconds after boot. */
const wallAt = (seconds: number): number => BOOTED + seconds * 1000;

/** An app instance, whose handle begins like those of all others with a number. */
export const app = (number: number): Handle =>
  asHandle(`8a37cb6f-385b-4dd3-732c-${number.toString(16).padStart(4, '0')}`);
/** The app instances of these numbers, the last one included. */
export const apps = (first: number, last: number): readonly Handle[] =>
  Array.from({ length: last - first + 1 }, (_, index) => app(first + index));
/** Two more app instances, of which Falco shows no number. */
export const H = asHandle('8a37cb6f-385b-4dd3-732c-34d6');
export const J = asHandle('9b48dc70-385b-4dd3-732c-34d6');
export const TASK = asHandle('5f3b1c1e-6a2d-4e5f-9a1b-0c2d3e4f5a6b');

/** Tracee's lines about containers that ran before it started. */
export const existing = (
  ids: readonly string[],
  version: TraceeVersion = 'v0.18-v0.24',
): readonly string[] => ids.map((id) => traceeLine(version, 'existing', { id }));

/** Tracee's lines about containers that were created so many seconds after boot. */
export const created = (ids: readonly string[], seconds: number): readonly string[] =>
  ids.map((id) => traceeLine('7c9ec978', 'created', { id, at: wallAt(seconds) }));

/** Tracee's lines about a process in each of these containers. */
export const processEvents = (
  ids: readonly string[],
  version: TraceeVersion = '7c9ec978',
): readonly string[] => ids.map((id) => traceeLine(version, 'process', { id }));

/** An alert of Falco about each of these ids. */
export const falcoAlerts = (...ids: readonly string[]): readonly string[] => ids.map(falcoLine);

/** A complete list of ids; the pass adds the line that dates it. */
export const list = (...ids: readonly string[]): readonly string[] => [...ids, LIST_ENDS];
const LIST_ENDS = '# as of the pass';

type FailedReading = Exclude<FileReading, { readonly kind: 'read' }>;
export const ABSENT: FailedReading = { kind: 'absent', isDirectoryMissing: true };
export const UNREADABLE: FailedReading = {
  kind: 'unreadable',
  what: '/var/log/tracee',
  errno: 'EACCES',
  mode: 0o700,
  uid: 0,
  gid: 0,
};

/** What a pass reads of the sensor's file. */
interface NewLines {
  readonly lines?: readonly string[];
  /** The file is another one than before; the first one always is. */
  readonly isAnew?: boolean;
  /** Its beginning is there. */
  readonly isWhole?: boolean;
  readonly isAtEnd?: boolean;
  /** Lines were skipped. */
  readonly hasGap?: boolean;
}

/** The passes of an agent over one sensor; times are seconds after boot. */
export class WatchedSensor {
  /** The sensor's process; null: it does not run. */
  process: Writer | null = { pid: 100, startTicks: 10_000 };
  readonly #sensor;
  readonly #mode: CgroupMode;
  readonly #running = new Map<Handle, number>();
  #remembered: RememberedObservation | undefined;
  #last: Judged | null = null;
  #hasRead = false;
  #written = 0;

  constructor({
    format = 'tracee',
    mode = 'v2',
  }: { readonly format?: SensorFormat; readonly mode?: CgroupMode } = {}) {
    this.#sensor = { name: 'tracee', format, path: '/events', graceSeconds: GRACE_SECONDS };
    this.#mode = mode;
  }

  startContainers(at: number, ...handles: readonly Handle[]): void {
    for (const handle of handles) this.#running.set(handle, at);
  }

  endContainers(...handles: readonly Handle[]): void {
    for (const handle of handles) this.#running.delete(handle);
  }

  /** The agent has then only what its memory file keeps. */
  restartAgent(): void {
    if (this.#remembered === undefined) return;
    const observations = new Map([['tracee', this.#remembered]]);
    const again = rereadMemory({ ...EMPTY_MEMORY, observations });
    this.#remembered = again.observations.get('tracee');
  }

  pass(at: number, file: NewLines | FailedReading = {}): Judged {
    return this.#judgedAt(at, this.#readingAt(at, file), true);
  }

  /** A pass in which no container can be compared. */
  passWithoutContainers(at: number): Judged {
    return this.#judgedAt(at, this.#readingAt(at, {}), false);
  }

  #readingAt(at: number, file: NewLines | FailedReading): FileReading {
    if ('kind' in file) return file;
    const date = `# as of ${new Date(wallAt(at)).toISOString()}`;
    const lines = (file.lines ?? []).map((line) => (line === LIST_ENDS ? date : line));
    const isKnown = (id: string): boolean => this.#remembered?.ids.has(id) === true;
    const isAnew = file.isAnew === true || !this.#hasRead;
    this.#hasRead = true;
    if (lines.length > 0) this.#written = wallAt(at);
    return {
      kind: 'read',
      place: { device: 1, inode: 1, offset: 1 },
      isAnew,
      isWhole: file.isWhole ?? true,
      isAtEnd: file.isAtEnd ?? true,
      hasGap: file.hasGap ?? false,
      lines: lines.length,
      facts: lines.flatMap((line): SensorFact[] => {
        const fact = sensorFact(this.#sensor.format, line, isKnown);
        return fact === null ? [] : [fact];
      }),
      writtenAt: this.#written,
    };
  }

  #judgedAt(at: number, reading: FileReading, isCompared: boolean): Judged {
    const [sensor, writer] = [this.#sensor, this.process];
    const was = rememberedFor(sensor, this.#remembered);
    const time = { wall: wallAt(at), monotonic: at * 1000 };
    const isWriterAlive =
      writer !== null &&
      was?.process?.pid === writer.pid &&
      was.process.startTicks === writer.startTicks;
    const run = evidenceAfter(was, { sensor, reading, writer, isWriterAlive, time });
    const containers = [...this.#running.keys()].map((handle) => ({
      handle,
      // A kernel may have cpuset in a hierarchy of version 1 that the cell does not show.
      membership: { cpuset: asByteString('/'), v2: asByteString(`/garden/${handle}`) },
    }));
    const asked = new Set(unnamed(run, containers));
    const starts = [...this.#running].filter(([handle]) => asked.has(handle));
    const judged = judgeSensor(run, {
      mode: this.#mode,
      sensor,
      reading,
      containers: isCompared ? containers : null,
      starts: new Map(starts.map(([handle, seconds]) => [handle, seconds * 100])),
      writer,
      last: this.#last?.observation ?? null,
      time,
    });
    const { sees, seen, unseen, expectedUnseen, undecided } = judged.observation;
    const marks = [...sees.values()];
    if (isCompared)
      expect(
        ['yes', 'no', 'unknown'].map((mark) => marks.filter((one) => one === mark).length),
      ).to.deep.equal([seen, unseen.length + expectedUnseen, undecided]);
    this.#last = judged;
    this.#remembered = judged.remembered;
    return judged;
  }
}

type Shown = Pick<
  SensorObservation,
  | 'state'
  | 'seen'
  | 'unseen'
  | 'expectedUnseen'
  | 'undecided'
  | 'unknownIds'
  | 'unknownIdsOmitted'
  | 'life'
  | 'isUp'
  | 'isSilent'
>;

/**
 * Checks all that a person sees; what is left out is as of a sensor that runs and misses nothing.
 */
export function expectShown(
  observation: SensorObservation,
  expected: Partial<Shown> & Pick<Shown, 'state' | 'seen'>,
): void {
  const usual = {
    unseen: [],
    expectedUnseen: 0,
    undecided: 0,
    unknownIds: [],
    unknownIdsOmitted: 0,
    life: 'runs',
    isUp: true,
    isSilent: false,
  };
  expect(observation).to.deep.include({ ...usual, ...expected });
}
