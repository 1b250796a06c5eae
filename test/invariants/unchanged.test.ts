import { expect } from 'chai';
import { live } from './made-agent.ts';

describe('a pass over a cell on which nothing changes', () => {
  for (const layout of ['v1', 'v2', 'hybrid'] as const) {
    it(`keeps its decision after the first ones, also when it reads the ledgers (${layout})`, async () => {
      const { passes } = await live({
        layout,
        steps: ['rep-starts', 'create a', 'create b', 'pass 100'],
      });
      const anew = passes.flatMap(({ isAgain }, index) => (isAgain ? [] : [index]));
      expect(anew.length, String(anew)).to.be.below(12);
      expect(anew.at(-1), String(anew)).to.be.below(45);
      const asking = passes.filter(({ snapshot }) => snapshot.answers.overlays !== null);
      expect(asking).to.have.lengthOf(25);
      const minutes = passes.filter(({ snapshot }) => snapshot.answers.signals.size > 0);
      expect(minutes).to.have.lengthOf(25);
    });
  }

  for (const layout of ['v1', 'v2', 'hybrid'] as const) {
    it(`decides only the container in which a process starts or a side process ends (${layout})`, async () => {
      const begin = ['rep-starts', 'create a', 'create b', 'pea b', 'pass 60'];
      const { passes } = await live({
        layout,
        steps: [...begin, 'spawn a', 'pass 4', 'exit b', 'pass 4'],
      });
      const last = passes.slice(-9);
      expect(last.every(({ isAgain }) => isAgain)).to.equal(true);
      const shown = last.map(({ report }) => report.containers.map(({ pids }) => pids));
      expect([shown[0], shown[4], shown[8]]).to.deep.equal([
        [2, 2],
        [3, 2],
        [3, 1],
      ]);
      const kept = last.map(({ report }) => report.containers[1]);
      expect(kept[4]).to.equal(kept[0]);
    });
  }

  it('keeps its decision in a pass that searches for a rep and finds none, and not once one runs', async () => {
    const { passes } = await live({
      layout: 'v1',
      steps: ['create a', 'create b', 'pass 100', 'rep-starts', 'pass 20'],
    });
    const searching = passes.filter(({ snapshot }) => snapshot.answers.repProcesses !== null);
    const kept = searching.filter(({ isAgain }) => isAgain);
    expect(kept.length).to.be.above(2);
    expect(kept.map(({ snapshot }) => snapshot.answers.repProcesses)).to.deep.equal(
      kept.map(() => []),
    );
    expect(searching.at(-1)?.isAgain).to.equal(false);
    expect(searching.at(-1)?.snapshot.answers.repProcesses).to.have.lengthOf(1);
  });

  it('decides anew when a container loses its processes', async () => {
    const { passes } = await live({
      layout: 'v2',
      steps: ['rep-starts', 'create a', 'create b', 'pass 60', 'flee a', 'pass 4'],
    });
    expect(passes.at(-5)?.isAgain).to.equal(true);
    expect(passes.at(-1)?.isAgain).to.equal(false);
    expect(passes.at(-1)?.report.verdict).to.equal('untracked');
  });

  it('decides anew while the policy store has lacked a container for minutes', async () => {
    const { passes } = await live({
      layout: 'v2',
      steps: ['rep-starts', 'create a', 'pass 60', 'unpolice a', 'pass 24'],
    });
    const warned = passes.map(({ report }) => report.cell.warnings.map(({ reason }) => reason));
    const first = warned.findIndex((reasons) => reasons.includes('unpoliced'));
    expect(passes[first - 1]?.isAgain).to.equal(true);
    expect(warned.slice(first)).to.deep.equal(warned.slice(first).map(() => ['unpoliced']));
    expect(first).to.be.at.least(72).and.below(80);
    expect(passes.at(-1)?.report.verdict).to.equal('all-tracked');
  });

  it('decides anew when Garden lists another', async () => {
    const { passes } = await live({
      layout: 'v1',
      steps: ['create a', 'pass 60', 'create b', 'pass'],
    });
    expect(passes.at(-2)?.isAgain).to.equal(true);
    expect(passes.at(-1)?.isAgain).to.equal(false);
  });
});
