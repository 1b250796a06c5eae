import { TYPED_ON_CELL } from '../../../src/model/typed-as.ts';
import { deploymentIdentityOf, type MetricsRoute } from '../metrics-routes.ts';
import { cell, deployment, inTheLast, inWords, THRESHOLDS, warning, type Alert } from './alert.ts';
import { bridged, list, onCell, perCell, series } from './recorded-series.ts';

export const PASS_ALERTS: readonly Alert[] = [
  warning('RollcallGardenUnavailable', THRESHOLDS.gardenUnavailable, {
    expression: () => 'rollcall:garden_away',
    summary: (route) => `Garden's list cannot be read on ${cell(route)}.`,
    description: (route) =>
      `For ${inWords(THRESHOLDS.gardenUnavailable)} rollcall could not read Garden's list on ${cell(route)}, so it compares nothing there. If gdn or containerd is dead, the cell's apps have crashed and are replaced elsewhere. If gdn hangs, they still run, and a restart of Garden would crash them.`,
  }),
  warning('RollcallCouldNotTell', THRESHOLDS.couldNotTell, {
    // Garden's absence has an alert of its own.
    expression: (route) => `${bridged(route, 'rollcall_could_not_tell', { how: 'min' })} == 1
and (rollcall:reporting or rollcall:last_pass == 0)
unless rollcall:garden_away`,
    summary: (route) => `rollcall cannot compare the containers on ${cell(route)}.`,
    description: (route) =>
      `For ${inWords(THRESHOLDS.couldNotTell)} rollcall could not compare the containers on ${cell(route)}. Run ${TYPED_ON_CELL} status there: the sentence at the end says what could not be read and what to change.`,
  }),
  warning('RollcallMountsChanged', '0s', {
    // Of the raw counter: it may change while no sample arrives for minutes.
    expression: (route) =>
      `${perCell(route, `increase(${series(route, 'rollcall_mounts_changed_total')}[${THRESHOLDS.mountsChanged}])`)} > 0`,
    summary: (route) => `The mount that shows a cgroup hierarchy changed on ${cell(route)}.`,
    description: (route) =>
      `Another mount became the one that shows a whole cgroup hierarchy on ${cell(route)} ${inTheLast(THRESHOLDS.mountsChanged)}. rollcall uses the new mount. A sensor that keeps the old path may see nothing now.`,
  }),
  warning('RollcallReconcileTooSlow', THRESHOLDS.slowPassHolds, {
    // A hanging Garden slows each pass and has an alert of its own. Its slow passes leave the
    // median before this alert fires.
    expression: (route) => {
      const duration = series(route, 'rollcall_reconcile_duration_seconds');
      return `${perCell(route, `quantile_over_time(0.5, ${duration}[${THRESHOLDS.slowPassMedian}])`, { how: 'min' })} > ${THRESHOLDS.slowPassSeconds}
and rollcall:reporting
unless rollcall:garden_away`;
    },
    summary: (route) => `A pass takes {{ $value | humanizeDuration }} on ${cell(route)}.`,
    description: (route) =>
      `On ${cell(route)}, the median pass of rollcall takes {{ $value | humanizeDuration }}, usually a fraction of a second. The cell is overloaded, or Garden answers slowly. Findings are late.`,
  }),
];

/** An alert per cell and sensor. One that is down or silent reports no unseen containers. */
export const SENSOR_ALERTS: readonly Alert[] = [
  warning('RollcallSensorBlind', THRESHOLDS.sensorBlind, {
    expression: (route) => `(
  rollcall:sensor_unseen > 0
  or rollcall:sensor_up == 0
  or 1 - rollcall:sensor_silent == 0
)
and ${onCell(route)} rollcall:reporting`,
    summary: (route) =>
      `The ${bySensor('is down or silent', `does not see ${CONTAINERS}`)} on ${cell(route)}.`,
    description: (route) =>
      `For ${inWords(THRESHOLDS.sensorBlind)} on ${cell(route)}, the ${bySensor('has not run, its event file could not be read, or it has written nothing although containers started', `has not named ${CONTAINERS} in its event file, although it names others of the same kind`)}. The containers are tracked. Run ${TYPED_ON_CELL} sensors there to see which containers, why, and what to change.`,
  }),
];

const bySensor = (isDown: string, isBlind: string): string =>
  `sensor {{ $labels.sensor }} {{ if eq $value 0.0 }}${isDown}{{ else }}${isBlind}{{ end }}`;

const CONTAINERS = '{{ $value }} container{{ if ne $value 1.0 }}s{{ end }}';

export const CELL_ALERTS: readonly Alert[] = [
  warning('RollcallAgentSilent', THRESHOLDS.silentHolds, {
    // If an agent's first pass does not end, RollcallCouldNotTell fires instead.
    expression: (route) => `rollcall:silent
and (${shouldReport(route)})
unless rollcall:last_pass == 0`,
    summary: (route) => `rollcall is silent on ${cell(route)}.`,
    description: (route) =>
      `For ${inWords(THRESHOLDS.silent, THRESHOLDS.silentHolds)} no pass of rollcall was reported from ${cell(route)}, although the cell exists. New findings are not reported there, and earlier ones are not updated.`,
  }),
  warning('RollcallFewerCells', THRESHOLDS.fewerCellsHolds, {
    expression: () => `rollcall:usual_cells
- (rollcall:present_cells or rollcall:usual_cells * 0)
> 0`,
    summary: (route) =>
      `{{ $value }} cell{{ if ne $value 1.0 }}s{{ end }}${deployment(route)} stopped reporting ${inTheLast(THRESHOLDS.remembered)}.`,
    description: (route) =>
      `Cells${deployment(route)} that reported ${inTheLast(THRESHOLDS.remembered)} have disappeared ({{ $value }}): nothing shows that they exist. After a scale-down this is expected, and the alert resolves by itself.`,
  }),
];

/**
 * Cells that should have made a pass. If scraped directly, these are all targets that are not new.
 * Otherwise they are the cells that reported before, and cells that have existed for as long as
 * cells are remembered, if others in their instance group reported then. The time is that long
 * because the deploy that adds rollcall updates one cell after the other; the instance group counts
 * because an isolation segment may run no agent on purpose, and Windows cells never do.
 */
function shouldReport(route: MetricsRoute): string {
  if (route.cellAlive.kind === 'up') return `rollcall:alive offset ${THRESHOLDS.silent}`;
  const ago = `offset ${THRESHOLDS.remembered}`;
  return `rollcall:heard or rollcall:alive ${ago}
  and on (${list([...deploymentIdentityOf(route), route.labels.group])}) rollcall:heard ${ago}`;
}
