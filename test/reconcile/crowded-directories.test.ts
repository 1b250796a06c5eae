import { expect } from 'chai';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { A, B, type CellText, G, reportAfter } from './cell-builder.ts';

const TREE = `${G}: 100\n${G}/garden:\n${G}/garden/${A}: 200`;
const part: CellText = { trees: { memory: TREE }, listed: [A], crowded: [`${G}/garden`] };
const whole: CellText = {
  ...part,
  trees: { memory: `${TREE}\n${G}/garden/${B}: 300` },
  crowded: [],
};

/** Status and reason of B in the last pass. */
const statusOfB = (cells: readonly CellText[]): string => {
  const { report } = reportAfter(
    cells.map((cell, n) => ({ ...cell, at: n * 15_000 })),
    30_000,
  );
  const found = report.containers.find(({ handle }) => handle === B);
  return found === undefined ? 'none' : `${found.status} ${found.reason ?? found.explanation.kind}`;
};

describe('a Garden directory of which the walk read only a part', () => {
  it('is never all tracked, although all that was read is', () => {
    const { report } = reportAfter([part]);
    expect(report).to.deep.include({ verdict: 'unknown', unknownCause: null });
    expect(report.containers.map(({ status }) => status)).to.deep.equal(['tracked']);
    expect(report.cell.warnings).to.deep.equal([{ reason: 'too-many-cgroups' }]);
    expect(verdictSentence(report)).to.match(/^1 of 1 container is tracked\. Warning: a Garden/);
  });

  it('leaves undecided what Garden lists and no pass has looked up', () => {
    expect(statusOfB([{ ...part, listed: [A, B] }])).to.equal('pending undecided');
  });

  it('lacks a container that was looked up', () => {
    const listed = { ...part, listed: [A, B] };
    expect(statusOfB([listed, listed])).to.equal('pending no-cgroup');
    expect(statusOfB(Array.from({ length: 12 }, () => listed))).to.equal('untracked no-cgroup');
  });

  it('ends a finding of what it lacks only once all is read, because its cgroup may be renamed', () => {
    const lost = { ...whole, listed: [A] };
    const without = { ...part, crowded: [] };
    const found = [lost, lost, lost, part, part, part];
    expect(statusOfB(found)).to.equal('untracked unknown-to-garden');
    expect(statusOfB([...found, without])).to.equal('none');
  });

  it('ends it at once on v2, where no cgroup can be renamed', () => {
    const tree = `${G}: 100\n/garden:\n/garden/${A}: 200`;
    const lost = { trees: { v2: `${tree}\n/garden/${B}: 300` }, listed: [A] };
    const found = [lost, lost, lost];
    expect(statusOfB(found)).to.equal('untracked unknown-to-garden');
    const ended: CellText = { ...lost, trees: { v2: tree }, crowded: ['/garden'] };
    expect(statusOfB([...found, ended])).to.equal('none');
  });

  it('ends no finding of what was looked up and is still there', () => {
    const lost = { ...whole, listed: [A] };
    const crowded = { ...lost, crowded: part.crowded ?? [] };
    expect(statusOfB([lost, lost, lost, crowded])).to.equal('untracked unknown-to-garden');
    expect(statusOfB([crowded, crowded, crowded, crowded])).to.equal('untracked unknown-to-garden');
  });
});
