import { expect } from 'chai';
import type { DestroyEvidence } from '../../src/model/destroy.ts';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { parseMemory, memoryText } from '../../src/parse/memory-file.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  A,
  G,
  firstOf,
  passOf,
  passWith,
  process,
  reportAfter,
  type CellText,
} from './cell-builder.ts';

const stuck: CellText = { trees: { memory: `${G}: 100\n${G}/garden:` }, listed: [A] };

const runc = process({
  pid: 812,
  comm: 'runc',
  state: 'D',
  startedAt: '2026-01-01T00:00:00.000Z',
  command: `runc delete --force ${A}`,
});
const evidence: DestroyEvidence = {
  at: '2026-01-01T02:00:00.000Z',
  processes: [runc],
  mounts: 1,
};

const containerIn = (cells: readonly CellText[], settle = 0): ContainerReport =>
  firstOf(reportAfter(cells, settle).report);

const handlesAsked = (cell: CellText, memory: Memory): readonly string[] =>
  questionsOf(passOf(cell, memory)).destroys?.handles ?? [];

describe('a container whose destroy does not finish', () => {
  it('names the processes still working on it, with state and age, and what is mounted', () => {
    expect(containerSentence(containerIn([{ ...stuck, destroys: { [A]: evidence } }], 1))).to.equal(
      'Garden still lists it, but nothing runs. ' +
        'Host processes that name it: runc (process 812, in uninterruptible sleep, started 2 h ago). ' +
        "Its root filesystem is still mounted (gdn's mountinfo). " +
        'If rep restarts, it exits at each start until this container is destroyed. ' +
        'Not a finding unless it lasts.',
    );
  });

  it('states the consequence if no process works on it', () => {
    const nothing = { [A]: { ...evidence, processes: [], mounts: 0 } };
    const sentence = containerSentence(containerIn([{ ...stuck, destroys: nothing }]));
    expect(sentence).not.to.contain('name it');
    expect(sentence).not.to.contain('mounted');
    expect(sentence).to.contain('If rep restarts, it exits at each start');
  });

  it("does not stop rep if it is not Diego's: rep destroys only containers with its owner", () => {
    const value = {
      properties: { 'a:b': 'c' },
      kind: 'other',
      app: null,
      owner: 'present',
    } as const;
    const properties = new Map([[asHandle(A), { kind: 'answered', value } as const]]);
    const [container] = passWith(stuck, EMPTY_MEMORY, { properties }).containers;
    expect(container?.judgement.explanation).to.include({ kind: 'no-cgroup', stopsRep: false });
    const lost = { ...stuck, properties: { [A]: null } };
    expect(containerIn([lost]).explanation).to.include({ kind: 'no-cgroup', stopsRep: false });
  });

  it('shows those processes as its evidence, and keeps them in memory', () => {
    const cells = [
      { ...stuck, destroys: { [A]: evidence } },
      { ...stuck, at: 1000 },
    ];
    const { report, memory } = reportAfter(cells, 0);
    expect(report.containers[0]?.processes).to.deep.equal([runc]);
    expect(containerSentence(containerIn(cells))).to.contain('runc (process 812, ');
    const written = parseMemory(memoryText(memory, '2026-01-01T00:00:00.000Z'));
    if (!written.ok) throw new Error(written.why);
    expect([...written.memory.containers.values()][0]?.destroy).to.deep.equal(evidence);
  });

  it('forgets them when it is over', () => {
    const over: CellText = {
      ...stuck,
      trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` },
      at: 1000,
    };
    const { memory } = reportAfter([{ ...stuck, destroys: { [A]: evidence } }, over], 0);
    expect([...memory.containers.values()][0]?.destroy).to.equal(null);
  });

  it('is checked in every pass while pending, and in one of 20 once reported', () => {
    expect(handlesAsked(stuck, EMPTY_MEMORY)).to.deep.equal([A]);
    const seen = { ...stuck, destroys: { [A]: evidence } };
    const once = reportAfter([seen], 60_000).memory;
    expect(handlesAsked({ ...stuck, at: 1000 }, once)).to.deep.equal([A]);
    const passes = Array.from({ length: 41 }, (_, n) => ({ ...seen, at: n * 40_000 }));
    const asked = passes.map((_, n) => {
      const { memory } = reportAfter(passes.slice(0, n + 1), 30_000);
      return handlesAsked({ ...stuck, at: (n + 1) * 40_000 }, memory).length;
    });
    // Reported at the second pass; the passes 21 and 41 look again.
    expect(asked.flatMap((count, n) => (count > 0 ? [n + 1] : []))).to.deep.equal([1, 20, 40]);
  });

  it('is one of at most 16 per pass, unchecked ones first', () => {
    const many = Array.from({ length: 40 }, (_, n) => `handle-${String(n).padStart(2, '0')}`);
    const cell = { ...stuck, listed: many };
    const first = handlesAsked(cell, EMPTY_MEMORY);
    expect(first).to.deep.equal(many.slice(0, 16));
    const destroys = Object.fromEntries(first.map((handle) => [handle, evidence]));
    const { memory } = reportAfter([{ ...cell, destroys }], 60_000);
    expect(handlesAsked({ ...cell, at: 1000 }, memory)).to.deep.equal(many.slice(16, 32));
    const pass = passOf({ ...cell, destroys }, EMPTY_MEMORY);
    expect(questionsOf(pass).destroys, 'once a pass').to.equal(null);
  });

  it('is not checked if a process of it runs, or before that was searched for', () => {
    const runs: CellText = { ...stuck, trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` } };
    expect(handlesAsked(runs, EMPTY_MEMORY)).to.deep.equal([]);
    expect(handlesAsked({ ...stuck, unsearched: [A] }, EMPTY_MEMORY)).to.deep.equal([]);
  });
});
