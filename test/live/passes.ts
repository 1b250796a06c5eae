import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { GracePeriods } from '../../src/model/finding.ts';
import type { ReportJson } from './rollcall.ts';

const LOOKER = fileURLToPath(new URL('./pass-taker.ts', import.meta.url));

/** A difference is a finding at the first pass, except `partial`, which needs two. */
const NO_PATIENCE: GracePeriods = {
  milliseconds: { 'unknown-to-garden': 0, unowned: 0, 'no-cgroup': 0, partial: 0 },
  passes: { 'unknown-to-garden': 1, unowned: 1, 'no-cgroup': 1, partial: 2 },
};

export interface LookOrder {
  readonly gracePeriods: GracePeriods;
  /** As a check that just starts: what earlier passes said does not count, and later ones do not hear of this one. */
  readonly afresh: boolean;
}

export interface Looked {
  readonly report: ReportJson;
  /** Containers that are remembered after the pass. */
  readonly remembered: number;
}

export interface Looker {
  readonly look: (order?: Partial<LookOrder>) => Promise<Looked>;
}

/** One process in the cell that takes a pass whenever it is told to: many passes in the time in which a command starts once. */
export async function withLooker(
  cell: Cell,
  use: (looker: Looker) => Promise<void>,
): Promise<void> {
  const [file = '', ...before] = cell.enter;
  const args = [...before, process.execPath, LOOKER, cell.gardenSocketInCell];
  const child = execa(file, args, { buffer: false, stderr: 'inherit', reject: false });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const look = async (order: Partial<LookOrder> = {}): Promise<Looked> => {
    const whole: LookOrder = { gracePeriods: NO_PATIENCE, afresh: false, ...order };
    child.stdin.write(`${JSON.stringify(whole)}\n`);
    const answer = await lines.next();
    if (answer.done === true) throw new Error('the looker ended');
    return JSON.parse(answer.value) as Looked;
  };
  try {
    await use({ look });
  } finally {
    child.stdin.end();
    await child;
  }
}
