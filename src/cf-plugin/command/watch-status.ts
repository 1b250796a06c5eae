import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { jsonText } from '../../present/json-text.ts';
import type { Io } from '../../terminal/io.ts';
import type { FoundationStatus } from '../foundation/foundation-status.ts';
import { MAX_HANDLE } from '../foundation/status-table.ts';
import { EXIT_CF_FAILED, failureJson } from './io.ts';

export type Pause = (stop: AbortSignal) => Promise<void>;

export interface Watching {
  /** Ends early on `stop`, so that Ctrl-C does not wait for a slow server. */
  readonly ask: () => Promise<FoundationStatus>;
  /** `before`: of the last round that succeeded; null: this is the first. */
  readonly draw: (status: FoundationStatus, before: FoundationStatus | null) => string;
  readonly output: 'table' | 'json';
  readonly pause: Pause;
  readonly stop: AbortSignal;
  readonly api: () => string | null;
}

/** Moves to the upper left corner and clears the screen, but not the scrollback. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';
/** How many consecutive rounds may fail: three minutes, about as long as the update of a server. */
const MAX_FAILED_ROUNDS = 12;

type Findings = FoundationStatus['untracked'];

/**
 * On a terminal it redraws the table each round, and marks what changed; elsewhere it writes a line when the verdict or a
 * finding changes; with JSON output it writes one line per round. If the first round fails, the
 * command ends as without --watch. Later it continues, because a server may come back, but not
 * forever, and not if the cf that started it has ended.
 * @throws KnownFailure that of the last round
 */
export async function watchStatus(watching: Watching, io: Io): Promise<number> {
  const { ask, draw, output, pause, stop } = watching;
  let shown = '';
  let known: FoundationStatus | null = null;
  let code = EXIT_CF_FAILED;
  let failuresLeft = 0;
  while (!stop.aborted) {
    const status = await ask().catch(knownFailure);
    if (stop.aborted) break;
    const now = new Date().toISOString();
    const isFailure = status instanceof KnownFailure;
    failuresLeft = isFailure ? failuresLeft - 1 : MAX_FAILED_ROUNDS;
    if (isFailure && (failuresLeft <= 0 || status.code === 'CF_UNREACHABLE')) throw status;
    const failed = isFailure ? oneLine(status.message, 600) : '';
    code = !isFailure && status.verdict === 'all-tracked' ? 0 : EXIT_CF_FAILED;
    if (output === 'json') {
      const json = isFailure ? failureJson(status.code, failed, watching.api()) : status;
      io.stdout(`${jsonText(json)}\n`);
    } else if (io.isTty) {
      const screen = isFailure ? `${failed}\n` : draw(status, known);
      const star = known === null ? '' : '; * changed since the table before';
      io.stdout(`${CLEAR_SCREEN}${now.slice(11, 19)}Z; Ctrl-C stops${star}\n\n${screen}`);
    } else {
      const line = isFailure ? `unknown ${failed}` : `${status.verdict} ${status.why}`;
      const change = isFailure ? '' : changeText(known?.untracked ?? null, status.untracked);
      if (line !== shown || change !== '') io.stdout(`${now} ${line}${change}\n`);
      shown = line;
    }
    if (!isFailure) known = status;
    await pause(stop);
  }
  return code;
}

function knownFailure(error: unknown): KnownFailure {
  if (error instanceof KnownFailure) return error;
  throw error;
}

const MAX_NAMED = 5;

/**
 * The findings that came and went between two rounds, to follow the second round's sentence. Counts
 * alone would hide a finding that replaces another. A finding with a new reason is a new finding.
 */
export function changeText(before: Findings | null, after: Findings): string {
  const namesOf = (findings: Findings): string[] =>
    findings.map(({ handle, reason }) => `${oneLine(handle, MAX_HANDLE)} (${oneLine(reason, 60)})`);
  const [earlier, now] = [namesOf(before ?? []), namesOf(after)];
  const without = (what: string, some: readonly string[], others: readonly string[]): string => {
    const names = [...new Set(some)].filter((name) => !others.includes(name));
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    const named = names.slice(0, MAX_NAMED).join(', ');
    return names.length === 0 ? '' : ` ${what}: ${named}${more}.`;
  };
  // Not "over", because its cell may be silent.
  const gone = without('No longer shown', earlier, now);
  return without(before === null ? 'Untracked' : 'New', now, earlier) + gone;
}
