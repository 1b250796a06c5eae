import { isEqual } from '../model/equal.ts';
import * as v from 'valibot';
import { GARDEN_ALONE, NO_LEDGER } from '../model/ledger.ts';
import { type Reason, REASONS, SEVERITIES, sharesClock } from '../model/finding.ts';
import { appIdentity, CONTAINER_KINDS } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import { SENSOR_NAMES } from '../model/sensor.ts';
import { WARNING_REASONS } from '../model/cell-warning.ts';
import {
  EMPTY_MEMORY,
  keptEvidence,
  keptClock,
  keptProcess,
  MAX_CLOCK_PASSES,
  MEMORY_SCHEMA_VERSION,
  keptReport,
  type Clock,
  type Memory,
  type RememberedContainer,
} from '../model/memory.ts';
import {
  count,
  knownEntries,
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

// The file keeps the keys of 0.1.0: `looks`, `worse`, `told`, `troubleTold` and `lastLook`.
const escalation = v.pipe(
  v.object({ reason: v.picklist(REASONS), differingSince: text, lasted: count, looks: count }),
  v.transform(({ looks, ...known }) => ({ ...known, passes: looks })),
);
const difference = {
  differingSince: nullableText,
  reason: v.nullable(v.picklist(REASONS)),
  // Absent in files of earlier versions, like `worse` and `troubleTold`.
  severity: v.optional(v.nullable(v.picklist(SEVERITIES)), null),
  lasted: count,
  looks: count,
  reported: v.boolean(),
  worse: v.optional(v.nullable(escalation), null),
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
/** Undefined also if invalid: a newer version may write a reason that this one does not know. */
const optionalIfKnown = <T>(value: v.GenericSchema<unknown, T>) =>
  v.fallback(v.optional(value), undefined);
const container = v.pipe(
  v.object({
    cgroupInode: v.nullable(count),
    inodeOf: nullableText,
    isProven: v.optional(v.boolean(), false),
    firstSeen: text,
    // By Garden.
    listed: v.boolean(),
    // Absent in files of earlier versions, which closed a report with its reason.
    told: optionalIfKnown(schemaOf(s.nullable(keptReport))),
    seenIn: v.array(text),
    identity: v.nullable(
      v.object({
        kind: v.fallback(v.picklist(CONTAINER_KINDS), 'other'),
        app: v.nullable(schemaOf(appIdentity)),
      }),
    ),
    destroy: v.optional(schemaOf(s.nullable(destroyEvidence)), null),
    escaped: v.optional(v.pipe(v.array(escapedProcess), v.maxLength(MAX_ESCAPED)), []),
    // Absent in files of earlier versions.
    clock: optionalIfKnown(v.nullable(storedClock)),
    ...difference,
    later: optionalIfKnown(v.object(difference)),
  }),
  v.transform(({ later, ...known }) => {
    const { looks, worse, told, listed, ...rest } = { ...known, ...later };
    const listedBy = listed ? GARDEN_ALONE : NO_LEDGER;
    const { reported, reason, differingSince, firstSeen } = rest;
    const earlier =
      reported && reason !== null ? { reason, since: differingSince ?? firstSeen } : null;
    const openReport = told === undefined ? earlier : told;
    return {
      ...rest,
      listedBy,
      passes: looks,
      escalation: worse,
      openReport,
      seenAt: null,
      clock: rest.clock === undefined ? clockOf({ ...rest, passes: looks }) : rest.clock,
    };
  }),
);

/** The clock of a difference that an earlier version wrote. */
const clockOf = ({
  reason,
  differingSince: since,
  lasted,
  passes,
}: Pick<RememberedContainer, 'reason' | 'differingSince' | 'lasted' | 'passes'>): Clock | null =>
  reason === null || since === null || !sharesClock(reason)
    ? null
    : {
        since,
        lasted,
        streak: { since, lasted },
        seenAt: null,
        passes: Array.from({ length: Math.min(MAX_CLOCK_PASSES, passes) }, () => [reason]),
      };
/** The reasons that rollcall 0.1.0 knows: it refuses a file with any other. */
const REASONS_OF_FIRST_VERSION: ReadonlySet<Reason | null> = new Set([
  null,
  'unknown-to-garden',
  'unowned',
  'no-cgroup',
  'partial',
]);
const storedSensors = knownEntries(
  v.object({ name: v.picklist(SENSOR_NAMES), pid: count, startTicks: count }),
  MAX_SENSORS,
);
const storedWarnings = knownEntries(
  v.object({ reason: v.picklist(WARNING_REASONS), since: text }),
  WARNING_REASONS.length,
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
  otherGdns: v.optional(v.pipe(v.array(paths), v.maxLength(16)), []),
  gardenUnavailableSince: nullableText,
  troubleTold: v.optional(nullableText, null),
  // Of the warnings, earlier versions know this one alone.
  limitsLost: v.optional(v.nullable(v.object({ since: text })), null),
  warnings: v.fallback(v.optional(storedWarnings, []), []),
  gardenDirectory: v.optional(v.nullable(v.object({ endedAt: text })), null),
  lastLook: v.nullable(v.object({ monotonicMilliseconds: count, compared: v.boolean() })),
  rep: v.fallback(v.optional(v.nullable(storedRep), null), null),
  // Absent in earlier files, like the two below. If invalid, sensors are logged as started again.
  sensors: v.fallback(v.optional(storedSensors, []), []),
  // Absent also if no sensor is configured.
  observations: v.fallback(v.optional(storedObservations, []), () => new Map()),
  // A record would lose a handle called __proto__.
  containers: v.unknown(),
});

/**
 * Empty is what the file does not hold, because only the process that wrote it could use it. One
 * invalid value refuses the whole file, because half a memory would drop half the alerts.
 * The exceptions are values that a newer version may write.
 */
export function parseMemory(json: string): Parsed<Memory> {
  const written = jsonIn(json, MAX_FILE_VALUES);
  if (!written.ok) return written;
  const version = schemaVersionOf(written.value);
  if (version !== null && version > MEMORY_SCHEMA_VERSION) {
    return { ok: false, why: `it was written by a newer rollcall (schemaVersion ${version})` };
  }
  const parsed = parsedBy(file, written.value);
  if (!parsed.ok) return parsed;
  const containers = parseContainers(parsed.value.containers);
  if (containers === null) return { ok: false, why: 'invalid value in containers' };
  const {
    schemaVersion: _,
    writtenAt: __,
    troubleTold,
    lastLook,
    limitsLost,
    ...known
  } = parsed.value;
  const warnings = new Map(
    [
      ...(limitsLost === null ? [] : [{ reason: 'limit-lost' as const, ...limitsLost }]),
      ...known.warnings,
    ].map(({ reason, since }) => [reason, { since, seenAt: null }]),
  );
  const gardenDirectory = { passes: 0, endedAt: known.gardenDirectory?.endedAt ?? null };
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
  const limitsLost = warnings.get('limit-lost');
  const others = [...warnings].flatMap(([reason, { since }]) =>
    reason === 'limit-lost' ? [] : [{ reason, since }],
  );
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
    ...(limitsLost === undefined ? {} : { limitsLost: { since: limitsLost.since } }),
    ...(others.length === 0 ? {} : { warnings: others }),
    ...(endedAt === null ? {} : { gardenDirectory: { endedAt } }),
    lastLook: isDiffering ? lastPass : null,
    ...(rep === null ? {} : { rep: { pid: rep.pid, startTicks: rep.startTicks } }),
    sensors,
    ...(observations.size === 0 ? {} : { observations: [...observations].map(storedObservation) }),
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

/**
 * Leaves out the times of this process's clock. A difference that rollcall 0.1.0 does not know goes
 * into a key that it ignores, so it takes the container for tracked.
 */
function containerEntry(remembered: RememberedContainer): object {
  const {
    seenAt: _ofThisProcess,
    escaped,
    clock,
    openReport,
    escalation: next,
    listedBy,
    ...known
  } = remembered;
  const worse = next === null ? null : withLooks(next);
  const time = { looks: clock?.passes.length ?? 0 };
  const processes = escaped.map(({ seenAt: _ofThisProcessToo, ...one }) => ({
    ...one,
    ...time,
  }));
  const stored = {
    ...withLooks(known),
    listed: listedBy.has('garden'),
    told: openReport,
    worse,
    ...clockEntry(remembered),
    // Earlier versions refuse a process without `looks`.
    ...(processes.length > 0 ? { escaped: processes } : {}),
  };
  const isKnown = (one: Reason | null): boolean => REASONS_OF_FIRST_VERSION.has(one);
  if (isKnown(stored.reason) && isKnown(worse?.reason ?? null)) return stored;
  const { differingSince, reason, severity, lasted, looks, reported } = stored;
  const own = { differingSince, reason, severity, lasted, looks, reported, worse };
  const later = { ...own, evidence: stored.evidence };
  return isKnown(reason)
    ? { ...stored, worse: null, later }
    : { ...stored, ...TO_FIRST_VERSION, later };
}

/** Absent where a reader without the key would not miss it. */
function clockEntry({ clock, reason }: RememberedContainer): object {
  if (clock === null) return reason !== null && sharesClock(reason) ? { clock } : {};
  const { seenAt: _ofThisProcess, ...stored } = clock;
  return { clock: stored };
}

const withLooks = <T extends { readonly passes: number }>({ passes, ...rest }: T) => ({
  ...rest,
  looks: passes,
});

const TO_FIRST_VERSION = {
  differingSince: null,
  reason: null,
  severity: null,
  lasted: 0,
  looks: 0,
  reported: false,
  worse: null,
  evidence: null,
} as const;
