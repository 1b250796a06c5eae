import { fileWith } from '../generated-part.ts';
import { code, markdownTable, paragraph } from '../markdown.ts';
import { CELLS, samplesIn, SCRAPE_SECONDS, type FleetCost } from './scale.ts';
import { loadNow } from './section.ts';

export const SCALE_PAGE = 'docs/scale.md';
/** What Log Cache keeps of each source by default (max_per_source). */
const ENVELOPES = 100_000;
/** The cf CLI plugin needs the heartbeat of this long. */
const NEEDED_SECONDS = 180;
const FLEETS = [100, 250, 500, 1000, 2000, 3000];
const INTERVALS = [15, 30, 60, 120];

/** docs/scale.md, written by hand except for its numbers. @param healthy /metrics of an agent without findings */
export function scalePage(healthy: string, cost: FleetCost, loadBefore: number): string {
  const beats = samplesIn(healthy).filter((line) => line.includes('="rollcall-heartbeat"')).length;
  const others = cost.series - beats;
  const parts = {
    'a scrape': paragraph(
      `A cell without findings has ${cost.series} series: ${beats} of the heartbeat (source_id ${code('rollcall-heartbeat')}) and ` +
        `${others} others; each finding adds one, at most 20. A scrape is ${(cost.bytes / 1000).toFixed(1)} kB. Tracked containers add ` +
        'none, so the size of a cell does not matter.',
    ),
    'the series of a cell': logCacheTable(beats, others),
    'a Prometheus': markdownTable(
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
    'its rules': [
      `Load average: ${loadBefore.toFixed(1)} before the rounds, ${loadNow().toFixed(1)} after them.\n`,
      markdownTable(
        ['rule', 'kind', 'ms'],
        cost.rules.map(({ name, type, time }) => [code(name), type, time.toFixed(1)]),
      ),
    ].join('\n'),
  };
  return fileWith(SCALE_PAGE, parts, 'bench');
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
