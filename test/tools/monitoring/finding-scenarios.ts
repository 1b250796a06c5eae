import type { ContainerReport } from '../../../src/model/report.ts';
import { REASON_TEXTS } from '../../../src/present/sentence.ts';
import {
  AWAY,
  cellThat,
  finding,
  gardenAwaySince,
  GONE,
  heard,
  MINUTE,
  SILENT,
  type Cell,
} from './cell-story.ts';
import type { Firing, Scenario } from './scenario.ts';

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

const ON_CELL = 'on cell diego-cell/c1 (10.0.1.1) of deployment cf';
const ON_CELL_ALONE = 'on cell diego-cell/c1 of deployment cf';

const LOST = finding('h-lost', 540, { app });

const lostFires = (
  cell: Cell,
  from: Firing['from'],
  until: Firing['until'],
  handle = 'h-lost',
): Firing => ({
  alert: 'RollcallUntrackedCritical',
  severity: 'critical',
  from,
  until,
  cell,
  labels: { handle, app_id: APP, reason: 'unknown-to-garden' },
  summary: `container ${handle} of app ${APP} is untracked ${ON_CELL}: unknown-to-garden.`,
  description: `Container ${handle} of app ${APP} ${ON_CELL} has been untracked since 1970-01-01 00:09:00 +0000 UTC (unknown-to-garden). It runs, but Garden does not list it: nothing that asks Garden watches it. Do not kill it before you know whose it is.`,
  anchor: 'unknown-to-garden',
});

/** Garden forgets a container at minute 10; it is gone at minute 20. */
const forgotten = cellThat(1, (t) =>
  heard(t, { containers: t >= 10 * MINUTE && t < 20 * MINUTE ? [LOST] : [] }),
);

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
    summary: `container ${found.handle} of ${of} is untracked ${ON_CELL}: ${reason}.`,
    description: `Container ${found.handle} of ${of} ${ON_CELL} has been untracked since 1970-01-01 00:09:00 +0000 UTC (${reason}). ${REASON_TEXTS[reason].alert[severity]}`,
    anchor: reason,
  };
};

const drilling = cellThat(1, (t) =>
  heard(t, {
    containers:
      t >= 5 * MINUTE && t < 10 * MINUTE
        ? [finding('drill-5f0c22aa', 300, { app: null, drill: true })]
        : [],
  }),
);

const restarted = cellThat(1, (t) => {
  if (t >= 15 * MINUTE && t < 17 * MINUTE) return SILENT;
  if (t === 17 * MINUTE) {
    return heard(t, { report: null, state: { lastReconcileSeconds: 0 } });
  }
  return heard(t, { containers: t >= 10 * MINUTE && t < 20 * MINUTE ? [LOST] : [] });
});

const recoveredBefore = cellThat(1, (t) => {
  if (t >= 13 * MINUTE && t < 16 * MINUTE) return SILENT;
  return heard(t, { containers: t >= 5 * MINUTE && t < 10 * MINUTE ? [LOST] : [] });
});

/** As in an evacuation and recreation: the containers end, and a minute later the agent. */
const recoveredJustBefore = cellThat(1, (t) => {
  if (t >= 11 * MINUTE && t < 18 * MINUTE) return AWAY;
  return heard(t, { containers: t >= 5 * MINUTE && t < 10 * MINUTE ? [LOST] : [] });
});

/** Away for longer than an exporter shows its last values. */
const recoveredAndAway = cellThat(1, (t) => {
  if (t >= 11 * MINUTE && t < 35 * MINUTE) return AWAY;
  return heard(t, { containers: t >= 5 * MINUTE && t < 10 * MINUTE ? [LOST] : [] });
});

const oneRecoveredJustBefore = cellThat(1, (t) => {
  if (t >= 11 * MINUTE && t < 18 * MINUTE) return AWAY;
  return heard(t, {
    containers: [LOST, ...(t < 10 * MINUTE ? [finding('h-other', 540, { app })] : [])],
  });
});

const died = cellThat(1, (t) => (t < 20 * MINUTE ? heard(t, { containers: [LOST] }) : AWAY));

/** The last envelopes of the finding are lost, those of the count and the last pass are not. */
const diedUntold = cellThat(1, (t) => {
  const moment = died.at(t);
  return moment.kind === 'heard' && t >= 19 * MINUTE
    ? { ...moment, samples: moment.samples.filter(({ labels }) => labels.handle !== 'h-lost') }
    : moment;
});

/** The scrape after the first one with the finding is lost. */
const seenOnce = cellThat(1, (t) =>
  t === 660 ? SILENT : heard(t, { containers: t >= 630 ? [LOST] : [] }),
);

const gardenAway = cellThat(1, (t) =>
  heard(t, {
    containers: t >= 10 * MINUTE ? [LOST] : [],
    report: t >= 12 * MINUTE && t < 15 * MINUTE ? gardenAwaySince(720) : {},
  }),
);

const recreated = cellThat(1, (t) => {
  if (t < 20 * MINUTE) return heard(t, { containers: t >= 10 * MINUTE ? [LOST] : [] });
  return t < 26 * MINUTE ? AWAY : heard(t);
});

/** The same under another address, after four minutes. */
const recreatedElsewhere: readonly Cell[] = [
  { ...recreated, at: (t) => (t < 20 * MINUTE ? recreated.at(t) : GONE) },
  { ...recreated, ip: '10.0.9.9', at: (t) => (t < 24 * MINUTE ? GONE : heard(t)) },
];

/** An old VM that was never deleted runs beside the new one. */
const neverDeleted: readonly Cell[] = [
  cellThat(1, (t) => heard(t, { containers: t >= 10 * MINUTE ? [LOST] : [] })),
  { ...recreated, ip: '10.0.9.9', at: (t) => (t < 12 * MINUTE ? GONE : heard(t)) },
];

const oneOfTwo = cellThat(1, (t) =>
  heard(t, {
    containers: [
      ...(t >= 5 * MINUTE ? [LOST] : []),
      ...(t >= 5 * MINUTE && t < 8 * MINUTE ? [finding('h-other', 540, { app })] : []),
    ],
  }),
);

const tooMany = (maxSeries: number): Cell =>
  cellThat(1, (t) =>
    heard(t, { containers: t >= 10 * MINUTE ? [LOST, ...reasons] : [], state: { maxSeries } }),
  );
const manyWarnings = cellThat(1, (t) =>
  heard(t, {
    containers: t >= 10 * MINUTE ? [LOST, ...reasons.slice(2)] : [],
    state: { maxSeries: 1 },
  }),
);
const [noSeries, fewSeries] = [tooMany(0), manyWarnings];
/** The same cell again under another address: an exporter shows both for ten minutes. */
const readdressed: readonly Cell[] = [
  { ...noSeries, at: (t) => (t < 20 * MINUTE ? noSeries.at(t) : GONE) },
  { ...noSeries, ip: '10.0.9.9', at: (t) => (t < 20 * MINUTE ? GONE : noSeries.at(t)) },
];

const omittedFires = (cell: Cell): Firing => ({
  alert: 'RollcallUntrackedOmitted',
  severity: 'critical',
  from: 11,
  until: 99,
  cell,
  summary: `3 more critical findings ${ON_CELL_ALONE} than have an alert of their own.`,
  description: `O${ON_CELL_ALONE.slice(1)} 3 critical findings have no series and no alert of their own, because there are too many. Run rollcall status there to see all.`,
  anchor: 'rollcalluntrackedomitted',
});

export const FINDING_SCENARIOS: readonly Scenario[] = [
  {
    title: 'Garden forgot a container, and it is gone ten minutes later',
    cells: [forgotten],
    minutes: 30,
    fires: [lostFires(forgotten, 10, 20)],
  },
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
        summary: `Drill: container drill-5f0c22aa of an unknown app is untracked ${ON_CELL}: unknown-to-garden.`,
        description: `This is a drill ${ON_CELL}: no container is untracked, somebody tries the way to the pager. Acknowledge it, and see that it arrived where it should.`,
        anchor: 'drill',
      },
    ],
  },
  {
    title: 'an agent that is restarted neither ends a finding nor raises it again',
    cells: [restarted],
    minutes: 30,
    fires: [lostFires(restarted, 10, 20)],
  },
  {
    title: 'a finding that was over does not come back when the agent is restarted later',
    cells: [recoveredBefore],
    minutes: 40,
    fires: [lostFires(recoveredBefore, 5, 10)],
  },
  {
    title: 'a finding that was over does not come back when its cell is recreated a minute later',
    cells: [recoveredJustBefore],
    minutes: 40,
    fires: [lostFires(recoveredJustBefore, 5, 10)],
  },
  {
    title: 'a finding that was over does not come back when its cell stays away',
    cells: [recoveredAndAway],
    minutes: 60,
    fires: [lostFires(recoveredAndAway, 5, 10)],
    routes: ['firehose', 'healthwatch'],
  },
  {
    title: 'a finding that was seen in one scrape stays over a lost one',
    cells: [seenOnce],
    minutes: 30,
    fires: [lostFires(seenOnce, 11, 99)],
  },
  {
    title: 'a finding whose last envelopes were lost stays as long as any other of a vanished cell',
    cells: [diedUntold],
    minutes: 50,
    fires: [lostFires(diedUntold, 0, 44)],
    routes: ['firehose', 'healthwatch'],
  },
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
  {
    title: 'while Garden is away its findings stay',
    cells: [gardenAway],
    minutes: 20,
    fires: [lostFires(gardenAway, 10, 99)],
  },
  {
    title: 'a cell with a finding is recreated, which ends it when the agent is heard again',
    cells: [recreated],
    minutes: 40,
    fires: [lostFires(recreated, 10, 26)],
  },
  {
    title: 'a cell with a finding is recreated under another address, which ends it as well',
    cells: recreatedElsewhere,
    minutes: 45,
    fires: [lostFires(recreated, 10, 24)],
  },
  {
    title: 'the old VM of a cell was never deleted, and has a finding',
    cells: neverDeleted,
    minutes: 45,
    fires: [lostFires(recreated, 10, 99)],
  },
  {
    title: 'a finding ends some minutes after its cell has vanished',
    cells: [died],
    minutes: 50,
    fires: [lostFires(died, 0, 45)],
    routes: ['firehose', 'healthwatch'],
  },
  {
    title: 'one of two findings is over; an exporter shows it for ten more minutes',
    cells: [oneOfTwo],
    minutes: 30,
    fires: [
      lostFires(oneOfTwo, 5, 99),
      lostFires(oneOfTwo, 5, { direct: 8, firehose: 18, healthwatch: 18 }, 'h-other'),
    ],
  },
  {
    title: 'critical findings without a series of their own',
    cells: [noSeries],
    minutes: 20,
    fires: [omittedFires(noSeries)],
  },
  {
    title: 'the same on a cell that comes back under another address: each is counted once',
    cells: readdressed,
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
        summary: `2 more findings ${ON_CELL_ALONE} than have an alert of their own.`,
        description: `O${ON_CELL_ALONE.slice(1)} 2 findings have no series and no alert of their own, because there are too many. Run rollcall status there to see all.`,
        anchor: 'rollcalluntrackedomitted',
      },
    ],
  },
];
