import type { CgroupMode } from '../model/hierarchy.ts';
import type { Handle } from '../model/ids.ts';
import {
  MAX_SHOWN_IDS,
  type ConfiguredSensor,
  type FileReading,
  type ObservationState,
  type RememberedObservation,
  type SensorLife,
  type SensorObservation,
} from '../model/observation.ts';
import { pathIn, type Membership } from '../model/process.ts';
import { SENSOR_NAMES, type SensorName } from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import { traceeId } from './container-ids.ts';
import { observationSentence } from './observation-sentences.ts';
import {
  hasBurst,
  namingOf,
  pruned,
  TICK_MILLISECONDS,
  type EvidenceTime,
  type Writer,
} from './sensor-evidence.ts';

/** A file without a new line for this long is stale. */
const FRESH_MILLISECONDS = 600_000;
/** A `container_create` shows for this long that Tracee is asked for them. */
const CREATED_MILLISECONDS = 3_600_000;

/** A container that runs, as an observation needs it. */
export interface ObservedRunning {
  readonly handle: Handle;
  readonly membership: Membership | null;
}

/** The known sensor that writes a file; null: a tool that rollcall does not know. */
export const processOf = ({ name, format }: ConfiguredSensor): SensorName | null =>
  format === 'ids' ? (SENSOR_NAMES.find((one) => one === name) ?? null) : format;

/** The containers that the file has not named: only their start times are worth reading. */
export function unnamed(
  run: RememberedObservation,
  containers: readonly Pick<ObservedRunning, 'handle'>[],
): readonly Handle[] {
  const handles = containers.map(({ handle }) => handle);
  const { named } = namingOf(run, handles);
  return run.format === 'falco' ? [] : handles.filter((handle) => !named.has(handle));
}

export interface JudgementInputs {
  readonly mode: CgroupMode;
  readonly sensor: ConfiguredSensor;
  readonly reading: FileReading;
  /** Null where no container could be compared. */
  readonly containers: readonly ObservedRunning[] | null;
  /** Clock ticks since boot at which an unnamed container started. */
  readonly starts: ReadonlyMap<Handle, number>;
  readonly writer: Writer | null;
  /** Of the pass before. */
  readonly last: SensorObservation | null;
  readonly time: EvidenceTime;
}

export interface Judged {
  readonly observation: SensorObservation;
  readonly remembered: RememberedObservation;
}

/** What a sensor says it saw, and what to remember of it. */
export function judgeSensor(run: RememberedObservation, inputs: JudgementInputs): Judged {
  const { mode, sensor, reading, containers, starts, writer, last, time } = inputs;
  const isFresh = isFreshNow(run, sensor, time);
  const life = lifeOf(run, writer);
  const isRead = reading.kind === 'read';
  const running = containers ?? [];
  const naming = namingOf(
    run,
    running.map(({ handle }) => handle),
  );
  const sights = running
    .filter(({ handle }) => !naming.named.has(handle))
    .map((container) => ({
      handle: container.handle,
      sight: sightOf(container, run, { mode, starts, writer, time }),
    }));
  const isJudging = isRead && reading.isAtEnd && life !== 'ended' && containers !== null;
  const waiting = new Map<Handle, number>();
  for (const { handle, sight } of sights) {
    const since = run.waiting.get(handle);
    if (!isJudging) {
      if (since !== undefined && run.told.unseen.includes(handle)) waiting.set(handle, since);
    } else if (sight === 'wanting') waiting.set(handle, since ?? time.monotonic);
  }
  const grace = sensor.graceSeconds * 1000;
  const overdue = [...waiting].flatMap(([handle, since]) =>
    time.monotonic - since >= grace ? [handle] : [],
  );
  const isLongBroken = run.brokenSince !== null && time.monotonic - run.brokenSince >= grace;
  const isMute =
    isRead &&
    !isFresh &&
    run.format !== 'falco' &&
    sights.some(
      ({ handle, sight }) =>
        sight !== 'known-limit' && hasBegunSince(run, starts.get(handle), { time, grace }),
    );
  const isSilent = isLongBroken || isMute;
  const unseen =
    isSilent || run.brokenSince !== null
      ? []
      : overdue.filter((handle) => isFresh || run.told.unseen.includes(handle));
  const open = new Set(sights.map(({ handle }) => handle));
  const told = {
    unseen:
      containers === null
        ? run.told.unseen
        : [...new Set([...run.told.unseen.filter((one) => open.has(one)), ...unseen])],
    silent: isSilent,
  };
  const remembered =
    containers === null ? { ...run, told } : { ...pruned(run, naming, time), waiting, told };
  const count = (kind: Sight): number => sights.filter(({ sight }) => sight === kind).length;
  const isUndecidable = isFresh && unseen.length === 0 && count('cannot-be-told') > 0;
  const strangers = strangersOf(run, naming.used, time, grace);
  const facts = {
    sensor,
    process: processOf(sensor),
    state: stateOf(reading, isFresh, isUndecidable || !isJudging),
    life,
    isUp: isRead && life !== 'ended',
    isSilent,
    seen: naming.named.size,
    unseen: unseen.toSorted((a, b) => (a < b ? -1 : 1)),
    expectedUnseen: count('known-limit'),
    undecided: sights.length - count('known-limit') - unseen.length,
    // While nothing can be compared the last known ones stay.
    ...(containers === null ? lastCounts(last, isSilent) : {}),
    strangers: strangers.slice(0, MAX_SHOWN_IDS),
    strangersOmitted: Math.max(0, strangers.length - MAX_SHOWN_IDS),
    lastLineAt: run.lastLineAt === null ? null : new Date(run.lastLineAt).toISOString(),
  };
  return {
    observation: { ...facts, why: observationSentence(facts, { run, reading, containers }) },
    remembered,
  };
}

const lastCounts = (last: SensorObservation | null, isSilent: boolean) => ({
  seen: last?.seen ?? 0,
  unseen: isSilent ? [] : (last?.unseen ?? []),
  expectedUnseen: last?.expectedUnseen ?? 0,
  undecided: last?.undecided ?? 0,
});

const isFreshNow = (
  { lastLineAt, asOf }: RememberedObservation,
  { graceSeconds }: ConfiguredSensor,
  { wall }: EvidenceTime,
): boolean =>
  (lastLineAt !== null && wall - lastLineAt < FRESH_MILLISECONDS) ||
  (asOf !== null && wall - asOf < graceSeconds * 1000);

/** A process that was never found may run where rollcall does not see it. */
function lifeOf({ process }: RememberedObservation, writer: Writer | null): SensorLife {
  if (writer !== null) return 'runs';
  return process === null ? 'unknown' : 'ended';
}

function stateOf(reading: FileReading, isFresh: boolean, isUndecidable: boolean): ObservationState {
  if (reading.kind !== 'read') return reading.kind;
  if (!isFresh) return 'stale';
  return isUndecidable ? 'cannot-be-told' : 'fresh';
}

type Sight = 'known-limit' | 'wanting' | 'cannot-be-told';

/** What it means that a container was not named. */
function sightOf(
  { handle, membership }: ObservedRunning,
  run: RememberedObservation,
  { mode, starts, writer, time }: Pick<JudgementInputs, 'mode' | 'starts' | 'writer' | 'time'>,
): Sight {
  switch (run.format) {
    case 'ids':
      return 'wanting';
    case 'falco':
      return 'cannot-be-told';
    case 'tracee': {
      // With /sys/fs/cgroup of version 2 it never reads cpuset, which may exist all the same.
      const cpuset = mode === 'v2' ? undefined : pathIn(membership, 'cpuset');
      const path = cpuset ?? pathIn(membership, 'v2');
      if (path === undefined) return 'cannot-be-told';
      if (traceeId(textOfBytes(path)) !== handle) return 'known-limit';
      const start = starts.get(handle);
      if (start === undefined) return 'cannot-be-told';
      const startedAt = start * TICK_MILLISECONDS;
      const runBegan = writer === null ? run.since : writer.startTicks * TICK_MILLISECONDS;
      // As old as the sensor counts as older: it may have been there at its start.
      if (startedAt <= runBegan) return hasBurst(run) ? 'wanting' : 'cannot-be-told';
      const isTold = [...run.created].some(
        ([id, at]) => id !== handle && time.wall - at < CREATED_MILLISECONDS,
      );
      const isRead = run.gapAt === null || startedAt > run.gapAt;
      return isTold && isRead ? 'wanting' : 'cannot-be-told';
    }
    default:
      return run.format satisfies never;
  }
}

/** A container began after the last line, and a grace period ago. */
function hasBegunSince(
  { lastLineAt, since }: RememberedObservation,
  start: number | undefined,
  { time: { wall, monotonic }, grace }: { readonly time: EvidenceTime; readonly grace: number },
): boolean {
  if (start === undefined) return false;
  const began = start * TICK_MILLISECONDS;
  const last = lastLineAt === null ? since : monotonic - (wall - lastLineAt);
  return began > last && monotonic - began >= grace;
}

/** Ids that no container had, once each had the time to appear. */
const strangersOf = (
  { ids, existing }: RememberedObservation,
  used: ReadonlySet<string>,
  { monotonic }: EvidenceTime,
  grace: number,
): readonly string[] => [
  ...new Set(
    [...ids, ...existing.ids].flatMap(([id, { isNamed, unusedSince }]) =>
      used.has(id) || isNamed || monotonic - (unusedSince ?? monotonic) < grace ? [] : [id],
    ),
  ),
];
