import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { programOf } from '../rollcall-program.ts';
import type { ReportJson } from './rollcall.ts';

const PASS_TAKER = await programOf(
  fileURLToPath(new URL('./pass-taker.ts', import.meta.url)),
  'pass-taker.mjs',
);

/** How many milliseconds a difference must last. */
export interface Grace {
  readonly lost: number;
  readonly others: number;
}

export interface PassOrder {
  /** Default: a difference is a finding at the first pass that it needs. */
  readonly grace: Grace;
  /**
   * Takes a pass as a check does that just starts: it knows nothing of earlier passes, and later
   * ones know nothing of it.
   */
  readonly afresh: boolean;
  /** Looks at every process; else at a slice, as the agent does. */
  readonly sweepsAll: boolean;
}

export interface TakenPass {
  readonly report: ReportJson;
  /** Containers that are remembered after the pass. */
  readonly remembered: number;
}

export type TakePass = (order?: Partial<PassOrder>) => Promise<TakenPass>;

/** One process in the cell until the end of the test: many passes while a command starts once. */
export function passTaker(cell: Cell): TakePass {
  const [file = '', ...before] = cell.enter;
  const args = [...before, process.execPath, PASS_TAKER, cell.gardenSocketInCell];
  const child = execa(file, args, { buffer: false, stderr: 'inherit', reject: false });
  atEndOfTest(() => {
    child.stdin.end();
    return child;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (order = {}) => {
    const whole: PassOrder = {
      grace: { lost: 0, others: 0 },
      afresh: false,
      sweepsAll: false,
      ...order,
    };
    child.stdin.write(`${JSON.stringify(whole)}\n`);
    const answer = await lines.next();
    if (answer.done === true) throw new Error('the pass taker ended');
    return JSON.parse(answer.value) as TakenPass;
  };
}
