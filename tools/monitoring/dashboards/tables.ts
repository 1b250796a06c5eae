import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TextBuilder } from '@grafana/grafana-foundation-sdk/text';
import { list } from '../alerts/series.ts';
import { REASONS } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { table } from './panels.ts';
import { uidOf, type Selectors } from './selectors.ts';
import { ageOfPass, verdictMappings, verdictOfCells, verdictThresholds } from './verdicts.ts';

/**
 * One row a finding. An instant query, so a finding that ended is gone; but see
 * MetricsRoute.lingers.
 */
export function findingsTable(selectors: Selectors, title: string): PanelBuilder {
  const { labels, lingers } = selectors.route;
  const lingering = lingers
    ? ' On this route a finding that has ended may stay here for some minutes.'
    : '';
  return table(
    {
      title,
      description:
        'At most 20 a cell; the rest is counted under "rollcall itself". An empty table is good news only where the verdict is green. Metrics ' +
        'carry no names: `cf rollcall-status` and the page of the agent show them, and so do `cf curl /v3/apps/GUID` and `cf curl /v3/spaces/GUID`. ' +
        `Find out whose a container is before you delete it or recreate its cell: see the runbook.${lingering}`,
    },
    // Grafana's dates are in milliseconds.
    [`1000 * ${findings(selectors)}`],
    [
      { field: 'severity', title: 'Severity' },
      { field: 'reason', title: 'Reason' },
      { field: 'app_id', title: 'App' },
      { field: 'space_id', title: 'Space' },
      { field: 'handle', title: 'Handle' },
      { field: labels.deployment, title: 'Deployment' },
      { field: labels.group, title: 'Instance group' },
      { field: labels.cell, title: 'Cell' },
      ...(labels.index === labels.cell ? [] : [{ field: labels.index, title: 'Instance' }]),
      { field: 'Value', title: 'Since' },
      { field: 'drill', title: 'Drill' },
    ],
    { by: 'Since', descending: false },
  )
    .overrideByName('Since', [{ id: 'unit', value: 'dateTimeAsIso' }])
    .overrideByName('Reason', [
      {
        id: 'links',
        value: [{ title: 'Runbook', url: '${runbook}#${__value.raw}', targetBlank: true }],
      },
    ]);
}

/** Where series outlive their end, only findings of a kind that their cell still counts. */
function findings({ cells, route }: Selectors): string {
  const since = cells('rollcall_untracked_since_timestamp_seconds');
  if (!route.lingers) return since;
  const same = list([...route.identity, 'reason', 'severity']);
  return `(${since} and on (${same}) (${cells('rollcall_untracked')} > 0))`;
}

const MEANINGS: readonly (readonly [string, string])[] = [
  ...REASONS.map((reason) => [reason, REASON_TEXTS[reason].meaning] as const),
  ['unknown', 'the cell could not compare. What is shown of it is the last known picture.'],
];

/** A line for each reason, with a link into the runbook. */
export const whatToDo = (): TextBuilder =>
  new TextBuilder()
    .title('What the words mean')
    .description(
      'The links work once "Runbook" at the top holds the address of your copy of docs/runbook.md.',
    )
    .content(
      MEANINGS.map(([word, meaning]) => `- [**${word}**](\${runbook}#${word}): ${meaning}`).join(
        '\n',
      ),
    );

const COLORED_BACKGROUND = { id: 'custom.cellOptions', value: { type: 'color-background' } };

/** One row a cell, the worst first, with a link that selects it for the section below. */
export function cellTable(selectors: Selectors): PanelBuilder {
  const { each, route } = selectors;
  const { labels } = route;
  const containers = (status: string): string =>
    each('rollcall_containers', [], `status="${status}"`);
  return table(
    {
      title: 'Cells',
      description: 'The name of a cell chooses it for "One cell" below.',
    },
    [
      verdictOfCells(selectors),
      containers('untracked'),
      containers('pending'),
      containers('tracked'),
      ageOfPass(selectors),
    ],
    [
      { field: 'Value #A', title: 'Verdict' },
      { field: labels.deployment, title: 'Deployment' },
      { field: labels.group, title: 'Instance group' },
      { field: labels.cell, title: 'Cell' },
      { field: 'Value #B', title: 'Untracked' },
      { field: 'Value #C', title: 'Pending' },
      { field: 'Value #D', title: 'Tracked' },
      { field: 'Value #E', title: 'Last pass' },
    ],
    { by: 'Verdict', descending: true },
  )
    .overrideByName('Verdict', [
      { id: 'mappings', value: verdictMappings() },
      { id: 'thresholds', value: verdictThresholds().build() },
      COLORED_BACKGROUND,
    ])
    .overrideByName('Last pass', [
      { id: 'unit', value: 's' },
      { id: 'decimals', value: 0 },
    ])
    .overrideByName('Cell', [
      {
        id: 'links',
        value: [
          {
            title: 'Show this cell below',
            // All other variables and the time range stay as they are.
            url: `/d/${uidOf(route)}?\${datasource:queryparam}&\${deployment:queryparam}&\${group:queryparam}&\${runbook:queryparam}&\${__url_time_range}&var-cell=\${__value.raw}`,
          },
        ],
      },
    ]);
}
