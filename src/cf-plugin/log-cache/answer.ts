import * as v from 'valibot';

/**
 * The labels that the plugin reads. The Forwarder Agent adds deployment, job, index and ip,
 * prom_scraper adds instance_id; a series may lack any of them. Untrusted: escape them on output.
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

/** The newest sample of a series within the span of a query. */
export interface Sample {
  readonly labels: SeriesLabels;
  /** Null where it is not a finite number. */
  readonly value: number | null;
  /** Unix time in seconds, rounded down by Log Cache. */
  readonly at: number;
  /** The median of the seconds between the last samples; null where there is only one. */
  readonly every: number | null;
}

const metric = v.object(Object.fromEntries(LABELS.map((name) => [name, v.optional(v.string())])));
const point = v.tuple([v.pipe(v.number(), v.finite()), v.string()]);

const series = v.pipe(
  v.object({ metric, values: v.pipe(v.array(point), v.minLength(1)) }),
  v.transform(({ metric: labels, values }): Sample => {
    // Log Cache may return an envelope twice, and envelopes of about the same time in any order.
    const points = new Map(values);
    const times = [...points.keys()].toSorted((a, b) => a - b);
    const at = times.at(-1) ?? 0;
    return { labels, value: finite(points.get(at) ?? ''), at, every: medianGap(times) };
  }),
);

/** Two lost envelopes do not change the median; a longer interval shows after three scrapes. */
const GAPS = 5;

/** The median, because a cell that was away has one long gap among normal ones. */
function medianGap(times: readonly number[]): number | null {
  const last = times.slice(-GAPS - 1);
  const gaps = last.slice(1).map((time, index) => time - (last[index] ?? time));
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? null;
}

/**
 * Log Cache's answer to a range query: `[[1795560640.000,"41"],…]` for each series, numbers as
 * text. A vector does not match: it has the time of the answer instead of the sample's, so that a
 * dead cell would look alive.
 */
export const seriesSamples = v.pipe(
  v.object({
    status: v.literal('success'),
    data: v.object({ resultType: v.literal('matrix'), result: v.array(series) }),
  }),
  v.transform(({ data }): readonly Sample[] => data.result),
);

/** The Unix time in seconds at which Log Cache answered a query for one number. */
export const scalarTime = v.pipe(
  v.object({
    status: v.literal('success'),
    data: v.object({ resultType: v.literal('scalar'), result: point }),
  }),
  v.transform(({ data }): number => data.result[0]),
);

/** Unix time in seconds of the oldest envelope (as text, nanoseconds); null where there is none. */
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

/** Log Cache passes on `NaN` and `+Inf`, and neither is a count or a time. */
function finite(text: string): number | null {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
