import type { Cell } from '../../src/demo-cell/cell.ts';
import { LOOK_PARTS, LOOKS, measure, type Look } from './measurements.ts';
import { timingOf, type Timing } from './samples.ts';
import { growthGoal, milliseconds, timeGoal, timingText, type Section } from './section.ts';

/** New processes, each of which looks once without memory and then with it. */
const PROCESSES = 3;
const LATER_LOOKS = 6;
/** A tenth of the default interval between two passes. */
const MAX_MILLISECONDS = 1500;

export interface LookedAtCell {
  readonly containers: number;
  readonly dead: number;
  readonly first: LookTimings;
  readonly later: LookTimings;
}

interface LookTimings {
  readonly all: Timing;
  readonly parts: readonly Timing[];
}

export async function lookAtCell(
  cell: Cell,
  { containers, dead }: { readonly containers: number; readonly dead: number },
): Promise<LookedAtCell> {
  const firsts: Look[] = [];
  const laters: Look[] = [];
  for (let count = 0; count < PROCESSES; count++) {
    const [first, ...later] = await measure(cell, LOOKS, { looks: 1 + LATER_LOOKS, containers });
    if (first !== undefined) firsts.push(first);
    laters.push(...later);
  }
  return { containers, dead, first: timingsOf(firsts), later: timingsOf(laters) };
}

const timingsOf = (looks: readonly Look[]): LookTimings => ({
  all: timingOf(looks.map(({ all }) => all)),
  parts: LOOK_PARTS.map((part) => timingOf(looks.map(({ parts }) => parts[part] ?? 0))),
});

export function lookSection(cells: readonly LookedAtCell[]): Section {
  const row = ({ containers, dead }: LookedAtCell, look: 'first' | 'later', of: LookTimings) => [
    `${containers}`,
    `${dead}`,
    look,
    timingText(of.all),
    ...of.parts.map(({ median }) => milliseconds(median)),
  ];
  return {
    title: 'A whole pass',
    about:
      'What `check` and the agent do, in a process of its own in the cell: `first` is the first pass of a new process, which ' +
      'asks for the properties of all containers, `later` one with memory. `processes` is the search for gdn in /proc, `list` ' +
      'and `answers` wait for the Garden of the cell in a box, `answers` also reads one /proc/<pid>/cgroup a container, ' +
      '`decide` is all that reads nothing.',
    columns: ['containers', 'dead', 'look', 'all', ...LOOK_PARTS],
    rows: cells.flatMap((cell) => [row(cell, 'first', cell.first), row(cell, 'later', cell.later)]),
    goals: goalsOf(cells),
  };
}

function goalsOf(cells: readonly LookedAtCell[]) {
  const at = (count: number) =>
    cells.find(({ containers, dead }) => containers === count && dead === 0);
  const [few, many] = [at(250), at(5000)];
  if (few === undefined || many === undefined) return [];
  const withDead = cells.find(({ dead }) => dead > 0);
  return [
    growthGoal(
      'later pass',
      { containers: few.containers, timing: few.later.all },
      { containers: many.containers, timing: many.later.all },
    ),
    timeGoal(
      'later look at 5,000 containers: a tenth of the interval',
      many.later.all,
      MAX_MILLISECONDS,
    ),
    ...(withDead === undefined
      ? []
      : [
          timeGoal(
            `later look at 250 containers and ${withDead.dead.toLocaleString('en')} dead directories`,
            withDead.later.all,
            MAX_MILLISECONDS,
          ),
        ]),
  ];
}
