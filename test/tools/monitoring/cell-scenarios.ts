import {
  AWAY,
  between,
  cellThat,
  gardenAwaySince,
  GONE,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  type Cell,
  type Moment,
} from './cell-story.ts';
import { storiesOf } from './scenario.ts';

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
/** A cell whose clock is off by some seconds, not always as many. */
const misclocked = (off: (seconds: number) => number): Cell =>
  // Stories begin in 1970.
  cellThat(1, (t) => heard(t, { state: { lastReconcileSeconds: t + 60 * MINUTE + off(t) } }));
const wasAhead = misclocked((t) => (t < 5 * MINUTE ? 180 * MINUTE : 0));
const elsewhere = (number: number): Cell => ({ ...healthy(number), foundation: 'test' });
/** An isolation segment without agents, or Windows cells. */
const leftOut = (number: number): Cell => ({ ...cellThat(number, () => SILENT), group: 'other' });

// Two passes show that an agent is back. Half an hour after a cell is gone fewer report; an exporter
// shows it nine minutes longer. Most stories of many hours skip Healthwatch: its rules differ from
// the Firehose's in names alone.
export const CELL_SCENARIOS = storiesOf(
  `
an agent that died on a living cell, until it is back | 60 | dead other | AgentSilent 25 41
an agent that answers and no longer looks | 60 | stuck other | AgentSilent 25 40
a deploy replaces the cells one by one; service discovery knows them all the time | 70 | replacedAway
a deploy replaces the cells one by one; service discovery forgets them meanwhile | 70 | replacedGone
an agent is restarted | 30 | restarted other
one scrape is lost | 30 | oneScrapeLost other
a cell whose clock is eleven minutes behind | 60 | clockBehind other
a cell whose clock is set back by twenty minutes | 80 | clockSetBack other
an agent that dies on a cell whose clock was three hours ahead before | 60 | deadAfterwards other | AgentSilent 35 99
a new cell that needs eight minutes | 30 | comingUp
a new cell that is never heard | 40 | neverUp other | AgentSilent 20 99 | direct
a new cell on which the agent never starts, through an exporter: after six hours | 400/60 | neverStarted other | AgentSilent 370 999 | firehose healthwatch
an agent that stays dead stays an alert | 410/60 | deadForLong other | AgentSilent 24 999 | direct firehose
an instance group that is left out, beside one that is not | 380/60 | healthy leftOut | | firehose
the first deploy, which goes from cell to cell for an hour and a half | 480/60 | firstDeploy | | firehose
twelve cells are recreated one by one under new names | 220/60 | renamed | | firehose
a cell that comes back under another address | 90 | moved other
a cell is deleted, and another one takes its place | 150 | successors third
two of three cells are gone for good: one alert, which ends within six hours | 540/60 | healthy deleted | FewerCells=2 150/159/159 447 | direct firehose
the same while another foundation has cells in a deployment of that name | 240/60 | healthy deleted elsewhere | FewerCells=2 150/159/159 999
nothing arrives any more of any cell: one alert, not one a cell | 240/60 | allGone | FewerCells=3 150/159/159 999
`,
  {
    healthy: healthy(1),
    other: healthy(2),
    third: healthy(3),
    dead: during(1, 10, 40, () => SILENT),
    stuck: during(1, 10, 40, () => heard(10 * MINUTE)),
    clockBehind: misclocked(() => -11 * MINUTE),
    clockSetBack: misclocked((t) => (t < 30 * MINUTE ? 0 : -20 * MINUTE)),
    deadAfterwards: {
      ...wasAhead,
      at: (t) => (t < 20 * MINUTE ? wasAhead.at(t) : SILENT),
    },
    comingUp: cellThat(1, (t) => (t < 8 * MINUTE ? AWAY : heard(t))),
    neverUp: cellThat(1, (t) => (t < 5 * MINUTE ? GONE : AWAY)),
    neverStarted: cellThat(1, (t) => (t < 5 * MINUTE ? GONE : SILENT)),
    deadForLong: cellThat(1, (t) => (t < 10 * MINUTE ? heard(t) : SILENT)),
    // Old cells; the deploy that brings rollcall begins at minute 370 and takes an hour and a half.
    firstDeploy: [370, 410, 460].map((minute, at) =>
      cellThat(at + 1, (t) => (t < minute * MINUTE ? SILENT : heard(t))),
    ),
    // Twelve cells get new names, one by one; an exporter shows both for four minutes.
    renamed: Array.from({ length: 12 }, (_, number) => {
      const away = (30 + 9 * number) * MINUTE;
      return [
        cellThat(number + 10, (t) => (t < away ? heard(t) : GONE)),
        cellThat(number + 50, (t) => (t < away + 6 * MINUTE ? GONE : heard(t))),
      ];
    }).flat(),
    deleted: [2, 3].map((number) => during(number, 120, 999, () => GONE)),
    successors: [
      cellThat(1, (t) => (t < 60 * MINUTE ? heard(t) : GONE)),
      cellThat(2, (t) => (t < 62 * MINUTE ? GONE : heard(t))),
    ] as const,
    replacedAway: [1, 2, 3].map((number) => replaced(number, number * 10, AWAY)),
    replacedGone: [1, 2, 3].map((number) => replaced(number, number * 10, GONE)),
    restarted: during(1, 10, 12, () => SILENT),
    oneScrapeLost: cellThat(1, (t) => (t === 630 ? SILENT : heard(t))),
    leftOut: [leftOut(2), leftOut(3)],
    moved: readdressed(healthy(1), 20, 26),
    elsewhere: [4, 5, 6].map((number) => elsewhere(number)),
    allGone: [1, 2, 3].map((number) => during(number, 120, 999, () => GONE)),
  },
);
