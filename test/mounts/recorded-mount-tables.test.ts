import { expect } from 'chai';
import { RULES } from '../../src/model/hierarchy.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { recording } from '../recordings.ts';
import { skip } from '../skip.ts';
import { choiceOf, goodPaths, verify } from './expected-mounts.ts';
import {
  constructedTables,
  publishedTables,
  readTable,
  type RecordedTable,
} from './recorded-tables.ts';
import { ruledTable } from './rule-scores.ts';

/** Every hierarchy of every table has its known answer, and the equivalent mounts with it. */
function expectKnownAnswers(tables: readonly RecordedTable[]): void {
  for (const { title, table, namespace, answers } of tables) {
    const answer = verify(table, namespace);
    for (const [name, { correct, equivalent }] of answers) {
      const [first, ...others] = goodPaths(answer, name);
      expect(first ?? null, `${title} ${name}`).to.equal(correct);
      if (table.format === 'mountinfo') {
        expect(others, `${title} ${name}`).to.have.members(equivalent);
      }
    }
  }
}

/** For how many hierarchies a rule takes a wrong mount, or wrongly none. */
function failuresOf(tables: readonly RecordedTable[]): Readonly<Record<string, number>> {
  const failures: Record<string, number> = {};
  for (const { table, namespace, answers } of tables) {
    const ruled = ruledTable({ table, namespace, live: null });
    for (const rule of RULES) {
      for (const [name, answer] of answers) {
        const score = ruled.scoreOf(rule, name, answer);
        if (score !== 'wrong' && score !== 'false' && score !== 'missed') continue;
        failures[rule] = (failures[rule] ?? 0) + 1;
      }
    }
  }
  return failures;
}

describe('Recorded mount tables', () => {
  it('of a clone get the right answers, where every other rule fails for some', () => {
    const tables = constructedTables();
    expect(tables.flatMap(({ answers }) => [...answers])).to.have.length.greaterThan(80);
    expectKnownAnswers(tables);
    expect(failuresOf(tables)).to.have.all.keys(
      'first-root',
      'last-match',
      'longest-path',
      'root-only',
    );
  });

  it('that other projects published get the right answers, where every other rule fails for some', function () {
    const tables = publishedTables();
    if (tables === null) skip(this, 'no published mount tables: see ROLLCALL_RECORDINGS');
    expect(tables.flatMap(({ answers }) => [...answers])).to.have.length(144);
    expectKnownAnswers(tables);
    expect(failuresOf(tables)).to.deep.equal({
      'first-root': 8,
      'last-match': 73,
      'longest-path': 1,
      'root-only': 7,
    });
  });

  it('of a cell show all that gdn --tag mounts again, and the root file systems of containers', () => {
    const answer = verify(readTable(recording('garden/tag-ab-containerd'), 'mountinfo'), 'initial');
    expect(answer.mode).to.equal('hybrid');
    expect(goodPaths(answer, 'memory')).to.deep.equal([
      '/sys/fs/cgroup/memory',
      '/tmp/cgroups-ab/memory',
    ]);
    expect(goodPaths(answer, 'v2')).to.deep.equal(['/sys/fs/cgroup/unified']);
    expect(answer.choices.every(({ chosen }) => chosen !== null)).to.equal(true);
  });

  it('of a container show nothing but its cgroup', () => {
    const table = readTable(recording('garden'), 'inner-container.mountinfo');
    for (const { chosen, hierarchy, candidates } of verify(table, 'initial').choices) {
      expect(chosen, JSON.stringify(hierarchy)).to.equal(null);
      expect(candidates.map(({ mount }) => textOfBytes(mount.mountPoint))).not.to.deep.equal([]);
    }
    expect(choiceOf(verify(table, 'initial'), 'memory')).not.to.equal(undefined);
  });
});
