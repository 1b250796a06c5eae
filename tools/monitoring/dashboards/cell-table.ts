import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { ageOfLook, verdictOfCells } from './cell-verdict.ts';
import { verdictMappings, verdictThresholds } from './colors.ts';
import { table } from './panels.ts';
import { uidOf, type Selectors } from './selectors.ts';

const COLORED_BACKGROUND = { id: 'custom.cellOptions', value: { type: 'color-background' } };

/** One row a cell, the worst first, with a link that chooses it for the section below. */
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
      ageOfLook(selectors),
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
