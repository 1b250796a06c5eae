import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { GracePeriods } from '../../src/model/finding.ts';
import type { ReportJson } from './rollcall.ts';

const PASS_TAKER = fileURLToPath(new URL('./pass-taker.ts', import.meta.url));

/** A difference is a finding at the first pass, except `partial`, which needs two. */
const NO_GRACE: GracePeriods = {
  of: {
    'unknown-to-garden': 0,
    unowned: 0,
    'no-cgroup': 0,
    escaped: 0,
    'limit-lost': 0,
    partial: 0,
  },
  unowned: { older: 0, none: 0 },
  maxGap: null,
};

export interface PassOrder {
  readonly gracePeriods: GracePeriods;
  /** As a check that just starts: what earlier passes said does not count, and later ones do not hear of this one. */
  readonly afresh: boolean;
  /** Looks at every process; else at a slice, as the agent does. */
  readonly sweepsAll: boolean;
}

export interface TakenPass {
  readonly report: ReportJson;
  /** Containers that are remembered after the pass. */
  readonly remembered: number;
}

export interface PassTaker {
  readonly takePass: (order?: Partial<PassOrder>) => Promise<TakenPass>;
}

/** One process in the cell that takes a pass whenever it is told to: many passes in the time in which a command starts once. */
export async function withPassTaker(
  cell: Cell,
  use: (taker: PassTaker) => Promise<void>,
): Promise<void> {
  const [file = '', ...before] = cell.enter;
  const args = [...before, process.execPath, PASS_TAKER, cell.gardenSocketInCell];
  const child = execa(file, args, { buffer: false, stderr: 'inherit', reject: false });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const takePass = async (order: Partial<PassOrder> = {}): Promise<TakenPass> => {
    const whole: PassOrder = {
      gracePeriods: NO_GRACE,
      afresh: false,
      sweepsAll: false,
      ...order,
    };
    child.stdin.write(`${JSON.stringify(whole)}\n`);
    const answer = await lines.next();
    if (answer.done === true) throw new Error('the pass taker ended');
    return JSON.parse(answer.value) as TakenPass;
  };
  try {
    await use({ takePass });
  } finally {
    child.stdin.end();
    await child;
  }
}
