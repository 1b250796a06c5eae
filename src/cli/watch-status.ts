import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import type { ReportView } from '../model/report-view.ts';
import { jsonText } from '../present/json-text.ts';
import { EXIT_FAILED, exitCodeOf } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';

export interface Watching {
  readonly ask: () => Promise<ReportView>;
  readonly draw: (view: ReportView) => string;
  readonly format: 'table' | 'json' | 'html';
  /** Between two questions; it ends early when `stop` comes. */
  readonly pause: () => Promise<void>;
  readonly stop: AbortSignal;
}

/** To the upper left corner and nothing below; what has scrolled away is left alone. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/**
 * On a terminal the table, drawn anew after each pause; elsewhere a line whenever what it says changes; as JSON a line
 * for every pass. An agent that does not answer is shown as that: it may be in the middle of a restart.
 */
export async function watchStatus(watching: Watching, io: Io): Promise<number> {
  const { ask, pause, stop } = watching;
  let shown = '';
  let code = EXIT_FAILED;
  while (!stop.aborted) {
    let view: ReportView | string;
    try {
      view = await ask();
      code = exitCodeOf(view);
    } catch (error) {
      if (!(error instanceof KnownFailure)) throw error;
      view = oneLine(error.message, 400);
      code = EXIT_FAILED;
    }
    if (stop.aborted) break;
    const now = new Date().toISOString();
    if (watching.format === 'table' && io.isTty) io.stdout(screen(view, watching, now));
    else {
      const { text, sameWhile } = line(view, watching, now);
      if (sameWhile !== shown) io.stdout(text);
      shown = sameWhile;
    }
    await pause();
  }
  return code;
}

function screen(view: ReportView | string, { draw }: Watching, now: string): string {
  const head = `${now.slice(11, 19)}Z; Ctrl-C ends`;
  return typeof view === 'string'
    ? `${CLEAR_SCREEN}${head}\n\n${view}\n`
    : `${CLEAR_SCREEN}${head}; the pass of ${oneLine(view.takenAt, 30)}\n\n${draw(view)}`;
}

/** What to write, and by what to tell that the next one says the same. */
function line(
  view: ReportView | string,
  { format }: Watching,
  now: string,
): { readonly text: string; readonly sameWhile: string } {
  if (typeof view === 'string') {
    const text = format === 'json' ? jsonText({ error: view }) : `${now} unknown ${view}`;
    return { text: `${text}\n`, sameWhile: view };
  }
  if (format === 'json') return { text: `${jsonText(view)}\n`, sameWhile: view.takenAt };
  const says = `${view.verdict} ${oneLine(view.why, 600)}`;
  return { text: `${oneLine(view.takenAt, 30)} ${says}\n`, sameWhile: says };
}
