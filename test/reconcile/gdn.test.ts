import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { A, G, passOf, reportAfter, type CellText } from './cell-builder.ts';
import { expectRows } from './cell-rows.ts';

const real = { pid: 100, startTicks: 2000, cgroups: { memory: G } };
const older = { pid: 50, startTicks: 10, cgroups: { memory: '/x' } };

const cell = (more: Partial<CellText>, tree = ''): CellText => ({
  trees: { memory: `/x: 50\n${G}: 100\n${G}/garden/${A}: 200\n${tree}` },
  listed: [],
  gdn: [older, real],
  ...more,
});

describe('gdn: which process is it where several could be?', () => {
  const tree = '/x: 50, garden/A: 200';
  const gdns = 'gdn 50#10@/x 100#2000';
  expectRows(`
is the one in memory when the list is empty, not an older one elsewhere | ${tree}; ${gdns} > same; lists - | A untracked unknown-to-garden critical (1), 1 unrecognised
is the one with living children when neither the list nor memory tells | ${tree}; lists -; gdn 50#10@/x 100#2000*2 | A untracked unknown-to-garden critical (1), 1 unrecognised
is nobody when two have children and nothing else tells: the verdict is unknown | ${tree}; lists -; gdn 50#10@/x*1 100#2000*2 | unknown: no-anchor, 1 seen, 1 systemd, 1 unrecognised
is the one that holds more listed handles where both hold one | ${tree}, /x/garden/A: 300, garden/B: 201; lists A B; ${gdns} | A tracked (1), B tracked (1), 1 other-garden, 1 unrecognised
does not count empty directories that are called like listed handles | ${tree}, /x/garden/A:, /x/garden/B:; lists A B; ${gdns} | B pending no-cgroup warning (0), A tracked (1), 1 unrecognised
is not another one of before while it is away, nor when it is back | ${tree}; lists A; ${gdns} > ${tree}; lists ?; gdn 50#10@/x > ${tree}; lists -; ${gdns} | A untracked unknown-to-garden critical (1), 1 unrecognised
is the one that is left, also if memory knew another one first | /x: 50; lists -; gdn 50#10@/x*2 100#2000 > garden/A: 200; lists A; gdn 100#2000; searched > same | A tracked (1)
is another one of before where Garden answers and only that one runs | garden/A: 200; lists A; gdn 100#2000 > garden/A: 200, /new: 500; lists A; gdn 100#2000 500#9000@/new > garden/A: 200, /new: 500, /new/garden/B: 600; lists A B; gdn 500#9000@/new; searched > garden/A: 200, /new: 500, /new/garden/B: 600; lists A; gdn 500#9000@/new; searched > same | B untracked unknown-to-garden critical (1), A tracked (1), 1 systemd
is not a zombie, whose cgroup reads / | ${tree}; lists -; gdn 50#10@/Z 100#2000 | A untracked unknown-to-garden critical (1), 1 unrecognised
is one server where a child before its exec is in the same cgroup | ${tree}; gdn 100#2000*1 101#3000*1 | A tracked (1), 1 unrecognised
is found in bpm's job garden, which has a pid namespace | /bpm-garden: 100, /bpm-garden/garden/A: 200; gdn 100/7@/bpm-garden | A tracked (1), 1 systemd
`);

  it('leaves what a dead one left to that one, also after a pass that reads no cgroup', () => {
    const both = cell({ listed: [A] }, '/x/garden/b: 300');
    const { report } = reportAfter([both, { ...both, trees: {} }, { ...both, gdn: [real] }]);
    expect(report.ignored).to.include({ 'other-garden': 1 });
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
