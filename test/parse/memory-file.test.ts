import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import type { RememberedContainer } from '../../src/model/memory.ts';
import { parseMemory, memoryText } from '../../src/parse/memory-file.ts';
import { reportAfter, type CellText } from '../reconcile/cell-builder.ts';
import { inFile, memoryIn } from './memory-again.ts';

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

  it('is read whatever the agent wrote, also of thousands of lost containers', () => {
    const many = `${text.slice(0, -1)},"later":[0${',0'.repeat(1_100_000)}]}`;
    expect(parseMemory(many)).to.deep.include({ ok: true });
  });

  it('is read as earlier versions wrote it: an upgrade forgets nothing', () => {
    const earlier = text
      .replace(/"troubleTold":null,/, '')
      .replaceAll(/"severity":"?\w+"?,/g, '')
      .replaceAll(/"told":(?:null|\{[^}]*\}),/g, '')
      .replaceAll(/,"clock":\{.*?\]\]\}/g, '');
    expect(earlier).not.to.match(/told|clock/);
    const { containers, reportedCause } = memoryIn(earlier);
    expect([...containers.values()]).to.deep.equal(
      [...inFile(memory).containers.values()].map((one) => ({ ...one, severity: null })),
    );
    expect(reportedCause).to.equal(null);
  });

  it("keeps when an agent ended because of Garden's directory, and nothing else about it", () => {
    const endedAt = '2026-01-01T00:00:00.000Z';
    const stored = memoryText({ ...memory, gardenDirectory: { passes: 1, endedAt } }, '');
    expect(memoryIn(stored).gardenDirectory).to.deep.equal({ passes: 0, endedAt });
    expect(text).not.to.contain('gardenDirectory');
    expect(memoryText({ ...memory, gardenDirectory: { passes: 1, endedAt: null } }, '')).to.equal(
      memoryText(memory, ''),
    );
  });

  it('keeps which sensors ran; an earlier version kept none, and a newer one others', () => {
    const sensors = [{ name: 'tracee', pid: 7, startTicks: 9 }] as const;
    const stored = memoryText({ ...memory, sensors }, '');
    expect(memoryIn(stored).sensors).to.deep.equal(sensors);
    expect(memoryIn(text.replace('"sensors":[],', '')).sensors).to.deep.equal([]);
    const later = stored.replace(
      '"sensors":[',
      '"sensors":[{"name":"later","pid":6,"startTicks":8},',
    );
    expect(memoryIn(later)).to.deep.include({ sensors, containers: memoryIn(text).containers });
  });

  describe('written by a newer version', () => {
    const first = (json: string): RememberedContainer | undefined =>
      memoryIn(json).containers.get(asHandle('a'));
    const withA = (change: object): string => {
      const stored = JSON.parse(text) as { readonly containers: Record<string, object> };
      const containers = { ...stored.containers, a: { ...stored.containers['a'], ...change } };
      return JSON.stringify({ ...stored, containers });
    };
    const since = '2026-01-01T00:00:00.000Z';
    const difference = { differingSince: since, lasted: 1, looks: 2, reported: true };

    it('considers a container tracked whose reason this version does not know', () => {
      const later = { ...difference, reason: 'of-later', severity: 'warning', worse: null };
      const json = withA({
        reason: null,
        told: { reason: 'of-later', since },
        later: { ...later, evidence: null },
      });
      expect(first(json)).to.include({ reason: null, reported: false, openReport: null });
    });

    it('keeps a reported reason that one of a newer version is about to replace', () => {
      const known = { ...difference, reason: 'partial', severity: 'warning', evidence: null };
      const worse = { reason: 'of-later', differingSince: since, lasted: 1, looks: 1 };
      const json = withA({ ...known, worse: null, later: { ...known, worse } });
      expect(first(json)).to.include({ reason: 'partial', reported: true, escalation: null });
    });

    it('keeps the names of a container whose kind this version does not know', () => {
      const names = { name: 'shop', spaceName: 'prod', organizationName: 'acme' };
      const guids = { id: 'a-guid', spaceId: null, organizationId: null };
      const app = { ...names, ...guids, index: 0, processType: null };
      const { identity } = first(withA({ identity: { kind: 'of-later', app } })) ?? {};
      expect(identity).to.deep.equal({ kind: 'other', app });
    });
  });

  describe('with a difference that rollcall 0.1.0 does not know', () => {
    const cell = (at: number, escaped: boolean, partial: boolean): CellText => ({
      trees: {
        memory: '/g: 100\n/g/garden/a: 200\n/: 201',
        pids: partial ? '/g/garden:\n/: 200' : '/g/garden/a: 200',
      },
      listed: ['a'],
      memberships: { 200: { memory: '/g/garden/a', pids: partial ? '/' : '/g/garden/a' } },
      gdn: [{ pid: 100, cgroups: { memory: '/g', pids: '/g' } }],
      suspects: escaped ? [{ pid: 201, cgroups: { memory: '/' }, image: '/s/images/a' }] : [],
      at,
    });
    const written = (...cells: readonly CellText[]) => {
      const after = reportAfter(cells, 1000).memory;
      const json = memoryText(after, '2026-01-01T00:00:00.000Z');
      return { after, json, old: (JSON.parse(json) as OldFile).containers['a'] };
    };
    interface OldFile {
      readonly containers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    }

    it('is tracked for 0.1.0, and comes back as it was', () => {
      const { after, json, old } = written(cell(0, true, false), cell(1000, true, false));
      expect(old).to.deep.include({ reason: null, worse: null, reported: false, lasted: 0 });
      expect(after.containers.get(asHandle('a'))).to.include({ reason: 'escaped', reported: true });
      expect(after.containers.get(asHandle('a'))?.escaped).to.have.length(1);
      expect(memoryIn(json)).to.deep.equal(inFile(after));
    });

    it('keeps the reason that 0.1.0 knows, and only hides the more severe one from it', () => {
      const { after, json, old } = written(
        cell(0, false, true),
        cell(1000, false, true),
        cell(2000, true, true),
      );
      expect(old).to.deep.include({ reason: 'partial', reported: true, worse: null });
      expect(after.containers.get(asHandle('a'))?.escalation).to.include({ reason: 'escaped' });
      expect(memoryIn(json)).to.deep.equal(inFile(after));
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
    ['a newer schema', text.replace('"schemaVersion":1', '"schemaVersion":2'), 'newer rollcall'],
    ['a wrong type', text.replace(/"lasted":0/, '"lasted":"0"'), 'containers'],
    ['a list', text.replace(/"containers":\{.*\}\}$/s, '"containers":[]}'), 'containers'],
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
