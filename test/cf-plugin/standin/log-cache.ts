/** One series of a Log Cache: its newest sample, and how many seconds before `now` that came. */
export interface Series {
  readonly name: string;
  /** All of them, source_id and instance_id too. */
  readonly labels: Readonly<Record<string, string>>;
  /** As text, as Log Cache gives it: `41`, `NaN`, `+Inf`. */
  readonly value: string;
  readonly age: number;
  /** Seconds between its samples; 15 where not given. */
  readonly every?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const SELECTOR = String.raw`(\w+)\{source_id="([^"]*)"\}`;
const RANGE = new RegExp(String.raw`^${SELECTOR}\[(\d+)s\]$`);
const SCALAR = new RegExp(String.raw`^scalar\(${SELECTOR}\)$`);

/** The answer of /api/v1/query byte for byte: no spaces, sorted labels, times with three digits. */
export function queried(
  query: string,
  series: readonly Series[],
  now: number,
  /** The `time` that is asked for. */
  at = now,
): HttpAnswer {
  const [, metric, source, seconds] = RANGE.exec(query) ?? [];
  if (seconds !== undefined) {
    if (Number(seconds) > 60 && Number(seconds) % 60 !== 0) return badDuration(Number(seconds));
    const result = series
      .filter(({ name, labels }) => name === metric && isOf(source, labels))
      .map(({ labels, ...one }) => [labels, pointsText(one, now, at, Number(seconds))] as const)
      .filter(([, points]) => points.length > 0)
      .map(
        ([labels, points]) =>
          `{"metric":${JSON.stringify(sorted(labels))},"values":[${points.join(',')}]}`,
      );
    return success('matrix', `[${result.join(',')}]`);
  }
  const [, name, of] = SCALAR.exec(query) ?? [];
  if (name !== undefined) {
    const one = series.find(({ labels, ...other }) => other.name === name && isOf(of, labels));
    return success('scalar', pointText(at, one?.value ?? 'NaN'));
  }
  return refused(
    query.includes('source_id')
      ? `parse error at char ${query.length + 1}: unclosed left parenthesis`
      : 'query does not request any source_ids',
  );
}

/** A source id also selects an app of that name: Log Cache asks the Cloud Controller. */
const isOf = (source: string | undefined, { source_id, app_name }: Series['labels']): boolean =>
  source_id === source || (app_name !== undefined && app_name === source);

/** From the newest sample back, as of `at`; both ends of the range belong to it. */
function pointsText(
  { value, age, every = 15 }: Omit<Series, 'labels'>,
  now: number,
  at: number,
  seconds: number,
): readonly string[] {
  const points: string[] = [];
  for (let time = now - age; time >= at - seconds; time -= every) {
    if (time <= at) points.unshift(pointText(time, value));
  }
  return points;
}

const pointText = (at: number, value: string): string =>
  `[${at.toFixed(3)},${JSON.stringify(value)}]`;

const success = (type: string, result: string): HttpAnswer => ({
  status: 200,
  body: `{"status":"success","data":{"resultType":"${type}","result":${result}}}`,
});

/** The proxy rewrites a duration with minutes and seconds, which Log Cache cannot read. */
const badDuration = (seconds: number): HttpAnswer => ({
  status: 500,
  body: JSON.stringify({
    status: 'error',
    errorType: 'internal',
    error: `parse error at char 43: bad duration syntax: "${Math.floor(seconds / 60)}m${String(seconds % 60).slice(0, 1)}"`,
  }),
});

const refused = (error: string): HttpAnswer => ({
  status: 400,
  body: JSON.stringify({ status: 'error', errorType: 'bad_data', error }),
});

const sorted = (labels: Series['labels']): Series['labels'] =>
  Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** What /api/v1/read/SOURCE?limit=1 answers: the oldest envelope. */
export function oldestRead(
  series: readonly Series[],
  source: string,
  now: number,
  oldestAge: number,
): HttpAnswer {
  const one = series.find(({ labels }) => labels['source_id'] === source);
  if (one === undefined) return { status: 200, body: '{"envelopes":{"batch":[]}}' };
  const { source_id, instance_id, ...tags } = one.labels;
  const envelope = {
    timestamp: `${BigInt(Math.round((now - oldestAge) * 1000)) * 1_000_000n}`,
    source_id,
    instance_id: instance_id ?? '',
    deprecated_tags: {},
    tags: sorted(tags),
    gauge: { metrics: { [one.name]: { unit: '', value: Number(one.value) } } },
  };
  return { status: 200, body: JSON.stringify({ envelopes: { batch: [envelope] } }) };
}
