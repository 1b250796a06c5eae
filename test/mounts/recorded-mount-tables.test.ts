import { expect } from 'chai';
import { textOfBytes } from '../../src/model/byte-text.ts';
import { readTable, recordedSets } from '../../tools/rule-comparison/recorded-tables.ts';
import { scoreTable } from '../../tools/rule-comparison/score-rules.ts';
import { recording, recordings } from '../recordings.ts';
import { choiceOf, goodPaths, verify } from './expected-mounts.ts';

const both = ({ published, constructed }: ReturnType<typeof recordedSets>) => [
  ...published,
  ...constructed,
];

describe('recorded mount tables', () => {
  it('every hierarchy of every table has its known answer, and the equivalent mounts with it', function () {
    const sets = recordedSets(recordings(this));
    let answers = 0;
    for (const { file, table, namespace, answers: known } of both(sets)) {
      const answer = verify(table, namespace);
      for (const { name, correct, equivalent } of known) {
        const [first, ...others] = goodPaths(answer, name);
        expect(first ?? null, `${file} ${name}`).to.equal(correct);
        if (table.format === 'mountinfo') {
          expect(others, `${file} ${name}`).to.have.members(equivalent);
        }
        answers += 1;
      }
    }
    expect(answers).to.be.greaterThan(150);
  });

  it('verified is right everywhere, every other rule is wrong somewhere', function () {
    const picks = both(recordedSets(recordings(this))).flatMap(scoreTable);
    const bad = new Set(
      picks
        .filter(({ score }) => score === 'wrong' || score === 'false' || score === 'missed')
        .map(({ rule }) => rule),
    );
    expect([...bad].toSorted()).to.deep.equal(['last-match', 'longest-path', 'root-only']);
  });

  it("a real cell's table: gdn --tag mounts everything again, and containers add root file systems", () => {
    const answer = verify(readTable(recording('garden/tag-ab-containerd'), 'mountinfo'), 'initial');
    expect(answer.mode).to.equal('hybrid');
    expect(goodPaths(answer, 'memory')).to.deep.equal([
      '/sys/fs/cgroup/memory',
      '/tmp/cgroups-ab/memory',
    ]);
    expect(goodPaths(answer, 'v2')).to.deep.equal(['/sys/fs/cgroup/unified']);
    expect(answer.choices.every(({ chosen }) => chosen !== null)).to.equal(true);
  });

  it("a container's own table shows nothing but its cgroup", () => {
    const table = readTable(recording('garden'), 'inner-container.mountinfo');
    for (const { chosen, hierarchy, candidates } of verify(table, 'initial').choices) {
      expect(chosen, JSON.stringify(hierarchy)).to.equal(null);
      expect(candidates.map(({ mount }) => textOfBytes(mount.mountPoint))).not.to.deep.equal([]);
    }
    expect(choiceOf(verify(table, 'initial'), 'memory')).not.to.equal(undefined);
  });
});
