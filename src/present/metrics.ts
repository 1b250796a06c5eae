import type { AgentState } from '../model/agent-state.ts';
import type { Reason, Severity } from '../model/finding.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import { familyText, type Family, type Labels } from './metrics-format.ts';

/** The severities that a reason can have: the series are always there, so that an alert can tell 0 from nothing. */
const UNTRACKED: readonly (readonly [Reason, Severity])[] = [
  ['unknown-to-garden', 'critical'],
  ['unowned', 'critical'],
  ['no-cgroup', 'warning'],
  ['no-cgroup', 'critical'],
  ['partial', 'warning'],
];

/**
 * Everything that the agent tells Prometheus, in its text format. Counters are whole numbers, because prom_scraper drops
 * others; no label name has more than 32 characters, because a longer one breaks the connection it shares with others.
 */
export const metricsText = (state: AgentState): string =>
  familiesOf(state).map(familyText).join('');

function familiesOf(state: AgentState): readonly Family[] {
  const { report, reconciles } = state;
  const containers = report?.containers ?? [];
  const count = (test: (container: ContainerReport) => boolean): number =>
    containers.filter(test).length;
  const one = (value: number): Family['samples'] => [[{}, value]];
  const findings = containers.filter(({ status }) => status === 'untracked').toSorted(shownFirst);
  const shown = findings.slice(0, state.maxSeries);
  return [
    {
      name: 'rollcall_build_info',
      type: 'gauge',
      help: 'Always 1; which rollcall this is, and the cgroup mode of the cell.',
      samples: [[{ version: state.version, cgroup_mode: report?.cgroups.mode ?? 'unknown' }, 1]],
    },
    {
      name: 'rollcall_containers',
      type: 'gauge',
      help: 'Containers that Garden lists or the kernel runs, by status; a drill is counted.',
      samples: (['tracked', 'pending', 'untracked'] as const).map((status) => [
        { status },
        count((container) => container.status === status),
      ]),
    },
    {
      name: 'rollcall_untracked',
      type: 'gauge',
      help: 'Untracked containers, by reason and severity; a drill is counted.',
      samples: UNTRACKED.map(([reason, severity]) => [
        { reason, severity },
        count(
          (one_) =>
            one_.status === 'untracked' && one_.reason === reason && one_.severity === severity,
        ),
      ]),
    },
    {
      name: 'rollcall_garden_listed',
      type: 'gauge',
      help: 'Handles in the last list of Garden that could be read.',
      samples: one(report === null ? 0 : listedByGarden(report)),
    },
    {
      name: 'rollcall_garden_up',
      type: 'gauge',
      help: "1 if Garden's list could be read in the last look.",
      samples: one(report?.garden.state === 'known' ? 1 : 0),
    },
    {
      name: 'rollcall_could_not_tell',
      type: 'gauge',
      help: '1 while nothing, or not everything, can be compared: then the other values are the last known ones.',
      samples: one(report === null || report.couldNotTell !== null ? 1 : 0),
    },
    {
      name: 'rollcall_last_reconcile_timestamp_seconds',
      type: 'gauge',
      help: 'Unix time at which the last look ended, whether it could compare or not.',
      samples: one(state.lastReconcileSeconds),
    },
    {
      name: 'rollcall_reconcile_duration_seconds',
      type: 'gauge',
      help: 'How long the last look took.',
      samples: one((report?.durationMilliseconds ?? 0) / 1000),
    },
    {
      name: 'rollcall_reconciles_total',
      type: 'counter',
      help: 'Looks since the agent started; failed: it could not compare.',
      samples: [
        [{ result: 'ok' }, reconciles.ok],
        [{ result: 'failed' }, reconciles.failed],
      ],
    },
    {
      name: 'rollcall_mounts_changed_total',
      type: 'counter',
      help: 'How often the mount that shows a hierarchy became another one.',
      samples: one(state.mountsChanged),
    },
    {
      name: 'rollcall_untracked_omitted',
      type: 'gauge',
      help: 'Untracked containers that have no series of their own, because there are too many.',
      samples: one(findings.length - shown.length),
    },
    {
      name: 'rollcall_untracked_since_timestamp_seconds',
      type: 'gauge',
      help: 'Unix time since which a container has been untracked; one series a finding, the worst and oldest first.',
      samples: shown.map((finding) => [findingLabels(finding), unixSeconds(finding.since)]),
    },
  ];
}

/** While the list cannot be read, what it held when it last could: the containers of the last picture that are in it. */
const listedByGarden = ({ garden, containers }: Report): number =>
  garden.state === 'known'
    ? garden.listed
    : containers.filter(({ reason }) => reason !== 'unknown-to-garden').length;

/** A drill is never omitted, for it is what somebody waits for; then the critical ones, each time the oldest first. */
const shownFirst = (a: ContainerReport, b: ContainerReport): number =>
  Number(b.drill) - Number(a.drill) ||
  Number(b.severity === 'critical') - Number(a.severity === 'critical') ||
  unixSeconds(a.since) - unixSeconds(b.since) ||
  (a.handle < b.handle ? -1 : 1);

const findingLabels = ({ handle, app, reason, severity, drill }: ContainerReport): Labels => ({
  handle,
  ...(app === null || app.id === null ? {} : { app_id: app.id }),
  reason: reason ?? '',
  severity: severity ?? '',
  ...(drill ? { drill: 'true' } : {}),
  source_id: 'rollcall-findings',
});

const unixSeconds = (since: string | null): number =>
  since === null ? 0 : Math.floor(Date.parse(since) / 1000);
