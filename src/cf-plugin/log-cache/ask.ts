import { below } from '../http/below.ts';
import type { Answer, RequestError } from '../http/request-error.ts';
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
  /** Why `now` is only the time of the newest sample, and everything may be older than it seems; null: it is not. */
  readonly clockTrouble: RequestError | null;
  /** Of a metric whose query failed: none, or without the silent cells. */
  readonly samples: Readonly<Record<QueryName, readonly Sample[]>>;
  readonly failed: readonly { readonly query: QueryName; readonly trouble: RequestError }[];
  /** Unix time in seconds of the oldest that Log Cache still holds of the cells; null where it did not say. */
  readonly oldest: number | null;
}

/** Of one metric, from one or two queries. */
interface Told {
  readonly samples: readonly Sample[];
  /** Why some samples may be missing; null where none is. */
  readonly trouble: RequestError | null;
}
type Answers = Map<QueryName, Answer<readonly Sample[]>>;

/**
 * Of those that were too much at once. Each query keeps one of Log Cache's processors busy for seconds on a large foundation, and
 * has five seconds: two at a time leave each twice the time that it needs.
 */
const AGAIN_AT_A_TIME = 2;

/** The one that takes longest is not the last to begin. */
const LONGEST_FIRST = QUERY_NAMES.toSorted((a, b) => firstSpanOf(b) - firstSpanOf(a));

/**
 * Everything at once, because together the queries take as long as one where Log Cache has the processors; those that were too much
 * for it are asked again, a few at a time. Then, if there are such cells, for what those said that have been silent for a while. Not
 * ok: what went wrong first, when there is no answer at all.
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
    allOf(LONGEST_FIRST, (name) => asked(name, null)),
  ]);
  const newest = newestOf(answers);
  if (!clock.ok && newest === null) return clock;
  const now = clock.ok ? clock.value : (newest ?? 0);

  const told = new Map([...answers].map(([name, answer]) => [name, toldBy(answer)]));
  const late = lateSpan(answers.get('lastLook'), now);
  if (late !== null) {
    const short = QUERY_NAMES.filter((name) => firstSpanOf(name) < LOOK_BACK_SECONDS);
    for (const [name, answer] of await allOf(short, (one) => asked(one, late))) {
      told.set(name, together(told.get(name), toldBy(answer)));
    }
  }
  return readings(told, {
    now,
    clockTrouble: clock.ok ? null : clock.trouble,
    oldest: oldest.ok ? oldest.value : null,
  });
}

/** All at once; then those that were too much again, until one still is: then there is no hope for the others. */
async function allOf(
  names: readonly QueryName[],
  ask: (name: QueryName) => Promise<Answer<readonly Sample[]>>,
): Promise<Answers> {
  const answers: Answers = new Map();
  const keep = async (name: QueryName): Promise<Answer<readonly Sample[]>> => {
    const answer = await ask(name);
    answers.set(name, answer);
    return answer;
  };
  const first = await Promise.all(names.map(keep));
  // A server that answers nothing at all would take its time once more.
  if (first.every(isSilence)) return answers;
  const again = names.filter((name) => wasTooMuch(answers.get(name)));
  const lane = async (): Promise<void> => {
    for (let name = again.shift(); name !== undefined; name = again.shift()) {
      if (wasTooMuch(await keep(name))) again.length = 0;
    }
  };
  await Promise.all(Array.from({ length: AGAIN_AT_A_TIME }, lane));
  return answers;
}

const isSilence = (answer: Answer<unknown>): boolean =>
  !answer.ok && answer.trouble.kind === 'timeout';

/** 504 from its gateway, 500 with "context deadline exceeded" from itself, or our own time is over. */
const wasTooMuch = (answer: Answer<unknown> | undefined): boolean =>
  answer?.ok === false &&
  (answer.trouble.kind === 'timeout' ||
    (answer.trouble.kind === 'status' && answer.trouble.status >= 500));

/**
 * Where nothing is known of when cells reported, the others may have done so as long ago as a cell can; yet where that was too
 * much to ask for, so would be this.
 */
function lateSpan(lastLook: Answer<readonly Sample[]> | undefined, now: number): Span | null {
  if (lastLook?.ok === true) return spanOfLateScrapes(lastLook.value, now);
  return wasTooMuch(lastLook) ? null : { until: now, seconds: LOOK_BACK_SECONDS };
}

const toldBy = (answer: Answer<readonly Sample[]>): Told =>
  answer.ok ? { samples: answer.value, trouble: null } : { samples: [], trouble: answer.trouble };

/** Of two answers all series; the newest sample of each. What one told stays told when the other fails. */
function together(first: Told | undefined, late: Told): Told {
  const newest = new Map<string, Sample>();
  for (const sample of [...late.samples, ...(first?.samples ?? [])]) {
    const series = JSON.stringify(sample.labels);
    if ((newest.get(series)?.at ?? -Infinity) <= sample.at) newest.set(series, sample);
  }
  return { samples: [...newest.values()], trouble: first?.trouble ?? late.trouble };
}

/** The newest time in all answers: hardly older than the clock that gave them. */
function newestOf(answers: Answers): number | null {
  const times = [...answers.values()].flatMap((answer) =>
    answer.ok ? answer.value.map(({ at }) => at) : [],
  );
  return times.length === 0 ? null : times.reduce((newest, at) => Math.max(newest, at));
}

function readings(
  told: ReadonlyMap<QueryName, Told>,
  times: Pick<Readings, 'now' | 'clockTrouble' | 'oldest'>,
): Answer<Readings> {
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
  const failed: { query: QueryName; trouble: RequestError }[] = [];
  for (const query of QUERY_NAMES) {
    const one = told.get(query);
    if (one === undefined) continue;
    samples[query] = ofItsSource(query, one.samples);
    if (one.trouble !== null) failed.push({ query, trouble: one.trouble });
  }
  const [first] = failed;
  const isNothing = QUERY_NAMES.every((name) => samples[name].length === 0);
  if (first !== undefined && failed.length === QUERY_NAMES.length && isNothing) {
    return { ok: false, trouble: first.trouble };
  }
  return { ok: true, value: { ...times, samples, failed } };
}

/** Log Cache also gives what an app has sent that has the source id for its name; that is no cell. */
const ofItsSource = (query: QueryName, samples: readonly Sample[]): readonly Sample[] =>
  samples.filter(({ labels }) => labels.source_id === METRICS[query][1]);
