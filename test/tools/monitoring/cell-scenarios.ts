import {
  AWAY,
  between,
  cellThat,
  gardenAwaySince,
  GONE,
  heard,
  MINUTE,
  ON_CELL,
  readdressed,
  SILENT,
  type Cell,
  type Moment,
} from './cell-story.ts';
import { firesOn, quiet, type Firing, type Scenario } from './scenario.ts';

const healthy = (number: number): Cell => cellThat(number, (t) => heard(t));

/** A cell with the given moments between two minutes, and healthy at all other times. */
const during = (
  number: number,
  from: number,
  until: number,
  moment: (seconds: number) => Moment,
): Cell => cellThat(number, (t) => (between(t, from, until) ? moment(t) : heard(t)));

/** Garden stops a minute before the VM is deleted; the new VM comes eight minutes later. */
const replaced = (number: number, from: number, meanwhile: Moment): Cell =>
  cellThat(number, (t) => {
    if (between(t, from, from + 1)) return heard(t, { report: gardenAwaySince(from * MINUTE) });
    return between(t, from + 1, from + 9) ? meanwhile : heard(t);
  });

const dead = during(1, 10, 40, () => SILENT);
const stuck = during(1, 10, 40, () => heard(10 * MINUTE));
/** A cell whose clock is off by some seconds, not always as many. */
const misclocked = (off: (seconds: number) => number): Cell =>
  // Stories begin in 1970.
  cellThat(1, (t) => heard(t, { state: { lastReconcileSeconds: t + 60 * MINUTE + off(t) } }));
const clockBehind = misclocked(() => -11 * MINUTE);
const clockSetBack = misclocked((t) => (t < 30 * MINUTE ? 0 : -20 * MINUTE));
const wasAhead = misclocked((t) => (t < 5 * MINUTE ? 180 * MINUTE : 0));
const deadAfterwards: Cell = {
  ...wasAhead,
  at: (t) => (t < 20 * MINUTE ? wasAhead.at(t) : SILENT),
};
const comingUp = cellThat(1, (t) => (t < 8 * MINUTE ? AWAY : heard(t)));
const neverUp = cellThat(1, (t) => (t < 5 * MINUTE ? GONE : AWAY));
const neverStarted = cellThat(1, (t) => (t < 5 * MINUTE ? GONE : SILENT));
const deadForLong = cellThat(1, (t) => (t < 10 * MINUTE ? heard(t) : SILENT));
const elsewhere = (number: number): Cell => ({ ...healthy(number), foundation: 'test' });
/** An isolation segment without agents, or Windows cells. */
const leftOut = (number: number): Cell => ({ ...cellThat(number, () => SILENT), group: 'other' });
/** Old cells; the deploy that brings rollcall begins at minute 370 and takes an hour and a half. */
const firstDeploy = [370, 410, 460].map((minute, at) =>
  cellThat(at + 1, (t) => (t < minute * MINUTE ? SILENT : heard(t))),
);
/** Twelve cells get new names, one by one; an exporter shows both for four minutes. */
const renamed = Array.from({ length: 12 }, (_, number) => {
  const away = (30 + 9 * number) * MINUTE;
  return [
    cellThat(number + 10, (t) => (t < away ? heard(t) : GONE)),
    cellThat(number + 50, (t) => (t < away + 6 * MINUTE ? GONE : heard(t))),
  ];
}).flat();
const deleted = [2, 3].map((number) => during(number, 120, 999, () => GONE));
const successors = [
  cellThat(1, (t) => (t < 60 * MINUTE ? heard(t) : GONE)),
  cellThat(2, (t) => (t < 62 * MINUTE ? GONE : heard(t))),
] as const;

const silentFires = firesOn({
  alert: 'RollcallAgentSilent',
  severity: 'warning',
  summary: `rollcall is silent ${ON_CELL}.`,
  description:
    'For 15 minutes no pass of rollcall was reported from cell diego-cell/c1 of deployment cf (foundation prod), although the cell exists. New findings are not reported there, and earlier ones are not updated.',
});

const fewerFires = (count: number, from: Firing['from'], until: Firing['until']): Firing => ({
  alert: 'RollcallFewerCells',
  severity: 'warning',
  from,
  until,
  cell: null,
  summary: `${count} cells of deployment cf (foundation prod) stopped reporting in the last 6 hours.`,
  description: `Cells of deployment cf (foundation prod) that reported in the last 6 hours have disappeared (${count}): nothing shows that they exist. After a scale-down this is expected, and the alert resolves by itself.`,
});

/** Half an hour after the cell is gone; an exporter shows it nine minutes longer. */
const LATER = { direct: 150, firehose: 159, healthwatch: 159 };

// Most stories of many hours skip Healthwatch: its rules differ from the Firehose's in names alone.
export const CELL_SCENARIOS: readonly Scenario[] = [
  {
    title: 'an agent that died on a living cell, until it is back',
    cells: [dead, healthy(2)],
    minutes: 60,
    // Two passes show that it is back.
    fires: [silentFires(dead, 25, 41)],
  },
  {
    title: 'an agent that answers and no longer looks',
    cells: [stuck, healthy(2)],
    minutes: 60,
    fires: [silentFires(stuck, 25, 40)],
  },
  quiet(
    'a deploy replaces the cells one by one; service discovery knows them all the time',
    [1, 2, 3].map((number) => replaced(number, number * 10, AWAY)),
    70,
  ),
  quiet(
    'a deploy replaces the cells one by one; service discovery forgets them meanwhile',
    [1, 2, 3].map((number) => replaced(number, number * 10, GONE)),
    70,
  ),
  quiet('an agent is restarted', [during(1, 10, 12, () => SILENT), healthy(2)]),
  quiet('one scrape is lost', [cellThat(1, (t) => (t === 630 ? SILENT : heard(t))), healthy(2)]),
  quiet('a cell whose clock is eleven minutes behind', [clockBehind, healthy(2)], 60),
  quiet('a cell whose clock is set back by twenty minutes', [clockSetBack, healthy(2)], 80),
  {
    title: 'an agent that dies on a cell whose clock was three hours ahead before',
    cells: [deadAfterwards, healthy(2)],
    minutes: 60,
    fires: [silentFires(deadAfterwards, 35, 99)],
  },
  quiet('a new cell that needs eight minutes', [comingUp]),
  {
    title: 'a new cell that is never heard',
    cells: [neverUp, healthy(2)],
    minutes: 40,
    fires: [silentFires(neverUp, 20, 99)],
    routes: ['direct'],
  },
  {
    title: 'a new cell on which the agent never starts, through an exporter: after six hours',
    cells: [neverStarted, healthy(2)],
    minutes: 400,
    stepSeconds: 60,
    fires: [silentFires(neverStarted, 370, 999)],
    routes: ['firehose', 'healthwatch'],
  },
  {
    title: 'an agent that stays dead stays an alert',
    cells: [deadForLong, healthy(2)],
    minutes: 410,
    stepSeconds: 60,
    fires: [silentFires(deadForLong, 24, 999)],
    routes: ['direct', 'firehose'],
  },
  {
    title: 'an instance group that is left out, beside one that is not',
    cells: [healthy(1), leftOut(2), leftOut(3)],
    minutes: 380,
    stepSeconds: 60,
    routes: ['firehose'],
  },
  {
    title: 'the first deploy, which goes from cell to cell for an hour and a half',
    cells: firstDeploy,
    minutes: 480,
    stepSeconds: 60,
    routes: ['firehose'],
  },
  {
    title: 'twelve cells are recreated one by one under new names',
    cells: renamed,
    minutes: 220,
    stepSeconds: 60,
    routes: ['firehose'],
  },
  quiet(
    'a cell that comes back under another address',
    [...readdressed(healthy(1), 20, 26), healthy(2)],
    90,
  ),
  quiet(
    'a cell is deleted, and another one takes its place',
    [successors[0], successors[1], healthy(3)],
    150,
  ),
  {
    title: 'two of three cells are gone for good: one alert, which ends within six hours',
    cells: [healthy(1), ...deleted],
    minutes: 540,
    stepSeconds: 60,
    fires: [fewerFires(2, LATER, 447)],
    routes: ['direct', 'firehose'],
  },
  {
    title: 'the same while another foundation has cells in a deployment of that name',
    cells: [healthy(1), ...deleted, ...[4, 5, 6].map((number) => elsewhere(number))],
    minutes: 240,
    stepSeconds: 60,
    fires: [fewerFires(2, LATER, 999)],
  },
  {
    title: 'nothing arrives any more of any cell: one alert, not one a cell',
    cells: [1, 2, 3].map((number) => during(number, 120, 999, () => GONE)),
    minutes: 240,
    stepSeconds: 60,
    fires: [fewerFires(3, LATER, 999)],
  },
];
