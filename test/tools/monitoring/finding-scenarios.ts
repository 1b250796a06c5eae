import { isOfCell, UNTRACKED_KINDS } from '../../../src/model/finding.ts';
import type { ContainerReport } from '../../../src/model/report.ts';
import { OLD_ALERTS } from '../../../src/present/runbook.ts';
import { cell as cellPhrase, type Alert } from '../../../tools/monitoring/alerts/alert.ts';
import { FINDING_ALERTS } from '../../../tools/monitoring/alerts/untracked-alerts.ts';
import {
  AWAY,
  between,
  cellDuring,
  cellThat,
  cellWith,
  finding,
  gardenAwaySince,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  type Cell,
  type Moment,
} from './cell-story.ts';
import { storiesOf, type Firing, type Scenario } from './scenario.ts';

/** The same before 0.2.0. */
const withOldName = (alert: Alert): Alert => ({
  ...alert,
  name: OLD_ALERTS[alert.severity],
  description: (route) =>
    alert
      .description(route)
      .replace(
        /On the cell, .*/,
        `Run rollcall status on ${cellPhrase(route)}, or open the dashboard: both list them.`,
      ),
});

const LOST = finding('h-lost', 540);
/** Garden forgets a container at one minute; it is gone at another one. */
const lost = (t: number, from: number, until = Infinity): Moment =>
  heard(t, { containers: between(t, from, until) ? [LOST] : [] });

const from10 = (...containers: readonly ContainerReport[]): Cell =>
  cellDuring(10, Infinity, { containers });

const REASONS_FOUND = UNTRACKED_KINDS.filter(
  ([reason, severity]) => !isOfCell(reason, severity),
).map(([reason, severity]) => ({ reason, severity }));
const everyReason = from10(...REASONS_FOUND.map((kind, index) => finding(`h-${index}`, 540, kind)));

const drill = finding('drill-5f0c22aa', 300, { app: null, drill: true });
const drilling = (...others: readonly ContainerReport[]): Cell =>
  cellWith((t) => ({ containers: [...(between(t, 5, 10) ? [drill] : []), ...others] }));
const secondDrill = finding('drill-6e11d03b', 720, { app: null, drill: true });
const drillAlone = drilling();

/** Somebody acknowledges it after five minutes. */
const acknowledged = cellThat(1, (t) =>
  t < 15 * MINUTE ? lost(t, 10) : acknowledging(lost(t, 10)),
);

/** What an agent says whose findings are all acknowledged: none is counted, and the series says so. */
function acknowledging(moment: Moment): Moment {
  if (moment.kind !== 'heard') return moment;
  const samples = moment.samples.map((sample) => {
    if (sample.name === 'rollcall_untracked') return { ...sample, value: 0 };
    if (sample.name !== 'rollcall_untracked_since_timestamp_seconds') return sample;
    return { ...sample, labels: { ...sample.labels, acknowledged: 'true' } };
  });
  return { ...moment, samples };
}

/** What an agent of a later version says, with a reason that these rules do not know. */
function ofLaterAgent(moment: Moment): Moment {
  if (moment.kind !== 'heard') return moment;
  const samples = moment.samples.flatMap((sample) => {
    const { labels, name } = sample;
    if (labels['reason'] !== LOST.reason || labels['severity'] !== LOST.severity) return [sample];
    const known = name === 'rollcall_untracked' ? [{ ...sample, value: 0 }] : [];
    return [...known, { ...sample, labels: { ...labels, reason: 'of-a-later-agent' } }];
  });
  return { ...moment, samples };
}
const later = cellThat(1, (t) => ofLaterAgent(lost(t, 10, 20)));
const recreated = cellThat(1, (t) => (between(t, 20, 26) ? AWAY : lost(t, 10, 20)));

const STORIES = `
a critical finding that ends within seconds pages nobody | 30 | overAtOnce
an agent of a later version has a reason that the rules do not know | 25 | later | Untracked,severity=critical,reason=of-a-later-agent 11 20
a cell of another foundation has the same names: an alert about one of the two | 25 | forgotten elsewhere | UnknownToGarden 11 20
twenty-five containers lose their owner and are pending at first: one alert for all | 15 | twentyFive | Unowned=25 12 99
no container has a series of its own | 15 | withoutSeries | UnknownToGarden 11 99
the app of a finding becomes known later: no second alert | 30 | namedLater | UnknownToGarden 11 99
two findings of a kind, of which one ends: one alert | 20 | twoThenOne | UnknownToGarden=2 2 8; UnknownToGarden 8 99
a drill is a drill alone | 25 | drillAlone | Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 10
a drill beside a real finding of its kind | 25 | drillBeside | UnknownToGarden 2 99; Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 13/23/23
a drill where no container has a series of its own | 25 | drillWithoutSeries | Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 10
a second drill, while an exporter still shows the first one: an alert that names it | 25 | drillTwice | Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 10; Drill,reason=unknown-to-garden,handle=drill-6e11d03b 12 20
the agent ends in the middle of a drill | 22 | diedInDrill | Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 11/21/21
a finding is acknowledged, which ends its alert | 30 | acknowledged | UnknownToGarden 11 15
a drill is acknowledged, which ends it | 25 | drillAcknowledged | Drill,reason=unknown-to-garden,handle=drill-5f0c22aa 5 7
an agent that is restarted neither ends a finding nor raises it again | 30 | restarted | UnknownToGarden 11 20
a finding that was over does not come back when the agent is restarted later | 40 | recoveredBefore | UnknownToGarden 6 10
a finding that was over does not come back when its cell is recreated a minute later | 40 | recoveredJustBefore | UnknownToGarden 6 10
the scrape after the first one with a finding is lost | 30 | seenOnce | UnknownToGarden 13/12/12 99
while Garden is away its findings stay | 20 | gardenAway | UnknownToGarden 11 99
a cell with a finding is recreated, which ends it when the agent is heard again | 40 | recreated | UnknownToGarden 11 26
a cell with a finding is recreated under another address, which ends it later | 45 | movedLater | UnknownToGarden 11 35/30/30 recreated
the old VM of a cell was never deleted, and has a finding | 45 | neverOver newVm | UnknownToGarden 11 99 recreated
a finding ends some minutes after its cell has vanished | 50 | died | UnknownToGarden 2 35 | firehose healthwatch
`;

/** A critical finding must hold for a minute. */
const everyFires: readonly Firing[] = FINDING_ALERTS.filter(({ labels, severity }) =>
  REASONS_FOUND.some((kind) => kind.reason === labels?.['reason'] && kind.severity === severity),
).map((alert) => ({
  alert,
  value: '1',
  from: [alert.severity === 'critical' ? 11 : 10],
  until: [99],
  cell: everyReason,
  labels: {},
}));

export const OLD_NAMES: Scenario = {
  title: 'every reason: the alerts before 0.2.0',
  cells: [everyReason],
  minutes: 15,
  fires: everyFires.map((one) => ({ ...one, alert: withOldName(one.alert) })),
};

export const FINDING_SCENARIOS: readonly Scenario[] = [
  {
    title: 'every reason with each of its severities: one alert each',
    cells: [everyReason],
    minutes: 15,
    fires: everyFires,
  },
  ...storiesOf(STORIES, {
    // As after a loss of containerd's metadata: rep's pass of each minute ends what just became a finding.
    overAtOnce: cellWith((t) => ({ containers: t === 10 * MINUTE ? [LOST] : [] })),
    later,
    forgotten: cellThat(1, (t) => lost(t, 10, 20)),
    // The same names in another foundation, where all is well.
    elsewhere: { ...cellThat(1, (t) => heard(t)), foundation: 'test' },
    // A crash of gdn, and rep restarted: more than have a series.
    twentyFive: cellWith((t) => ({
      containers: Array.from({ length: t < 10 * MINUTE ? 0 : 25 }, (_, index) =>
        finding(`h-${index}`, 600, {
          reason: 'unowned',
          status: t < 11 * MINUTE ? 'pending' : 'untracked',
        }),
      ),
    })),
    withoutSeries: cellDuring(10, Infinity, { containers: [LOST], state: { maxSeries: 0 } }),
    // Who it belongs to is known only after four minutes.
    namedLater: cellWith((t) => ({
      containers: t < 10 * MINUTE ? [] : [t < 14 * MINUTE ? { ...LOST, app: null } : LOST],
    })),
    twoThenOne: cellWith((t) => ({
      containers: [LOST, ...(t < 8 * MINUTE ? [finding('h-other', 540)] : [])],
    })),
    drillAlone,
    drillBeside: drilling(LOST),
    drillTwice: cellWith((t) => ({
      containers: between(t, 5, 10) ? [drill] : between(t, 12, 20) ? [secondDrill] : [],
    })),
    drillWithoutSeries: cellDuring(5, 10, { containers: [drill], state: { maxSeries: 0 } }),
    diedInDrill: cellThat(1, (t) => (t < 8 * MINUTE ? drillAlone.at(t) : SILENT)),
    acknowledged,
    drillAcknowledged: cellThat(1, (t) =>
      t < 7 * MINUTE ? drillAlone.at(t) : acknowledging(drillAlone.at(t)),
    ),
    restarted: cellThat(1, (t) => {
      if (between(t, 15, 17)) return SILENT;
      return t === 17 * MINUTE
        ? heard(t, { report: null, state: { lastReconcileSeconds: 0 } })
        : lost(t, 10, 20);
    }),
    recoveredBefore: cellThat(1, (t) => (between(t, 13, 16) ? SILENT : lost(t, 5, 10))),
    // As in an evacuation and recreation: the containers end, and a minute later the agent.
    recoveredJustBefore: cellThat(1, (t) => (between(t, 11, 18) ? AWAY : lost(t, 5, 10))),
    // The scrape after the first one with the finding is lost.
    seenOnce: cellThat(1, (t) => (t === 660 ? SILENT : lost(t, 10.5))),
    gardenAway: cellThat(1, (t) =>
      heard(t, {
        containers: t >= 10 * MINUTE ? [LOST] : [],
        report: between(t, 12, 15) ? gardenAwaySince(720) : {},
      }),
    ),
    recreated,
    neverOver: cellThat(1, (t) => lost(t, 10)),
    died: cellThat(1, (t) => (t < 20 * MINUTE ? lost(t, 0) : AWAY)),
    movedLater: readdressed(recreated, 20, 24),
    newVm: readdressed(recreated, 0, 12).slice(1),
  }),
];
