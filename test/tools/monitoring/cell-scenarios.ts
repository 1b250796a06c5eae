import {
  AWAY,
  between,
  cellNumber,
  cellThat,
  cellWith,
  gardenAwaySince,
  GONE,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  since,
  type Cell,
  type Told,
} from './cell-story.ts';
import { firing, scenarioWith, type Scenario } from './scenario.ts';

/** Garden stops a minute before the VM is deleted; the new VM comes eight minutes later. */
const replaced = (number: number, meanwhile: Told): Cell => {
  const from = number * 10;
  const withoutGarden = { report: gardenAwaySince(from * MINUTE) };
  return cellNumber(
    number,
    between(from, from + 1, withoutGarden),
    between(from + 1, from + 9, meanwhile),
  );
};
/** A cell whose clock is off by some seconds, not always as many. */
const misclocked = (off: (seconds: number) => number): Cell =>
  // Stories begin in 1970.
  cellThat(1, (t) => heard(t, { state: { lastReconcileSeconds: t + 60 * MINUTE + off(t) } }));
const wasAhead = misclocked((t) => (t < 5 * MINUTE ? 180 * MINUTE : 0));
const DEAD_AFTER_CLOCK_AHEAD: Cell = {
  ...wasAhead,
  at: (t) => (t < 20 * MINUTE ? wasAhead.at(t) : SILENT),
};
/** A cell of an isolation segment without agents, or a Windows cell. */
const leftOut = (number: number): Cell => ({
  ...cellNumber(number, since(0, SILENT)),
  group: 'other',
});
const deletedCell = (number: number): Cell => cellNumber(number, since(120, GONE));
/** An agent that answers, and makes no pass any more. */
const STUCK: Told = () => heard(10 * MINUTE);
const SECOND = cellNumber(2);
const THIRD = cellNumber(3);
/** Old cells; the deploy that brings rollcall begins at minute 370 and takes an hour and a half. */
const FIRST_DEPLOY = [370, 410, 460].map((minute, index) =>
  cellNumber(index + 1, between(0, minute, SILENT)),
);
/** Twelve cells get new names, one by one; an exporter shows both for four minutes. */
const RENAMED = Array.from({ length: 12 }, (_, number) => {
  const away = 30 + 9 * number;
  return [
    cellNumber(number + 10, since(away, GONE)),
    cellNumber(number + 50, between(0, away + 6, GONE)),
  ];
}).flat();
const SUCCESSORS = [cellWith(since(60, GONE)), cellNumber(2, between(0, 62, GONE))];
const ELSEWHERE = [4, 5, 6].map((number) => ({ ...cellNumber(number), foundation: 'test' }));

// Two passes show that an agent is back. Half an hour after a cell is gone fewer report; an
// exporter shows it nine minutes longer. Most stories of many hours skip Healthwatch: its rules
// differ from the Firehose's in names alone.
export const CELL_SCENARIOS: readonly Scenario[] = [
  scenarioWith({
    title: 'an agent that died on a living cell, until it is back',
    minutes: 60,
    cells: [cellWith(between(10, 40, SILENT)), SECOND],
    fires: [firing('RollcallAgentSilent', { from: 25, until: 41 })],
  }),
  scenarioWith({
    title: 'an agent that answers and no longer looks',
    minutes: 60,
    cells: [cellWith(between(10, 40, STUCK)), SECOND],
    fires: [firing('RollcallAgentSilent', { from: 25, until: 40 })],
  }),
  scenarioWith({
    title: 'a deploy replaces the cells one by one; service discovery knows them all the time',
    minutes: 70,
    cells: [1, 2, 3].map((number) => replaced(number, AWAY)),
  }),
  scenarioWith({
    title: 'a deploy replaces the cells one by one; service discovery forgets them meanwhile',
    minutes: 70,
    cells: [1, 2, 3].map((number) => replaced(number, GONE)),
  }),
  scenarioWith({
    title: 'an agent is restarted',
    minutes: 30,
    cells: [cellWith(between(10, 12, SILENT)), SECOND],
  }),
  scenarioWith({
    title: 'one scrape is lost',
    minutes: 30,
    cells: [cellWith(between(10.5, 10.6, SILENT)), SECOND],
  }),
  scenarioWith({
    title: 'a cell whose clock is eleven minutes behind',
    minutes: 60,
    cells: [misclocked(() => -11 * MINUTE), SECOND],
  }),
  scenarioWith({
    title: 'a cell whose clock is set back by twenty minutes',
    minutes: 80,
    cells: [misclocked((t) => (t < 30 * MINUTE ? 0 : -20 * MINUTE)), SECOND],
  }),
  scenarioWith({
    title: 'an agent that dies on a cell whose clock was three hours ahead before',
    minutes: 60,
    cells: [DEAD_AFTER_CLOCK_AHEAD, SECOND],
    fires: [firing('RollcallAgentSilent', { from: 35, until: 99 })],
  }),
  scenarioWith({
    title: 'a new cell that needs eight minutes',
    minutes: 30,
    cells: [cellWith(between(0, 8, AWAY))],
  }),
  scenarioWith({
    title: 'a new cell that is never heard',
    minutes: 40,
    cells: [cellWith(between(0, 5, GONE), since(5, AWAY)), SECOND],
    fires: [firing('RollcallAgentSilent', { from: 20, until: 99 })],
    routes: ['direct'],
  }),
  scenarioWith({
    title: 'a new cell on which the agent never starts, through an exporter: after six hours',
    minutes: 400,
    stepSeconds: 60,
    cells: [cellWith(between(0, 5, GONE), since(5, SILENT)), SECOND],
    fires: [firing('RollcallAgentSilent', { from: 370, until: 999 })],
    routes: ['firehose', 'healthwatch'],
  }),
  scenarioWith({
    title: 'an agent that stays dead stays an alert',
    minutes: 410,
    stepSeconds: 60,
    cells: [cellWith(since(10, SILENT)), SECOND],
    fires: [firing('RollcallAgentSilent', { from: 24, until: 999 })],
    routes: ['direct', 'firehose'],
  }),
  scenarioWith({
    title: 'an instance group that is left out, beside one that is not',
    minutes: 380,
    stepSeconds: 60,
    cells: [cellWith(), leftOut(2), leftOut(3)],
    routes: ['firehose'],
  }),
  scenarioWith({
    title: 'the first deploy, which goes from cell to cell for an hour and a half',
    minutes: 480,
    stepSeconds: 60,
    cells: [...FIRST_DEPLOY],
    routes: ['firehose'],
  }),
  scenarioWith({
    title: 'twelve cells are recreated one by one under new names',
    minutes: 220,
    stepSeconds: 60,
    cells: [...RENAMED],
    routes: ['firehose'],
  }),
  scenarioWith({
    title: 'a cell that comes back under another address',
    minutes: 90,
    cells: [...readdressed(cellWith(), 20, 26), SECOND],
  }),
  scenarioWith({
    title: 'a cell is deleted, and another one takes its place',
    minutes: 150,
    cells: [...SUCCESSORS, THIRD],
  }),
  scenarioWith({
    title: 'two of three cells are gone for good: one alert, which ends within six hours',
    minutes: 540,
    stepSeconds: 60,
    cells: [cellWith(), deletedCell(2), deletedCell(3)],
    fires: [
      firing('RollcallFewerCells', {
        from: { direct: 150, firehose: 159, healthwatch: 159 },
        until: 447,
        value: '2',
      }),
    ],
    routes: ['direct', 'firehose'],
  }),
  scenarioWith({
    title: 'the same while another foundation has cells in a deployment of that name',
    minutes: 240,
    stepSeconds: 60,
    cells: [cellWith(), deletedCell(2), deletedCell(3), ...ELSEWHERE],
    fires: [
      firing('RollcallFewerCells', {
        from: { direct: 150, firehose: 159, healthwatch: 159 },
        until: 999,
        value: '2',
      }),
    ],
  }),
  scenarioWith({
    title: 'nothing arrives any more of any cell: one alert, not one a cell',
    minutes: 240,
    stepSeconds: 60,
    cells: [1, 2, 3].map(deletedCell),
    fires: [
      firing('RollcallFewerCells', {
        from: { direct: 150, firehose: 159, healthwatch: 159 },
        until: 999,
        value: '3',
      }),
    ],
  }),
];
