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
import { SLOW_AGENT, THRESHOLDS } from './thresholds.ts';

/** Cells that are there, and of which no pass was heard for as long as cells are remembered. */
const neverHeard = (route: Route): string =>
  `${route.cellAlive.kind === 'up' ? targetsWithoutAnswer(route) : bareCells(route)}
unless ${onCell(route)} ${lastLook(route, THRESHOLDS.remembered)}`;

/** Targets that were known ten minutes ago, and did not answer since. */
function targetsWithoutAnswer(route: Route): string {
  const up = aliveSeries(route);
  const window = `${THRESHOLDS.silentSeconds / 60}m`;
  return `${perCell(route, `max_over_time(${up}[${window}])`)} == 0
and ${onCell(route)} ${perCell(route, `${up} offset ${window}`)}`;
}

/**
 * Cells that were there that long ago too, in an instance group of which others were heard before. So long, because the deploy that
 * brings rollcall goes from cell to cell; and only there, because a segment can be left out on purpose, and Windows cells always are.
 */
function bareCells(route: Route): string {
  const group = list([...route.deploymentIdentity, route.labels.group]);
  const alive = aliveSeries(route);
  const ago = `offset ${THRESHOLDS.remembered}`;
  return `${perCell(route, alive)}
and ${onCell(route)} ${perCell(route, `max_over_time(${alive}[30m] ${ago})`)}
and on (${group}) max by (${group}) (max_over_time(${series(route, LAST_LOOK)}[${THRESHOLDS.remembered}] ${ago}) > 0)`;
}

const perDeployment = (route: Route, cells: string): string =>
  `count by (${list(route.deploymentIdentity)}) (${cells})`;

/** The number of cells whose agent reports; of one that an exporter goes on showing the time of the last pass stays the same. */
function lookingCells(route: Route): string {
  const look = series(route, LAST_LOOK);
  const slow = perCell(route, series(route, 'rollcall_build_info', SLOW_AGENT));
  return perDeployment(
    route,
    `${perCell(route, `changes(${look}[5m])`)} > 0 or ${perCell(route, look)} > 0 and ${onCell(route)} ${slow}`,
  );
}

/** The cells that look at most times. No maximum, because a cell that is recreated under a new name counts twice for some minutes. */
const usual = (route: Route): string =>
  `floor(quantile_over_time(0.9, ${lookingCells(route)}[${THRESHOLDS.remembered}:5m]))`;

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
    expression: (route) => `${stillThere(route, silent(route))}
or
${neverHeard(route)}`,
    summary: (route) => `rollcall is silent on ${cell(route)}.`,
    description: (route) =>
      `For 15 minutes no pass of rollcall was heard of from ${cell(route)}, though the cell is there. Untracked containers are not seen on it, and its findings of before are not updated.`,
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
