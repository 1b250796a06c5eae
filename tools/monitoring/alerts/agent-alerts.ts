import type { MetricName } from '../../../src/present/metrics.ts';
import { aliveSeries, type MetricsRoute } from '../metrics-routes.ts';
import { cell, deployment, SLOW_AGENT, THRESHOLDS, type Alert } from './alert.ts';
import {
  bridged,
  gardenAway,
  LAST_PASS,
  lastPass,
  list,
  reporting,
  onCell,
  perCell,
  series,
  silent,
  stillThere,
} from './series.ts';

/** Alerts about the passes of an agent that runs. */
export const PASS_ALERTS: readonly Alert[] = [
  {
    name: 'RollcallGardenUnavailable',
    severity: 'warning',
    holds: THRESHOLDS.gardenUnavailable,
    expression: (route) => `${gardenAway(route)}
and ${onCell(route)} ${reporting(route)}`,
    summary: (route) => `Garden's list cannot be read on ${cell(route)}.`,
    description: (route) =>
      `For ${THRESHOLDS.gardenUnavailable} rollcall could not read Garden's list on ${cell(route)}, and compares nothing there. If gdn or containerd is dead, its apps have crashed and are replaced elsewhere. If gdn hangs they run on, and a restart of Garden is what kills them.`,
    anchor: 'rollcallgardenunavailable',
  },
  {
    name: 'RollcallCouldNotTell',
    severity: 'warning',
    holds: THRESHOLDS.couldNotTell,
    // Garden's absence has an alert of its own.
    expression: (route) => `${bridged(route, 'rollcall_could_not_tell', 'min')} == 1
and ${onCell(route)} (${reporting(route)} or ${bridged(route, LAST_PASS)} == 0)
unless ${onCell(route)} ${gardenAway(route)}`,
    summary: (route) => `rollcall cannot compare the containers on ${cell(route)}.`,
    description: (route) =>
      `For ${THRESHOLDS.couldNotTell} rollcall could not compare the containers on ${cell(route)}. Run rollcall status there: the sentence at its end says what could not be read, and what to change.`,
    anchor: 'rollcallcouldnottell',
  },
  {
    name: 'RollcallMountsChanged',
    severity: 'warning',
    holds: '0s',
    expression: (route) =>
      `${perCell(route, `increase(${series(route, 'rollcall_mounts_changed_total')}[${THRESHOLDS.mountsChanged}])`)} > 0`,
    summary: (route) => `The mount that shows a cgroup hierarchy changed on ${cell(route)}.`,
    description: (route) =>
      `Within the last ${THRESHOLDS.mountsChanged} the mount that shows a whole cgroup hierarchy became another one on ${cell(route)}. rollcall follows it; a sensor that keeps the old path may watch nothing now.`,
    anchor: 'rollcallmountschanged',
  },
  {
    name: 'RollcallReconcileTooSlow',
    severity: 'warning',
    holds: THRESHOLDS.slowPassHolds,
    // A Garden that hangs slows each pass, and has an alert of its own. The average outlives its
    // cause, hence the maximum of the last minutes.
    expression: (route) => {
      const duration = series(route, 'rollcall_reconcile_duration_seconds');
      return `${perCell(route, `avg_over_time(${duration}[${THRESHOLDS.slowPassAverage}])`, 'min')} > ${THRESHOLDS.slowPassSeconds}
and ${onCell(route)} ${perCell(route, `max_over_time(${duration}[${THRESHOLDS.bridged}])`, 'min')} > ${THRESHOLDS.slowPassSeconds}
and ${onCell(route)} ${reporting(route)}
unless ${onCell(route)} ${gardenAway(route)}`;
    },
    summary: (route) => `A pass takes {{ $value | humanizeDuration }} on ${cell(route)}.`,
    description: (route) =>
      `On ${cell(route)} a pass of rollcall takes {{ $value | humanizeDuration }} on average, and a few milliseconds are usual. The cell is overloaded, or Garden answers slowly; a finding comes late.`,
    anchor: 'rollcallreconciletooslow',
  },
];

/**
 * One alert a cell and sensor: a sensor that is down or silent leaves nothing unseen, and has the
 * value 0.
 */
export const SENSOR_ALERTS: readonly Alert[] = [
  {
    name: 'RollcallSensorBlind',
    severity: 'warning',
    holds: THRESHOLDS.sensorBlind,
    expression: (route) => {
      const sensor = list([...route.identity, 'sensor']);
      const now = (name: MetricName, matchers?: string): string =>
        `max by (${sensor}) (last_over_time(${series(route, name, matchers)}[${THRESHOLDS.bridged}]))`;
      return `(
${now('rollcall_sensor_containers', 'state="unseen"')} > 0
or
${now('rollcall_sensor_up')} == 0
or
1 - ${now('rollcall_sensor_silent')} == 0
)
and ${onCell(route)} ${reporting(route)}`;
    },
    summary: (route) =>
      `${bySensor('is down or silent', 'does not see {{ $value }} containers')} on ${cell(route)}.`,
    description: (route) =>
      `${bySensor('does not run, has no event file that can be read, or has written nothing although containers began', 'has not named {{ $value }} running containers in its event file, and has shown that it names such containers')}, on ${cell(route)}, for ${THRESHOLDS.sensorBlind}. The containers themselves are tracked. Run rollcall sensors there: it says which ones, and why.`,
    anchor: 'rollcallsensorblind',
  },
];

const bySensor = (isDown: string, isBlind: string): string =>
  `The sensor {{ $labels.sensor }} {{ if eq $value 0.0 }}${isDown}{{ else }}${isBlind}{{ end }}`;

/** Cells that exist and had no pass for as long as cells are remembered. */
const neverHeard = (route: MetricsRoute): string =>
  `${route.cellAlive.kind === 'up' ? targetsWithoutAnswer(route) : bareCells(route)}
unless ${onCell(route)} ${lastPass(route, THRESHOLDS.remembered)}`;

/** Targets that were known ten minutes ago and have not answered since. */
function targetsWithoutAnswer(route: MetricsRoute): string {
  const up = aliveSeries(route);
  const window = `${THRESHOLDS.silentSeconds / 60}m`;
  return `${perCell(route, `max_over_time(${up}[${window}])`)} == 0
and ${onCell(route)} ${perCell(route, `${up} offset ${window}`)}`;
}

/**
 * Cells that already existed that long ago, in an instance group where others were heard. That
 * long, because the deploy that brings rollcall goes from cell to cell; only in such a group,
 * because an isolation segment may run no agent on purpose, and Windows cells never do.
 */
function bareCells(route: MetricsRoute): string {
  const group = list([...route.deploymentIdentity, route.labels.group]);
  const alive = aliveSeries(route);
  const ago = `offset ${THRESHOLDS.remembered}`;
  return `${perCell(route, alive)}
and ${onCell(route)} ${perCell(route, `max_over_time(${alive}[30m] ${ago})`)}
and on (${group}) max by (${group}) (max_over_time(${series(route, LAST_PASS)}[${THRESHOLDS.remembered}] ${ago}) > 0)`;
}

const perDeployment = (route: MetricsRoute, cells: string): string =>
  `count by (${list(route.deploymentIdentity)}) (${cells})`;

/**
 * The number of cells whose agent reports: behind an exporter, those whose time of the last pass
 * changes.
 */
function reportingCells(route: MetricsRoute): string {
  const last = series(route, LAST_PASS);
  const slow = perCell(route, series(route, 'rollcall_build_info', SLOW_AGENT));
  return perDeployment(
    route,
    `${perCell(route, `changes(${last}[5m])`)} > 0 or ${perCell(route, last)} > 0 and ${onCell(route)} ${slow}`,
  );
}

/**
 * The usual number of cells. Not the maximum: a cell recreated under a new name counts twice for
 * minutes.
 */
const usual = (route: MetricsRoute): string =>
  `floor(quantile_over_time(0.9, ${reportingCells(route)}[${THRESHOLDS.remembered}:5m]))`;

/** Cells that were heard lately, as in a deploy, and those that RollcallAgentSilent is about. */
const present = (route: MetricsRoute): string =>
  perDeployment(
    route,
    `
${lastPass(route, THRESHOLDS.present)}
or
${
  route.cellAlive.kind === 'up'
    ? perCell(route, aliveSeries(route))
    : stillThere(route, lastPass(route, THRESHOLDS.remembered))
}
`,
  );

/** Alerts about cells that are silent or gone. */
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
