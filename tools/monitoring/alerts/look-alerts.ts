import type { Alert } from './alert.ts';
import { cell } from './phrases.ts';
import { bridged, gardenAway, LAST_LOOK, looking, onCell, perCell, series } from './series.ts';
import { THRESHOLDS } from './thresholds.ts';

/** Alerts about what an agent that runs says of its passes. */
export const LOOK_ALERTS: readonly Alert[] = [
  {
    name: 'RollcallGardenUnavailable',
    severity: 'warning',
    holds: THRESHOLDS.gardenUnavailable,
    expression: (route) => `${gardenAway(route)}
and ${onCell(route)} ${looking(route)}`,
    summary: (route) => `Garden's list cannot be read on ${cell(route)}.`,
    description: (route) =>
      `For ${THRESHOLDS.gardenUnavailable} rollcall could not read Garden's list on ${cell(route)}. Nothing is compared there: findings stay as they were last known, and a new untracked container is not seen.`,
    anchor: 'rollcallgardenunavailable',
  },
  {
    name: 'RollcallCouldNotTell',
    severity: 'warning',
    holds: THRESHOLDS.couldNotTell,
    // Not while Garden is away: that has an alert of its own.
    expression: (route) => `${bridged(route, 'rollcall_could_not_tell', 'min')} == 1
and ${onCell(route)} (${looking(route)} or ${bridged(route, LAST_LOOK)} == 0)
unless ${onCell(route)} ${gardenAway(route)}`,
    summary: (route) => `rollcall cannot compare all containers on ${cell(route)}.`,
    description: (route) =>
      `For ${THRESHOLDS.couldNotTell} rollcall could not tell of all containers on ${cell(route)}. Run rollcall status there: the sentence at its end says what could not be read, and what to change.`,
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
    holds: THRESHOLDS.slowLookHolds,
    // A Garden that hangs makes each pass slow, and has an alert of its own. An average goes on after what was slow has ended.
    expression: (route) => {
      const duration = series(route, 'rollcall_reconcile_duration_seconds');
      return `${perCell(route, `avg_over_time(${duration}[${THRESHOLDS.slowLookAverage}])`, 'min')} > ${THRESHOLDS.slowLookSeconds}
and ${onCell(route)} ${perCell(route, `max_over_time(${duration}[${THRESHOLDS.bridged}])`, 'min')} > ${THRESHOLDS.slowLookSeconds}
and ${onCell(route)} ${looking(route)}
unless ${onCell(route)} ${gardenAway(route)}`;
    },
    summary: (route) => `A pass takes {{ $value | humanizeDuration }} on ${cell(route)}.`,
    description: (route) =>
      `On ${cell(route)} a pass of rollcall takes {{ $value | humanizeDuration }} on average, and a few milliseconds are usual. The cell is overloaded, or Garden answers slowly; a finding comes late.`,
    anchor: 'rollcallreconciletooslow',
  },
];
