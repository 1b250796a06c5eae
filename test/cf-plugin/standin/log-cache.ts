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

export interface Told {
  readonly status: number;
  readonly body: string;
}

const LOOK_BACK = 300;
const SELECTOR = String.raw`(\w+)\{source_id="([^"]*)"\}`;
const RANGE = String.raw`_over_time\(${SELECTOR}\[15m\]\)`;
const FORMS = [
  [new RegExp(`^${SELECTOR}$`), LOOK_BACK, ({ value }: Series): string => value],
  [
    new RegExp(String.raw`^time\(\) - timestamp\(${SELECTOR}\)$`),
    LOOK_BACK,
    ({ age }: Series): string => String(age),
  ],
  [
    new RegExp(String.raw`^max_over_time\(${SELECTOR}\[15m\]\)$`),
    900,
    ({ value }: Series): string => value,
  ],
  [
    new RegExp(String.raw`^\(max${RANGE} - min${RANGE}\) / \(count${RANGE} - 1\)$`),
    900,
    ({ every = 15 }: Series): string => String(every),
  ],
] as const;

/** What /api/v1/query answers, byte for byte as a real one: no space, labels sorted, the time with three digits. */
export function queried(query: string, series: readonly Series[], now: number): Told {
  for (const [form, back, value] of FORMS) {
    const found = form.exec(query);
    if (found === null) continue;
    const [, name, source] = found;
    const result = series
      .filter((one) => one.name === name && one.labels['source_id'] === source && one.age <= back)
      .map((one) => sampleText(one.labels, now, value(one)));
    return {
      status: 200,
      body: `{"status":"success","data":{"resultType":"vector","result":[${result.join(',')}]}}`,
    };
  }
  return refused(
    query.includes('source_id')
      ? `parse error at char ${query.length + 1}: unclosed left parenthesis`
      : 'query does not request any source_ids',
  );
}

const refused = (error: string): Told => ({
  status: 400,
  body: JSON.stringify({ status: 'error', errorType: 'bad_data', error }),
});

const sampleText = (labels: Series['labels'], now: number, value: string): string =>
  `{"metric":${JSON.stringify(sorted(labels))},"value":[${now.toFixed(3)},${JSON.stringify(value)}]}`;

const sorted = (labels: Series['labels']): Series['labels'] =>
  Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** What /api/v1/read/SOURCE?limit=1 answers: the oldest envelope. */
export function oldestRead(
  series: readonly Series[],
  source: string,
  now: number,
  oldestAge: number,
): Told {
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
