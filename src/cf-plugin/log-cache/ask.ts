import { below } from '../http/below.ts';
import type { Answer, Trouble } from '../http/trouble.ts';
import { getJson, type Web } from '../http/web.ts';
import { oldestEnvelope, scalarTime, seriesSamples, type Sample } from './answer.ts';
import {
  CLOCK,
  firstSpanOf,
  LOOK_BACK_SECONDS,
  METRICS,
  QUERY_NAMES,
  samplesOf,
  type QueryName,
} from './queries.ts';
import { spanOfLateScrapes, type Span } from './span.ts';

/** What Log Cache said in one round. */
export interface Readings {
  /** Unix time in seconds by the clock of Log Cache: that of an operator's machine may be anywhere. */
  readonly now: number;
  /** Of a query that failed: none. */
  readonly samples: Readonly<Record<QueryName, readonly Sample[]>>;
  readonly failed: readonly { readonly query: QueryName; readonly trouble: Trouble }[];
  /** Unix time in seconds of the oldest that Log Cache still holds of the cells; null where it did not say. */
  readonly oldest: number | null;
}

type Answers = Map<QueryName, Answer<readonly Sample[]>>;

/** Of queries that Log Cache could not answer when it was asked everything at once. */
const AT_A_TIME = 2;

/**
 * Everything at once, because together the queries take as long as one. Those that were too much for Log Cache, which gives each
 * five seconds and shares its processors among them, are asked again, a few at a time. Then, if there are such cells, for what
 * those said that have been silent for a while. Not ok: what went wrong first, when there is no answer at all.
 */
export async function askLogCache(
  web: Web,
  logCache: URL,
  token: string,
): Promise<Answer<Readings>> {
  const query = (text: string, at: Readonly<Record<string, string>> = {}): URL =>
    below(logCache, '/api/v1/query', { query: text, ...at });
  const asked = (name: QueryName, span: Span | null): Promise<Answer<readonly Sample[]>> => {
    const url =
      span === null
        ? query(samplesOf(name, firstSpanOf(name)))
        : query(samplesOf(name, span.seconds), { time: String(Math.ceil(span.until)) });
    return getJson(web, url, seriesSamples, token);
  };
  // Ascending is the default order, so the first is the oldest.
  const oldestUrl = below(logCache, '/api/v1/read/rollcall', { limit: '1' });
  const [clock, oldest, answers] = await Promise.all([
    getJson(web, query(CLOCK), scalarTime, token),
    getJson(web, oldestUrl, oldestEnvelope, token),
    allOf(QUERY_NAMES, (name) => asked(name, null)),
  ]);
  const newest = newestOf(answers);
  if (!clock.ok && newest === null) return clock;
  const now = clock.ok ? clock.value : (newest ?? 0);

  const late = lateSpan(answers, now);
  if (late !== null) {
    const short = QUERY_NAMES.filter((name) => firstSpanOf(name) < LOOK_BACK_SECONDS);
    for (const [name, answer] of await allOf(short, (one) => asked(one, late))) {
      answers.set(name, together(answers.get(name), answer));
    }
  }
  return readings(now, answers, oldest.ok ? oldest.value : null);
}

/** All at once; then again, a few at a time, those that were too much. Nothing is asked again where nothing was answered. */
async function allOf(
  names: readonly QueryName[],
  ask: (name: QueryName) => Promise<Answer<readonly Sample[]>>,
): Promise<Answers> {
  const answers: Answers = new Map();
  const keep = async (name: QueryName): Promise<void> => {
    answers.set(name, await ask(name));
  };
  await Promise.all(names.map(keep));
  if (![...answers.values()].some(({ ok }) => ok)) return answers;
  const again = names.filter((name) => wasTooMuch(answers.get(name)));
  const lane = async (): Promise<void> => {
    for (let name = again.shift(); name !== undefined; name = again.shift()) await keep(name);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return answers;
}

/** 504 from its gateway, 500 with "context deadline exceeded" from itself, or our own time is over. */
const wasTooMuch = (answer: Answer<unknown> | undefined): boolean =>
  answer?.ok === false &&
  (answer.trouble.kind === 'timeout' ||
    (answer.trouble.kind === 'status' && answer.trouble.status >= 500));

/** Where nothing is known of when cells reported, the others may have done so as long ago as a cell can. */
function lateSpan(answers: Answers, now: number): Span | null {
  const lastLook = answers.get('lastLook');
  return lastLook?.ok === true
    ? spanOfLateScrapes(lastLook.value, now)
    : { until: now, seconds: LOOK_BACK_SECONDS };
}

/** Of two answers all series; the newest sample of each. One that failed makes the whole fail. */
function together(
  first: Answer<readonly Sample[]> | undefined,
  late: Answer<readonly Sample[]>,
): Answer<readonly Sample[]> {
  if (first?.ok !== true || !late.ok) return first?.ok === false ? first : late;
  const newest = new Map<string, Sample>();
  for (const sample of [...late.value, ...first.value]) {
    const series = JSON.stringify(sample.labels);
    if ((newest.get(series)?.at ?? -Infinity) <= sample.at) newest.set(series, sample);
  }
  return { ok: true, value: [...newest.values()] };
}

/** The newest time in all answers: hardly older than the clock that gave them. */
function newestOf(answers: Answers): number | null {
  const times = [...answers.values()].flatMap((answer) =>
    answer.ok ? answer.value.map(({ at }) => at) : [],
  );
  return times.length === 0 ? null : times.reduce((newest, at) => Math.max(newest, at));
}

function readings(now: number, answers: Answers, oldest: number | null): Answer<Readings> {
  const samples: Record<QueryName, readonly Sample[]> = {
    build: [],
    containers: [],
    untracked: [],
    listed: [],
    gardenUp: [],
    couldNotTell: [],
    omitted: [],
    lastLook: [],
    findings: [],
  };
  const failed: { query: QueryName; trouble: Trouble }[] = [];
  for (const query of QUERY_NAMES) {
    const answer = answers.get(query);
    if (answer?.ok === true) samples[query] = ofItsSource(query, answer.value);
    else if (answer !== undefined) failed.push({ query, trouble: answer.trouble });
  }
  const [first] = failed;
  if (first !== undefined && failed.length === QUERY_NAMES.length) {
    return { ok: false, trouble: first.trouble };
  }
  return { ok: true, value: { now, samples, failed, oldest } };
}

/** Log Cache also gives what an app has sent that has the source id for its name; that is no cell. */
const ofItsSource = (query: QueryName, samples: readonly Sample[]): readonly Sample[] =>
  samples.filter(({ labels }) => labels.source_id === METRICS[query][1]);
