import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TextBuilder } from '@grafana/grafana-foundation-sdk/text';
import { REASONS } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { table, type Column } from './panels.ts';
import { STALE_SECONDS, timeSincePass, uidOf, type Selectors } from './selectors.ts';
import { NOTHING_KNOWN, thresholds, zeroIsPlain } from './thresholds.ts';

const ofCell = ({ route: { labels } }: Selectors): readonly Column[] => [
  [labels.foundation, 'Foundation'],
  [labels.deployment, 'Deployment'],
  [labels.group, 'Instance group'],
  [labels.cell, 'Cell'],
];

/** An instant query, so a finding that ended is gone; but see MetricsRoute.lingers. */
export function findingsTable(selectors: Selectors, title: string): PanelBuilder {
  const { labels, lingers } = selectors.route;
  const instance: readonly Column[] =
    labels.index === labels.cell ? [] : [[labels.index, 'Instance']];
  const lingering = lingers
    ? ' On this route, a finding that ended may stay here for some minutes.'
    : '';
  return table(
    title,
    'At most 20 of each cell; "rollcall itself" counts the rest. An empty table is good news only if no cell is silent or unknown. Metrics ' +
      "carry no names: `cf rollcall-status` and the agent's page show them, and so do `cf curl /v3/apps/GUID` and `cf curl /v3/spaces/GUID`. " +
      `Find out whose a container is before you delete it or recreate its cell: see the runbook.${lingering}`,
    {
      // Grafana's dates are in milliseconds.
      expressions: [`1000 * ${selectors.cells('rollcall_untracked_since_timestamp_seconds')}`],
      columns: [
        ['severity', 'Severity'],
        ['reason', 'Reason'],
        ['app_id', 'App'],
        ['space_id', 'Space'],
        ['handle', 'Handle'],
        ...ofCell(selectors),
        ...instance,
        ['Value', 'Since'],
        ['drill', 'Drill'],
      ],
      by: 'Since',
      descending: false,
    },
  )
    .overrideByName('Since', [{ id: 'unit', value: 'dateTimeAsIso' }])
    .overrideByName('Reason', [
      {
        id: 'links',
        value: [{ title: 'Runbook', url: '${runbook}#${__value.raw}', targetBlank: true }],
      },
    ]);
}

const MEANINGS: readonly (readonly [string, string])[] = [
  ...REASONS.map((reason) => [reason, REASON_TEXTS[reason].meaning] as const),
  ['unknown', 'the cell could not compare. The numbers show its last known state.'],
];

/** One line per reason, with a link to the runbook. */
export const whatToDo = (): TextBuilder =>
  new TextBuilder()
    .title('What the words mean')
    .description(
      'The links work once "Runbook" at the top contains the address of your copy of docs/runbook.md.',
    )
    .content(
      MEANINGS.map(([word, meaning]) => `- [**${word}**](\${runbook}#${word}): ${meaning}`).join(
        '\n',
      ),
    );

const COLORED_BACKGROUND = { id: 'custom.cellOptions', value: { type: 'color-background' } };

/** One row per cell of the last hour, worst first; its link selects it for the section below. */
export function cellTable(selectors: Selectors): PanelBuilder {
  const { each, route } = selectors;
  const containers = (status: string): string =>
    each('rollcall_containers', [], `status="${status}"`);
  return table('Cells', 'Click the name of a cell to select it for "One cell" below.', {
    expressions: [
      containers('untracked'),
      each('rollcall_could_not_tell', []),
      containers('pending'),
      containers('tracked'),
      timeSincePass(selectors),
    ],
    columns: [
      ...ofCell(selectors),
      ['Value #A', 'Untracked'],
      ['Value #B', 'Unknown'],
      ['Value #C', 'Pending'],
      ['Value #D', 'Tracked'],
      ['Value #E', 'Last pass'],
    ],
    by: 'Untracked',
    descending: true,
  })
    .overrideByName('Untracked', [
      { id: 'thresholds', value: zeroIsPlain('red').build() },
      COLORED_BACKGROUND,
    ])
    .overrideByName('Unknown', [
      { id: 'thresholds', value: zeroIsPlain(NOTHING_KNOWN).build() },
      COLORED_BACKGROUND,
    ])
    .overrideByName('Last pass', [
      { id: 'unit', value: 's' },
      { id: 'decimals', value: 0 },
      { id: 'thresholds', value: thresholds([0, 'text'], [STALE_SECONDS, NOTHING_KNOWN]).build() },
      COLORED_BACKGROUND,
    ])
    .overrideByName('Cell', [
      {
        id: 'links',
        value: [
          {
            title: 'Show this cell below',
            // All other variables and the time range stay unchanged.
            url: `/d/${uidOf(route)}?\${datasource:queryparam}&\${foundation:queryparam}&\${deployment:queryparam}&\${group:queryparam}&\${runbook:queryparam}&\${__url_time_range}&var-cell=\${__value.raw}`,
          },
        ],
      },
    ]);
}
