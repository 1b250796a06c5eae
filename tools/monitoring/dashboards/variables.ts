import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Route } from '../routes.ts';
import { DATASOURCE } from './panels.ts';

type Variable = DatasourceVariableBuilder | QueryVariableBuilder | TextBoxVariableBuilder;

/** What the top of the dashboard lets choose. */
export function variablesOf(route: Route, runbook: string): Variable[] {
  const { labels } = route;
  const info = route.metric('rollcall_build_info', 'gauge');
  const inDeployment = `${labels.deployment}=~"$deployment"`;
  const inGroup = `${labels.group}=~"$group"`;
  return [
    new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    labelValues('deployment', 'Deployment', `label_values(${info}, ${labels.deployment})`)
      .multi(true)
      .includeAll(true)
      .allValue(ALSO_WITHOUT),
    labelValues(
      'group',
      'Instance group (isolation segment)',
      `label_values(${info}{${inDeployment}}, ${labels.group})`,
    )
      .multi(true)
      .includeAll(true)
      .allValue(ALSO_WITHOUT),
    labelValues(
      'cell',
      'One cell',
      `label_values(${info}{${inDeployment},${inGroup}}, ${labels.cell})`,
    ),
    new TextBoxVariableBuilder('runbook').label('Runbook').defaultValue(runbook),
  ];
}

/** Matches a series without the label too: a scrape configuration may add none. */
const ALSO_WITHOUT = '.*';

/** Prometheus sorts the values. */
const labelValues = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
