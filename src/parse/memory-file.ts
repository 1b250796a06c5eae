import { isEqual } from '../model/equal.ts';
import * as v from 'valibot';
import { GARDEN_ALONE, NO_LEDGER } from '../model/ledger.ts';
import { REASONS, SEVERITIES } from '../model/finding.ts';
import { appIdentity, CONTAINER_KINDS } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import { SENSOR_NAMES } from '../model/sensor.ts';
import { WARNING_REASONS } from '../model/cell-warning.ts';
import {
  EMPTY_MEMORY,
  keptEvidence,
  keptClock,
  keptProcess,
  MEMORY_SCHEMA_VERSION,
  keptReport,
  type Memory,
  type RememberedContainer,
} from '../model/memory.ts';
import {
  count,
  nullableText,
  parsedBy,
  jsonIn,
  schemaVersionOf,
  text,
  type Parsed,
} from './json.ts';
import * as s from '../model/shape.ts';
import { membership } from '../model/process.ts';
import { destroyEvidence } from '../model/destroy.ts';
import { schemaOf } from './shape.ts';
import { storedObservation, storedObservations } from './observation-memory.ts';

const MAX_CONTAINERS = 50_000;
/** Of thousands of lost containers, the agent's own file has more than others may send. */
const MAX_FILE_VALUES = 8_000_000;
const MAX_ESCAPED = 64;
/** A search finds at most 64 processes of sensors. */
const MAX_SENSORS = 64;
const paths = schemaOf(membership);

const escalation = v.pipe(
  v.object({ reason: v.picklist(REASONS), differingSince: text, lasted: count, looks: count }),
  v.transform(({ looks, ...known }) => ({ ...known, passes: looks })),
);
const difference = {
  differingSince: nullableText,
  reason: v.nullable(v.picklist(REASONS)),
  severity: v.nullable(v.picklist(SEVERITIES)),
  lasted: count,
  looks: count,
  reported: v.boolean(),
  worse: v.nullable(escalation),
  evidence: schemaOf(s.nullable(keptEvidence)),
};
const escapedProcess = v.pipe(
  schemaOf(keptProcess),
  v.transform((known) => ({ ...known, seenAt: null })),
);
const storedClock = v.pipe(
  schemaOf(keptClock),
  v.transform((known) => ({ ...known, seenAt: null })),
);
const container = v.pipe(
  v.object({
    cgroupInode: v.nullable(count),
    inodeOf: nullableText,
    isProven: v.boolean(),
    firstSeen: text,
    // By Garden.
    listed: v.boolean(),
    told: schemaOf(s.nullable(keptReport)),
    seenIn: v.array(text),
    identity: v.nullable(
      v.object({
        kind: v.picklist(CONTAINER_KINDS),
        app: v.nullable(schemaOf(appIdentity)),
      }),
    ),
    destroy: schemaOf(s.nullable(destroyEvidence)),
    escaped: v.pipe(v.array(escapedProcess), v.maxLength(MAX_ESCAPED)),
    clock: v.nullable(storedClock),
    ...difference,
  }),
  v.transform(({ looks, worse, told, listed, ...known }) => ({
    ...known,
    listedBy: listed ? GARDEN_ALONE : NO_LEDGER,
    passes: looks,
    escalation: worse,
    openReport: told,
    seenAt: null,
  })),
);
const storedSensors = v.pipe(
  v.array(v.object({ name: v.picklist(SENSOR_NAMES), pid: count, startTicks: count })),
  v.maxLength(MAX_SENSORS),
);
const storedWarnings = v.pipe(
  v.array(v.object({ reason: v.picklist(WARNING_REASONS), since: text })),
  v.maxLength(WARNING_REASONS.length),
);
const storedRep = v.pipe(
  v.object({ pid: count, startTicks: count }),
  v.transform((rep) => ({ ...rep, missingSince: null })),
);
const file = v.object({
  schemaVersion: v.literal(MEMORY_SCHEMA_VERSION),
  writtenAt: text,
  bootId: nullableText,
  anchor: v.nullable(paths),
  otherGdns: v.pipe(v.array(paths), v.maxLength(16)),
  gardenUnavailableSince: nullableText,
  troubleTold: nullableText,
  warnings: storedWarnings,
  gardenDirectory: v.object({ endedAt: nullableText }),
  lastLook: v.nullable(v.object({ monotonicMilliseconds: count, compared: v.boolean() })),
  rep: v.nullable(storedRep),
  sensors: storedSensors,
  observations: storedObservations,
  // A record would lose a handle called __proto__.
  containers: v.unknown(),
});

/**
 * Empty is what the file does not hold, because only the process that wrote it could use it. One
 * invalid value refuses the whole file, because half a memory would drop half the alerts.
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
  if (!parsed.ok) return parsed;
  const containers = parseContainers(parsed.value.containers);
  if (containers === null) return { ok: false, why: 'invalid value in containers' };
  const { schemaVersion: _, writtenAt: __, troubleTold, lastLook, ...known } = parsed.value;
  const warnings = new Map(
    known.warnings.map(({ reason, since }) => [reason, { since, seenAt: null }]),
  );
  const gardenDirectory = { ...known.gardenDirectory, passes: 0 };
  const names = { reportedCause: troubleTold, lastPass: lastLook };
  const read = { ...known, ...names, warnings, gardenDirectory, containers };
  return { ok: true, value: { ...EMPTY_MEMORY, ...read } };
}

function parseContainers(value: unknown): Map<Handle, RememberedContainer> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  if (entries.length > MAX_CONTAINERS) return null;
  const handle = v.custom<Handle>((key) => typeof key === 'string');
  const parsed = parsedBy(v.array(v.tuple([handle, container])), entries);
  return parsed.ok ? new Map(parsed.value) : null;
}

/** The time of the last pass only while a difference lasts: a quiet cell writes nothing. */
export function memoryText(memory: Memory, writtenAt: string): string {
  const {
    bootId,
    anchor,
    otherGdns,
    gardenUnavailableSince,
    reportedCause,
    warnings,
    gardenDirectory: { endedAt },
    lastPass,
    rep,
    sensors,
    observations,
    containers,
  } = memory;
  const isDiffering = [...containers.values()].some(({ reason }) => reason !== null);
  const stored = [...containers].map(([handle, one]) => [handle, containerEntry(one)] as const);
  return JSON.stringify({
    schemaVersion: MEMORY_SCHEMA_VERSION,
    writtenAt,
    bootId,
    anchor,
    otherGdns,
    gardenUnavailableSince,
    troubleTold: reportedCause,
    warnings: [...warnings].map(([reason, { since }]) => ({ reason, since })),
    gardenDirectory: { endedAt },
    lastLook: isDiffering ? lastPass : null,
    rep: rep === null ? null : { pid: rep.pid, startTicks: rep.startTicks },
    sensors,
    observations: [...observations].map(storedObservation),
    containers: Object.fromEntries(stored),
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
  lastShown: null,
  signalsReadAt: null,
  comparedPasses: 0,
  ledgers: null,
  containers: null,
});

/** Leaves out the times of this process's clock. */
function containerEntry({
  seenAt: _ofThisProcess,
  escaped,
  clock,
  openReport,
  escalation,
  listedBy,
  ...known
}: RememberedContainer): object {
  return {
    ...withLooks(known),
    listed: listedBy.has('garden'),
    told: openReport,
    worse: escalation === null ? null : withLooks(escalation),
    clock: clock === null ? null : withoutTime(clock),
    escaped: escaped.map(withoutTime),
  };
}

const withoutTime = <T extends { readonly seenAt: number | null }>({ seenAt: _, ...rest }: T) =>
  rest;

const withLooks = <T extends { readonly passes: number }>({ passes, ...rest }: T) => ({
  ...rest,
  looks: passes,
});
