import type { ContainerReport } from '../../../src/model/report.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import {
  AWAY,
  between,
  cellThat,
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
import { firing, type CellFiring, type Firing, type Scenario } from './scenario.ts';

const APP = '0f6d3c1e-44d1-4f1c-9b0e-6a4f9d2f6c11';
const app: ContainerReport['app'] = {
  id: APP,
  name: 'checkout',
  spaceId: null,
  spaceName: 'shop',
  organizationId: null,
  organizationName: 'shop',
  index: 0,
  processType: 'web',
};

/** An alert of a finding names the address too. */
const ON_ADDRESS = 'on cell diego-cell/c1 (10.0.1.1) of deployment cf';

const LOST = finding('h-lost', 540, { app });

const lostFires = (
  cell: Cell,
  from: Firing['from'],
  until: Firing['until'],
  handle = 'h-lost',
): CellFiring => ({
  alert: 'RollcallUntrackedCritical',
  severity: 'critical',
  from,
  until,
  cell,
  labels: { handle, app_id: APP, reason: 'unknown-to-garden' },
  summary: `container ${handle} of app ${APP} is untracked ${ON_ADDRESS}: unknown-to-garden.`,
  description: `Container ${handle} of app ${APP} ${ON_ADDRESS} has been untracked since 1970-01-01 00:09:00 +0000 UTC (unknown-to-garden). ${REASON_TEXTS['unknown-to-garden'].alert.critical}`,
  anchor: 'unknown-to-garden',
});

/** Garden forgets a container at one minute; it is gone at another one. */
const lost = (t: number, from: number, until = Infinity): Moment =>
  heard(t, { containers: between(t, from, until) ? [LOST] : [] });

const forgotten = cellThat(1, (t) => lost(t, 10, 20));

const [reasons, reasonCell] = ((): [readonly ContainerReport[], Cell] => {
  const found = [
    finding('h-unowned', 540, { app, reason: 'unowned' }),
    finding('h-elsewhere', 540, { app: null, reason: 'no-cgroup' }),
    finding('h-empty', 540, { app: null, reason: 'no-cgroup', severity: 'warning' }),
    finding('h-partial', 540, { app, reason: 'partial', severity: 'warning' }),
  ];
  return [found, cellThat(1, (t) => heard(t, { containers: t >= 10 * MINUTE ? found : [] }))];
})();

const reasonFires = (found: ContainerReport): Firing => {
  const of = found.app === null ? 'an unknown app' : `app ${APP}`;
  const { reason, severity } = found;
  if (reason === null || severity === null) throw new Error(`${found.handle} is not untracked`);
  return {
    alert: severity === 'critical' ? 'RollcallUntrackedCritical' : 'RollcallUntrackedWarning',
    severity,
    from: 10,
    until: 99,
    cell: reasonCell,
    labels: { handle: found.handle, reason, ...(found.app === null ? {} : { app_id: APP }) },
    summary: `container ${found.handle} of ${of} is untracked ${ON_ADDRESS}: ${reason}.`,
    description: `Container ${found.handle} of ${of} ${ON_ADDRESS} has been untracked since 1970-01-01 00:09:00 +0000 UTC (${reason}). ${REASON_TEXTS[reason].alert[severity]}`,
    anchor: reason,
  };
};

const drill = finding('drill-5f0c22aa', 300, { app: null, drill: true });
const drilling = cellThat(1, (t) => heard(t, { containers: between(t, 5, 10) ? [drill] : [] }));

const restarted = cellThat(1, (t) => {
  if (between(t, 15, 17)) return SILENT;
  return t === 17 * MINUTE
    ? heard(t, { report: null, state: { lastReconcileSeconds: 0 } })
    : lost(t, 10, 20);
});

const recoveredBefore = cellThat(1, (t) => (between(t, 13, 16) ? SILENT : lost(t, 5, 10)));

/** As in an evacuation and recreation: the containers end, and a minute later the agent. */
const recoveredJustBefore = cellThat(1, (t) => (between(t, 11, 18) ? AWAY : lost(t, 5, 10)));

/** Away for longer than an exporter shows its last values. */
const recoveredAndAway = cellThat(1, (t) => (between(t, 11, 35) ? AWAY : lost(t, 5, 10)));

const oneRecoveredJustBefore = cellThat(1, (t) => {
  if (between(t, 11, 18)) return AWAY;
  return heard(t, {
    containers: [LOST, ...(t < 10 * MINUTE ? [finding('h-other', 540, { app })] : [])],
  });
});

const died = cellThat(1, (t) => (t < 20 * MINUTE ? lost(t, 0) : AWAY));

/** The last envelopes of the finding are lost, those of the count and the last pass are not. */
const diedUntold = cellThat(1, (t) => {
  const moment = died.at(t);
  return moment.kind === 'heard' && t >= 19 * MINUTE
    ? { ...moment, samples: moment.samples.filter(({ labels }) => labels.handle !== 'h-lost') }
    : moment;
});

/** The scrape after the first one with the finding is lost. */
const seenOnce = cellThat(1, (t) => (t === 660 ? SILENT : lost(t, 10.5)));

const gardenAway = cellThat(1, (t) =>
  heard(t, {
    containers: t >= 10 * MINUTE ? [LOST] : [],
    report: between(t, 12, 15) ? gardenAwaySince(720) : {},
  }),
);

const recreated = cellThat(1, (t) => {
  if (between(t, 20, 26)) return AWAY;
  return lost(t, 10, 20);
});

const neverOver = cellThat(1, (t) => lost(t, 10));

const oneOfTwo = cellThat(1, (t) =>
  heard(t, {
    containers: [
      ...(t >= 5 * MINUTE ? [LOST] : []),
      ...(between(t, 5, 8) ? [finding('h-other', 540, { app })] : []),
    ],
  }),
);

const tooMany = (maxSeries: number, others: readonly ContainerReport[]): Cell =>
  cellThat(1, (t) =>
    heard(t, { containers: t >= 10 * MINUTE ? [LOST, ...others] : [], state: { maxSeries } }),
  );
const noSeries = tooMany(0, reasons);
const fewSeries = tooMany(1, reasons.slice(2));

const omittedFires = (cell: Cell): CellFiring => ({
  alert: 'RollcallUntrackedOmitted',
  severity: 'critical',
  from: 11,
  until: 99,
  cell,
  summary: `3 more critical findings ${ON_CELL} than have an alert of their own.`,
  description: `O${ON_CELL.slice(1)} 3 critical findings have no series and no alert of their own, because there are too many. Run rollcall status there to see all.`,
  anchor: 'rollcalluntrackedomitted',
});

export const FINDING_SCENARIOS: readonly Scenario[] = [
  firing(lostFires(forgotten, 10, 20), {
    title: 'Garden forgot a container, and it is gone ten minutes later',
    minutes: 30,
  }),
  {
    title: 'every other reason, with and without an app',
    cells: [reasonCell],
    minutes: 15,
    fires: reasons.map(reasonFires),
  },
  {
    title: 'a drill is called a drill',
    cells: [drilling],
    minutes: 15,
    fires: [
      {
        alert: 'RollcallUntrackedCritical',
        severity: 'critical',
        from: 5,
        until: 10,
        cell: drilling,
        labels: { handle: 'drill-5f0c22aa', reason: 'unknown-to-garden', drill: 'true' },
        summary: `Drill: container drill-5f0c22aa of an unknown app is untracked ${ON_ADDRESS}: unknown-to-garden.`,
        description: `This is a drill ${ON_ADDRESS}: no container is untracked, somebody tries the way to the pager. Acknowledge it, and see that it arrived where it should.`,
        anchor: 'drill',
      },
    ],
  },
  firing(lostFires(restarted, 10, 20), {
    title: 'an agent that is restarted neither ends a finding nor raises it again',
    minutes: 30,
  }),
  firing(lostFires(recoveredBefore, 5, 10), {
    title: 'a finding that was over does not come back when the agent is restarted later',
    minutes: 40,
  }),
  firing(lostFires(recoveredJustBefore, 5, 10), {
    title: 'a finding that was over does not come back when its cell is recreated a minute later',
    minutes: 40,
  }),
  firing(lostFires(recoveredAndAway, 5, 10), {
    title: 'a finding that was over does not come back when its cell stays away',
    minutes: 60,
    routes: ['firehose', 'healthwatch'],
  }),
  firing(lostFires(seenOnce, 11, 99), {
    title: 'a finding that was seen in one scrape stays over a lost one',
    minutes: 30,
  }),
  firing(lostFires(diedUntold, 0, 44), {
    title: 'a finding whose last envelopes were lost stays as long as any other of a vanished cell',
    minutes: 50,
    routes: ['firehose', 'healthwatch'],
  }),
  {
    title: 'of two findings only the one that was not over stays when the cell is recreated',
    cells: [oneRecoveredJustBefore],
    minutes: 40,
    fires: [
      lostFires(oneRecoveredJustBefore, 0, 99),
      lostFires(oneRecoveredJustBefore, 0, 10, 'h-other'),
    ],
    routes: ['direct'],
  },
  firing(lostFires(gardenAway, 10, 99), {
    title: 'while Garden is away its findings stay',
    minutes: 20,
  }),
  firing(lostFires(recreated, 10, 26), {
    title: 'a cell with a finding is recreated, which ends it when the agent is heard again',
    minutes: 40,
  }),
  firing(lostFires(recreated, 10, 24), {
    title: 'a cell with a finding is recreated under another address, which ends it as well',
    cells: readdressed(recreated, 20, 24),
    minutes: 45,
  }),
  firing(lostFires(recreated, 10, 99), {
    title: 'the old VM of a cell was never deleted, and has a finding',
    cells: [neverOver, ...readdressed(recreated, 0, 12).slice(1)],
    minutes: 45,
  }),
  firing(lostFires(died, 0, 45), {
    title: 'a finding ends some minutes after its cell has vanished',
    minutes: 50,
    routes: ['firehose', 'healthwatch'],
  }),
  {
    title: 'one of two findings is over; an exporter shows it for ten more minutes',
    cells: [oneOfTwo],
    minutes: 30,
    fires: [
      lostFires(oneOfTwo, 5, 99),
      lostFires(oneOfTwo, 5, { direct: 8, firehose: 18, healthwatch: 18 }, 'h-other'),
    ],
  },
  firing(omittedFires(noSeries), {
    title: 'critical findings without a series of their own',
    minutes: 20,
  }),
  {
    title: 'the same on a cell that comes back under another address: each is counted once',
    // An exporter shows both for ten minutes.
    cells: readdressed(noSeries, 20, 20, noSeries.at),
    minutes: 40,
    fires: [omittedFires(noSeries)],
    routes: ['firehose', 'healthwatch'],
  },
  {
    title: 'warnings without a series of their own',
    cells: [fewSeries],
    minutes: 20,
    fires: [
      lostFires(fewSeries, 10, 99),
      {
        alert: 'RollcallUntrackedOmitted',
        severity: 'warning',
        from: 11,
        until: 99,
        cell: fewSeries,
        summary: `2 more findings ${ON_CELL} than have an alert of their own.`,
        description: `O${ON_CELL.slice(1)} 2 findings have no series and no alert of their own, because there are too many. Run rollcall status there to see all.`,
        anchor: 'rollcalluntrackedomitted',
      },
    ],
  },
];
