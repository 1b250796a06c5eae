import type { GapCause, HistoryPeriod, HistoryView } from '../model/history.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { wrapText } from './display-width.ts';
import { itemTable, type ItemColumn, type TableCell } from './table.ts';
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
  const number = (
    title: string,
    cell: (hour: HistoryHour) => TableCell | string,
  ): ItemColumn<HistoryPeriod> => ({
    title,
    align: 'right',
    cell: (period) => (period.kind === 'gap' ? '-' : cell(period)),
  });
  const marked = (count: number, style: (text: string) => string): TableCell | string =>
    count === 0 ? '0' : { text: String(count), style };
  const table = itemTable(
    view.periods,
    [
      { title: 'FROM', least: 13, cell: ({ from }) => `${from.slice(5, 16).replace('T', ' ')}Z` },
      { title: 'LASTED', cell: lastedText },
      number('COMPARED', ({ compared }) => String(compared)),
      number('FAILED', ({ failed }) => marked(failed, colors.yellow)),
      number('LONGEST GAP', ({ longestGapSeconds }) => spanText(longestGapSeconds)),
      { ...number('CONTAINERS', ({ containers }) => String(containers)), givesWay: 1 },
      number('FINDINGS', ({ findings }) => marked(findings, colors.red)),
    ],
    {
      colors,
      columns,
      notes: (period) =>
        period.kind === 'gap' ? [{ text: GAP_WORDS[period.cause], style: colors.yellow }] : [],
    },
  );
  const sentences = [totalsSentence(view), `Now: ${oneLine(view.why, MAX_SENTENCE)}`];
  const below = sentences.flatMap((sentence) => wrapText(sentence, columns));
  return `${[...heading, ...table, '', ...below].join('\n')}\n`;
}

type HistoryHour = Exclude<HistoryPeriod, { readonly kind: 'gap' }>;

function lastedText(period: HistoryPeriod): string {
  const seconds = secondsBetween(period.from, period.to);
  // The clock was set back in it.
  const lasted = seconds === null ? '?' : spanText(seconds);
  return period.kind !== 'gap' && period.isRunning ? `${lasted} so far` : lasted;
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
