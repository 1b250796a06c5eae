import { isEqual } from '../model/equal.ts';
import {
  EMPTY_MEMORY,
  type storedContainer,
  storedMemory,
  MEMORY_SCHEMA_VERSION,
  type Memory,
  type RememberedContainer,
} from '../model/memory.ts';
import type { storedObservation, RememberedObservation } from '../model/observation.ts';
import type { TypeOf } from '../model/shape.ts';
import { jsonIn, parsedBy, schemaVersionOf, type Parsed } from './json.ts';
import { schemaOf } from './schema.ts';

/** With thousands of lost containers, the agent's own file has more values than others may send. */
const MAX_FILE_VALUES = 8_000_000;
const file = schemaOf(storedMemory);

/**
 * The memory in a file. What the file does not hold, because only the process that wrote it could use
 * it, is empty. One invalid value refuses the whole file, because half a memory would drop half the
 * alerts.
 */
export function parseMemory(json: string): Parsed<Memory> {
  const written = jsonIn(json, MAX_FILE_VALUES);
  if (!written.ok) return written;
  const version = schemaVersionOf(written.value);
  if (version !== null && version !== MEMORY_SCHEMA_VERSION) {
    const why = `it has the schemaVersion ${version}, this rollcall reads ${MEMORY_SCHEMA_VERSION}`;
    return { ok: false, why };
  }
  const parsed = parsedBy(file, written.value);
  return parsed.ok ? { ok: true, value: memoryOf(parsed.value) } : parsed;
}

const memoryOf = ({
  schemaVersion: _ofFile,
  writtenAt: _alsoOfFile,
  ...stored
}: TypeOf<typeof storedMemory>): Memory => ({
  ...EMPTY_MEMORY,
  ...stored,
  containers: withValues(stored.containers, rememberedContainer),
  rep: stored.rep === null ? null : { ...stored.rep, missingSince: null },
  observations: withValues(stored.observations, rememberedObservation),
  warnings: withValues(stored.warnings, unseen),
  gardenDirectory: { ...stored.gardenDirectory, passes: 0 },
});

const rememberedContainer = (stored: TypeOf<typeof storedContainer>): RememberedContainer => ({
  ...unseen(stored),
  clock: stored.clock === null ? null : unseen(stored.clock),
  escaped: stored.escaped.map(unseen),
});

function rememberedObservation(stored: TypeOf<typeof storedObservation>): RememberedObservation {
  const { place, existing } = stored;
  // If a file is read again from its beginning, its lines are counted again.
  const lines = place?.offset === 0 && existing.lines <= 2 ? 0 : existing.lines;
  return { ...stored, existing: { ...existing, lines }, asOf: null, lastLineAt: null };
}

/** As remembered by a process none of whose passes has seen it. */
const unseen = <T extends object>(stored: T) => ({ ...stored, seenAt: null });

const withValues = <K, T, U>(map: ReadonlyMap<K, T>, of: (one: T) => U): ReadonlyMap<K, U> =>
  new Map([...map].map(([key, one]) => [key, of(one)]));

/**
 * The text of the file. It has the time of the last pass only while a difference lasts, so that a quiet
 * cell writes nothing.
 * @param writtenAt RFC 3339
 */
export function memoryText(memory: Memory, writtenAt: string): string {
  const {
    bootId,
    anchor,
    otherGdns,
    gardenUnavailableSince,
    reportedCause,
    lastPass,
    containers,
    rep,
    sensors,
    observations,
    warnings,
    gardenDirectory: { endedAt },
  } = memory;
  const isDiffering = [...containers.values()].some(({ reason }) => reason !== null);
  return JSON.stringify({
    schemaVersion: MEMORY_SCHEMA_VERSION,
    writtenAt,
    bootId,
    anchor,
    otherGdns,
    gardenUnavailableSince,
    reportedCause,
    lastPass: isDiffering ? lastPass : null,
    containers: [...withValues(containers, containerToStore)],
    rep: rep === null ? null : { pid: rep.pid, startTicks: rep.startTicks },
    sensors,
    observations: [...withValues(observations, observationToStore)],
    warnings: [...withValues(warnings, withoutTime)],
    gardenDirectory: { endedAt },
  });
}

/** Whether both have the same text; false also where only comparing the texts can tell. */
export const isStoredAlike = (before: Memory, now: Memory): boolean =>
  before.containers === now.containers &&
  now.lastPass?.compared === true &&
  isEqual(withoutPasses(before), withoutPasses(now));

const withoutPasses = (memory: Memory) => ({
  ...memory,
  lastPass: null,
  lastReport: null,
  signalsReadAt: null,
  comparedPasses: 0,
  ledgers: null,
  containers: null,
});

const containerToStore = ({ clock, escaped, ...rest }: RememberedContainer) => ({
  ...withoutTime(rest),
  clock: clock === null ? null : withoutTime(clock),
  escaped: escaped.map(withoutTime),
});

/** Without the CLOCK_MONOTONIC of the last pass that saw it, which means nothing to the next process. */
const withoutTime = <T extends { readonly seenAt: number | null }>({
  seenAt: _ofThisProcess,
  ...rest
}: T) => rest;

/** Bytes. After a restart of the agent, the end of a sensor's file is read again, at most this much. */
const PLACE_STEP = 16 * 1024 * 1024;

/** Leaves out what is read again, so that a busy sensor does not make the agent write each time. */
function observationToStore(remembered: RememberedObservation) {
  const { asOf: _read, lastLineAt: _alsoRead, place, existing, ...rest } = remembered;
  const offset = place === null ? 0 : Math.floor(place.offset / PLACE_STEP) * PLACE_STEP;
  return {
    ...rest,
    place: place === null ? null : { ...place, offset },
    ids: [...rest.ids],
    existing: { lines: existing.lines, ids: [...existing.ids] },
    created: [...rest.created],
    waiting: [...rest.waiting],
  };
}
