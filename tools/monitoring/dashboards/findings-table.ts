import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { list } from '../alerts/series.ts';
import { table } from './panels.ts';
import type { Selectors } from './selectors.ts';

/** One row a finding. Instant, so what has ended is gone; but see Route.lingers. */
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
        `Do not delete a container before you have read the runbook.${lingering}`,
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

/** Where a series is shown for a while after its end, only those whose cell still counts one of that kind. */
function findings({ cells, route }: Selectors): string {
  const since = cells('rollcall_untracked_since_timestamp_seconds');
  if (!route.lingers) return since;
  const same = list([...route.identity, 'reason', 'severity']);
  return `(${since} and on (${same}) (${cells('rollcall_untracked')} > 0))`;
}
