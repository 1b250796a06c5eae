import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { heldByRemembered } from '../../src/reconcile/held.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, B, G, passOf, reportAfter, snapshotOf, type CellText } from './cell-builder.ts';

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
  it('is read for what Garden or Diego lost, in its directories and those of its peas', () => {
    const asked = (more: Partial<CellText>, files = {}) => {
      const text = cell(0, more);
      const snapshot = snapshotOf({ ...text, numbers: files });
      return questionsOf(passOf(text, EMPTY_MEMORY, snapshot)).cgroupNumbers;
    };
    const openedAt = asByteString('/sys/fs/cgroup/memory');
    const paths = [A, `${A}-liveness-healthcheck-0`, B].map((name) => `${G}/garden/${name}`);
    expect(asked({})).to.have.deep.members(
      paths.map((path) => ({ openedAt, path, files: ['memory.usage_in_bytes'] })),
    );
    expect(asked({}, cell(0).numbers)).to.deep.equal([]);
    expect(asked({ listed: [A, B, C], properties: {} })).to.deep.equal([]);
    const v2 = { v2: cell(0).trees.memory ?? '' };
    const [first] = asked({ trees: v2, gdn: [{ cgroups: { v2: G } }] });
    expect(first?.files).to.deep.equal(['memory.current']);
    const pids = { pids: cell(0).trees.memory ?? '' };
    expect(asked({ trees: pids, gdn: [{ cgroups: { pids: G } }] })).to.deep.equal([]);
  });

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
