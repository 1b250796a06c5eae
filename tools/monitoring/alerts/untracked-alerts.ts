import type { Severity } from '../../../src/model/finding.ts';
import type { MetricsRoute } from '../metrics-routes.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { cell, cellWithAddress, THRESHOLDS, type Alert } from './alert.ts';
import { bridged, LAST_PASS, list, onCell, perCell, reporting, series } from './series.ts';

const FINDING = 'rollcall_untracked_since_timestamp_seconds';

/**
 * When each element last existed, within the time that findings are kept; 0, an agent before its
 * first pass, does not count. Steps of the shortest scrape interval miss nothing that was seen
 * once.
 */
const seenAt = (labels: readonly string[], selector: string): string =>
  `max by (${list(labels)}) (max_over_time(timestamp(${selector} > 0)[${THRESHOLDS.findingKept}:15s]))`;

/**
 * Addresses that a cell no longer has: it was recreated and made passes under another one for a
 * while. A shorter time would not do: an old VM that still exists makes passes by turns with the
 * new.
 */
function earlierAddresses(route: MetricsRoute): string {
  const { index, ip } = route.labels;
  const cellLabels = route.identity.filter((label) => label !== 'instance');
  const vm = [...cellLabels, route.identity.includes('instance') ? 'instance' : ip];
  const last = `last_over_time(${series(route, LAST_PASS, `${index}!=""`)}[${THRESHOLDS.findingKept}])`;
  return `on (${list(vm)}) (
  max by (${list(vm)}) (${last})
  < on (${list(cellLabels)}) group_left () max by (${list(cellLabels)}) (${last}) - ${THRESHOLDS.freshSeconds}
)`;
}

/**
 * One element a finding, its value the Unix time since when: those that the agent shows and, while
 * it is not heard, those that it showed last. A lost scrape or a restart of the agent neither ends
 * an alert nor raises it again.
 */
function findings(route: MetricsRoute, severity: Severity): string {
  const labels = [
    ...route.identity,
    'handle',
    'app_id',
    'reason',
    'severity',
    'drill',
    route.labels.ip,
  ];
  const finding = series(route, FINDING, `severity="${severity}"`);
  const shown = `max by (${list(labels)}) (${finding})`;
  const kind = list([...route.identity, 'reason', 'severity']);
  const count = series(route, 'rollcall_untracked', `severity="${severity}"`);
  const counted = `on (${kind}) (
  max by (${kind}) (${count}) > 0
)`;
  // A last count of 0 ends all findings of a kind, except before the first pass.
  const over = `on (${kind}) (
  max by (${kind}) (last_over_time(${count}[${THRESHOLDS.findingKept}])) == 0
  unless ${onCell(route)} ${perCell(route, `last_over_time(${series(route, LAST_PASS)}[${THRESHOLDS.findingKept}])`)} == 0
)`;
  // An agent that is heard shows all findings; where values linger, only while it makes passes.
  const heard = perCell(route, `${series(route, LAST_PASS)} > 0`);
  const shows = route.lingers ? `(${heard} and ${onCell(route)} ${reporting(route)})` : heard;
  // Where values linger, the count ends the last finding of a kind: it is always sent, while a
  // series may seem to end because envelopes were lost.
  return `(
${shown}${route.lingers ? `\nand ${counted}` : ''}
or
max by (${list(labels)}) (max_over_time(${finding}[${THRESHOLDS.findingKept}]))
and
  ${seenAt(labels, finding)}
  >= ${onCell(route)} group_left ()
  ${seenAt(route.identity, series(route, LAST_PASS))}${route.lingers ? ' - 120' : ''}
unless ${over}
unless ${onCell(route)} ${shows}
)
unless ${earlierAddresses(route)}`;
}

const isDrill = (then: string, otherwise: string): string =>
  `{{ if eq $labels.drill "true" }}${then}{{ else }}${otherwise}{{ end }}`;

const meaning = (severity: Severity): string => {
  const branches = Object.entries(REASON_TEXTS).map(
    ([reason, { alert }], at) =>
      `{{ ${at === 0 ? '' : 'else '}if eq $labels.reason "${reason}" }}${alert[severity]}`,
  );
  return `${branches.join('')}{{ end }}`;
};

const app = '{{ with $labels.app_id }}app {{ . }}{{ else }}an unknown app{{ end }}';

const untracked = (name: string, severity: Severity): Alert => ({
  name,
  severity,
  holds: '0s',
  expression: (route) => findings(route, severity),
  summary: (route) =>
    `${isDrill('Drill: ', '')}container {{ $labels.handle }} of ${app} is untracked on ${cellWithAddress(route)}: {{ $labels.reason }}.`,
  description: (route) =>
    isDrill(
      `This is a drill on ${cellWithAddress(route)}: no container is untracked, somebody tries the way to the pager. Acknowledge it, and see that it arrived where it should.`,
      `Container {{ $labels.handle }} of ${app} on ${cellWithAddress(route)} has been untracked since {{ $value | humanizeTimestamp }} ({{ $labels.reason }}). ${meaning(severity)}`,
    ),
  anchor: isDrill('drill', '{{ $labels.reason }}'),
});

/**
 * Critical findings without a series. The worst get a series first, so warnings are left out
 * before.
 */
const omittedCritical = (route: MetricsRoute): string =>
  `${bridged(route, 'rollcall_untracked_omitted', 'min')}
- ${onCell(route)} ${perCell(
    route,
    // Once each, even if two exporters, or two addresses of a recreated cell, show it.
    `max by (${list([...route.identity, 'reason'])}) (last_over_time(${series(route, 'rollcall_untracked', 'severity="warning",reason!="limit-lost"')}[${THRESHOLDS.bridged}]))`,
    'sum',
  )}`;

const omitted = (severity: Severity, expression: Alert['expression']): Alert => ({
  name: 'RollcallUntrackedOmitted',
  severity,
  holds: '1m',
  expression,
  summary: (route) =>
    `{{ $value }} more ${severity === 'critical' ? 'critical findings' : 'findings'} on ${cell(route)} than have an alert of their own.`,
  description: (route) =>
    `On ${cell(route)} {{ $value }} ${severity === 'critical' ? 'critical findings have' : 'findings have'} no series and no alert of their own, because there are too many. Run rollcall status there to see all.`,
  anchor: 'rollcalluntrackedomitted',
});

/** Said of a cell: each container of it is tracked, and has no series of its own. */
const limitsLost: Alert = {
  name: 'RollcallLimitsLost',
  severity: 'warning',
  holds: THRESHOLDS.limitsLost,
  expression: (route) => {
    const count = series(route, 'rollcall_untracked', 'reason="limit-lost",severity="warning"');
    return `${perCell(route, `max_over_time(${count}[${THRESHOLDS.limitsLostSeen}])`, 'min')} > 0
and ${onCell(route)} ${reporting(route)}`;
  },
  summary: (route) =>
    `{{ $value }} throttled containers ran without their limits at once on ${cell(route)}.`,
  description: (route) => `On ${cell(route)} ${REASON_TEXTS['limit-lost'].alert.warning}`,
  anchor: 'limit-lost',
};

const memoryHeld: Alert = {
  name: 'RollcallLostMemory',
  severity: 'warning',
  holds: THRESHOLDS.held,
  expression: (route) =>
    `${bridged(route, 'rollcall_untracked_memory_bytes', 'min')} > ${THRESHOLDS.heldBytes}
and ${onCell(route)} ${reporting(route)}`,
  summary: (route) =>
    `Lost containers hold {{ $value | humanize1024 }}B of memory on ${cell(route)}.`,
  description: (route) =>
    `On ${cell(route)} containers that Garden or Diego lost hold {{ $value | humanize1024 }}B of memory. rep does not count it and places apps onto it: the cell can run out of memory.`,
  anchor: 'rollcalllostmemory',
};

export const UNTRACKED_ALERTS: readonly Alert[] = [
  untracked('RollcallUntrackedCritical', 'critical'),
  untracked('RollcallUntrackedWarning', 'warning'),
  omitted('critical', (route) => `${omittedCritical(route)}\n> 0`),
  omitted(
    'warning',
    (route) =>
      `${bridged(route, 'rollcall_untracked_omitted', 'min')} > 0\nunless ${onCell(route)} (\n${omittedCritical(route)}\n> 0\n)`,
  ),
  limitsLost,
  memoryHeld,
];
