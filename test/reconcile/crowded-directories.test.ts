import { expect } from 'chai';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { A, type CellText, G, reportAfter } from './cell-builder.ts';
import { expectRows } from './cell-rows.ts';

const TREE = `${G}: 100\n${G}/garden:\n${G}/garden/${A}: 200`;
const part: CellText = { trees: { memory: TREE }, listed: [A], crowded: [`${G}/garden`] };
describe('a Garden directory of which the walk read only a part', () => {
  it('is never all tracked, although all that was read is', () => {
    const { report } = reportAfter([part]);
    expect(report).to.deep.include({ verdict: 'unknown', unknownCause: null });
    expect(report.containers.map(({ status }) => status)).to.deep.equal(['tracked']);
    expect(report.cell.warnings).to.deep.equal([{ reason: 'too-many-cgroups' }]);
    expect(verdictSentence(report)).to.match(/^1 of 1 container is tracked\. Warning: a Garden/);
  });

  const partly = 'garden/A: 200; crowded garden';
  const listed = `${partly}; lists A B`;
  const lost = 'garden/A: 200, garden/B: 300';
  const found = `${lost} > same`;
  expectRows(
    `
leaves undecided what Garden lists and no pass has looked up | ${listed} | B pending (0) because the Garden directory of the container has more cgroups than one pass reads, and this pass did not read that of the container, A tracked (1), warning too-many-cgroups
lacks a container that was looked up | ${listed} > same | B pending no-cgroup warning (0), A tracked (1), warning too-many-cgroups
lacks it for good after some time | ${listed} > same > same > same | B untracked no-cgroup warning (0), A tracked (1), warning too-many-cgroups
ends no finding of what it lacks, because its cgroup may be renamed | ${found} > ${partly} > same | B untracked unknown-to-garden critical (0) because a Garden directory has more cgroups than one pass reads, and the cgroup of the container may have another name, A tracked (1), warning too-many-cgroups
ends it once all is read | ${found} > ${partly} > garden/A: 200 | A tracked (1)
ends no finding of what was looked up and is still there | ${found} > ${lost}; crowded garden | B untracked unknown-to-garden critical (1), A tracked (1), warning too-many-cgroups
has a finding of what is in the part that was read | ${lost}; crowded garden > same > same | B untracked unknown-to-garden critical (1), A tracked (1), warning too-many-cgroups
`,
    30_000,
  );

  expectRows(
    `
ends a finding at once on v2, where no cgroup can be renamed | /garden/A: 200, /garden/B: 300 > same > /garden/A: 200; crowded /garden | A tracked (1), warning too-many-cgroups
`,
    30_000,
    'v2',
  );
});
