import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { RUNBOOK, type RunbookUrl } from '../alerts/alert-files.ts';
import { fileNameOf, METRICS_ROUTES, type MetricsRoute } from '../metrics-routes.ts';
import { agentSection } from './agent-section.ts';
import { cellSection } from './cell-section.ts';
import { foundationSection } from './foundation-section.ts';
import { DATASOURCE, place } from './panels.ts';
import { ofFoundation, ofOneCell, uidOf } from './selectors.ts';

/**
 * The dashboard for one metrics route, in Grafana's import format.
 * @param runbook the initial address of its links to the runbook
 */
export function rollcallDashboard(route: MetricsRoute, runbook: string) {
  // Its successor in the SDK needs Grafana 12; foundations run 10 and 11.
  // oxlint-disable-next-line typescript/no-deprecated
  const dashboard = new DashboardBuilder(`rollcall (${route.title})`)
    .uid(uidOf(route))
    .description('Containers that run on Diego cells, compared with the ones that Garden lists.')
    .tags(['cloudfoundry', 'rollcall'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .variables(variablesOf(route, runbook))
    .link(
      new DashboardLinkBuilder('Runbook')
        .type(DashboardLinkType.Link)
        .url('${runbook}')
        .icon('doc')
        .tooltip('What each reason means, what to do, and what not to do')
        .targetBlank(true),
    );
  const foundation = ofFoundation(route);
  const sections = place([
    foundationSection(foundation),
    cellSection(ofOneCell(route)),
    agentSection(foundation),
  ]);
  for (const { title, rowId, rowY, panels } of sections) {
    dashboard.withRow(new RowBuilder(title).id(rowId).gridPos({ h: 1, w: 24, x: 0, y: rowY }));
    for (const panel of panels) dashboard.withPanel({ build: () => panel });
  }
  return dashboard.build();
}

export const dashboardFileOf = (route: MetricsRoute): string =>
  `manifests/dashboards/${fileNameOf(route)}.json`;

/** The JSON of each dashboard, by path from the top of the checkout. */
export const dashboardFiles = (runbookUrl: RunbookUrl): ReadonlyMap<string, string> =>
  new Map(
    METRICS_ROUTES.map((route) => [
      dashboardFileOf(route),
      `${jsonText(plain(rollcallDashboard(route, runbookUrl ?? RUNBOOK)))}\n`,
    ]),
  );

/** Without the methods of the SDK's objects. */
const plain = (dashboard: object): unknown => JSON.parse(JSON.stringify(dashboard));

const MAX_LINE = 120;

/** JSON in which a value is on one line if it fits. */
function jsonText(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (indent.length + line.length <= MAX_LINE || typeof value !== 'object' || value === null)
    return line;
  const isList = Array.isArray(value);
  const inner = `${indent}  `;
  const parts = Object.entries(value).map(
    ([key, each]) => `${isList ? '' : `${JSON.stringify(key)}: `}${jsonText(each, inner)}`,
  );
  const body = parts.map((part) => `${inner}${part}`).join(',\n');
  return isList ? `[\n${body}\n${indent}]` : `{\n${body}\n${indent}}`;
}

type Variable = DatasourceVariableBuilder | QueryVariableBuilder | TextBoxVariableBuilder;

function variablesOf(route: MetricsRoute, runbook: string): Variable[] {
  const { labels } = route;
  const info = route.metric('rollcall_build_info', 'gauge');
  const inFoundation = `${labels.foundation}=~"$foundation"`;
  const inDeployment = `${inFoundation},${labels.deployment}=~"$deployment"`;
  const inGroup = `${inDeployment},${labels.group}=~"$group"`;
  const several = (name: string, label: string, query: string): QueryVariableBuilder =>
    labelValues(name, label, query)
      .multi(true)
      .includeAll(true)
      // Also matches series without the label, because a scrape configuration may add none.
      .allValue('.*');
  return [
    new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    several('foundation', 'Foundation', `label_values(${info}, ${labels.foundation})`),
    several(
      'deployment',
      'Deployment',
      `label_values(${info}{${inFoundation}}, ${labels.deployment})`,
    ),
    several(
      'group',
      'Instance group (isolation segment)',
      `label_values(${info}{${inDeployment}}, ${labels.group})`,
    ),
    labelValues('cell', 'One cell', `label_values(${info}{${inGroup}}, ${labels.cell})`),
    new TextBoxVariableBuilder('runbook').label('Runbook').defaultValue(runbook),
  ];
}

/** Prometheus sorts the values. */
const labelValues = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
