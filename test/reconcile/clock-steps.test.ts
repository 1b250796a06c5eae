import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';
import { reread } from '../parse/reread-memory.ts';
import { A, B, G, complete, outcome, passOf, snapshotOf, type CellText } from './cell-builder.ts';

const INTERVAL = 15_000;
const DAY = 86_400_000;
const periods = gracePeriodsOfAgent(30_000, INTERVAL);

const well: CellText = {
  trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${B}: 300` },
  listed: [A, B],
};
const forgotten: CellText = { ...well, listed: [B] };
const withoutOwner: CellText = { ...well, properties: { [A]: null } };

/** What each pass says, an interval apart, and the memory after all of them. */
function said(
  cells: readonly CellText[],
  { start = EMPTY_MEMORY, ahead }: { start?: Memory; ahead: (pass: number) => number },
) {
  let memory = start;
  const outcomes = cells.map((one, n) => {
    const cell = { ...one, at: n * INTERVAL };
    const snapshot = snapshotOf(cell);
    const wall = new Date(Date.parse(snapshot.at.wall) + ahead(n)).toISOString();
    const at = { ...snapshot.at, wall };
    const completed = complete(passOf(cell, memory, { ...snapshot, at }), periods);
    memory = completed.memory;
    return outcome(completed.report).join(', ');
  });
  return { outcomes, memory };
}

const ON_TIME = { ahead: () => 0 };
const LOST = [
  `${A} pending unknown-to-garden, ${B} tracked`,
  `${A} untracked unknown-to-garden, ${B} tracked`,
];

describe('a wall clock that is set while the agent runs', () => {
  const STORIES: Readonly<Record<string, readonly CellText[]>> = {
    'a lost container': [well, forgotten, forgotten, forgotten, forgotten, well],
    'a container without an owner': [well, ...Array.from({ length: 12 }, () => withoutOwner), well],
    'a container lost in turns': Array.from({ length: 12 }, (_, n) => (n % 2 ? forgotten : well)),
  };
  for (const [what, cells] of Object.entries(STORIES)) {
    for (const days of [1, -1]) {
      it(`changes no grace period: ${days} day, at any pass, ${what}`, () => {
        const { outcomes } = said(cells, ON_TIME);
        expect(outcomes.join()).to.contain('untracked');
        for (const at of cells.keys()) {
          const stepped = said(cells, { ahead: (pass) => (pass < at ? 0 : days * DAY) });
          expect(stepped.outcomes, `at pass ${at}`).to.deep.equal(outcomes);
        }
      });
    }
  }
});

describe('The agent, where somebody puts back an older copy of its memory file,', () => {
  const restored = (cells: readonly CellText[]): Memory => reread(said(cells, ON_TIME).memory);

  it('reports a finding again after its grace period if the copy is from before it', () => {
    const start = restored([well]);
    const [pending, untracked] = LOST;
    expect(said([forgotten, forgotten, forgotten], { start, ...ON_TIME }).outcomes).to.deep.equal([
      pending,
      pending,
      untracked,
    ]);
  });

  it('ends a finding again in the first pass if the copy is from before its end', () => {
    const start = restored([well, forgotten, forgotten, forgotten]);
    expect([...start.containers.values()].map(({ reported }) => reported)).to.include(true);
    expect(said([well], { start, ...ON_TIME }).outcomes).to.deep.equal([
      `${A} tracked, ${B} tracked`,
    ]);
    const [, untracked] = LOST;
    expect(said([forgotten], { start, ...ON_TIME }).outcomes).to.deep.equal([untracked]);
  });
});
