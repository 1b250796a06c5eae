import type { CgroupMode } from '../model/hierarchy.ts';
import { MIN_HANDLE_PREFIX, type Handle } from '../model/ids.ts';
import type { EvidenceTime, RememberedObservation, SensorFormat } from '../model/observation.ts';
import { pathIn } from '../model/process.ts';
import { SENSOR_ROWS, type SensorName } from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import { traceeId } from './container-ids.ts';
import type { RunningContainer } from './sensed-cell.ts';

/** A process that may write the file. */
export type Writer = { readonly pid: number; readonly startTicks: number };

/** A running container, with what an observation needs to know about it. */
export type SensedContainer = Pick<RunningContainer, 'handle' | 'membership'>;

/** What it means that a container was not named. `due`: the sensor should name it. */
export type Omission = 'known-limit' | 'due' | 'unknown';

export interface OmissionInputs {
  readonly mode: CgroupMode;
  /** The start time, in clock ticks since boot, of each unnamed container. */
  readonly starts: ReadonlyMap<Handle, number>;
  readonly writer: Writer | null;
  readonly time: EvidenceTime;
}

/** How the event files of one format are understood; src/parse/sensor-lines.ts reads their lines. */
interface FormatRow {
  /** The sensor that writes them; null: the one that the configured name says. */
  readonly sensor: SensorName | null;
  /** Whether a missing name can prove anything: only then start times need to be read. */
  readonly provesOmissions: boolean;
  readonly omission: (
    container: SensedContainer,
    run: RememberedObservation,
    inputs: OmissionInputs,
  ) => Omission;
  /** Why nothing is proved, and what to do, to complete "the others are unknown:"; null: all is. */
  readonly why: (run: RememberedObservation) => string | null;
  /** A new file replaces the one before, rather than continues it. */
  readonly isList: boolean;
  /** The part of an id that is the handle. */
  readonly handleIn: (id: string) => string;
  /** How much of a handle names it, if no other handle begins so; null: only the whole. */
  readonly minPrefix: number | null;
  /** What the ids are called that name no container. */
  readonly unmatched: string;
}

const ROW = {
  provesOmissions: true,
  isList: false,
  handleIn: (id: string) => id,
  minPrefix: MIN_HANDLE_PREFIX,
  unmatched: 'Ids in the event file that match no container',
} as const;

export const FORMATS: Readonly<Record<SensorFormat, FormatRow>> = {
  tracee: {
    ...ROW,
    sensor: 'tracee',
    omission: traceeOmission,
    why: whyTraceeProvesNothing,
    minPrefix: null,
  },
  falco: {
    ...ROW,
    sensor: 'falco',
    provesOmissions: false,
    omission: () => 'unknown',
    why: () => 'Falco writes only what matches a rule.',
    handleIn: (id) => id.replace(/^(?:good|bad)\//, ''),
    unmatched: 'Ids in the event file that match several containers',
  },
  // Every container is in a list.
  ids: { ...ROW, sensor: null, omission: () => 'due', why: () => null, isList: true },
};

export const TICK_MILLISECONDS = 10;
/** For this long a `container_create` line shows that Tracee is configured to write them. */
const CREATED_MILLISECONDS = 3_600_000;

function traceeOmission(
  { handle, membership }: SensedContainer,
  run: RememberedObservation,
  { mode, starts, writer, time }: OmissionInputs,
): Omission {
  // With v2 at /sys/fs/cgroup Tracee never reads cpuset, although cpuset may exist.
  const cpuset = mode === 'v2' ? undefined : pathIn(membership, 'cpuset');
  const path = cpuset ?? pathIn(membership, 'v2');
  if (path === undefined) return 'unknown';
  if (traceeId(textOfBytes(path)) !== handle) return 'known-limit';
  const start = starts.get(handle);
  if (start === undefined) return 'unknown';
  const startedAt = start * TICK_MILLISECONDS;
  const runBegan = writer === null ? run.since : writer.startTicks * TICK_MILLISECONDS;
  // An equal start time counts as older: the container may have been there when the sensor started.
  if (startedAt <= runBegan) return hasBurst(run) ? 'due' : 'unknown';
  const namesOthers = [...run.created].some(
    ([id, at]) => id !== handle && time.wall - at < CREATED_MILLISECONDS,
  );
  const isRead = run.gapAt === null || startedAt > run.gapAt;
  return namesOthers && isRead ? 'due' : 'unknown';
}

/** Whether it found more than one container at its start, and all their lines were read. */
const hasBurst = ({ existing, isWhole }: RememberedObservation): boolean =>
  isWhole && existing.ids.size > 1;

/**
 * Tracee 0.16 to 0.19 repeats one id in all lines, so the lines prove nothing (tracee.go:1615-1617
 * @v0.19.0).
 */
export const repeatsOneId = ({ existing: { lines, ids } }: RememberedObservation): boolean =>
  lines > 2 && ids.size === 1;

function whyTraceeProvesNothing(run: RememberedObservation): string {
  return repeatsOneId(run)
    ? 'all existing_container lines of Tracee repeat one id, as with v0.16 to v0.19. Use v0.20 or newer.'
    : `select the events existing_container, container_create and container_remove in ${SENSOR_ROWS.tracee.title}, and restart it.`;
}
