import { expect } from 'chai';
import { checkCell, replay, type Checked } from '../../src/pass/check.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { MadeCell } from '../invariants/made-cell.ts';
import { madeProbe } from '../invariants/made-probe.ts';
import { outcome } from '../reconcile/cell-builder.ts';

/** What happens on a cell by a time; it may be done again before each pass. */
type Steps = (milliseconds: number) => readonly string[];

/** A probe with a clock of its own: every pass costs some time, every sleep ends a little early. */
function probeOf(steps: Steps): { probe: CellProbe; sleep: (ms: number) => Promise<void> } {
  const cell = new MadeCell('v1');
  const { kernel } = cell;
  const started = kernel.now;
  const made = madeProbe(cell);
  const probe: CellProbe = {
    ...made,
    now: () => {
      kernel.now += 0.4;
      return made.now();
    },
    startsPass: () => {
      for (const step of steps(kernel.now - started)) cell.do(step);
    },
  };
  const sleep = (milliseconds: number): Promise<void> => {
    kernel.now += Math.max(0.1, milliseconds - 0.7);
    return Promise.resolve();
  };
  return { probe, sleep };
}

const healthy = ['create a'];
const lost = [...healthy, 'create b', 'unlist b'];

describe('A check, which makes passes until a difference has lasted or is gone,', () => {
  const check = (steps: Steps, settleMilliseconds = 2000): Promise<Checked> => {
    const { probe, sleep } = probeOf(steps);
    return checkCell(probe, {
      settleMilliseconds,
      allHierarchies: false,
      comparesLedgers: false,
      sleep,
    });
  };

  it('recognises a healthy cell in the first pass', async () => {
    const { report, snapshots } = await check(() => healthy);
    expect(report.verdict).to.equal('all-tracked');
    expect(snapshots).to.have.length(1);
  });

  it('reports a difference that lasted, although every timer fired early', async () => {
    const { report } = await check(() => lost);
    expect(outcome(report)[0]).to.equal('b untracked unknown-to-garden');
  });

  it('makes at most 23 passes, however long a difference must last', async () => {
    for (const settle of [30_000, 600_000]) {
      const { report, snapshots } = await check(() => lost, settle);
      expect(outcome(report)[0]).to.equal('b untracked unknown-to-garden');
      expect(snapshots.length, `${settle}`).to.be.within(20, 23);
    }
  });

  it('ends early when the difference goes away, after eight passes without it', async () => {
    const { report, snapshots } = await check((ms) => (ms < 700 ? lost : ['destroy b']), 30_000);
    expect(report.verdict).to.equal('all-tracked');
    expect(snapshots).to.have.length(1 + 8);
  });

  it('finds what comes and goes, in at most twice the settle time', async () => {
    let last = 0;
    const { report, snapshots } = await check((ms) => {
      last = ms;
      return Math.floor(ms / 500) % 4 === 1 ? ['relist b'] : lost;
    });
    expect(outcome(report)[0]).to.equal('b untracked unknown-to-garden');
    expect(last).to.be.within(2000, 4000);
    expect(replay(snapshots, 2000)?.report).to.deep.equal(report);
  });

  it('leaves a difference pending that started in the middle', async () => {
    const other = ['create c', 'unlist c'];
    const { report } = await check((ms) => (ms < 1000 ? lost : other));
    expect(outcome(report)).to.deep.equal([
      'b untracked unknown-to-garden',
      'c pending unknown-to-garden',
      'a tracked',
    ]);
  });

  it('does not wait if nothing can be compared', async () => {
    const { report, snapshots } = await check(() => ['garden-fails']);
    expect(report.verdict).to.equal('unknown');
    expect(snapshots).to.have.length(1);
  });
});
