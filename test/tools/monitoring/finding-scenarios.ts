import {
  isOfCell,
  UNTRACKED_KINDS,
  type Reason,
  type Severity,
} from '../../../src/model/finding.ts';
import type { ContainerReport } from '../../../src/model/report.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { alertOf, OLD_ALERTS } from '../../../src/present/runbook.ts';
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
  ON_CELL,
  readdressed,
  SILENT,
  type Cell,
  type Moment,
} from './cell-story.ts';
import { firesOn, firing, quiet, type CellFiring, type Firing, type Scenario } from './scenario.ts';

interface Untracked {
  readonly reason?: Reason;
  readonly severity?: Severity;
  readonly count?: number;
}

/** A critical finding must hold for a minute. */
const onceHeld = (from: Firing['from'], severity: Severity): Firing['from'] => {
  if (severity === 'warning') return from;
  if (typeof from === 'number') return from + 1;
  const { direct, firehose, healthwatch } = from;
  return { direct: direct + 1, firehose: firehose + 1, healthwatch: healthwatch + 1 };
};

/** @param from the minute in which Prometheus first sees the finding */
const untrackedFires = (
  cell: Cell,
  from: Firing['from'],
  until: Firing['until'],
  { reason = 'unknown-to-garden', severity = 'critical', count = 1 }: Untracked = {},
): CellFiring => ({
  alert: alertOf(reason),
  severity,
  from: onceHeld(from, severity),
  until,
  cell,
  labels: { reason },
  summary: `${count === 1 ? '1 container is' : `${count} containers are`} untracked ${ON_CELL}: ${reason}.`,
  description: `${REASON_TEXTS[reason].alert[severity]} On the cell, rollcall status lists them, and rollcall runbook ${reason} says what to do.`,
});

/** The same before 0.2.0. */
const withOldName = (fires: CellFiring): CellFiring => ({
  ...fires,
  alert: OLD_ALERTS[fires.severity],
  description: fires.description.replace(
    /On the cell, .*/,
    `Run rollcall status ${ON_CELL}, or open the dashboard: both list them.`,
  ),
});

const drillFires = firesOn({
  alert: 'RollcallDrill',
  severity: 'critical',
  labels: { reason: 'unknown-to-garden', drill: 'true', handle: 'drill-5f0c22aa' },
  summary: `Drill: somebody is testing the alert path ${ON_CELL} (drill-5f0c22aa).`,
  description: `This is a drill ${ON_CELL}. It reports a container that does not exist, and says nothing about the real ones. Check that this alert arrived where it should.`,
});

const secondFires = (fires: CellFiring): CellFiring => ({
  ...fires,
  labels: { ...fires.labels, handle: 'drill-6e11d03b' },
  summary: fires.summary.replace('drill-5f0c22aa', 'drill-6e11d03b'),
});

const LOST = finding('h-lost', 540);
const APP: ContainerReport['app'] = {
  id: '0f6d3c1e-44d1-4f1c-9b0e-6a4f9d2f6c11',
  name: 'checkout',
  spaceId: null,
  spaceName: 'shop',
  organizationId: null,
  organizationName: 'shop',
  index: 0,
  processType: 'web',
};

/** Garden forgets a container at one minute; it is gone at another one. */
const lost = (t: number, from: number, until = Infinity): Moment =>
  heard(t, { containers: between(t, from, until) ? [LOST] : [] });

/** The same names in another foundation, where all is well. */
const elsewhere: Cell = { ...cellThat(1, (t) => heard(t)), foundation: 'test' };

const from10 = (...containers: readonly ContainerReport[]): Cell =>
  cellDuring(10, Infinity, { containers });

const forgotten = cellThat(1, (t) => lost(t, 10, 20));

const REASONS_FOUND = UNTRACKED_KINDS.filter(
  ([reason, severity]) => !isOfCell(reason, severity),
).map(([reason, severity]) => ({ reason, severity }));
const everyReason = from10(...REASONS_FOUND.map((kind, index) => finding(`h-${index}`, 540, kind)));

/** A crash of gdn, and rep restarted: more than have a series. */
const twentyFive = cellWith((t) => ({
  containers: Array.from({ length: t < 10 * MINUTE ? 0 : 25 }, (_, index) =>
    finding(`h-${index}`, 600, {
      reason: 'unowned',
      status: t < 11 * MINUTE ? 'pending' : 'untracked',
    }),
  ),
}));
const withoutSeries = cellDuring(10, Infinity, { containers: [LOST], state: { maxSeries: 0 } });

/** Who it belongs to is known only after four minutes. */
const namedLater = cellWith((t) => ({
  containers: t < 10 * MINUTE ? [] : [t < 14 * MINUTE ? LOST : { ...LOST, app: APP }],
}));

const drill = finding('drill-5f0c22aa', 300, { app: null, drill: true });
const drilling = (...others: readonly ContainerReport[]): Cell =>
  cellWith((t) => ({ containers: [...(between(t, 5, 10) ? [drill] : []), ...others] }));
const drillAlone = drilling();
const drillBeside = drilling(LOST);
const drillWithoutSeries = cellDuring(5, 10, { containers: [drill], state: { maxSeries: 0 } });
const diedInDrill = cellThat(1, (t) => (t < 8 * MINUTE ? drillAlone.at(t) : SILENT));

/** Somebody acknowledges it after five minutes. */
const acknowledged = cellThat(1, (t) =>
  t < 15 * MINUTE ? lost(t, 10) : acknowledging(lost(t, 10)),
);
const secondDrill = finding('drill-6e11d03b', 720, { app: null, drill: true });
const drillTwice = cellWith((t) => ({
  containers: between(t, 5, 10) ? [drill] : between(t, 12, 20) ? [secondDrill] : [],
}));
const drillAcknowledged = cellThat(1, (t) =>
  t < 7 * MINUTE ? drillAlone.at(t) : acknowledging(drillAlone.at(t)),
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

const restarted = cellThat(1, (t) => {
  if (between(t, 15, 17)) return SILENT;
  return t === 17 * MINUTE
    ? heard(t, { report: null, state: { lastReconcileSeconds: 0 } })
    : lost(t, 10, 20);
});

const recoveredBefore = cellThat(1, (t) => (between(t, 13, 16) ? SILENT : lost(t, 5, 10)));

/** As in an evacuation and recreation: the containers end, and a minute later the agent. */
const recoveredJustBefore = cellThat(1, (t) => (between(t, 11, 18) ? AWAY : lost(t, 5, 10)));

const died = cellThat(1, (t) => (t < 20 * MINUTE ? lost(t, 0) : AWAY));

/** The scrape after the first one with the finding is lost. */
const seenOnce = cellThat(1, (t) => (t === 660 ? SILENT : lost(t, 10.5)));

const gardenAway = cellThat(1, (t) =>
  heard(t, {
    containers: t >= 10 * MINUTE ? [LOST] : [],
    report: between(t, 12, 15) ? gardenAwaySince(720) : {},
  }),
);

const recreated = cellThat(1, (t) => (between(t, 20, 26) ? AWAY : lost(t, 10, 20)));

const neverOver = cellThat(1, (t) => lost(t, 10));

const twoThenOne = cellWith((t) => ({
  containers: [LOST, ...(t < 8 * MINUTE ? [finding('h-other', 540)] : [])],
}));

/** As after a loss of containerd's metadata: rep's pass of each minute ends what just became a finding. */
const overAtOnce = cellWith((t) => ({ containers: t === 10 * MINUTE ? [LOST] : [] }));

const everyFires = REASONS_FOUND.map((kind) => untrackedFires(everyReason, 10, 99, kind));

export const OLD_NAMES: Scenario = {
  title: 'every reason: the alerts before 0.2.0',
  cells: [everyReason],
  minutes: 15,
  fires: everyFires.map(withOldName),
};

export const FINDING_SCENARIOS: readonly Scenario[] = [
  quiet('a critical finding that ends within seconds pages nobody', [overAtOnce]),
  firing(untrackedFires(forgotten, 10, 20), {
    title: 'a cell of another foundation has the same names: an alert about one of the two',
    cells: [forgotten, elsewhere],
    minutes: 25,
  }),
  {
    title: 'every reason with each of its severities: one alert each',
    cells: [everyReason],
    minutes: 15,
    fires: everyFires,
  },
  firing(untrackedFires(twentyFive, 11, 99, { reason: 'unowned', count: 25 }), {
    title: 'twenty-five containers lose their owner and are pending at first: one alert for all',
    minutes: 15,
  }),
  firing(untrackedFires(withoutSeries, 10, 99), {
    title: 'no container has a series of its own',
    minutes: 15,
  }),
  firing(untrackedFires(namedLater, 10, 99), {
    title: 'the app of a finding becomes known later: no second alert',
    minutes: 30,
  }),
  {
    title: 'two findings of a kind, of which one ends: one alert',
    cells: [twoThenOne],
    minutes: 20,
    fires: [
      untrackedFires(twoThenOne, 1, 8, { count: 2 }),
      { ...untrackedFires(twoThenOne, 8, 99), from: 8 },
    ],
  },
  firing(drillFires(drillAlone, 5, 10), { title: 'a drill is a drill alone', minutes: 25 }),
  {
    title: 'a drill beside a real finding of its kind',
    cells: [drillBeside],
    minutes: 25,
    fires: [
      untrackedFires(drillBeside, 1, 99),
      // The last value counts for three minutes, and an exporter shows it for ten more.
      drillFires(drillBeside, 5, { direct: 13, firehose: 23, healthwatch: 23 }),
    ],
  },
  firing(drillFires(drillWithoutSeries, 5, 10), {
    title: 'a drill where no container has a series of its own',
    minutes: 25,
  }),
  {
    title: 'a second drill, while an exporter still shows the first one: an alert that names it',
    cells: [drillTwice],
    minutes: 25,
    fires: [drillFires(drillTwice, 5, 10), secondFires(drillFires(drillTwice, 12, 20))],
  },
  firing(drillFires(diedInDrill, 5, { direct: 11, firehose: 21, healthwatch: 21 }), {
    title: 'the agent ends in the middle of a drill',
    minutes: 22,
  }),
  firing(untrackedFires(acknowledged, 10, 15), {
    title: 'a finding is acknowledged, which ends its alert',
    minutes: 30,
  }),
  firing(drillFires(drillAcknowledged, 5, 7), {
    title: 'a drill is acknowledged, which ends it',
    minutes: 25,
  }),
  firing(untrackedFires(restarted, 10, 20), {
    title: 'an agent that is restarted neither ends a finding nor raises it again',
    minutes: 30,
  }),
  firing(untrackedFires(recoveredBefore, 5, 10), {
    title: 'a finding that was over does not come back when the agent is restarted later',
    minutes: 40,
  }),
  firing(untrackedFires(recoveredJustBefore, 5, 10), {
    title: 'a finding that was over does not come back when its cell is recreated a minute later',
    minutes: 40,
  }),
  firing(untrackedFires(seenOnce, { direct: 12, firehose: 11, healthwatch: 11 }, 99), {
    title: 'the scrape after the first one with a finding is lost',
    minutes: 30,
  }),
  firing(untrackedFires(gardenAway, 10, 99), {
    title: 'while Garden is away its findings stay',
    minutes: 20,
  }),
  firing(untrackedFires(recreated, 10, 26), {
    title: 'a cell with a finding is recreated, which ends it when the agent is heard again',
    minutes: 40,
  }),
  firing(untrackedFires(recreated, 10, { direct: 35, firehose: 30, healthwatch: 30 }), {
    title: 'a cell with a finding is recreated under another address, which ends it later',
    cells: readdressed(recreated, 20, 24),
    minutes: 45,
  }),
  firing(untrackedFires(recreated, 10, 99), {
    title: 'the old VM of a cell was never deleted, and has a finding',
    cells: [neverOver, ...readdressed(recreated, 0, 12).slice(1)],
    minutes: 45,
  }),
  firing(untrackedFires(died, 1, 35), {
    title: 'a finding ends some minutes after its cell has vanished',
    minutes: 50,
    routes: ['firehose', 'healthwatch'],
  }),
];
