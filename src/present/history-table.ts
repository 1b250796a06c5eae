import type { GapCause, HistoryPeriod, HistoryView } from '../model/history.ts';
import { oneLine } from '../model/text.ts';
import type { Colors, Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { renderTable, type Row } from './table.ts';
import { cellText } from './names.ts';
import { plural, secondsBetween, secondText, spanText } from './quantities.ts';

const GAP_WORDS: Readonly<Record<GapCause, string>> = {
  'no-agent': 'No agent ran, or it was killed before it could write its summary.',
  rebooted: 'The cell rebooted; before that, no agent ran, or none could write its summary.',
  'before-history': 'Nothing is known about that time: the history starts later.',
};

const MAX_SENTENCE = 1200;

/** The hours of an agent for a person, oldest first, and their totals. */
export function historyTable(view: HistoryView, { colors, columns }: Screen): string {
  const heading =
    view.cell === null ? [] : [...wrapText(cellText(view.cell), columns, colors.bold), ''];
  const table = renderTable({
    columns: [
      { title: 'FROM', least: 13 },
      { title: 'LASTED' },
      { title: 'COMPARED', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'LONGEST GAP', align: 'right' },
      { title: 'CONTAINERS', align: 'right', givesWay: 1 },
      { title: 'FINDINGS', align: 'right' },
    ],
    rows: view.periods.map((period) => rowOf(period, colors)),
    width: columns,
    titleStyle: colors.dim,
  });
  const sentences = [totalsSentence(view), `Now: ${oneLine(view.why, MAX_SENTENCE)}`];
  const below = sentences.flatMap((sentence) => wrapText(sentence, columns));
  return `${[...heading, ...table, '', ...below].join('\n')}\n`;
}

function rowOf(period: HistoryPeriod, colors: Colors): Row {
  const seconds = secondsBetween(period.from, period.to);
  // The clock was set back in it.
  const lasted = seconds === null ? '?' : spanText(seconds);
  const from = { text: `${period.from.slice(5, 16).replace('T', ' ')}Z` };
  if (period.kind === 'gap') {
    const empty = Array.from({ length: 5 }, () => ({ text: '-' }));
    const notes = [{ text: GAP_WORDS[period.cause], style: colors.yellow }];
    return { cells: [from, { text: lasted }, ...empty], notes };
  }
  const { compared, failed, longestGapSeconds, containers, findings, isRunning } = period;
  const marked = (count: number, style: (text: string) => string) =>
    count === 0 ? { text: '0' } : { text: String(count), style };
  return {
    cells: [
      from,
      { text: isRunning ? `${lasted} so far` : lasted },
      { text: String(compared) },
      marked(failed, colors.yellow),
      { text: spanText(longestGapSeconds) },
      { text: String(containers) },
      marked(findings, colors.red),
    ],
  };
}

/** If no gap is named, none lasted a minute; there may be shorter ones. */
function totalsSentence({ since, totals }: HistoryView): string {
  const { passes, failed, longestGapSeconds, gaps, gapSeconds, mostFindings } = totals;
  const some = failed === 0 ? 'none' : failed === passes ? 'all' : String(failed);
  const between =
    gaps === 0
      ? 'no gap of a minute or more between summaries'
      : `${plural(gaps, 'gap')} of ${spanText(gapSeconds)} in total without a summary`;
  const began = `Since ${secondText(since)}: `;
  if (passes === 0) return `${began}no pass; ${between}.`;
  return (
    `${began}${plural(passes, 'pass', 'passes')}, ${some} of which failed; while an agent ran, ` +
    `${spanText(longestGapSeconds)} at most without a comparison; ${between}; ` +
    `at most ${plural(mostFindings, 'finding')} at a time.`
  );
}
