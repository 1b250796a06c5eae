import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { ProcessStart } from '../../src/model/process.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, G, firstOf, outcome, passWith, reportAfter, type CellText } from './cell-builder.ts';

const E = `${A}-envoy`;
const start = (...namespacePids: readonly number[]): ProcessStart => ({
  startTicks: 1,
  namespacePids,
});
const helperOf = (id: string) => ({
  comm: 'dadoo',
  launched: { by: 'dadoo', id, depot: '/depot' } as const,
});

/** A is listed, and a cgroup named like its Envoy has these processes. */
const cellWith = (more: Partial<CellText>, members = '300 301'): CellText => ({
  trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${E}: ${members}` },
  listed: [A],
  images: { 300: E, 301: E },
  ...more,
});
const starts = { 300: start(300, 1), 301: start(301, 7) };
const ancestors = { 300: [helperOf(E)], 301: [] };

const privileged = (cell: CellText): CellText => ({
  ...cell,
  trees: { memory: `${G}: 100\n${G}/${A}: 200\n${G}/${E}: 300 301` },
});

describe('a cgroup beside a container that is named like a pea of it', () => {
  const pea = { starts: { 300: start(300, 26), 301: start(301, 27) } };

  it('is a pea if none of its processes is the init of a pid namespace', () => {
    for (const cell of [cellWith(pea), privileged(cellWith(pea))]) {
      const { report } = reportAfter([cell]);
      expect(outcome(report)).to.deep.equal([`${A} tracked`]);
      expect(firstOf(report).peas).to.deep.equal([E]);
    }
  });

  // It was hidden when Garden lost it, because anybody who creates a container chooses its handle.
  it('is a container if it has an init of its own', () => {
    for (const at of [
      cellWith({ starts, ancestors }),
      cellWith({ starts, ancestors: { 300: [], 301: [] } }),
    ]) {
      const { report } = reportAfter([at]);
      expect(outcome(report)).to.deep.equal([`${E} untracked unknown-to-garden`, `${A} tracked`]);
      expect(firstOf(report).severity).to.equal('critical');
      expect(report.containers[1]?.peas).to.deep.equal([]);
    }
  });

  it("is one outside Garden's directories, too", () => {
    const processes = [{ pid: 300, namespacePids: [300, 1], comm: 'garden-init' }];
    const cell = privileged(cellWith({ starts, ancestors, processes }));
    expect(outcome(reportAfter([cell]).report)).to.include(`${E} untracked unknown-to-garden`);
  });

  it('is one outside if Garden listed it before', () => {
    const cell = privileged(cellWith(pea));
    const { report } = reportAfter([{ ...cell, listed: [A, E] }, cell]);
    expect(outcome(report)).to.include(`${E} untracked unknown-to-garden`);
  });

  it('stays a pea if a privileged container moved its own init there', () => {
    const moved = { starts, ancestors: { 300: [helperOf(A)], 301: [] }, images: { 300: A } };
    expect(outcome(reportAfter([cellWith(moved)]).report)).to.deep.equal([`${A} tracked`]);
  });

  it('stays a pea while its processes end', () => {
    const ended = { starts: { 300: null, 301: null } };
    expect(outcome(reportAfter([cellWith(ended)]).report)).to.deep.equal([`${A} tracked`]);
  });

  describe('with more processes than are read', () => {
    const pids = Array.from({ length: 20 }, (_, n) => 300 + n);
    const every = <T>(value: T): Record<number, T> =>
      Object.fromEntries(pids.map((pid) => [pid, value]));
    const many = (helpers: CellText['ancestors']): CellText =>
      cellWith(
        {
          starts: every(start(300, 26)),
          ancestors: { ...every([]), ...helpers },
          images: every(E),
        },
        pids.join(' '),
      );

    it('is what the helper of one of them says', () => {
      const ofOwner = reportAfter([many({ 301: [helperOf(A)] })]).report;
      expect(outcome(ofOwner)).to.deep.equal([`${A} tracked`]);
      const own = reportAfter([many({ 301: [helperOf(E)] })]).report;
      expect(outcome(own)).to.include(`${E} untracked unknown-to-garden`);
    });

    it('is pending without a helper', () => {
      const { report } = reportAfter([many({}), many({})]);
      expect(outcome(report)).to.deep.equal([`${E} pending`, `${A} tracked`]);
      expect(firstOf(report).explanation).to.include({ kind: 'undecided' });
    });
  });

  it('is read once, and again if another process is its first', () => {
    const asked = (memory: Memory, members?: string): readonly number[] =>
      questionsOf(passWith(cellWith({}, members), memory, { starts: new Map() })).starts;
    expect(asked(EMPTY_MEMORY)).to.deep.equal([300, 301]);
    const { memory } = reportAfter([cellWith(pea)]);
    expect(asked(memory)).to.deep.equal([]);
    expect(asked(memory, '299 300')).to.deep.equal([299, 300]);
    expect(memory.containers.has(asHandle(E))).to.equal(false);
  });
});
