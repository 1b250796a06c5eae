import type { Handle } from '../model/ids.ts';
import type {
  ConfiguredSensor,
  EvidenceTime,
  FileReading,
  RememberedObservation,
  SensorFact,
  WrittenId,
} from '../model/observation.ts';
import { FORMATS, repeatsOneId, TICK_MILLISECONDS, type Writer } from './formats.ts';

const MAX_IDS = 5000;
/** An id without a container is forgotten after this time: one may be missing in a single pass. */
const UNUSED_MILLISECONDS = 3_600_000;

const EMPTY_EVIDENCE: Omit<RememberedObservation, 'path' | 'format' | 'since'> = {
  place: null,
  process: null,
  isWhole: false,
  gapAt: null,
  ids: new Map(),
  existing: { lines: 0, ids: new Map() },
  created: new Map(),
  asOf: null,
  lastLineAt: null,
  waiting: new Map(),
  brokenSince: null,
  reported: { unseen: [], silent: false },
};

export interface EvidenceInputs {
  readonly sensor: ConfiguredSensor;
  readonly reading: FileReading;
  /** The sensor's process as it was last found, if it still runs. */
  readonly writer: Writer | null;
  /** Whether the remembered process still runs. */
  readonly isWriterAlive: boolean;
  readonly time: EvidenceTime;
}

/** What is remembered of this sensor's file; null if its configuration was different. */
export const rememberedFor = (
  { path, format }: ConfiguredSensor,
  was: RememberedObservation | undefined,
): RememberedObservation | null =>
  was === undefined || was.path !== path || was.format !== format ? null : was;

/** What is known of a run of the sensor after one more reading of its file. */
export function evidenceAfter(
  remembered: RememberedObservation | null,
  { sensor, reading, writer, isWriterAlive, time }: EvidenceInputs,
): RememberedObservation {
  const { path, format } = sensor;
  const fresh = { ...EMPTY_EVIDENCE, path, format, since: time.monotonic };
  const was = remembered ?? fresh;
  const isAnew = reading.kind === 'read' && reading.isAnew;
  if (!isAnew && isAnotherRun(was, writer)) {
    // The file holds the output of both, so it is read once more from its beginning.
    return { ...fresh, process: writer, reported: was.reported };
  }
  const isAlive = was.process !== null && isWriterAlive;
  const process = isAlive ? was.process : (writer ?? was.process);
  const isBroken = reading.kind !== 'read' || (process !== null && !isAlive && writer === null);
  const brokenSince = isBroken ? (was.brokenSince ?? time.monotonic) : null;
  if (reading.kind !== 'read') return { ...was, process, brokenSince };
  // If nothing of the run has been read yet, as of a closed directory, it begins now.
  const { isList } = FORMATS[format];
  const goesOn = isAlive && !isList && was.place !== null;
  const begins = reading.isAnew && !goesOn;
  const run: RememberedObservation = begins
    ? { ...fresh, isWhole: reading.isWhole, reported: was.reported, lastLineAt: was.lastLineAt }
    : was;
  // Whatever started a new file after the end was noticed is alive, although not found yet.
  const isReplaced = begins && was.brokenSince !== null;
  // Until a new list has its first lines, the containers of the previous list keep their time.
  const waiting = begins && isList ? was.waiting : run.waiting;
  return {
    ...withFacts(run, reading, time),
    process: isReplaced ? writer : process,
    brokenSince: isReplaced ? null : brokenSince,
    place: reading.place,
    gapAt: reading.hasGap ? time.monotonic : run.gapAt,
    lastLineAt: reading.lines > 0 ? Math.min(reading.writtenAt, time.wall) : run.lastLineAt,
    waiting,
  };
}

/** A process started after the known lines of the run, and the file did not start anew with it. */
const isAnotherRun = (
  { process, since, place }: RememberedObservation,
  writer: Writer | null,
): boolean =>
  writer !== null &&
  process !== null &&
  place !== null &&
  (writer.pid !== process.pid || writer.startTicks !== process.startTicks) &&
  since < writer.startTicks * TICK_MILLISECONDS;

function withFacts(
  run: RememberedObservation,
  { facts, writtenAt }: { readonly facts: readonly SensorFact[]; readonly writtenAt: number },
  { wall, monotonic }: EvidenceTime,
): RememberedObservation {
  const ids = new Map(run.ids);
  const existing = new Map(run.existing.ids);
  const created = new Map(run.created);
  let { lines } = run.existing;
  let { asOf } = run;
  const add = (to: Map<string, WrittenId>, id: string): void => {
    if (to.has(id)) return;
    if (to.size >= MAX_IDS) to.delete(oldestUnused(to) ?? id);
    if (to.size < MAX_IDS) to.set(id, { isNamed: false, unusedSince: monotonic });
  };
  for (const fact of facts) {
    switch (fact.kind) {
      case 'named':
        add(ids, fact.id);
        break;
      case 'existing':
        lines += fact.lines;
        add(existing, fact.id);
        break;
      case 'created':
        add(ids, fact.id);
        created.delete(fact.id);
        created.set(fact.id, Math.min(fact.at ?? writtenAt, wall));
        break;
      case 'as-of':
        asOf = Math.min(fact.at, wall);
        break;
      default:
        return fact satisfies never;
    }
  }
  // Keep two, so that one of them belongs to another container than the one in question.
  const lastTwo = new Map([...created].slice(-2));
  return { ...run, ids, existing: { lines, ids: existing }, created: lastTwo, asOf };
}

function oldestUnused(ids: ReadonlyMap<string, WrittenId>): string | undefined {
  for (const [id, { unusedSince }] of ids) if (unusedSince !== null) return id;
  return undefined;
}

export interface Naming {
  readonly named: ReadonlySet<Handle>;
  /** The ids that match a container. */
  readonly used: ReadonlySet<string>;
}

/** Which of the containers were named, by a whole handle or by a prefix that only one handle has. */
export function namingOf(run: RememberedObservation, handles: readonly Handle[]): Naming {
  const { handleIn, minPrefix } = FORMATS[run.format];
  const sorted = handles.toSorted((a, b) => (a < b ? -1 : 1));
  const named = new Set<Handle>();
  const used = new Set<string>();
  const ids = repeatsOneId(run)
    ? run.ids.keys()
    : new Set([...run.ids.keys(), ...run.existing.ids.keys()]);
  for (const id of ids) {
    const text = handleIn(id);
    const at = firstFrom(sorted, text);
    const handle = sorted[at];
    if (handle === undefined || !handle.startsWith(text)) continue;
    if (handle !== text && (minPrefix === null || text.length < minPrefix)) continue;
    const next = sorted[at + 1];
    if (handle !== text && next?.startsWith(text) === true) continue;
    named.add(handle);
    used.add(id);
  }
  return { named, used };
}

/** The index of the first text that is not less than `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Drops ids that have matched no container for a while. */
export function pruned(
  run: RememberedObservation,
  { used }: Naming,
  { monotonic }: EvidenceTime,
): RememberedObservation {
  const marked = (id: string, { isNamed, unusedSince }: WrittenId): WrittenId =>
    used.has(id)
      ? { isNamed: true, unusedSince: null }
      : { isNamed, unusedSince: unusedSince ?? monotonic };
  const prune = (ids: ReadonlyMap<string, WrittenId>): Map<string, WrittenId> =>
    new Map(
      [...ids]
        .map(([id, written]) => [id, marked(id, written)] as const)
        .filter(
          ([, { unusedSince }]) =>
            unusedSince === null || monotonic - unusedSince < UNUSED_MILLISECONDS,
        ),
    );
  // Keep two ids of the burst: that there was more than one is the evidence.
  const existing = prune(run.existing.ids);
  for (const [id, written] of run.existing.ids) {
    if (existing.size < 2) existing.set(id, { ...written, isNamed: true });
  }
  return { ...run, ids: prune(run.ids), existing: { ...run.existing, ids: existing } };
}
