import { expect } from 'chai';
import { agentSection } from '../../tools/bench/agent-section.ts';
import { goalOf } from '../../tools/bench/section.ts';
import { ratioOf, timingOf } from '../../tools/bench/samples.ts';

describe('the bench', () => {
  it('gives the median, of an even number of runs too, and the least', () => {
    expect(timingOf([9, 1, 5])).to.deep.equal({ median: 5, least: 1 });
    expect(timingOf([9, 1, 5, 6])).to.deep.equal({ median: 5.5, least: 1 });
  });

  it('compares within a round, so that a slow one does not count for one side only', () => {
    const ours = [2, 2, 2, 200, 2, 200, 2, 2, 2];
    const theirs = [1, 1, 1, 100, 1, 100, 1, 1, 1];
    expect(ratioOf(ours, theirs, 3)).to.equal(2);
    expect(ratioOf([3, 30, 3], [1, 10, 1], 3)).to.equal(3);
  });

  it('names the cause of a missed goal', () => {
    const cause = 'Node starts slowly';
    const missed = ['the start', '≤ 2.2 × Node', '2.50 × Node', 'missed: Node starts slowly'];
    expect(goalOf('the start', 2.5, [2.2, '× Node'], cause)).to.deep.equal(missed);
    expect(goalOf('the start', 2.2, [2.2, '× Node'], cause)[3]).to.equal('met');
  });

  it('gives the share of a core at the default interval, beside the agent of before', () => {
    const cost = (cpu: number) => ({ cpu, megabytes: 60 });
    const pair = { before: cost(150), now: cost(15) };
    const { rows } = agentSection({
      first: pair,
      steady: pair,
      changed: pair,
      few: cost(10),
      hour: cost(20),
      many: cost(200),
    });
    expect(rows[1]).to.deep.equal(['nothing changed', '150', '15.0', '0.10', '0.10', '60.0']);
    expect(rows[3]?.slice(1)).to.deep.equal(['', '10.0', '', '0.07', '60.0']);
  });
});
