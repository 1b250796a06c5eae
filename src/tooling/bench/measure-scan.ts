// In the cell: the scan of its primary hierarchy, the C program's and ours in turn.
import { runC, type CRound } from './c-program.ts';
import { answerWith, askedOf, SCAN } from './measurements.ts';
import { membersIn, primaryScan } from './primary-scan.ts';
import { timed, warmUp } from './samples.ts';

/** Of each turn, so that what a turn costs the next one (caches, a fork) does not count. */
const TURN_MILLISECONDS = 60;

const { program, rounds } = askedOf(SCAN);
const scan = primaryScan();
const flat: number[] = [];
const tree: number[] = [];
const ours: number[] = [];

warmUp(() => scan.run());
timed(ours, () => scan.run());
const times = Math.max(3, Math.min(40, Math.round(TURN_MILLISECONDS / (ours.pop() ?? 1))));

for (let round = 0; round < rounds; round++) {
  if (program !== null) take(flat, runC(program, 'flat', scan.garden, times));
  let members = 0;
  for (let time = 0; time < times; time++) members = membersIn(timed(ours, () => scan.run()));
  if (program === null) continue;
  const rounds_ = runC(program, 'walk', scan.top, times);
  take(tree, rounds_);
  compare(rounds_.at(-1)?.found ?? 0, members);
}
answerWith({ flat, tree, ours });

function take(samples: number[], found: readonly CRound[]): void {
  for (const { read } of found) samples.push(read);
}

/** The processes of the cell come and go a little: a shell of gdn, the C program itself. */
function compare(theirs: number, mine: number): void {
  if (Math.abs(theirs - mine) > 3) {
    throw new Error(`the C program found ${theirs} processes and the scan ${mine}`);
  }
}
