import { RUNBOOK, type RunbookUrl } from '../alerts/alert-files.ts';
import { fileNameOf, ROUTES, type Route } from '../routes.ts';
import { rollcallDashboard } from './rollcall-dashboard.ts';

export const dashboardFileOf = (route: Route): string =>
  `manifests/dashboards/${fileNameOf(route)}.json`;

/** Every dashboard: its path below the root of the project, and its JSON. */
export const dashboardFiles = (runbookUrl: RunbookUrl): ReadonlyMap<string, string> =>
  new Map(
    ROUTES.map((route) => [
      dashboardFileOf(route),
      `${JSON.stringify(rollcallDashboard(route, runbookUrl ?? RUNBOOK), null, 2)}\n`,
    ]),
  );
