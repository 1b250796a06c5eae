import { expect } from 'chai';
import type { Memory } from '../../src/model/memory.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import {
  A,
  G,
  P,
  cellWithA,
  outcome,
  passOf,
  passWith,
  reportAfter,
  type CellText,
} from './cell-builder.ts';

const cell = (at: number, path: string | null, more: Partial<CellText> = {}): CellText =>
  cellWithA(path === null ? '' : `${path}: 300 301`, { images: { 300: P, 301: P }, at, ...more });
const listed = cell(0, `${G}/${P}`, { listed: [A, P] });

/** Where P is in one pass after another, beginning with the first in which Garden lost it. */
function reported(...paths: readonly string[]) {
  let { memory, report: reportBefore } = reportAfter([listed]);
  return paths.map((path, index) => {
    const memoryBefore: Memory = memory;
    const { report, memory: next } = reportAfter([cell(1000 + index * 2000, path)], 2000, memory);
    const changes = transitionsOf({ memoryBefore, memory: next, reportBefore, report });
    [memory, reportBefore] = [next, report];
    return [...changes.map(({ kind }) => kind), ...outcome(report)];
  });
}

const UNTRACKED = [`${P} untracked unknown-to-garden`, `${A} tracked`];

describe('moved containers: lost by Garden, and in another cgroup', () => {
  for (const [story, path] of Object.entries({
    'below another container': `${G}/garden/${A}/${P}`,
    'deeper below another container': `${G}/garden/${A}/x/${P}/y`,
    'in one like a unit': `/${P}-x.service`,
    'in one like a pea': `/${P}-envoy`,
    'in one with its name elsewhere': `/x/${P}`,
    'below a docker container': `/docker/${'ab'.repeat(32)}/${P}`,
  })) {
    it(`finds one ${story}`, () => {
      expect(reported(path, path)).to.deep.equal([
        [`${P} pending unknown-to-garden`, `${A} tracked`],
        ['untracked', ...UNTRACKED],
      ]);
    });

    it(`keeps the finding of one that moves while it is reported, ${story}`, () => {
      expect(reported(`${G}/${P}`, `${G}/${P}`, path, path).slice(1)).to.deep.equal([
        ['untracked', ...UNTRACKED],
        UNTRACKED,
        UNTRACKED,
      ]);
    });
  }

  it('does not take the place of all containers for one with its name', () => {
    const R = 'eeeeeeee-0000-4000-8000-0000';
    const S = 'system.slice';
    const trees = (path: string): CellText['trees'] => ({
      memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${R}: 250\n${path}: 300`,
    });
    const images = { 300: S };
    const lost = cell(1000, null, { trees: trees(`/${S}/x`), images });
    const { report } = reportAfter([
      cell(0, null, { trees: trees(`${G}/${S}`), images, listed: [A, R, S] }),
      lost,
      { ...lost, at: 3000 },
    ]);
    expect(outcome(report)).to.include.members([
      `${R} untracked unknown-to-garden`,
      `${A} tracked`,
    ]);
  });

  it('finds one that moves in every pass', () => {
    const paths = ['/x1', '/x2', `${G}/garden/${A}`, '/x4'].map((path) => `${path}/${P}`);
    expect(reported(...paths).slice(1)).to.deep.equal([
      ['untracked', ...UNTRACKED],
      UNTRACKED,
      UNTRACKED,
    ]);
  });

  it("finds one that moves in every pass and that containerd's shim started", () => {
    const launched = { by: 'containerd-shim', namespace: 'garden', id: P, address: null } as const;
    const step = (at: number, path: string) =>
      cell(at, path, {
        images: { 300: null, 301: null },
        processes: [{ pid: 300, comm: 'app', namespacePids: [300, 1] }],
        ancestors: { 300: [{ pid: 290, comm: 'containerd-shim', launched }] },
      });
    const steps = [listed, step(1000, `/x1/${P}`), step(3000, `/x2/${P}`)];
    expect(outcome(reportAfter(steps, 2000).report)).to.deep.equal(UNTRACKED);
  });

  it('counts its processes once, and its cgroup not among those that are ignored', () => {
    for (const [path, top] of [
      [`/x/${P}/y`, `/x/${P}`],
      [`/${P}-x/${P}`, `/${P}-x`],
    ] as const) {
      const { report } = reportAfter([listed, cell(1000, path)]);
      expect(report.containers[0]).to.deep.include({ pids: 2, cgroups: { memory: top } });
      expect(report.ignored.unrecognised).to.equal(0);
    }
  });

  it('does not count a cgroup of its name whose processes have another root', () => {
    for (const path of [`/x/${P}`, `${G}/garden/${A}/${P}`, `/${P}-x.service`]) {
      for (const image of [A, `${P}-envoy`, null]) {
        const images = { 300: image, 301: image };
        const { report } = reportAfter([listed, cell(1000, path, { images })]);
        expect(outcome(report)).to.deep.equal([`${A} tracked`]);
      }
    }
  });

  it('does not count one of a container that was not listed, or that another gdn runs', () => {
    const other = '/system.slice/other.service';
    const gdn = [
      { pid: 100, cgroups: { memory: G } },
      { pid: 150, cgroups: { memory: other } },
    ];
    const path = `${G}/garden/${A}/${P}`;
    expect(outcome(reportAfter([cell(1000, path)]).report)).to.deep.equal([`${A} tracked`]);
    const elsewhere = cell(1000, `${other}/${P}`, { gdn });
    expect(outcome(reportAfter([listed, elsewhere]).report)).to.deep.equal([`${A} tracked`]);
  });

  it('asks whose root the processes have: of three in a cgroup, in four cgroups', () => {
    const { memory } = reportAfter([listed]);
    const many = Array.from({ length: 9 }, (_, n) => `/x${n}/${P}: ${n}91 ${n}92 ${n}93 ${n}94`);
    const moved = cell(1000, null);
    const tree = `${moved.trees['memory'] ?? ''}\n${many.join('\n')}`;
    const pass = passWith({ ...moved, trees: { memory: tree } }, memory, { rootImages: new Map() });
    expect(questionsOf(pass).rootImages).to.have.lengthOf(12);
    expect(questionsOf(passOf(moved, memory)).rootImages).to.deep.equal([]);
  });
});
