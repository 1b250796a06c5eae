import { plural } from '../../present/quantities.ts';
import { durationText } from '../../terminal/duration-text.ts';
import type { Readings } from '../log-cache/ask.ts';
import { instanceKey, locationIn, type CellLocation } from '../log-cache/cell-samples.ts';
import {
  BBS_FOR_SECONDS,
  DIEGO,
  differencesAt,
  isDiegoCounted,
  lasting,
  MOMENTS,
  newestOf,
  type BbsCount,
  type Lasting,
} from '../log-cache/differences.ts';
import { isCompared, type CellStatus } from './cell-status.ts';

/** The containers of the foundation, as the kernels, Garden, rep and Diego count them. */
export type Account = ReturnType<typeof accountOf>;

/**
 * @param cells those that are shown
 * @param isWhole whether these are all cells; only then can they be compared with Diego
 */
export function accountOf(
  { counts, now }: Readings,
  cells: readonly CellStatus[],
  isWhole: boolean,
) {
  const compared = cells.filter(isCompared);
  const total = (of: (cell: CellStatus) => number | null): number | null => {
    const known = compared.map(of).filter((one) => one !== null);
    return known.length < compared.length || known.length === 0
      ? null
      : known.reduce((sum, one) => sum + one, 0);
  };
  const differences = lasting(MOMENTS.map((ago) => differencesAt(counts, now - ago)));
  const bbs = newestOf(counts.bbs, now, BBS_FOR_SECONDS);
  const count = (name: BbsCount): number | null => bbs.get(name) ?? null;
  return {
    /** Those whose containers the sums count, and all that are shown. */
    cells: { compared: compared.length, all: cells.length },
    /** Each is null if a compared cell lacks it. */
    containers: {
      kernels: total(({ kernel }) => kernel),
      garden: total(({ listed }) => listed),
      rep: total(({ repCount }) => repCount),
      /** How many more the cells have room for. */
      room: total(({ room }) => room),
    },
    /** Instances and tasks of the whole foundation; null: bbs has sent nothing lately, or only zeros. */
    diego: !isDiegoCounted(bbs)
      ? null
      : {
          desired: count('LRPsDesired'),
          running: count('LRPsRunning'),
          claimed: count('LRPsClaimed'),
          missing: count('LRPsMissing'),
          extra: count('LRPsExtra'),
          tasksRunning: count('TasksRunning'),
        },
    /** What has lasted for minutes; a positive number: the first one named has more. */
    differences: {
      gardenAndRep: compared.flatMap((cell) => {
        const found = differences.get(instanceKey(cell));
        const isSame = found === undefined || found.more === 0;
        return isSame ? [] : [{ cell: locationIn(cell), ...found }];
      }),
      /** The compared cells of which that is not known. */
      unknownCells: compared.filter((cell) => !differences.has(instanceKey(cell))).length,
      /** Null: not known, or not all cells are shown. */
      repAndDiego: isWhole ? (differences.get(DIEGO) ?? null) : null,
    },
  };
}

/** @param name of a cell, escaped */
export function accountLines(account: Account, name: (cell: CellLocation) => string): string[] {
  const { cells, containers, diego, differences } = account;
  const count = (of: number | null | undefined): string => String(of ?? '?');
  const { kernels, garden, rep, room } = containers;
  const lines = [
    cells.compared === 0
      ? 'No cell could be compared.'
      : `Compared on ${cells.compared} of ${plural(cells.all, 'cell')}: ${count(kernels)} containers in kernels, ${count(garden)} in Garden's lists, ${count(rep)} in rep's counts; ${count(room)} free container slots.`,
  ];
  if (diego === null) lines.push("Diego's own counts are not known.");
  else {
    const [desired, running, claimed, missing, extra, tasks] = Object.values(diego).map(count);
    lines.push(
      `Diego, on all cells: ${desired} instances desired, ${running} running, ${claimed} claimed, ${missing} missing, ${extra} extra; ${tasks} tasks running.`,
    );
  }
  const than = ({ more, seconds }: Lasting, who: string, whom: string): string =>
    `For at least ${durationText(seconds)}: ${who} ${Math.abs(more)} ${more > 0 ? 'more' : 'fewer'} than ${whom}`;
  const [first, ...others] = differences.gardenAndRep;
  if (first !== undefined) {
    const rest =
      others.length === 0
        ? ''
        : `, and ${plural(others.length, 'other cell differs', 'other cells differ')}`;
    lines.push(`${than(first, `Garden on ${name(first.cell)} lists`, 'rep counts')}${rest}.`);
  }
  if (differences.unknownCells > 0 && cells.compared > 0) {
    const where = plural(differences.unknownCells, 'cell');
    lines.push(`On ${where}, it is not known whether Garden's list and rep's count differ.`);
  }
  const { repAndDiego } = differences;
  if (repAndDiego !== null && repAndDiego.more !== 0) {
    lines.push(
      `${than(repAndDiego, 'all reps count', 'Diego does')}${repAndDiego.more > 0 ? '; Diego does not count instances that are being evacuated' : ''}.`,
    );
  }
  return lines;
}
