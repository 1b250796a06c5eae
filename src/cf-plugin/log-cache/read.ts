import * as v from 'valibot';
import { below, getJson, TOO_LARGE, type RequestError, type Server } from '../http/client.ts';

export interface Sample {
  readonly name: string;
  /** Null if it is not a number, or beyond 2^53, which nothing here counts. */
  readonly value: number | null;
  /** The Unix time of the scrape, in seconds. */
  readonly at: number;
  /** Untrusted: escape them on output. */
  readonly tags: Readonly<Record<string, string>>;
}

/** From `from` up to but not including `to`, in Unix time in seconds. */
export type Span = { readonly from: number; readonly to: number };

/** The oldest sample of a source, and those within so many seconds after it. */
export type Oldest = { readonly oldestSeconds: number };

export type Source = { readonly id: string; readonly names: readonly string[] };

/** The result of one read; incomplete if there is an error. */
export interface Read {
  readonly samples: readonly Sample[];
  readonly error: RequestError | null;
  /** Unix time in seconds by the clock of Log Cache; null if it sent none. */
  readonly at: number | null;
}

/** JSON has no NaN and no infinity, so these come as text. A zero may be omitted, as in proto3. */
const metric = v.object({ value: v.optional(v.union([v.number(), v.string()]), 0) });
const envelope = v.object({
  timestamp: v.pipe(v.string(), v.regex(/^\d{1,19}$/)),
  source_id: v.string(),
  instance_id: v.optional(v.string(), ''),
  tags: v.optional(v.record(v.string(), v.string()), {}),
  gauge: v.optional(v.object({ metrics: v.record(v.string(), metric) })),
});
const page = v.object({ envelopes: v.object({ batch: v.optional(v.array(envelope), []) }) });

/** As many as Log Cache returns at once; sometimes it returns a few more. */
const PAGE = 1000;
const MAX_PAGES = 30;
const NANOSECONDS = 1_000_000_000n;

/**
 * All samples of a source within a time range, page by page; never fails. More than asked for may
 * come where Log Cache is asked for the oldest.
 */
export async function readSpan(
  { client, url, token }: Server,
  { id, names }: Source,
  span: Span | Oldest,
): Promise<Read> {
  const wanted = new Set(names);
  const samples: Sample[] = [];
  const isOldest = 'oldestSeconds' in span;
  const limit = isOldest && span.oldestSeconds === 0 ? 1 : PAGE;
  let start = nanoseconds(isOldest ? 0 : span.from);
  let end = isOldest ? null : nanoseconds(span.to);
  let at: number | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = {
      start_time: String(start),
      ...(isOldest ? {} : { end_time: String(end) }),
      limit: String(limit),
      name_filter: `^(${names.join('|')})$`,
    };
    const answer = await getJson(client, below(url, `/api/v1/read/${id}`, query), page, token);
    if (!answer.ok) return { samples, error: answer.error, at };
    at = answer.at;
    const { batch } = answer.value.envelopes;
    for (const one of batch) samples.push(...samplesOf(one, id, wanted));
    const last = batch.at(-1);
    if (last === undefined || batch.length < limit) return { samples, error: null, at };
    // Read the last time again, because a page may end between envelopes with the same time.
    const next = BigInt(last.timestamp);
    if (isOldest) {
      end ??= BigInt(batch[0]?.timestamp ?? 0) + nanoseconds(span.oldestSeconds);
      if (next >= end) return { samples, error: null, at };
    }
    start = next > start ? next : start + 1n;
  }
  return { samples, error: TOO_LARGE, at };
}

const nanoseconds = (time: number): bigint =>
  (BigInt(Math.round(Math.max(0, time) * 1000)) * NANOSECONDS) / 1000n;

/** Log Cache also returns the envelopes of an app whose name is the source id. */
function samplesOf(
  one: v.InferOutput<typeof envelope>,
  id: string,
  wanted: ReadonlySet<string>,
): Sample[] {
  if (one.source_id !== id) return [];
  const tags = { instance_id: one.instance_id, ...one.tags };
  return Object.entries(one.gauge?.metrics ?? {})
    .filter(([name]) => wanted.has(name))
    .map(([name, { value }]) => ({
      name,
      value: typeof value === 'number' && Math.abs(value) < 2 ** 53 ? value : null,
      at: Number(one.timestamp) / 1e9,
      tags,
    }));
}
