import { expect } from 'chai';
import { agentSection } from '../../tools/bench/agent-section.ts';
import { ratioOf, timingOf } from '../../tools/bench/samples.ts';
import { ratioGoal, resultText, withSection, type Section } from '../../tools/bench/section.ts';

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

  it('says plainly what was missed and what was not measured', () => {
    const section: Section = {
      title: 'The scan',
      about: 'All of it.',
      columns: ['what', 'time'],
      rows: [['one', '2']],
      goals: [ratioGoal('the scan', 2.5, 2)],
    };
    const text = resultText([section, { title: 'Passes', why: 'no root' }], MACHINE);
    expect(text).to.match(/\| the scan \| ≤ 2 × C \| 2\.50 × C +\| missed \|/);
    expect(text).to.include('| one  | 2    |');
    expect(text).to.include('- Passes: no root');
  });

  it('keeps the other sections when one is measured alone, and says that it is from a later run', () => {
    const one = (title: string, measured: number, rows = [['one', '2']]): Section => ({
      title,
      about: 'All of it.',
      columns: ['what', 'time'],
      rows,
      goals: [ratioGoal(`goal of ${title}`, measured, 2)],
    });
    const kept = resultText([one('A', 1), one('B', 1)], MACHINE);
    const again = withSection(kept, one('B', 3, [['other', '7']]), MACHINE);
    const [, a = '', b = ''] = again.split(/(?=## [AB]\n)/);
    expect(a).to.equal(kept.split(/(?=## [AB]\n)/)[1]);
    expect(b)
      .to.include('from a later run (2026-01-01')
      .and.include('| other | 7')
      .and.not.include('one');
    expect(again).to.match(/\| goal of A \| ≤ 2 × C \| 1\.00 × C \| met +\|/);
    expect(again).to.match(/\| goal of B \| ≤ 2 × C \| 3\.00 × C \| missed \|/);
    expect(withSection(again, one('B', 3, [['other', '7']]), MACHINE)).to.equal(again);
    const sections = withSection(kept, one('C', 1), MACHINE).match(/^## .*$/gm);
    expect(sections).to.deep.equal(['## Goals', '## A', '## B', '## C']);
  });

  it('says when the machine had other work', () => {
    const busy = { ...MACHINE, load: { before: 9, after: 9 } };
    expect(resultText([], MACHINE)).to.match(/^- load: 0\.2 at .* 1\.4 at the end$/m);
    expect(resultText([], busy)).to.include('the machine had other work');
  });

  it('takes the share of a core and the judged pass from the cell as Diego fills it', () => {
    const passes = { intervalSeconds: 15, passes: 24, megabytes: 75 };
    const full = { ...passes, what: '250 × 6 processes', cpu: { median: 90, least: 80 } };
    const bare = { ...passes, what: '250 × 1 process', cpu: { median: 30, least: 29 } };
    const { rows, goals } = agentSection([full, bare]);
    expect(rows[0]).to.deep.equal(['250 × 6 processes', '15', '24', '90.0 (80.0)', '0.60', '75.0']);
    expect(goals.map(({ measured }) => measured)).to.deep.equal(['0.60 %', '75.0 MB']);
  });
});
