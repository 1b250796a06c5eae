import { KnownFailure, type FailureCode } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { jsonText } from '../../present/json-text.ts';
import type { FoundationStatus } from '../foundation/status.ts';
import { changeText } from './changed-findings.ts';
import { EXIT_FAILED, failureJson, reportFailure } from './failed.ts';
import type { Io } from './io.ts';

export type Pause = (stop: AbortSignal) => Promise<void>;

export interface Watching {
  readonly ask: () => Promise<FoundationStatus>;
  readonly draw: (status: FoundationStatus) => string;
  readonly output: 'table' | 'json';
  readonly pause: Pause;
  readonly stop: AbortSignal;
}

/** To the upper left corner and nothing below; what has scrolled away is left alone. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';
/**
 * What no further asking mends. Whoever breaks the protocol of cf has lost the connection for good, or answers the same question with
 * the same type again.
 */
const FINAL: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'GOB_MALFORMED',
  'GOB_TOO_LARGE',
  'GOB_TYPE',
  'CF_ANSWER',
  'CF_CLOSED',
  'CF_TOO_OLD',
  'CF_NO_API',
  'TLS_UNTRUSTED',
]);
/** The same, or a server that is away for a while: without UAA cf gets no token, without the Cloud Controller Log Cache hides everything. */
const DOUBTFUL: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'CF_NOT_LOGGED_IN',
  'LOG_CACHE_SCOPE',
]);
/** Rounds of a doubtful failure after one that went well: three minutes, about as long as a server takes to be updated. */
const MAX_DOUBTFUL_ROUNDS = 12;

type Round = { readonly status: FoundationStatus } | { readonly failure: KnownFailure };

/**
 * On a terminal the table, drawn anew after each pause; elsewhere a line whenever what it says or what is untracked changes; as JSON
 * a line a round. A round that failed is shown as that, because a server may come back; a failure that stays ends the watch, so
 * that a token that cf cannot refresh is not asked for without end.
 */
export async function watchStatus(watching: Watching, io: Io): Promise<number> {
  const { ask, pause, stop } = watching;
  let shown = '';
  let known: FoundationStatus['untracked'] | null = null;
  let code = EXIT_FAILED;
  let doubtsLeft = 0;
  while (!stop.aborted) {
    const round = await unlessStopped(oneRound(ask), stop);
    if (round === null || stop.aborted) break;
    if ('status' in round) doubtsLeft = MAX_DOUBTFUL_ROUNDS;
    else if (DOUBTFUL.has(round.failure.code)) doubtsLeft -= 1;
    if ('failure' in round && isFinal(round.failure, doubtsLeft)) {
      return reportFailure(round.failure, watching.output === 'json' ? 'json-line' : 'table', io);
    }
    code = 'status' in round && round.status.verdict === 'all-tracked' ? 0 : EXIT_FAILED;
    const now = new Date().toISOString();
    if (watching.output === 'json') io.stdout(`${jsonText(jsonOf(round))}\n`);
    else if (io.isTty) io.stdout(screen(round, watching, now));
    else {
      const says = lineOf(round);
      const change = 'status' in round ? changeText(known, round.status.untracked) : '';
      if (says !== shown || change !== '') io.stdout(`${now} ${says}${change}\n`);
      shown = says;
      if ('status' in round) known = round.status.untracked;
    }
    await pause(stop);
  }
  return code;
}

const isFinal = ({ code }: KnownFailure, doubtsLeft: number): boolean =>
  FINAL.has(code) || (DOUBTFUL.has(code) && doubtsLeft <= 0);

/**
 * Null as soon as it is stopped: nobody who presses Ctrl-C waits for a slow server. No race against one promise for the whole watch,
 * which would keep the result of every round as long as itself.
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

const said = ({ message }: KnownFailure): string => oneLine(message, 600);

const jsonOf = (round: Round): unknown =>
  'status' in round ? round.status : failureJson(round.failure.code, said(round.failure));

const lineOf = (round: Round): string =>
  'status' in round
    ? `${round.status.verdict} ${round.status.why}`
    : `unknown ${said(round.failure)}`;

function screen(round: Round, { draw }: Watching, now: string): string {
  const shown = 'status' in round ? draw(round.status) : `${said(round.failure)}\n`;
  return `${CLEAR_SCREEN}${now.slice(11, 19)}Z; Ctrl-C ends\n\n${shown}`;
}
