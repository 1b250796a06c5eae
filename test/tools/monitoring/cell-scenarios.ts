import {
  cellOf,
  cellThat,
  gardenAwaySince,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  type Cell,
} from './cell-story.ts';
import { storiesOf } from './scenario.ts';

/** Garden stops a minute before the VM is deleted; the new VM comes eight minutes later. */
const replaced = (number: number, meanwhile: 'away' | 'gone'): Cell => {
  const from = number * 10;
  const moments = { garden: { report: gardenAwaySince(from * MINUTE) } };
  const timeline = `garden ${from} ${from + 1}, ${meanwhile} ${from + 1} ${from + 9}`;
  return cellOf(timeline, moments, number);
};
/** A cell whose clock is off by some seconds, not always as many. */
const misclocked = (off: (seconds: number) => number): Cell =>
  // Stories begin in 1970.
  cellThat(1, (t) => heard(t, { state: { lastReconcileSeconds: t + 60 * MINUTE + off(t) } }));
const wasAhead = misclocked((t) => (t < 5 * MINUTE ? 180 * MINUTE : 0));
/** An isolation segment without agents, or Windows cells. */
const leftOut = (number: number): Cell => ({ ...cellOf('silent', {}, number), group: 'other' });
const deleted = (number: number): Cell => cellOf('gone 120', {}, number);

// Two passes show that an agent is back. Half an hour after a cell is gone fewer report; an exporter
// shows it nine minutes longer. Most stories of many hours skip Healthwatch: its rules differ from
// the Firehose's in names alone.
export const CELL_SCENARIOS = storiesOf(
  `
an agent that died on a living cell, until it is back | 60 | silent 10 40 + other | AgentSilent 25 41
an agent that answers and no longer looks | 60 | stuck 10 40 + other | AgentSilent 25 40
a deploy replaces the cells one by one; service discovery knows them all the time | 70 | replacedAway
a deploy replaces the cells one by one; service discovery forgets them meanwhile | 70 | replacedGone
an agent is restarted | 30 | silent 10 12 + other
one scrape is lost | 30 | silent 10.5 10.6 + other
a cell whose clock is eleven minutes behind | 60 | clockBehind + other
a cell whose clock is set back by twenty minutes | 80 | clockSetBack + other
an agent that dies on a cell whose clock was three hours ahead before | 60 | deadAfterwards + other | AgentSilent 35 99
a new cell that needs eight minutes | 30 | away 0 8
a new cell that is never heard | 40 | gone 0 5, away 5 + other | AgentSilent 20 99 | direct
a new cell on which the agent never starts, through an exporter: after six hours | 400/60 | gone 0 5, silent 5 + other | AgentSilent 370 999 | firehose healthwatch
an agent that stays dead stays an alert | 410/60 | silent 10 + other | AgentSilent 24 999 | direct firehose
an instance group that is left out, beside one that is not | 380/60 | healthy + leftOut |  | firehose
the first deploy, which goes from cell to cell for an hour and a half | 480/60 | firstDeploy |  | firehose
twelve cells are recreated one by one under new names | 220/60 | renamed |  | firehose
a cell that comes back under another address | 90 | moved + other
a cell is deleted, and another one takes its place | 150 | successors + third
two of three cells are gone for good: one alert, which ends within six hours | 540/60 | healthy + deleted | FewerCells=2 150/159/159 447 | direct firehose
the same while another foundation has cells in a deployment of that name | 240/60 | healthy + deleted + elsewhere | FewerCells=2 150/159/159 999
nothing arrives any more of any cell: one alert, not one a cell | 240/60 | allGone | FewerCells=3 150/159/159 999
`,
  { stuck: () => heard(10 * MINUTE) },
  {
    other: cellOf('healthy', {}, 2),
    third: cellOf('healthy', {}, 3),
    clockBehind: misclocked(() => -11 * MINUTE),
    clockSetBack: misclocked((t) => (t < 30 * MINUTE ? 0 : -20 * MINUTE)),
    deadAfterwards: { ...wasAhead, at: (t) => (t < 20 * MINUTE ? wasAhead.at(t) : SILENT) },
    // Old cells; the deploy that brings rollcall begins at minute 370 and takes an hour and a half.
    firstDeploy: [370, 410, 460].map((minute, at) => cellOf(`silent 0 ${minute}`, {}, at + 1)),
    // Twelve cells get new names, one by one; an exporter shows both for four minutes.
    renamed: Array.from({ length: 12 }, (_, number) => {
      const away = 30 + 9 * number;
      return [
        cellOf(`gone ${away}`, {}, number + 10),
        cellOf(`gone 0 ${away + 6}`, {}, number + 50),
      ];
    }).flat(),
    deleted: [2, 3].map(deleted),
    successors: [cellOf('gone 60'), cellOf('gone 0 62', {}, 2)],
    replacedAway: [1, 2, 3].map((number) => replaced(number, 'away')),
    replacedGone: [1, 2, 3].map((number) => replaced(number, 'gone')),
    leftOut: [leftOut(2), leftOut(3)],
    moved: readdressed(cellOf('healthy'), 20, 26),
    elsewhere: [4, 5, 6].map((number) => ({
      ...cellOf('healthy', {}, number),
      foundation: 'test',
    })),
    allGone: [1, 2, 3].map(deleted),
  },
);
