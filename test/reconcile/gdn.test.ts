import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { A, G, outcome, passOf, reportAfter, type CellText } from './cell-builder.ts';

const real = { pid: 100, startTicks: 2000, cgroups: { memory: G } };
const older = { pid: 50, startTicks: 10, cgroups: { memory: '/x' } };

const cell = (more: Partial<CellText>, tree = ''): CellText => ({
  trees: { memory: `/x: 50\n${G}: 100\n${G}/garden/${A}: 200\n${tree}` },
  listed: [],
  gdn: [older, real],
  ...more,
});
const anchorOf = (report: ReturnType<typeof reportAfter>['report']) =>
  report.cgroups.anchor?.pid ?? report.unknownCause;

describe('gdn: which process is it where several could be?', () => {
  it('is the one in memory when the list is empty, not an older one elsewhere', () => {
    const tracked = reportAfter([cell({ listed: [A] })]);
    const { report } = reportAfter([cell({ listed: [] })], 0, tracked.memory);
    expect(anchorOf(report)).to.equal(100);
    expect(outcome(report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
  });

  it('is the one with living children when neither the list nor memory tells', () => {
    const { report } = reportAfter([cell({ gdn: [older, { ...real, children: 2 }] })]);
    expect(anchorOf(report)).to.equal(100);
  });

  it('is nobody when two have children and nothing else tells: the verdict is unknown', () => {
    const gdn = [
      { ...older, children: 1 },
      { ...real, children: 2 },
    ];
    const { report } = reportAfter([cell({ gdn })]);
    expect(report.verdict).to.equal('unknown');
    expect(report.unknownCause).to.deep.equal({ kind: 'no-anchor', gdns: 'several' });
  });

  it('is the one that holds more listed handles where both hold one', () => {
    const B = 'bbbbbbbb-0000-4000-8000-0000';
    const tree = `/x/garden/${A}: 300\n${G}/garden/${B}: 201`;
    const { report } = reportAfter([cell({ listed: [A, B] }, tree)]);
    expect(anchorOf(report)).to.equal(100);
    expect(outcome(report)).to.deep.equal([`${A} tracked`, `${B} tracked`]);
  });

  it('does not count empty directories that are called like listed handles', () => {
    const B = 'bbbbbbbb-0000-4000-8000-0000';
    const { report } = reportAfter([cell({ listed: [A, B] }, `/x/garden/${A}:\n/x/garden/${B}:`)]);
    expect(anchorOf(report)).to.equal(100);
  });

  it('is not a zombie, whose cgroup reads /', () => {
    const zombie = { ...older, state: 'Z', cgroups: { memory: '/' } };
    const { report } = reportAfter([cell({ gdn: [zombie, real] })]);
    expect(anchorOf(report)).to.equal(100);
    expect(outcome(report)).to.deep.equal([`${A} untracked unknown-to-garden`]);
  });

  it('is one server where a child before its exec is in the same cgroup', () => {
    const child = { ...real, pid: 101, startTicks: 3000, children: 1 };
    const { report } = reportAfter([cell({ listed: [A], gdn: [{ ...real, children: 1 }, child] })]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it("is found in bpm's job garden, which has a pid namespace", () => {
    const bpm = '/system.slice/runc-bpm-garden.scope';
    const { report } = reportAfter([
      {
        trees: { memory: `${bpm}: 100\n${bpm}/garden/${A}: 200` },
        listed: [A],
        gdn: [{ pid: 100, namespacePids: [100, 7], cgroups: { memory: bpm } }],
      },
    ]);
    expect(anchorOf(report)).to.equal(100);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it('is within the scope although a sensor has moved pid 1', () => {
    const { state } = passOf(
      cell({ listed: [A], scope: { memory: '/sensor.falcon' } }),
      EMPTY_MEMORY,
    );
    expect(state.cgroups.primary?.scope).to.equal('/');
    expect(state.gdn?.pid).to.equal(100);
  });

  it('leaves the scope of a cell in a container as it is, whether gdn runs or not', () => {
    const inner = { ...real, cgroups: { memory: `/outer/cell${G}` } };
    const of = (gdn: NonNullable<CellText['gdn']>): CellText => ({
      trees: { memory: `/outer/cell${G}: 100\n/outer/cell${G}/garden/${A}: 200` },
      listed: [A],
      scope: { memory: '/outer/cell' },
      gdn,
    });
    const { memory, report } = reportAfter([of([inner])]);
    expect(report.cell.scopes).to.deep.equal({ memory: '/outer/cell' });
    expect(reportAfter([of([])], 0, memory).report.cell.scopes).to.deep.equal(report.cell.scopes);
  });
});
