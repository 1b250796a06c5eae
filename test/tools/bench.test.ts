import { expect } from 'chai';
import { agentSection } from '../../tools/bench/agent-section.ts';
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

  it('takes the share of a core and the judged pass from the cell as Diego fills it', () => {
    const passes = { passes: 24, megabytes: 75 };
    const full = { ...passes, what: '250 × 6 processes', cpu: { median: 90, least: 80 } };
    const bare = { ...passes, what: '250 × 1 process', cpu: { median: 30, least: 29 } };
    const { rows, goals } = agentSection([full, bare]);
    expect(rows[0]).to.deep.equal(['250 × 6 processes', '24', '90.0 (80.0)', '0.60', '75.0']);
    expect(goals.map(({ measured }) => measured)).to.deep.equal(['0.60 % of a core', '75.00 MB']);
  });
});
