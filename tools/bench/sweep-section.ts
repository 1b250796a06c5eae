import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { measure, SWEEP } from './cell.ts';
import { timingOf } from './samples.ts';
import { timingText, type Section } from './section.ts';

const SWEEPS = 20;

/** The cost per pass of checking every process. */
export async function sweepSection(cell: Cell, what: string): Promise<Section> {
  const { processes, first, later, whole } = await measure(cell, SWEEP, { sweeps: SWEEPS });
  const row = (when: string, samples: readonly number[]): readonly string[] => [
    what,
    `${processes}`,
    when,
    timingText(timingOf(samples)),
  ];
  return {
    title: 'The sweep',
    about:
      'A sweep searches all processes for one that left its container, in slices of about 2 ms, within ten passes. In the first passes ' +
      'of an agent every process is new; later the agent only reads those outside containers again. A check reads all of them at once. The ' +
      'containers of a cell in a box share a mount namespace, so reading their tables takes longer than on a cell.',
    columns: ['cell', 'processes', 'when', 'ms'],
    rows: [
      row('a pass of the first sweep', first),
      row('a pass of a later sweep', later),
      row('the whole sweep of a check', whole),
    ],
    goals: [],
  };
}
