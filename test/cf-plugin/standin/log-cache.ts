/** One series of a Log Cache: its newest sample, and how many seconds before `now` that came. */
export interface Series {
  readonly name: string;
  /** All of them, source_id and instance_id too. */
  readonly labels: Readonly<Record<string, string>>;
  /** As text, as an exporter writes it: `41`, `NaN`, `+Inf`. */
  readonly value: string;
  readonly age: number;
  /** Seconds between its samples; 15 where not given. */
  readonly every?: number;
  /** The age of its first sample; left out: as old as anything that is held. */
  readonly first?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** What Log Cache keeps of one source; more than it has room for is evicted, the oldest first. */
interface Held {
  readonly series: readonly (Series & { readonly order: number })[];
  readonly oldest: number;
}

/** Its own default. */
const MAX_PER_SOURCE = 100_000;

/** A Log Cache that holds these series. */
export class LogCacheStore {
  readonly #sources = new Map<string, Held>();
  readonly #now: number;

  /** @param oldestAge seconds before `now` from which on it holds anything: its last restart */
  constructor(series: readonly Series[], now: number, oldestAge = 3600) {
    this.#now = now;
    const sources = Map.groupBy(series, ({ labels }) => labels['source_id'] ?? '');
    for (const [source, own] of sources) {
      const perSecond = own.reduce((sum, { every = 15 }) => sum + 1 / every, 0);
      this.#sources.set(source, {
        // prom_scraper sends one sample after the other, so that hardly two have the same time.
        series: own.map((one, order) => ({ ...one, order })),
        oldest: now - Math.min(oldestAge, MAX_PER_SOURCE / perSecond),
      });
    }
  }

  /** The answer of /api/v1/read/SOURCE byte for byte, with its sorted tags and nanoseconds. */
  read(source: string, query: URLSearchParams): HttpAnswer {
    const limit = Number(query.get('limit') ?? 100);
    if (limit > 1000) return refused(`Limit (${limit}) must be 1000 or less`);
    const held = this.#sources.get(source);
    const from = Math.max(Number(query.get('start_time') ?? 0) / 1e9, held?.oldest ?? 0);
    // Its own clock ends a read only where the caller does not.
    const to = query.has('end_time') ? Number(query.get('end_time')) / 1e9 : this.#now;
    const isWanted = new RegExp(query.get('name_filter') ?? '');
    const found: (readonly [bigint, Series])[] = [];
    for (const one of held?.series ?? []) {
      if (!isWanted.test(one.name)) continue;
      const { every = 15, age, order } = one;
      const newest = this.#now - age + order / 1e6;
      const first = Math.max(0, Math.ceil((newest - to) / every));
      // Half a microsecond more, because these are floating numbers; `start` decides.
      const since = Math.max(from, this.#now - (one.first ?? Infinity));
      const last = Math.floor((newest - since + 5e-7) / every);
      for (let index = first; index <= last; index++) {
        const at = newest - index * every;
        if (at < to) found.push([nanoseconds(at), one]);
      }
    }
    const start = BigInt(query.get('start_time') ?? 0);
    const sorted = found
      .filter(([at]) => at >= start)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const batch = query.get('descending') === 'true' ? sorted.toReversed() : sorted;
    const texts = batch.slice(0, limit).map(([at, one]) => envelopeText(at, one));
    return { status: 200, body: `{"envelopes":{"batch":[${texts.join(',')}]}}` };
  }
}

const nanoseconds = (time: number): bigint => BigInt(Math.round(time * 1e6)) * 1000n;

function envelopeText(at: bigint, { name, labels, value }: Series): string {
  const { source_id, instance_id = '', ...tags } = labels;
  const sorted = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const number = Number(value.replace('Inf', 'Infinity'));
  return JSON.stringify({
    timestamp: String(at),
    source_id,
    instance_id,
    deprecated_tags: {},
    tags: Object.fromEntries(sorted),
    gauge: { metrics: { [name]: { unit: '', value: Number.isFinite(number) ? number : value } } },
  });
}

const refused = (message: string): HttpAnswer => ({
  status: 500,
  body: JSON.stringify({ code: 2, message, details: [] }),
});
