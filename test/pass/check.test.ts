import { expect } from 'chai';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { checkCell, replay, type Checked } from '../../src/pass/check.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { snapshotOf, outcome, type CellText } from '../reconcile/cell-builder.ts';
import { withMounts } from '../mounts/mounted.ts';
import { syntheticProbe } from './synthetic-probe.ts';

const A = 'aaaaaaaa-0000-4000-8000-0000';
const B = 'bbbbbbbb-0000-4000-8000-0000';
const G = '/system.slice/garden.service';

/** A probe over synthetic cells with a clock of its own: every pass costs some time, every sleep ends a little early. */
function probeOf(cellAt: (milliseconds: number) => CellText): {
  probe: CellProbe;
  sleep: (ms: number) => Promise<void>;
} {
  let clock = 1000;
  const now = (): Snapshot => withMounts(snapshotOf(cellAt(clock - 1000)));
  const probe = syntheticProbe(now, () => {
    clock += 0.4;
    return { wall: new Date(1.8e12 + clock).toISOString(), monotonicMilliseconds: clock };
  });
  const sleep = (milliseconds: number): Promise<void> => {
    clock += Math.max(0.1, milliseconds - 0.7);
    return Promise.resolve();
  };
  return { probe, sleep };
}

const cell = (tree: string, listed: readonly string[] | null): CellText => ({
  trees: { memory: `${G}: 100\n${tree}` },
  listed,
});
const lost = cell(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300`, [A]);
const healthy = cell(`${G}/garden/${A}: 200`, [A]);

describe('check: makes passes until a difference has lasted or is gone', () => {
  const check = (cellAt: (ms: number) => CellText, settleMilliseconds = 2000): Promise<Checked> => {
    const { probe, sleep } = probeOf(cellAt);
    return checkCell(probe, { settleMilliseconds, allHierarchies: false, sleep });
  };

  it('recognises a healthy cell in the first pass', async () => {
    const { report, snapshots } = await check(() => healthy);
    expect(report.verdict).to.equal('all-tracked');
    expect(snapshots).to.have.length(1);
  });

  it('reports a difference that lasted, although every timer fired early', async () => {
    const { report } = await check(() => lost);
    expect(outcome(report)[0]).to.equal(`${B} untracked unknown-to-garden`);
  });

  it('makes at most 23 passes, however long a difference must last', async () => {
    for (const settle of [30_000, 600_000]) {
      const { report, snapshots } = await check(() => lost, settle);
      expect(outcome(report)[0]).to.equal(`${B} untracked unknown-to-garden`);
      expect(snapshots.length, `${settle}`).to.be.within(20, 23);
    }
  });

  it('ends early when the difference goes away, after eight passes without it', async () => {
    const { report, snapshots } = await check((ms) => (ms < 700 ? lost : healthy), 30_000);
    expect(report.verdict).to.equal('all-tracked');
    expect(snapshots).to.have.length(1 + 8);
  });

  it('finds what comes and goes, in at most twice the settle time', async () => {
    let last = 0;
    const { report, snapshots } = await check((ms) => {
      last = ms;
      return Math.floor(ms / 500) % 4 === 1 ? healthy : lost;
    });
    expect(outcome(report)[0]).to.equal(`${B} untracked unknown-to-garden`);
    expect(last).to.be.within(2000, 4000);
    expect(replay(snapshots, 2000)).to.deep.equal(report);
  });

  it('leaves a difference pending that started in the middle', async () => {
    const other = cell(`${G}/garden/${A}: 200\n${G}/garden/${B}: 300\n${G}/garden/x: 400`, [A]);
    const { report } = await check((ms) => (ms < 1000 ? lost : other));
    expect(outcome(report)).to.deep.equal([
      `${B} untracked unknown-to-garden`,
      'x pending unknown-to-garden',
      `${A} tracked`,
    ]);
  });

  it('does not wait if nothing can be compared', async () => {
    const { report, snapshots } = await check(() => cell('', null));
    expect(report.verdict).to.equal('unknown');
    expect(snapshots).to.have.length(1);
  });

  it('gives the same report from the snapshots that it saved', async () => {
    const { report, snapshots } = await check(() => lost);
    expect(replay(snapshots, 2000)).to.deep.equal(report);
  });
});
