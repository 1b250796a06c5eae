import { expect } from 'chai';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { heldByRemembered } from '../../src/reconcile/held.ts';
import { A, B, G, reportAfter, type CellText } from './cell-builder.ts';
import { expectAsked } from './cell-rows.ts';

const C = 'cccccccc-0000-4000-8000-0000';

/** A is lost, with an Envoy below and a health check beside it; B is unowned; C is in order. */
const cell = (at: number, more: Partial<CellText> = {}): CellText => ({
  trees: {
    memory: [
      `${G}: 100`,
      `${G}/garden/${A}: 200 201`,
      `${G}/garden/${A}/${A}-envoy: 202`,
      `${G}/garden/${A}-liveness-healthcheck-0: 203`,
      `${G}/garden/${B}: 300`,
      `${G}/garden/${C}: 400`,
    ].join('\n'),
  },
  listed: [B, C],
  properties: { [B]: null },
  numbers: {
    [`${G}/garden/${A}`]: 'memory.usage_in_bytes=1000',
    [`${G}/garden/${A}-liveness-healthcheck-0`]: 'memory.usage_in_bytes=200',
    [`${G}/garden/${B}`]: 'memory.usage_in_bytes=30',
    [`${G}/garden/${C}`]: 'memory.usage_in_bytes=4',
  },
  at,
  ...more,
});

const heldAfter = (...cells: readonly CellText[]) => reportAfter(cells, 1000).report.held;

describe('what lost containers hold', () => {
  const tree = `garden/A: 200 201, garden/A/A-envoy: 202, garden/A-liveness-healthcheck-0: 203, garden/B: 300, garden/${C}: 400`;
  const lost = `${tree}; lists B ${C}; unowned B`;
  const charge = 'memory.usage_in_bytes';
  const paths = ['A', 'A-liveness-healthcheck-0', 'B'].map((one) => `garden/${one}`);
  const given = paths.map((path) => `number ${path} ${charge}=1`).join('; ');
  expectAsked(`
is read for what Garden or Diego lost, in its directories and those of its peas | ${lost} | cgroupNumbers ${['B', 'A', 'A-liveness-healthcheck-0'].map((one) => `memory:garden/${one} ${charge}`).join(' ')}
is read once | ${lost}; ${given} | cgroupNumbers -
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
    expect(heldAfter(cell(0))).to.deep.equal({ memoryBytes: 0, pids: 0 });
    expect(heldAfter(cell(0), cell(1000))).to.deep.equal({ memoryBytes: 1230, pids: 5 });
  });

  it('is the part that could be read, or null', () => {
    const unread = { [`${G}/garden/${A}`]: 'memory.usage_in_bytes=null' };
    expect(heldAfter(cell(0), cell(1000, { numbers: unread }))).to.deep.equal({
      memoryBytes: null,
      pids: 5,
    });
    const half = { ...unread, [`${G}/garden/${B}`]: 'memory.usage_in_bytes=30' };
    expect(heldAfter(cell(0), cell(1000, { numbers: half })).memoryBytes).to.equal(30);
  });

  it('is in the sentence of the verdict', () => {
    const sentence = (...cells: readonly CellText[]) =>
      verdictSentence(reportAfter(cells, 1000).report);
    expect(sentence(cell(0), cell(1000))).to.equal(
      '2 of 3 containers are untracked: 1 unknown-to-garden and 1 unowned. ' +
        'They hold 1.2 KiB of memory and 5 processes (side processes included) that Diego does not account for.',
    );
    expect(sentence(cell(0), cell(1000, { numbers: {} }))).to.contain(
      'They hold 5 processes (side processes included) that Diego',
    );
  });

  it('is known in part of what an agent remembers from before it started', () => {
    const { containers } = reportAfter([cell(0), cell(1000)], 1000).report;
    expect(heldByRemembered(containers)).to.deep.equal({ memoryBytes: null, pids: 3 });
    expect(heldByRemembered([])).to.deep.equal({ memoryBytes: 0, pids: 0 });
  });
});
