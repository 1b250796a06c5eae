import type { Severity } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/sentence.ts';
import type { Route } from '../routes.ts';
import type { Alert } from './alert.ts';
import { cell, cellWithAddress } from './phrases.ts';
import { bridged, LAST_LOOK, list, looking, onCell, perCell, series } from './series.ts';
import { THRESHOLDS } from './thresholds.ts';

const FINDING = 'rollcall_untracked_since_timestamp_seconds';

/**
 * When each element was last there within the time that findings are kept; an agent that has not looked yet, with 0, is not. In steps
 * of the shortest scrape interval, so that what was seen once is not missed.
 */
const seenAt = (labels: readonly string[], selector: string): string =>
  `max by (${list(labels)}) (max_over_time(timestamp(${selector} > 0)[${THRESHOLDS.findingKept}:15s]))`;

/**
 * The addresses that a cell no longer has: it was recreated, and has looked under another one for a while. For a while, because the
 * old VM may be there still, and then both look by turns.
 */
function earlierAddresses(route: Route): string {
  const { index, ip } = route.labels;
  const place = route.identity.filter((label) => label !== 'instance');
  const vm = [...place, route.identity.includes('instance') ? 'instance' : ip];
  const look = `last_over_time(${series(route, LAST_LOOK, `${index}!=""`)}[${THRESHOLDS.findingKept}])`;
  return `on (${list(vm)}) (
  max by (${list(vm)}) (${look})
  < on (${list(place)}) group_left () max by (${list(place)}) (${look}) - ${THRESHOLDS.freshSeconds}
)`;
}

/**
 * One element a finding, its value the Unix time since when: those that the agent shows, and, while an agent is not heard, those that
 * it showed last. So neither a lost scrape nor a restart of the agent ends an alert and raises it again.
 */
function findings(route: Route, severity: Severity): string {
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
  // The last count of an agent says that all of a kind are over, but nothing where it has not looked yet.
  const over = `on (${kind}) (
  max by (${kind}) (last_over_time(${count}[${THRESHOLDS.findingKept}])) == 0
  unless ${onCell(route)} ${perCell(route, `last_over_time(${series(route, LAST_LOOK)}[${THRESHOLDS.findingKept}])`)} == 0
)`;
  // An agent that is heard shows what there is. Where its values linger, only while it goes on looking.
  const heard = perCell(route, `${series(route, LAST_LOOK)} > 0`);
  const shows = route.lingers ? `(${heard} and ${onCell(route)} ${looking(route)})` : heard;
  // Where values linger, the count, which is always sent, tells that the last finding of a kind is over. There the end of a series
  // is as uncertain as the envelopes that were lost before it.
  return `(
${shown}${route.lingers ? `\nand ${counted}` : ''}
or
max by (${list(labels)}) (max_over_time(${finding}[${THRESHOLDS.findingKept}]))
and
  ${seenAt(labels, finding)}
  >= ${onCell(route)} group_left ()
  ${seenAt(route.identity, series(route, LAST_LOOK))}${route.lingers ? ' - 120' : ''}
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

/** More findings than series. The worst have a series first, so critical ones are left out only after all warnings are. */
const omittedCritical = (route: Route): string =>
  `${bridged(route, 'rollcall_untracked_omitted', 'min')}
- ${onCell(route)} ${perCell(
    route,
    // Once each, though two exporters may tell it, or one of a recreated cell under two addresses.
    `max by (${list([...route.identity, 'reason'])}) (last_over_time(${series(route, 'rollcall_untracked', 'severity="warning"')}[${THRESHOLDS.bridged}]))`,
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

export const UNTRACKED_ALERTS: readonly Alert[] = [
  untracked('RollcallUntrackedCritical', 'critical'),
  untracked('RollcallUntrackedWarning', 'warning'),
  omitted('critical', (route) => `${omittedCritical(route)}\n> 0`),
  omitted(
    'warning',
    (route) =>
      `${bridged(route, 'rollcall_untracked_omitted', 'min')} > 0\nunless ${onCell(route)} (\n${omittedCritical(route)}\n> 0\n)`,
  ),
];
