import { aliveSeries, type Route } from '../routes.ts';
import type { Alert } from './alert.ts';
import { cell, deployment } from './phrases.ts';
import {
  LAST_LOOK,
  lastLook,
  list,
  onCell,
  perCell,
  series,
  silent,
  stillThere,
} from './series.ts';
import { THRESHOLDS } from './thresholds.ts';

/** Targets that were known ten minutes ago, did not answer since, and were never heard. Only where Prometheus asks cells itself. */
function neverHeard(route: Route): string {
  if (route.cellAlive.kind !== 'up') return '';
  const up = aliveSeries(route);
  const window = `${THRESHOLDS.silentSeconds / 60}m`;
  return `
or
${perCell(route, `max_over_time(${up}[${window}])`)} == 0
and ${onCell(route)} ${perCell(route, `${up} offset ${window}`)}
unless ${onCell(route)} ${lastLook(route, THRESHOLDS.remembered)}`;
}

const perDeployment = (route: Route, cells: string): string =>
  `count by (${list(route.deploymentIdentity)}) (${cells})`;

/** The cells that report at most times; a cell that is recreated under a new name counts twice for some minutes, hence no maximum. */
const usual = (route: Route): string =>
  `floor(quantile_over_time(0.9, ${perDeployment(route, perCell(route, `${series(route, LAST_LOOK)} > 0`))}[${THRESHOLDS.remembered}:5m]))`;

/** Cells that were heard a short time ago, as in a deploy, and those that RollcallAgentSilent speaks of. */
const present = (route: Route): string =>
  perDeployment(
    route,
    `
${lastLook(route, THRESHOLDS.present)}
or
${
  route.cellAlive.kind === 'up'
    ? perCell(route, aliveSeries(route))
    : stillThere(route, lastLook(route, THRESHOLDS.remembered))
}
`,
  );

/** Alerts about cells that say nothing. */
export const CELL_ALERTS: readonly Alert[] = [
  {
    name: 'RollcallAgentSilent',
    severity: 'warning',
    holds: THRESHOLDS.silentHolds,
    expression: (route) => `${stillThere(route, silent(route))}${neverHeard(route)}`,
    summary: (route) => `rollcall is silent on ${cell(route)}.`,
    description: (route) =>
      `For 15 minutes no look of rollcall was heard of from ${cell(route)}, though the cell is there. Untracked containers are not seen on it, and its findings of before are not updated.`,
    anchor: 'rollcallagentsilent',
  },
  {
    name: 'RollcallFewerCells',
    severity: 'warning',
    holds: THRESHOLDS.fewerCellsHolds,
    expression: (route) => `${usual(route)}
- (
${present(route)}
or
0 * ${usual(route)}
)
> 0`,
    summary: (route) =>
      `{{ $value }} fewer cells${deployment(route)} report to rollcall's alerts than in the last ${THRESHOLDS.remembered}.`,
    description: (route) =>
      `{{ $value }} cells${deployment(route)} that reported within the last ${THRESHOLDS.remembered} are gone, with everything that is known of them. Right after a scale-down this is expected, and ends by itself.`,
    anchor: 'rollcallfewercells',
  },
];
