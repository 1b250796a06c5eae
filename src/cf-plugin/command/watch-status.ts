import { KnownFailure, type FailureCode } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { jsonText } from '../../present/json-text.ts';
import { MAX_HANDLE, type FoundationStatus } from '../foundation/status.ts';
import { EXIT_CF_FAILED, failureJson, reportFailure, type PluginIo } from './io.ts';

export type Pause = (stop: AbortSignal) => Promise<void>;

export interface Watching {
  readonly ask: () => Promise<FoundationStatus>;
  readonly draw: (status: FoundationStatus) => string;
  readonly output: 'table' | 'json';
  readonly pause: Pause;
  readonly stop: AbortSignal;
}

/** Moves to the upper left corner and clears the screen, but not what has scrolled away. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';
/**
 * The failures that repeat themselves. After a breach of cf's protocol the connection is lost, or
 * cf answers the same call with the same type again.
 */
const FINAL: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'GOB_MALFORMED',
  'GOB_TOO_LARGE',
  'CF_ANSWER',
  'CF_CLOSED',
  'CF_TOO_OLD',
  'CF_NO_API',
  'TLS_UNTRUSTED',
]);
/**
 * Failures that may pass: without UAA cf gets no token, and without the Cloud Controller Log Cache
 * hides everything.
 */
const TRANSIENT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'CF_NOT_LOGGED_IN',
  'LOG_CACHE_SCOPE',
]);
/** How many rounds in a row may end so: three minutes, about the time of a server's update. */
const MAX_TRANSIENT_ROUNDS = 12;

type Findings = FoundationStatus['untracked'];
type Round = { readonly status: FoundationStatus } | { readonly failure: KnownFailure };

/**
 * On a terminal it redraws the table each round; elsewhere it writes a line when the verdict or a
 * finding changes; as JSON it writes a line a round. It shows a failed round and goes on, because a
 * server may come back. A lasting failure ends it, so that it does not ask forever for a token that
 * cf cannot refresh.
 */
export async function watchStatus(watching: Watching, io: PluginIo): Promise<number> {
  const { ask, pause, stop } = watching;
  let shown = '';
  let known: Findings | null = null;
  let code = EXIT_CF_FAILED;
  let transientLeft = 0;
  while (!stop.aborted) {
    const round = await unlessStopped(oneRound(ask), stop);
    if (round === null || stop.aborted) break;
    if ('status' in round) transientLeft = MAX_TRANSIENT_ROUNDS;
    else if (TRANSIENT.has(round.failure.code)) transientLeft -= 1;
    if ('failure' in round && isFinal(round.failure, transientLeft)) {
      return reportFailure(round.failure, watching.output === 'json' ? 'json-line' : 'table', io);
    }
    code = 'status' in round && round.status.verdict === 'all-tracked' ? 0 : EXIT_CF_FAILED;
    const now = new Date().toISOString();
    if (watching.output === 'json') io.stdout(`${jsonText(jsonOf(round))}\n`);
    else if (io.isTty) io.stdout(screen(round, watching, now));
    else {
      const line = lineOf(round);
      const change = 'status' in round ? changeText(known, round.status.untracked) : '';
      if (line !== shown || change !== '') io.stdout(`${now} ${line}${change}\n`);
      shown = line;
      if ('status' in round) known = round.status.untracked;
    }
    await pause(stop);
  }
  return code;
}

const isFinal = ({ code }: KnownFailure, transientLeft: number): boolean =>
  FINAL.has(code) || (TRANSIENT.has(code) && transientLeft <= 0);

/**
 * Null as soon as the watch stops, so that Ctrl-C does not wait for a slow server. Promise.race
 * with one promise for the whole watch would keep the result of every round.
 */
function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(null);
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true });
    void work.then(resolve, reject).finally(() => {
      stop.removeEventListener('abort', end);
    });
  });
}

async function oneRound(ask: Watching['ask']): Promise<Round> {
  try {
    return { status: await ask() };
  } catch (error) {
    if (error instanceof KnownFailure) return { failure: error };
    throw error;
  }
}

const messageOf = ({ message }: KnownFailure): string => oneLine(message, 600);

const jsonOf = (round: Round): unknown =>
  'status' in round ? round.status : failureJson(round.failure.code, messageOf(round.failure));

const lineOf = (round: Round): string =>
  'status' in round
    ? `${round.status.verdict} ${round.status.why}`
    : `unknown ${messageOf(round.failure)}`;

function screen(round: Round, { draw }: Watching, now: string): string {
  const shown = 'status' in round ? draw(round.status) : `${messageOf(round.failure)}\n`;
  return `${CLEAR_SCREEN}${now.slice(11, 19)}Z; Ctrl-C ends\n\n${shown}`;
}

/** The others are only counted, so that the line stays short. */
const MAX_NAMED = 5;
const MAX_REASON = 60;

/**
 * The findings that came and went between two rounds, to follow the sentence of the second; empty
 * where none did. The counts alone would hide a finding that replaces another.
 * @param before null before the first round
 */
export function changeText(before: Findings | null, after: Findings): string {
  const earlier = namesOf(before ?? []);
  const now = namesOf(after);
  const came = [...now].filter((name) => !earlier.has(name));
  const went = [...earlier].filter((name) => !now.has(name));
  return (
    // Not "over": its cell may be silent.
    listText(before === null ? 'Untracked' : 'New', came) + listText('No longer shown', went)
  );
}

/** A finding with a new reason counts as another one. */
const namesOf = (findings: Findings): ReadonlySet<string> =>
  new Set(
    findings.map(
      ({ handle, reason }) => `${oneLine(handle, MAX_HANDLE)} (${oneLine(reason, MAX_REASON)})`,
    ),
  );

function listText(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - MAX_NAMED;
  const named = names.slice(0, MAX_NAMED).join(', ');
  return ` ${what}: ${named}${more > 0 ? ` and ${more} more` : ''}.`;
}
