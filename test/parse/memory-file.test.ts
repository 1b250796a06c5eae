import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import type { RememberedContainer } from '../../src/model/memory.ts';
import { parseMemory, memoryText } from '../../src/parse/memory-file.ts';
import { reportAfter, type CellText } from '../reconcile/cell-builder.ts';
import { inFile, memoryIn } from './reread-memory.ts';

const { memory } = reportAfter([
  {
    trees: { memory: '/g: 100\n/g/garden/a: 200\n/g/garden/b: 300' },
    listed: ['a', '__proto__', 'we"ird\n'],
    processes: [{ pid: 300 }],
    gdn: [{ pid: 100, cgroups: { memory: '/g' } }],
  },
]);
const text = memoryText(memory, '2026-01-01T00:00:00.000Z');

describe('the memory file', () => {
  it('comes back as it was written', () => {
    expect(memoryIn(text)).to.deep.equal(inFile(memory));
    expect(memory.containers.has(asHandle('__proto__'))).to.equal(true);
  });

  it('is read although it has more values than other JSON may have, as with thousands of lost containers', () => {
    const many = `${text.slice(0, -1)},"later":[0${',0'.repeat(1_100_000)}]}`;
    expect(parseMemory(many)).to.deep.include({ ok: true });
  });

  it("keeps when an agent ended because of Garden's directory, and nothing else about it", () => {
    const endedAt = '2026-01-01T00:00:00.000Z';
    const stored = memoryText({ ...memory, gardenDirectory: { passes: 1, endedAt } }, '');
    expect(memoryIn(stored).gardenDirectory).to.deep.equal({ passes: 0, endedAt });
    expect(memoryText({ ...memory, gardenDirectory: { passes: 1, endedAt: null } }, '')).to.equal(
      memoryText(memory, ''),
    );
  });

  it('keeps which sensors ran', () => {
    const sensors = [{ name: 'tracee', pid: 7, startTicks: 9 }] as const;
    expect(memoryIn(memoryText({ ...memory, sensors }, '')).sensors).to.deep.equal(sensors);
  });

  it('is read with keys of a later version, which are dropped', () => {
    const later = text.replaceAll('"firstSeen":', '"ofLater":[1],"firstSeen":');
    expect(memoryIn(`{"ofLater":{},${later.slice(1)}`)).to.deep.equal(memoryIn(text));
  });

  describe('with a difference', () => {
    const inOrder: CellText = {
      trees: { memory: '/g: 100\n/g/garden/a: 200\n/: 201', pids: '/g/garden/a: 200' },
      listed: ['a'],
      memberships: { 200: { memory: '/g/garden/a', pids: '/g/garden/a' } },
      gdn: [{ pid: 100, cgroups: { memory: '/g', pids: '/g' } }],
      suspects: [],
    };
    /** Its process 201 is outside all of its cgroups. */
    const withEscaped = (cell: CellText): CellText => ({
      ...cell,
      suspects: [{ pid: 201, cgroups: { memory: '/' }, image: '/s/images/a' }],
    });
    /** Its process 200 is in its cgroup in the hierarchy memory, and not in pids. */
    const withPartial = (cell: CellText): CellText => ({
      ...cell,
      trees: { ...cell.trees, pids: '/g/garden:\n/: 200' },
      memberships: { 200: { memory: '/g/garden/a', pids: '/' } },
    });
    /**
     * What the file keeps of the container after a pass each second, with a grace period of one
     * second.
     */
    const keptAfter = (...cells: readonly CellText[]): RememberedContainer | undefined => {
      const passes = cells.map((cell, second) => ({ ...cell, at: second * 1000 }));
      const after = reportAfter(passes, 1000).memory;
      const read = memoryIn(memoryText(after, '2026-01-01T00:00:00.000Z'));
      expect(read).to.deep.equal(inFile(after));
      return read.containers.get(asHandle('a'));
    };

    it('keeps that it was reported, and the processes that it is about', () => {
      const container = keptAfter(withEscaped(inOrder), withEscaped(inOrder));
      expect(container).to.include({ reason: 'escaped', reported: true });
      expect(container?.escaped).to.have.length(1);
    });

    it('keeps a more severe reason that has not lasted yet', () => {
      const partial = withPartial(inOrder);
      const container = keptAfter(partial, partial, withEscaped(partial));
      expect(container).to.include({ reason: 'partial', reported: true });
      expect(container?.escalation).to.include({ reason: 'escaped' });
    });
  });

  it('is refused when cut anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(parseMemory(text.slice(0, length)).ok).to.equal(false);
      }),
    );
  });

  for (const [what, broken, why] of [
    ['another schema', text.replace('"schemaVersion":1', '"schemaVersion":2'), 'schemaVersion 2'],
    ['a missing key', text.replace('"severity":null,', ''), 'containers.0.1.severity'],
    ['an unknown reason', text.replace('"reason":null', '"reason":"x"'), 'containers.0.1.reason'],
    ['a wrong type', text.replace('"lasted":0', '"lasted":"0"'), 'containers.0.1.lasted'],
    ['no list', text.replace(/"containers":\[.*\],"rep"/s, '"containers":{},"rep"'), 'containers'],
  ] as const) {
    it(`says why it is refused: ${what}`, () => {
      expect(() => memoryIn(broken)).to.throw(why);
    });
  }

  it('is the same text while nothing differs, after any number of passes', () => {
    const cell = {
      trees: { memory: '/g: 100\n/g/garden/a: 200' },
      listed: ['a'],
      gdn: [{ pid: 100, cgroups: { memory: '/g' } }],
    };
    const first = reportAfter([cell]).memory;
    const later = reportAfter([{ ...cell, at: 15_000 }], 0, first).memory;
    expect(memoryText(later, '')).to.equal(memoryText(first, ''));
  });
});
