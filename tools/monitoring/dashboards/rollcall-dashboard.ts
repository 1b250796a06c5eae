import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Route } from '../routes.ts';
import { agentSection } from './agent-section.ts';
import { cellSection } from './cell-section.ts';
import { foundationSection } from './foundation-section.ts';
import { place } from './section.ts';
import { ofFoundation, ofOneCell, uidOf } from './selectors.ts';
import { variablesOf } from './variables.ts';

/** The dashboard for one route of the metrics, as Grafana imports it. `runbook`: where its links lead until somebody says better. */
export function rollcallDashboard(route: Route, runbook: string) {
  // Grafana reads the schema that the SDK puts in its place from version 12 on only; foundations run 10 and 11.
  // oxlint-disable-next-line typescript/no-deprecated
  const dashboard = new DashboardBuilder(`rollcall (${route.title})`)
    .uid(uidOf(route))
    .description(
      'Containers that the kernel runs on Diego cells, compared with the ones that Garden lists.',
    )
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
