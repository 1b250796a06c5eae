import { KnownFailure } from '../../model/failure.ts';
import {
  certificateAdvice,
  requestErrorText,
  type Answer,
  type RequestError,
} from '../http/request-error.ts';
import { below, getJson, type Web } from '../http/web.ts';
import { oldestEnvelope, scalarTime, seriesSamples, type Sample } from './answer.ts';
import {
  CLOCK,
  firstSpanOf,
  LOOK_BACK_SECONDS,
  METRICS,
  QUERY_NAMES,
  samplesOf,
  spanOfLateScrapes,
  type QueryName,
  type Span,
} from './queries.ts';

/** The answers of Log Cache in one round. */
export interface Readings {
  /** Unix time in seconds by the clock of Log Cache: that of an operator's machine may be wrong. */
  readonly now: number;
  /** Why `now` is only the newest sample's time, so that ages may be too small; else null. */
  readonly clockError: RequestError | null;
  /** Where a query failed, its samples are missing, or those of silent cells are. */
  readonly samples: Readonly<Record<QueryName, readonly Sample[]>>;
  readonly failed: readonly { readonly query: QueryName; readonly error: RequestError }[];
  /** Unix time in seconds of the oldest envelope of the cells; null where not known. */
  readonly oldest: number | null;
}

/** The samples of one metric, from one or two queries. */
interface MetricSamples {
  readonly samples: readonly Sample[];
  /** Why some samples may be missing; null where none is. */
  readonly error: RequestError | null;
}
type Answers = Map<QueryName, Answer<readonly Sample[]>>;

/**
 * How many failed queries run again at a time. On a large foundation each keeps one processor of
 * Log Cache busy for seconds, and has five seconds: two at a time leave each twice the time that it
 * needs.
 */
const RETRIES_AT_A_TIME = 2;

/** The query that takes longest must not be the last to begin. */
const LONGEST_FIRST = QUERY_NAMES.toSorted((a, b) => firstSpanOf(b) - firstSpanOf(a));

/**
 * Sends all queries at once, because together they take as long as one where Log Cache has the
 * processors, and repeats those that overloaded it, a few at a time. Then it asks for the last
 * samples of cells that have been silent for a while.
 * @returns the first error where no query has an answer
 */
export async function askLogCache(
  web: Web,
  logCache: URL,
  token: string,
): Promise<Answer<Readings>> {
  const query = (text: string, at: Readonly<Record<string, string>> = {}): URL =>
    below(logCache, '/api/v1/query', { query: text, ...at });
  const ask = (name: QueryName, span: Span | null): Promise<Answer<readonly Sample[]>> => {
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
    answersTo(LONGEST_FIRST, (name) => ask(name, null)),
  ]);
  const newest = newestTime(answers);
  if (!clock.ok && newest === null) return clock;
  const now = clock.ok ? clock.value : (newest ?? 0);

  const metrics = new Map([...answers].map(([name, answer]) => [name, metricSamples(answer)]));
  const late = lateSpan(answers.get('lastLook'), now);
  if (late !== null) {
    const short = QUERY_NAMES.filter((name) => firstSpanOf(name) < LOOK_BACK_SECONDS);
    for (const [name, answer] of await answersTo(short, (one) => ask(one, late))) {
      metrics.set(name, merged(metrics.get(name), metricSamples(answer)));
    }
  }
  return readings(metrics, {
    now,
    clockError: clock.ok ? null : clock.error,
    oldest: oldest.ok ? oldest.value : null,
  });
}

/** Sends all queries at once, and repeats those that overloaded Log Cache until one does again. */
async function answersTo(
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
  // A server that answers nothing would only time out again.
  if (first.every((answer) => !answer.ok && answer.error.kind === 'timeout')) return answers;
  const again = names.filter((name) => wasOverloaded(answers.get(name)));
  const retryInTurn = async (): Promise<void> => {
    for (let name = again.shift(); name !== undefined; name = again.shift()) {
      if (wasOverloaded(await keep(name))) again.length = 0;
    }
  };
  await Promise.all(Array.from({ length: RETRIES_AT_A_TIME }, retryInTurn));
  return answers;
}

/** 504 from the gateway, 500 from Log Cache's own deadline, or the plugin's timeout. */
const wasOverloaded = (answer: Answer<unknown> | undefined): boolean =>
  answer?.ok === false &&
  (answer.error.kind === 'timeout' ||
    (answer.error.kind === 'status' && answer.error.status >= 500));

/**
 * Where the times of the last passes are not known, the samples of a cell may be as old as those of
 * any cell that reports. Where they overloaded Log Cache, a query for so long would overload it
 * again.
 */
function lateSpan(lastLook: Answer<readonly Sample[]> | undefined, now: number): Span | null {
  if (lastLook?.ok === true) return spanOfLateScrapes(lastLook.value, now);
  return wasOverloaded(lastLook) ? null : { until: now, seconds: LOOK_BACK_SECONDS };
}

const metricSamples = (answer: Answer<readonly Sample[]>): MetricSamples =>
  answer.ok ? { samples: answer.value, error: null } : { samples: [], error: answer.error };

/** All series of two answers, each with its newest sample; either answer may have failed. */
function merged(first: MetricSamples | undefined, late: MetricSamples): MetricSamples {
  const newest = new Map<string, Sample>();
  for (const sample of [...late.samples, ...(first?.samples ?? [])]) {
    const series = JSON.stringify(sample.labels);
    if ((newest.get(series)?.at ?? -Infinity) <= sample.at) newest.set(series, sample);
  }
  return { samples: [...newest.values()], error: first?.error ?? late.error };
}

/** The newest time in all answers: it is hardly older than the clock of Log Cache. */
function newestTime(answers: Answers): number | null {
  const times = [...answers.values()].flatMap((answer) =>
    answer.ok ? answer.value.map(({ at }) => at) : [],
  );
  return times.length === 0 ? null : times.reduce((newest, at) => Math.max(newest, at));
}

function readings(
  metrics: ReadonlyMap<QueryName, MetricSamples>,
  times: Pick<Readings, 'now' | 'clockError' | 'oldest'>,
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
  const failed: { query: QueryName; error: RequestError }[] = [];
  for (const query of QUERY_NAMES) {
    const metric = metrics.get(query);
    if (metric === undefined) continue;
    // Log Cache also returns the samples of an app whose name is the source id; that app is not a
    // cell.
    samples[query] = metric.samples.filter(({ labels }) => labels.source_id === METRICS[query][1]);
    if (metric.error !== null) failed.push({ query, error: metric.error });
  }
  const [first] = failed;
  const isEmpty = QUERY_NAMES.every((name) => samples[name].length === 0);
  if (first !== undefined && failed.length === QUERY_NAMES.length && isEmpty) {
    return { ok: false, error: first.error };
  }
  return { ok: true, value: { ...times, samples, failed } };
}

const SCOPES =
  'The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again).';

/** The failure where no query has an answer. `api`: the API that cf targets. */
export function logCacheFailure(
  { api, logCache }: { readonly api: URL; readonly logCache: URL },
  error: RequestError,
): KnownFailure {
  const said = `Log Cache ${logCache.origin} ${requestErrorText(error)}.`;
  switch (error.kind) {
    case 'certificate':
      return new KnownFailure('TLS_UNTRUSTED', `${said} ${certificateAdvice(api, error)}`);
    case 'status':
      // Log Cache answers an empty 404 without the scope or a valid token, and also where it cannot
      // ask the Cloud Controller about the user.
      if (error.status === 404 && error.said === '') {
        return new KnownFailure(
          'LOG_CACHE_SCOPE',
          `Log Cache shows this user nothing (an empty 404). ${SCOPES} If the user has it: log in again, and look whether the Cloud Controller works.`,
        );
      }
      if (error.status === 401 || error.status === 403) {
        return new KnownFailure('LOG_CACHE_SCOPE', `${said} ${SCOPES}`);
      }
      return new KnownFailure('LOG_CACHE_ANSWER', `${said} Look at the log of log-cache.`);
    case 'timeout':
    case 'unreachable':
      return new KnownFailure(
        'LOG_CACHE_UNREACHABLE',
        `${said} Look whether log-cache runs (bosh instances), and try again.`,
      );
    case 'cut-short':
    case 'too-large':
    case 'not-json':
    case 'wrong-shape':
      return new KnownFailure(
        'LOG_CACHE_ANSWER',
        `${said} Look whether something stands between here and log-cache.`,
      );
    default:
      return error satisfies never;
  }
}
