import { code, markdownTable, paragraph } from '../markdown.ts';
import { CELLS, ONE_IN, ROUNDS, samplesIn, SCRAPE_SECONDS, type FleetCost } from './scale.ts';
import { loadNow } from './section.ts';

export const SCALE_PAGE = 'docs/scale.md';
/** What Log Cache keeps of each source by default (max_per_source). */
const ENVELOPES = 100_000;
/** The cf CLI plugin needs the heartbeat of this long. */
const NEEDED_SECONDS = 180;
const FLEETS = [100, 250, 500, 1000, 2000, 3000];
const INTERVALS = [15, 30, 60, 120];
const MAX_MILLISECONDS = 100;

/** docs/scale.md. @param healthy /metrics of an agent without findings */
export function scalePage(healthy: string, cost: FleetCost, loadBefore: number): string {
  const beats = samplesIn(healthy).filter((line) => line.includes('="rollcall-heartbeat"')).length;
  const others = cost.series - beats;
  const slow = cost.rules.filter(({ time }) => time > MAX_MILLISECONDS);
  return [
    '# Many cells',
    paragraph(
      `Written by ${code('npm run bench -- --scale')}. A cell without findings has ${cost.series} series: ${beats} of the heartbeat ` +
        `(source_id ${code('rollcall-heartbeat')}) and ${others} others; each finding adds one, at most 20. A scrape is ` +
        `${(cost.bytes / 1000).toFixed(1)} kB. Tracked containers add none, so the size of a cell does not matter.`,
    ),
    '## Which scrape interval',
    paragraph(
      `Prometheus copes with a scrape every ${SCRAPE_SECONDS} seconds. Log Cache keeps the last ${inGroups(ENVELOPES)} values of a source_id, ` +
        'for all cells together. The table shows for how long it keeps the heartbeat and, after the slash, the other series, by ' +
        `${code('metrics.prom_scraper.scrape_interval')}. ${code('cf rollcall-status')} needs ${NEEDED_SECONDS / 60} minutes of the ` +
        'heartbeat.',
    ),
    logCacheTable(beats, others),
    paragraph(
      `Either scrape less often or raise ${code('max_per_source')} of log-cache. A longer interval hides a finding that ends between ` +
        "two scrapes; the agent's log has it. The job accepts at most two minutes: above that, one lost scrape would look like a " +
        `lost cell. ${code('reconcile.interval_seconds')} changes nothing here.`,
    ),
    '## What Prometheus needs',
    paragraph(
      `A real Prometheus scraped ${inGroups(CELLS)} cells every ${SCRAPE_SECONDS} seconds. Each served what a real agent said of a cell ` +
        `with 250 containers, with its own times and counts; one in ${ONE_IN} had two findings. What rules look back at for longer ` +
        'was there before.',
    ),
    markdownTable(
      ['what', `${inGroups(CELLS)} cells`, 'a cell'],
      [
        ['series scraped', inGroups(CELLS * cost.series), `${cost.series}`],
        ['series with those of recording rules', inGroups(cost.allSeries), perCell(cost.allSeries)],
        [
          'samples a second',
          inGroups(Math.round((CELLS * cost.series) / SCRAPE_SECONDS)),
          (cost.series / SCRAPE_SECONDS).toFixed(1),
        ],
        [
          'kB a second',
          inGroups(Math.round((CELLS * cost.bytes) / SCRAPE_SECONDS / 1000)),
          (cost.bytes / SCRAPE_SECONDS / 1000).toFixed(2),
        ],
        ['resident memory of Prometheus, MB', inGroups(Math.round(cost.megabytes)), ''],
      ],
    ),
    paragraph(
      `The CPU time of each rule's expression in milliseconds, the median of ${ROUNDS} rounds on the same data, while nothing is ` +
        `scraped (load ${loadBefore.toFixed(1)} to ${loadNow().toFixed(1)}). ${slowRules(slow)}`,
    ),
    markdownTable(
      ['rule', 'kind', 'ms'],
      cost.rules.map(({ name, type, time }) => [code(name), type, time.toFixed(1)]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

/** Why a rule takes longer than others. */
const WHY: Readonly<Record<string, string>> = {
  'rollcall:counts':
    'reads each count of untracked containers, 12 series of a cell; reading them is all it costs',
  'rollcall:heard': 'reads 60 samples of a cell, its own record of an hour',
  RollcallMountsChanged:
    'reads 240 samples of a cell, an hour of a counter, which may change while no sample arrives',
  RollcallAddressesLeaked: 'reads two series of a cell',
};
/** Asked alone, `RollcallLostMemory` took a third as long as in rounds in which garbage was collected. */
const COLLECTED =
  'read no more than cheaper rules: Prometheus collects garbage while some rule is asked, and in another order while another is';

function slowRules(slow: FleetCost['rules']): string {
  if (slow.length === 0) return `None takes more than ${MAX_MILLISECONDS} ms.`;
  const others = slow.flatMap(({ name }) => (WHY[name] === undefined ? [code(name)] : []));
  const causes = slow.flatMap(({ name }) =>
    WHY[name] === undefined ? [] : `${code(name)} ${WHY[name]}`,
  );
  if (others.length > 0) causes.push(`${others.join(', ')} ${COLLECTED}`);
  return `More than ${MAX_MILLISECONDS} ms: ${causes.join('; ')}.`;
}

function logCacheTable(beats: number, others: number): string {
  const kept = (cells: number, seconds: number, series: number): string =>
    duration((ENVELOPES * seconds) / (cells * series));
  return markdownTable(
    [
      'cells',
      ...INTERVALS.map((seconds) => `${seconds} s`),
      'interval',
      'or `max_per_source` at 15 s',
    ],
    FLEETS.map((cells) => {
      const needed = (NEEDED_SECONDS * cells * beats) / ENVELOPES;
      return [
        inGroups(cells),
        ...INTERVALS.map(
          (seconds) => `${kept(cells, seconds, beats)} / ${kept(cells, seconds, others)}`,
        ),
        `${INTERVALS.find((seconds) => seconds >= needed) ?? '-'} s`,
        inGroups(Math.max(ENVELOPES, Math.ceil((NEEDED_SECONDS * cells * beats) / SCRAPE_SECONDS))),
      ];
    }),
  );
}

const inGroups = (count: number): string => count.toLocaleString('en');

const perCell = (count: number): string => (count / CELLS).toFixed(1);

const duration = (seconds: number): string =>
  seconds < 180 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
