import { LOOK_BACK_SECONDS } from '../log-cache/queries.ts';
import { durationText } from './duration.ts';
import {
  CELL_VERDICTS,
  type CellStatus,
  type CellVerdict,
  type FoundationStatus,
  type UntrackedInstance,
} from './status.ts';

type Summary = FoundationStatus['summary'];

export const VERDICT_WORDS: Readonly<Record<CellVerdict, string>> = {
  untracked: 'untracked',
  gone: 'gone',
  stale: 'stale',
  unknown: 'could not tell',
  'all-tracked': 'all tracked',
};

export function summaryOf(
  cells: readonly CellStatus[],
  untracked: readonly UntrackedInstance[],
): Summary {
  const total = (count: (cell: CellStatus) => number | null): number =>
    cells.reduce((sum, cell) => sum + (count(cell) ?? 0), 0);
  const having = (verdict: CellVerdict): number =>
    total((cell) => Number(cell.verdict === verdict));
  return {
    cells: cells.length,
    byVerdict: {
      untracked: having('untracked'),
      gone: having('gone'),
      stale: having('stale'),
      unknown: having('unknown'),
      'all-tracked': having('all-tracked'),
    },
    listed: total(({ listed }) => listed),
    tracked: total(({ tracked }) => tracked),
    pending: total(({ pending }) => pending),
    untracked: total((cell) => cell.untracked),
    drills: untracked.filter(({ drill }) => drill).length,
  };
}

/** What is untracked is certain whatever else is not; without it, anything not told leaves the whole unknown. */
export function verdictOf(
  summary: Summary,
  complete: boolean,
  cells: readonly CellStatus[],
): Pick<FoundationStatus, 'verdict' | 'why'> {
  const counted = `${cellsText(summary)}.`;
  if (summary.untracked > 0) {
    const one = summary.untracked === 1;
    const drills = summary.drills === 0 ? '' : `, ${drillsText(summary)}`;
    const rest = complete ? '' : ' Not everything could be told.';
    return {
      verdict: 'untracked',
      why: `${counted} ${summary.untracked} ${one ? 'instance is' : 'instances are'} untracked${drills}.${rest}`,
    };
  }
  if (!complete) {
    return {
      verdict: 'unknown',
      why: `${counted} Nothing untracked is known, but not everything could be told.`,
    };
  }
  const pending =
    summary.pending === 0
      ? ''
      : ` ${summary.pending} ${summary.pending === 1 ? 'difference has' : 'differences have'} not lasted yet.`;
  // A sum that lacks a cell is no number of containers.
  const none = cells.some(({ listed }) => listed === null)
    ? 'No container is untracked.'
    : `Garden lists ${summary.listed} ${summary.listed === 1 ? 'container' : 'containers'}, and none is untracked.`;
  return { verdict: 'all-tracked', why: `${counted} ${none}${pending}` };
}

const drillsText = ({ untracked, drills }: Summary): string =>
  drills === untracked ? 'as a drill' : `${drills} of them as a drill`;

function cellsText({ cells, byVerdict }: Summary): string {
  const parts = CELL_VERDICTS.flatMap((verdict) =>
    byVerdict[verdict] === 0 ? [] : [`${byVerdict[verdict]} ${VERDICT_WORDS[verdict]}`],
  );
  return `${cells} ${cells === 1 ? 'cell' : 'cells'}: ${parts.join(', ')}`;
}

/** How far back a lost cell can be known, for a person. */
export function retentionNote(seconds: number | null): readonly string[] {
  if (seconds === null) {
    return [
      'Log Cache did not say how far back it goes: a lost cell may be missing here. --expect-cells N tells.',
    ];
  }
  const back = durationText(seconds);
  return seconds <= LOOK_BACK_SECONDS
    ? [
        `Log Cache goes back only ${back} for the cells: one that was lost earlier is missing here, and not called gone. --expect-cells N tells.`,
      ]
    : [
        `A lost cell is known as gone for ${back}, after that it is missing: --expect-cells N tells.`,
      ];
}
