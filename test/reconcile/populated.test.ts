import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, B, G, firstOf, outcome, passOf, reportAfter, type CellText } from './cell-builder.ts';

const OWN = `/garden/${A}`;
const INIT = `${OWN}/init`;
const ENVOY = `${OWN}/${A}-envoy`;

/** A has empty cgroups, and what `cgroup.events` says of them. */
const emptied = (
  populated: Readonly<Record<string, number | null>>,
  more: Partial<CellText> = {},
): CellText => ({
  trees: { v2: `${G}: 100\n${INIT}:\n/garden/${B}: 300` },
  listed: [A, B],
  numbers: Object.fromEntries(
    Object.entries(populated).map(([path, value]) => [path, `cgroup.events=${value}`]),
  ),
  ...more,
});

const outcomeOf = (cell: CellText): string | undefined =>
  outcome(reportAfter([cell, { ...cell, at: 30_000 }], 30_000).report).find((one) =>
    one.startsWith(A),
  );
const LIFELESS = `${A} untracked no-cgroup`;
const UNDECIDED = `${A} pending`;

describe('a listed container whose cgroups list no process', () => {
  it('is asked whether they are populated, and no other container is', () => {
    const asked = questionsOf(passOf(emptied({}), EMPTY_MEMORY)).cgroupNumbers;
    expect(asked.map(({ path, files }) => [path, files])).to.deep.equal([
      [OWN, ['cgroup.events']],
      [INIT, ['cgroup.events']],
    ]);
  });

  it('is not asked on v1, which has no such file', () => {
    const cell: CellText = { trees: { memory: `${G}: 100\n${G}/garden/${A}:` }, listed: [A] };
    expect(questionsOf(passOf(cell, EMPTY_MEMORY)).cgroupNumbers).to.deep.equal([]);
  });

  it('is no-cgroup if none is populated', () => {
    expect(outcomeOf(emptied({ [OWN]: 0, [INIT]: 0 }))).to.equal(LIFELESS);
  });

  it('is undecided as long as one is populated, and the others are compared', () => {
    const cell = emptied({ [OWN]: 1, [INIT]: 1 });
    const { report } = reportAfter([cell, { ...cell, at: 30_000 }], 30_000);
    expect(outcome(report)).to.deep.equal([UNDECIDED, `${B} tracked`]);
    expect(report.unknownCause).to.equal(null);
    expect(containerSentence(firstOf(report))).to.equal(
      'Not decided in this pass: its cgroup lists no process, but one may still be exiting there ' +
        '(cgroup.events).',
    );
  });

  it('is undecided if the file cannot be read, and no-cgroup in a capture that does not have it', () => {
    expect(outcomeOf(emptied({ [OWN]: null, [INIT]: 0 }))).to.equal(UNDECIDED);
    expect(outcomeOf(emptied({ [OWN]: 0, [INIT]: null }))).to.equal(UNDECIDED);
    expect(outcomeOf(emptied({}))).to.equal(LIFELESS);
  });

  it('is no-cgroup if only its pea populates it', () => {
    const trees = { v2: `${G}: 100\n${INIT}:\n${ENVOY}: 400` };
    const withEnvoy = (init: number): CellText =>
      emptied({ [OWN]: 1, [INIT]: init, [ENVOY]: 1 }, { trees, listed: [A] });
    expect(outcomeOf(withEnvoy(0))).to.equal(LIFELESS);
    expect(outcomeOf(withEnvoy(1))).to.equal(UNDECIDED);
    const exited = emptied({ [OWN]: 1, [INIT]: 0, [ENVOY]: 0 }, { trees, listed: [A] });
    expect(outcomeOf(exited)).to.equal(UNDECIDED);
  });

  it('is undecided where a privileged one is populated beside an empty directory for throttling', () => {
    const trees = { v2: `${G}: 100\n/garden/bad/${A}:\n/system.slice/${A}:` };
    const at = (path: string): number => (path.startsWith('/system') ? 1 : 0);
    const paths = [`/garden/bad/${A}`, `/system.slice/${A}`];
    const cell = emptied(Object.fromEntries(paths.map((one) => [one, at(one)])), { trees });
    expect(outcomeOf(cell)).to.equal(UNDECIDED);
  });

  it('stays a finding that was reported before', () => {
    const lifeless = emptied({ [OWN]: 0, [INIT]: 0 });
    const later = emptied({ [OWN]: 1, [INIT]: 1 }, { at: 31_000 });
    const { report } = reportAfter([lifeless, { ...lifeless, at: 30_000 }, later], 30_000);
    expect(outcome(report)).to.include(LIFELESS);
    expect(firstOf(report).explanation.kind).to.equal('undecided');
  });

  it('has still escaped if a process of it is outside', () => {
    const suspects = [
      { pid: 200, cgroups: { v2: '/' }, image: `/store/unprivileged/images/${A}`, parentPid: 1 },
    ];
    const cell = emptied({ [OWN]: 1, [INIT]: 1 }, { suspects });
    expect(outcomeOf(cell)).to.equal(`${A} untracked escaped`);
  });
});
