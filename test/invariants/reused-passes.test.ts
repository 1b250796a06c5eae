import { expect } from 'chai';
import { live } from './made-agent.ts';
import type { Layout } from './made-kernel.ts';

const passesOf = async (layout: Layout, ...steps: readonly string[]) =>
  (await live({ layout, steps })).passes;

describe('a pass over a cell on which nothing changes', () => {
  for (const layout of ['v1', 'v2', 'v2-throttling', 'hybrid'] as const) {
    it(`keeps its decision after the first ones, also when it reads the ledgers (${layout})`, async () => {
      const passes = await passesOf(layout, 'rep-starts', 'create a', 'create b', 'pass 100');
      const anew = passes.flatMap(({ isAgain }, index) => (isAgain ? [] : [index]));
      expect(anew.length, String(anew)).to.be.below(12);
      expect(anew.at(-1), String(anew)).to.be.below(45);
      const asking = passes.filter(({ snapshot }) => snapshot.answers.overlays !== null);
      expect(asking).to.have.lengthOf(25);
      const minutes = passes.filter(({ snapshot }) => snapshot.answers.signals.size > 0);
      expect(minutes).to.have.lengthOf(25);
    });

    it(`decides only the container in which a process starts or a side process ends (${layout})`, async () => {
      const begin = ['rep-starts', 'create a', 'create b', 'pea b', 'pass 60'];
      const passes = await passesOf(layout, ...begin, 'spawn a', 'pass 4', 'exit b', 'pass 4');
      const last = passes.slice(-9);
      expect(last.every(({ isAgain }) => isAgain)).to.equal(true);
      const pids = last.map(({ report }) => report.containers.map((one) => one.pids).join());
      expect([pids[0], pids[4], pids[8]]).to.deep.equal(['2,2', '3,2', '3,1']);
      const kept = last.map(({ report }) => report.containers[1]);
      expect(kept[4]).to.equal(kept[0]);
      const named = last.map(({ seen }) => seen.containers.map(({ handle }) => handle).join());
      expect(named.join(' ').trim().split(/ +/)).to.deep.equal(['a', 'b']);
    });
  }

  it('keeps its decision in a pass that searches for a rep and finds none, and not once one runs', async () => {
    const passes = await passesOf(
      'v1',
      'create a',
      'create b',
      'pass 100',
      'rep-starts',
      'pass 20',
    );
    const searching = passes.flatMap(({ isAgain, snapshot }) => {
      const found = snapshot.answers.repProcesses?.length;
      return found === undefined ? [] : [`${isAgain ? 'again' : 'anew'} ${found}`];
    });
    expect(searching.filter((one) => one === 'again 0').length).to.be.above(2);
    expect(searching).not.to.include('again 1');
    expect(searching.at(-1)).to.equal('anew 1');
  });

  for (const { what, steps, verdict } of [
    {
      what: 'a container loses its processes',
      steps: ['create b', 'pass 60', 'flee a', 'pass 4'],
      verdict: 'untracked',
    },
    {
      what: 'Garden lists another container',
      steps: ['pass 60', 'create b', 'pass'],
      verdict: 'all-tracked',
    },
  ])
    it(`decides anew when ${what}`, async () => {
      const passes = await passesOf('v2', 'rep-starts', 'create a', ...steps);
      expect(passes[59]?.isAgain).to.equal(true);
      expect(passes.at(-1)?.isAgain).to.equal(false);
      expect(passes.at(-1)?.report.verdict).to.equal(verdict);
    });

  it('decides anew while the policy store has lacked a container for minutes', async () => {
    const passes = await passesOf(
      'v2',
      'rep-starts',
      'create a',
      'pass 60',
      'unpolice a',
      'pass 24',
    );
    const warned = passes.map(({ report }) => report.cell.warnings.map(({ reason }) => reason));
    const first = warned.findIndex((reasons) => reasons.includes('unpoliced'));
    expect(passes[first - 1]?.isAgain).to.equal(true);
    expect(warned.slice(first)).to.deep.equal(warned.slice(first).map(() => ['unpoliced']));
    expect(first).to.be.at.least(72).and.below(80);
    expect(passes.at(-1)?.report.verdict).to.equal('all-tracked');
  });
});
