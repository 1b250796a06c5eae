import { RUNBOOK, type RunbookUrl } from '../alerts/alert-files.ts';
import { ROUTES, type Route } from '../routes.ts';
import { rollcallDashboard } from './rollcall-dashboard.ts';

/** The dashboard of the direct route has the plain name: it is the one to begin with. */
const fileOf = ({ id }: Route): string =>
  `manifests/dashboards/rollcall${id === 'direct' ? '' : `.${id}`}.json`;

/** Every dashboard: its path below the root of the project, and its JSON. */
export const dashboardFiles = (runbookUrl: RunbookUrl = null): ReadonlyMap<string, string> =>
  new Map(
    ROUTES.map((route) => [
      fileOf(route),
      `${JSON.stringify(rollcallDashboard(route, runbookUrl ?? RUNBOOK), null, 2)}\n`,
    ]),
  );
