import * as v from 'valibot';

/**
 * The labels that are of use, as Log Cache gives them. deployment, job, index and ip are put on by the Forwarder Agent,
 * instance_id by prom_scraper; a series without one of them is possible. Untrusted: escape them on output.
 */
const LABELS = [
  'source_id',
  'deployment',
  'job',
  'index',
  'ip',
  'instance_id',
  'version',
  'cgroup_mode',
  'interval_seconds',
  'status',
  'reason',
  'severity',
  'handle',
  'app_id',
  'drill',
] as const;

export type SeriesLabels = Readonly<Partial<Record<(typeof LABELS)[number], string>>>;

/** What a series told in the time that was asked for. */
export interface Sample {
  readonly labels: SeriesLabels;
  /** The newest; null where it is no finite number. */
  readonly value: number | null;
  /** Unix time of the newest. Log Cache rounds it down to a second. */
  readonly at: number;
  /** Seconds between two of the last samples, the median; null where there is one only. */
  readonly every: number | null;
}

const metric = v.object(Object.fromEntries(LABELS.map((name) => [name, v.optional(v.string())])));
const point = v.tuple([v.pipe(v.number(), v.finite()), v.string()]);

const series = v.pipe(
  v.object({ metric, values: v.pipe(v.array(point), v.minLength(1)) }),
  v.transform(({ metric: labels, values }): Sample => {
    // Log Cache may give an envelope twice, and those of about the same time in any order.
    const points = new Map(values);
    const times = [...points.keys()].toSorted((a, b) => a - b);
    const at = times.at(-1) ?? 0;
    return { labels, value: finite(points.get(at) ?? ''), at, every: medianGap(times) };
  }),
);

/** Enough to bear two lost envelopes, and few: a scrape interval that was made longer is known after three scrapes. */
const GAPS = 5;

/** Whoever was away for a while has one long gap, and the others as before. */
function medianGap(times: readonly number[]): number | null {
  const last = times.slice(-GAPS - 1);
  const gaps = last.slice(1).map((time, index) => time - (last[index] ?? time));
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? null;
}

/**
 * Log Cache's answer to a query for a range: `[[1795560640.000,"41"],…]` for each series, numbers as text. A vector is none: it has
 * the time of the answer and not of the sample, so that a dead cell would look alive.
 */
export const seriesSamples = v.pipe(
  v.object({
    status: v.literal('success'),
    data: v.object({ resultType: v.literal('matrix'), result: v.array(series) }),
  }),
  v.transform(({ data }): readonly Sample[] => data.result),
);

/** The Unix time in seconds at which Log Cache made its answer to a query for one number. */
export const scalarTime = v.pipe(
  v.object({
    status: v.literal('success'),
    data: v.object({ resultType: v.literal('scalar'), result: point }),
  }),
  v.transform(({ data }): number => data.result[0]),
);

/** The Unix time in seconds of the oldest of some envelopes; null where there is none. Times are nanoseconds, as text. */
export const oldestEnvelope = v.pipe(
  v.object({
    envelopes: v.object({
      batch: v.array(v.object({ timestamp: v.pipe(v.string(), v.regex(/^\d{1,20}$/)) })),
    }),
  }),
  v.transform(({ envelopes }): number | null => {
    const [first, ...others] = envelopes.batch.map(({ timestamp }) => Number(timestamp) / 1e9);
    if (first === undefined) return null;
    return others.reduce((oldest, time) => Math.min(oldest, time), first);
  }),
);

/** `NaN` and `+Inf` come through Log Cache unharmed, and neither is a count or a time. */
function finite(text: string): number | null {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
