import * as v from 'valibot';

/**
 * The labels that are of use, as Log Cache gives them. deployment, job, index and ip are put on by the Forwarder Agent,
 * instance_id by prom_scraper; a series without one of them is possible. Untrusted: escape them on output.
 */
const LABELS = [
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

export type Labels = Readonly<Partial<Record<(typeof LABELS)[number], string>>>;

/** One series at one time: a value (null where it is no finite number) and the Unix time it was asked for. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number | null;
  readonly at: number;
}

const metric = v.object(Object.fromEntries(LABELS.map((name) => [name, v.optional(v.string())])));

const sample = v.pipe(
  v.object({
    metric,
    value: v.tuple([v.pipe(v.number(), v.finite()), v.string()]),
  }),
  v.transform((one): Sample => ({
    labels: one.metric,
    value: finite(one.value[1]),
    at: one.value[0],
  })),
);

/** Log Cache's answer to an instant query: `[1795560644.000,"41"]` for each series, numbers as text. */
export const instantVector = v.pipe(
  v.object({
    status: v.literal('success'),
    data: v.object({ resultType: v.literal('vector'), result: v.array(sample) }),
  }),
  v.transform(({ data }): readonly Sample[] => data.result),
);

/** The Unix time in seconds of the oldest of some envelopes; null where there is none. Times are nanoseconds, as text. */
export const oldestEnvelope = v.pipe(
  v.object({
    envelopes: v.object({
      batch: v.array(v.object({ timestamp: v.pipe(v.string(), v.regex(/^\d{1,20}$/)) })),
    }),
  }),
  v.transform(({ envelopes }): number | null => {
    const times = envelopes.batch.map(({ timestamp }) => Number(timestamp) / 1e9);
    return times.length === 0 ? null : Math.min(...times);
  }),
);

/** `NaN` and `+Inf` come through Log Cache unharmed, and neither is a count or a time. */
function finite(text: string): number | null {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
