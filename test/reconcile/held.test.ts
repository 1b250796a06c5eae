import { expect } from 'chai';
import { heldByRemembered } from '../../src/reconcile/held.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { A, bpmRep, cellOfOne, G, outcome, reportAfter, type CellText } from './cell-builder.ts';
import { expectAsked, expectWarned, passAfter } from './cell-rows.ts';

const C = 'cccccccc-0000-4000-8000-0001';

/** A is lost, with an Envoy below and a health check beside it; B is unowned; C is in order. */
const tree = `garden/A: 200 201, garden/A/A-envoy: 202, garden/A-liveness-healthcheck-0: 203, garden/B: 300, garden/${C}: 400`;
const lost = `${tree}; lists B ${C}; unowned B`;
const CHARGE = 'memory.usage_in_bytes';
const charged = (of: Readonly<Record<string, number | null>>): string =>
  Object.entries(of).reduce(
    (cell, [name, bytes]) => `${cell}; number garden/${name} ${CHARGE}=${bytes}`,
    lost,
  );
const cell = charged({ A: 1000, 'A-liveness-healthcheck-0': 200, B: 30, [C]: 4 });

const heldAfter = (cells: string) => passAfter(cells, 1000).report.held;

describe('what lost containers hold', () => {
  expectAsked(`
is read for what Garden or Diego lost, in its directories and those of its peas | ${lost} | cgroupNumbers ${['B', 'A', 'A-liveness-healthcheck-0'].map((one) => `memory:garden/${one} ${CHARGE}`).join(' ')}
is read once | ${cell} | cgroupNumbers -
is not read where nothing is lost | ${tree}; lists A B ${C} | cgroupNumbers -
`);
  for (const [primary, asked] of Object.entries({ v2: 'v2:garden/B memory.current', pids: '-' }))
    expectAsked(
      `
is read from ${primary} as far as that has it | garden/B: 300; lists - | cgroupNumbers ${asked}
`,
      0,
      primary,
    );

  it('counts for findings only, peas included', () => {
    expect(heldAfter(cell)).to.deep.equal({ memoryBytes: 0, pids: 0 });
    expect(heldAfter(`${cell} > same`)).to.deep.equal({ memoryBytes: 1230, pids: 5 });
  });

  it('is the part that could be read, or null', () => {
    const unread = `${charged({ A: null })} > same`;
    expect(heldAfter(unread)).to.deep.equal({ memoryBytes: null, pids: 5 });
    expect(heldAfter(`${charged({ A: null, B: 30 })} > same`).memoryBytes).to.equal(30);
  });

  expectWarned(
    `
is in the sentence of the verdict | ${cell} > same | 2 of 3 containers are untracked: 1 unknown-to-garden and 1 unowned. These containers have 1.2 KiB of memory and 5 processes (with Envoy and health checks) that Diego does not account for.
is there as far as it could be read | ${lost} > same | These containers have 5 processes (with Envoy and health checks) that Diego
`,
    1000,
  );

  describe('by an app whose properties Garden lost', () => {
    const path = `${G}/garden/${A}`;
    const running: CellText = {
      ...cellOfOne(A, '200'),
      properties: { [A]: null },
      processes: [{ pid: 200, namespacePids: [200, 1], startTicks: 1000, comm: 'garden-init' }],
      numbers: { [path]: `${CHARGE}=4096` },
    };
    const OLDER = [bpmRep(900)];
    const NEWER = [bpmRep(1100)];
    /** After the two minutes that an older rep has to remove it. */
    const reportedUnder = (reps: NonNullable<CellText['reps']>) =>
      reportAfter(
        [0, 120_000].map((at) => ({ ...running, reps, at })),
        120_000,
      ).report;

    it('is not counted under an older rep, which still counts it until it is destroyed', () => {
      const report = reportedUnder(OLDER);
      expect(outcome(report)).to.deep.equal([`${A} untracked unowned`]);
      expect(report.held).to.deep.equal({ memoryBytes: 0, pids: 0 });
      expect(verdictSentence(report)).not.to.contain('Diego does not account for');
    });

    it('is counted under a newer rep, and without one: Diego takes it for free', () => {
      for (const reps of [NEWER, []]) {
        const report = reportedUnder(reps);
        expect(report.held).to.deep.equal({ memoryBytes: 4096, pids: 1 });
        expect(verdictSentence(report)).to.contain(
          'This container has 4.0 KiB of memory and 1 process that Diego does not account for.',
        );
      }
    });
  });

  it('is known in part of what an agent remembers from before it started', () => {
    const { containers } = passAfter(`${cell} > same`, 1000).report;
    expect(heldByRemembered(containers)).to.deep.equal({ memoryBytes: null, pids: 3 });
    expect(heldByRemembered([])).to.deep.equal({ memoryBytes: 0, pids: 0 });
  });
});
