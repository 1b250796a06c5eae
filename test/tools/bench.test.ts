import { expect } from 'chai';
import { agentSection } from '../../tools/bench/agent-section.ts';
import { ratioOf, timingOf } from '../../tools/bench/samples.ts';
import { ratioGoal, resultText, type Section } from '../../tools/bench/section.ts';

const MACHINE = {
  kernel: '6.1',
  processor: 'P',
  processors: 2,
  node: 'v24',
  date: '2026-01-01',
  load: { before: 0.2, after: 1.4 },
};

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

  it('tells a goal that is missed from one that is met', () => {
    expect(ratioGoal('scan', 2, 2)).to.include({ isMet: true, measured: '2.00 × C' });
    expect(ratioGoal('scan', 2.1, 2)).to.include({ isMet: false });
  });

  it('says plainly what was missed', () => {
    const section: Section = {
      title: 'The scan',
      about: 'All of it.',
      columns: ['what', 'time'],
      rows: [['one', '2']],
      goals: [ratioGoal('the scan', 2.5, 2)],
    };
    const text = resultText([section], MACHINE);
    expect(text).to.match(/\| the scan \| ≤ 2 × C \| 2\.50 × C +\| missed \|/);
    expect(text).to.include('| one  | 2    |');
  });

  it('says when the machine had other work', () => {
    const busy = { ...MACHINE, load: { before: 9, after: 9 } };
    expect(resultText([], MACHINE)).to.match(/^- load: 0\.2 at .* 1\.4 at the end$/m);
    expect(resultText([], busy)).to.include('the machine had other work');
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
