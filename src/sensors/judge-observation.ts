import type { Handle } from '../model/ids.ts';
import {
  MAX_SHOWN_IDS,
  type ConfiguredSensor,
  type EvidenceTime,
  type FileReading,
  type ObservationState,
  type RememberedObservation,
  type SensorLife,
  type SensorObservation,
} from '../model/observation.ts';
import { SENSOR_NAMES, type SensorMark, type SensorName } from '../model/sensor.ts';
import {
  FORMATS,
  TICK_MILLISECONDS,
  type SensedContainer,
  type Omission,
  type OmissionInputs,
  type Writer,
} from './formats.ts';
import { observationSentence } from './observation-sentences.ts';
import { namingOf, pruned } from './sensor-evidence.ts';

/** A file is stale if it has had no new line for this long. */
const FRESH_MILLISECONDS = 600_000;

/** The known sensor that writes a file; null for a tool that rollcall does not know. */
export const processOf = ({ name, format }: ConfiguredSensor): SensorName | null =>
  FORMATS[format].sensor ?? SENSOR_NAMES.find((one) => one === name) ?? null;

/** The containers that the file has not named. Only their start times need to be read. */
export function unnamed(
  run: RememberedObservation,
  containers: readonly Pick<SensedContainer, 'handle'>[],
): readonly Handle[] {
  const handles = containers.map(({ handle }) => handle);
  const { named } = namingOf(run, handles);
  const { provesOmissions } = FORMATS[run.format];
  return provesOmissions ? handles.filter((handle) => !named.has(handle)) : [];
}

export interface JudgementInputs extends OmissionInputs {
  readonly sensor: ConfiguredSensor;
  readonly reading: FileReading;
  /** Null if no container could be compared. */
  readonly containers: readonly SensedContainer[] | null;
  readonly last: SensorObservation | null;
}

export interface Judged {
  readonly observation: SensorObservation;
  readonly remembered: RememberedObservation;
}

/** What a sensor's file shows that it saw, and what to remember of it. */
export function judgeSensor(run: RememberedObservation, inputs: JudgementInputs): Judged {
  const { sensor, reading, containers, starts, writer, last, time } = inputs;
  const { omission: omissionOf, provesOmissions } = FORMATS[run.format];
  const isFresh = isFreshNow(run, sensor, time);
  const life = lifeOf(run, writer);
  const isRead = reading.kind === 'read';
  const running = containers ?? [];
  const naming = namingOf(
    run,
    running.map(({ handle }) => handle),
  );
  const unnamedContainers = running
    .filter(({ handle }) => !naming.named.has(handle))
    .map((container) => ({
      handle: container.handle,
      omission: omissionOf(container, run, inputs),
    }));
  const isJudging = isRead && reading.isAtEnd && life !== 'ended' && containers !== null;
  const waiting = new Map<Handle, number>();
  for (const { handle, omission } of unnamedContainers) {
    const since = run.waiting.get(handle);
    if (!isJudging) {
      if (since !== undefined && run.reported.unseen.includes(handle)) waiting.set(handle, since);
    } else if (omission === 'due') waiting.set(handle, since ?? time.monotonic);
  }
  const grace = sensor.graceSeconds * 1000;
  const overdue = [...waiting].flatMap(([handle, since]) =>
    time.monotonic - since >= grace ? [handle] : [],
  );
  const isLongBroken = run.brokenSince !== null && time.monotonic - run.brokenSince >= grace;
  const isMute =
    isRead &&
    !isFresh &&
    provesOmissions &&
    unnamedContainers.some(
      ({ handle, omission }) =>
        omission !== 'known-limit' && hasBegunSince(run, starts.get(handle), { time, grace }),
    );
  const isSilent = isLongBroken || isMute;
  const unseen =
    isSilent || run.brokenSince !== null
      ? []
      : overdue.filter((handle) => isFresh || run.reported.unseen.includes(handle));
  const open = new Set(unnamedContainers.map(({ handle }) => handle));
  const reported = {
    unseen:
      containers === null
        ? run.reported.unseen
        : [...new Set([...run.reported.unseen.filter((one) => open.has(one)), ...unseen])],
    silent: isSilent,
  };
  const remembered =
    containers === null
      ? { ...run, reported }
      : { ...pruned(run, naming, time), waiting, reported };
  const count = (kind: Omission): number =>
    unnamedContainers.filter(({ omission }) => omission === kind).length;
  const isUndecidable = isFresh && unseen.length === 0 && count('unknown') > 0;
  const unknownIds = unknownIdsOf(run, naming.used, time, grace);
  const isOverdue = new Set(unseen);
  const unnamedMark = ({ handle, omission }: (typeof unnamedContainers)[number]): SensorMark =>
    omission === 'known-limit' || isOverdue.has(handle) ? 'no' : 'unknown';
  const facts = {
    sensor,
    process: processOf(sensor),
    state: stateOf(reading, isFresh, isUndecidable || !isJudging),
    life,
    isUp: isRead && life !== 'ended',
    isSilent,
    sees: new Map<Handle, SensorMark>([
      ...[...naming.named].map((handle) => [handle, 'yes'] as const),
      ...unnamedContainers.map((one) => [one.handle, unnamedMark(one)] as const),
    ]),
    seen: naming.named.size,
    unseen: unseen.toSorted((a, b) => (a < b ? -1 : 1)),
    expectedUnseen: count('known-limit'),
    undecided: unnamedContainers.length - count('known-limit') - unseen.length,
    // While nothing can be compared, the last known counts stay.
    ...(containers === null ? lastCounts(last, isSilent) : {}),
    unknownIds: unknownIds.slice(0, MAX_SHOWN_IDS),
    unknownIdsOmitted: Math.max(0, unknownIds.length - MAX_SHOWN_IDS),
    lastLineAt: run.lastLineAt === null ? null : new Date(run.lastLineAt).toISOString(),
  };
  return {
    observation: { ...facts, why: observationSentence(facts, { run, reading, containers }) },
    remembered,
  };
}

const lastCounts = (last: SensorObservation | null, isSilent: boolean) => ({
  sees: last?.sees ?? new Map(),
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

/** A process that was never found may still run where rollcall does not see it. */
function lifeOf({ process }: RememberedObservation, writer: Writer | null): SensorLife {
  if (writer !== null) return 'runs';
  return process === null ? 'unknown' : 'ended';
}

function stateOf(reading: FileReading, isFresh: boolean, isUndecidable: boolean): ObservationState {
  if (reading.kind !== 'read') return reading.kind;
  if (!isFresh) return 'stale';
  return isUndecidable ? 'unknown' : 'fresh';
}

/** Whether a container started after the last line, and more than a grace period ago. */
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

/** Ids that match no container, although each has had time to appear. */
const unknownIdsOf = (
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
