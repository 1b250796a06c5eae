import type { RequestError, Server } from '../http/client.ts';
import {
  BEAT,
  BUILD,
  cellsOf,
  HEARTBEAT_METRICS,
  instanceKey,
  isWhole,
  locationOf,
  scrapesOf,
  type CellLocation,
} from './cell-samples.ts';
import { readSpan, type Oldest, type Sample, type Source, type Span } from './read.ts';

/** The newest time range that is read: one scrape of the usual 15 s, and its time to arrive. */
const NEWEST_SECONDS = 20;
/** Samples with timestamps this far in the future are still read. */
const AHEAD_SECONDS = 900;
/** How far back a lost cell is searched for that no earlier run saw. */
const EARLIER_SECONDS = 900;
/** Within this time the last scrape of a silent cell is known exactly: two longest intervals. */
export const SILENT_SECONDS = 300;
/** Ages, in seconds, at which a cell that reported then has at least one scrape; so has the oldest range. */
const EARLIER_AGES = [80, 180, 420, 660, EARLIER_SECONDS] as const;
const SPAN_SECONDS = 20;
/** Whether two senders report as one cell shows within four scrapes of the usual 15 s. */
const SENDERS_SECONDS = 60;
/** No older sample says that there is a cell. */
export const OLDEST_READ_SECONDS = EARLIER_SECONDS + SPAN_SECONDS;
const OLDEST: Oldest = { oldestSeconds: SPAN_SECONDS };
/** rep sends its metrics once a minute. */
export const REP_SECONDS = 65;
/** One scrape, whose samples are seconds apart. */
const SCRAPE_SPAN_SECONDS = 4;

const HEARTBEAT: Source = { id: 'rollcall-heartbeat', names: HEARTBEAT_METRICS };
const BEATS: Source = { ...HEARTBEAT, names: [BEAT] };
/** What differs if two senders report as one cell. */
const SENDERS: Source = { ...HEARTBEAT, names: [BEAT, BUILD] };
/** What each cell says besides; findings and details have sources of their own. */
const AGENTS: Source = {
  id: 'rollcall',
  names: [
    'rollcall_garden_listed',
    'rollcall_sensor_up',
    'rollcall_sensor_silent',
    'rollcall_sensor_containers',
  ],
};
/** What only --wide and --cell show: up to 16 series a cell. */
const DETAILS: Source = {
  id: 'rollcall',
  names: ['rollcall_leftovers', 'rollcall_cell_warning'],
};
export const FINDINGS: Source = {
  id: 'rollcall-findings',
  names: ['rollcall_untracked_since_timestamp_seconds'],
};
/** Each cell has a rep, with or without rollcall. */
const REP: Source = { id: 'rep', names: ['CapacityTotalMemory'] };

/** What Log Cache holds about the cells; a sample may occur twice. */
export type Readings = Awaited<ReturnType<typeof askLogCache>>;

type Cells = ReturnType<typeof cellsOf>;

/** Reads several time ranges. */
type Read = (source: Source, spans: readonly (Span | Oldest)[]) => Promise<readonly Sample[]>;

/**
 * Reads the newest samples, short ranges of earlier ones, and the roster at once; then more, if a
 * known cell is missing from them.
 * @param clock returns the time by the clock of the API
 * @param wanted `known`: cells that an earlier run saw; `isWide`: whether leftovers and warnings are
 * read, too
 */
export async function askLogCache(
  logCache: Server,
  clock: () => number,
  { known, isWide }: { readonly known: readonly CellLocation[]; readonly isWide: boolean },
) {
  const now = clock();
  const errors: { readonly source: Source; readonly error: RequestError }[] = [];
  let reads = 0;
  const skews: number[] = [];
  const read: Read = async (source, spans) => {
    reads += spans.length;
    const all = spans.map(async (span) => {
      const { samples, error, at } = await readSpan(logCache, source, span);
      if (error !== null) errors.push({ source, error });
      if (at !== null) skews.push(at - clock());
      return samples;
    });
    return (await Promise.all(all)).flat();
  };
  const last = (seconds: number, pieces: number): readonly Span[] =>
    slices(now - seconds, now, pieces, AHEAD_SECONDS);
  const earlierSpans = EARLIER_AGES.map((ago) => ({
    from: now - ago - SPAN_SECONDS,
    to: now - ago,
  }));
  const retainedIn = ([oldest]: readonly Sample[]): number | null =>
    oldest === undefined ? null : Math.max(0, now - oldest.at);
  const first = await Promise.all([
    // Split into so many parts that the samples of 250 cells fit into one page each.
    read(HEARTBEAT, last(NEWEST_SECONDS, 5)),
    read(AGENTS, last(NEWEST_SECONDS, 4)),
    read(SENDERS, slices(now - SENDERS_SECONDS, now - NEWEST_SECONDS, 2)),
    read(BEATS, earlierSpans),
    read(BEATS, [OLDEST]),
    // Includes the scrape before, because this request may miss the last one.
    read(FINDINGS, last(2 * NEWEST_SECONDS, 1)),
    read(REP, last(2 * REP_SECONDS, 2)),
    read(REP, [{ oldestSeconds: 0 }]),
    isWide ? read(DETAILS, last(NEWEST_SECONDS, 4)) : [],
  ]);
  const [beats, others, senders, earlier, oldest, findings, reps, oldestRep, details] = first;
  const isRecent = ({ at }: Sample): boolean => at >= now - OLDEST_READ_SECONDS;
  const samples = [beats, others, senders, earlier, oldest.filter(isRecent), details].flat();
  // Send no further requests to a Log Cache that fails.
  const searches =
    errors.length === 0 && isMissing(cellsOf(samples, now), [...reps.map(locationOf), ...known]);
  const late = searches ? await lateSamples(read, samples, now) : { samples: [], findings: [] };
  const retainedBeats = retainedIn(oldest);
  return {
    now,
    /** The seconds by which the clock of Log Cache is ahead of the API's; null if unknown. */
    skew: skews[0] ?? null,
    samples: [...samples, ...late.samples],
    findings: [...findings, ...late.findings],
    reps,
    /** The Unix time since which every time of a last pass that Log Cache holds was read. */
    wholeSince: now - (searches ? SILENT_SECONDS : SENDERS_SECONDS),
    /** How long Log Cache holds the heartbeat and rep's metric; null if it has none. */
    retainedSeconds: { heartbeat: retainedBeats, rep: retainedIn(oldestRep) },
    /**
     * For how long each lost cell was looked for, where cells are scraped every `interval` seconds;
     * null if no heartbeat is held, or if a read failed.
     */
    lookedBackSeconds: (interval: number): number | null =>
      retainedBeats === null || errors.length > 0
        ? null
        : Math.min(retainedBeats, interval > SPAN_SECONDS ? SILENT_SECONDS : EARLIER_SECONDS),
    reads,
    errors,
  };
}

/** Searches five minutes for the last scrapes of the cells that lack a metric, and reads those. */
async function lateSamples(read: Read, samples: readonly Sample[], now: number) {
  const gaps = slices(now - SILENT_SECONDS, now - NEWEST_SECONDS, 5);
  const beats = await read(BEATS, gaps);
  const moments = lastScrapes(cellsOf([...samples, ...beats], now));
  const [findings, ...late] = await Promise.all([
    read(FINDINGS, moments),
    read(HEARTBEAT, moments),
    read(AGENTS, moments),
  ]);
  return { samples: [...beats, ...late.flat()], findings };
}

/** Divides a time range into equal parts; the last one ends `later` seconds later. */
function slices(from: number, to: number, count: number, later = 0): readonly Span[] {
  const width = (to - from) / count;
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * width,
    to: from + (index + 1) * width + (index === count - 1 ? later : 0),
  }));
}

/** Whether one of the known cells, or one that reported, lacks a metric. */
function isMissing(cells: Cells, known: readonly CellLocation[]): boolean {
  return (
    known.some((one) => !cells.has(instanceKey(one))) ||
    [...cells.values()].some((cell) => !isWhole(cell))
  );
}

/** The times of the last two scrapes of each cell that lacks a metric: one may have lost some. */
function lastScrapes(cells: Cells): readonly Span[] {
  const times = [...cells.values()]
    .filter((cell) => !isWhole(cell))
    .flatMap((cell) => scrapesOf(cell).slice(0, 2));
  const moments = times.flatMap((time) =>
    [time - 1, time + 1].map((edge) => Math.floor(edge / SCRAPE_SPAN_SECONDS)),
  );
  return [...new Set(moments)].map((moment) => ({
    from: moment * SCRAPE_SPAN_SECONDS,
    to: (moment + 1) * SCRAPE_SPAN_SECONDS,
  }));
}
