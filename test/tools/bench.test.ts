import { expect } from 'chai';
import { agentSection } from '../../tools/bench/agent-section.ts';
import { quietPasses, walkReads } from '../../tools/bench/read-lists.ts';
import { floorMilliseconds, median, ratioOf } from '../../tools/bench/samples.ts';
import { goalOf } from '../../tools/bench/section.ts';

const [HANDLE, ANOTHER] = ['4f1c9a52-7d03-4e8b-9a61-52c3', '91b0e7d4-2c58-4f06-8d3e-07aa'];
const GARDEN = '/sys/fs/cgroup/memory/system.slice/garden.service/garden';

/** A cell with two containers, one of which has an Envoy, and with a process of the host. */
const cell = {
  directories: [
    { path: '/sys/fs/cgroup/memory/system.slice', pids: [] },
    { path: '/sys/fs/cgroup/memory/system.slice/garden.service', pids: [40] },
    { path: GARDEN, pids: [] },
    { path: `${GARDEN}/${HANDLE}`, pids: [101, 102] },
    { path: `${GARDEN}/${HANDLE}/${HANDLE}-envoy`, pids: [103] },
    { path: `${GARDEN}/${ANOTHER}`, pids: [201] },
  ],
  mounts: ['/sys/fs/cgroup/memory'],
  pids: [1, 40, 101, 102, 103, 201],
  gdn: 40,
};

const passesOf = (list: string): readonly (readonly string[])[] =>
  list
    .split('-\n')
    .slice(0, -1)
    .map((pass) => pass.split('\n').slice(0, -1));

describe('the bench', () => {
  it('takes the median, so that one disturbed sample does not count', () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([9, 1, 5, 6])).to.equal(6);
  });

  it('compares within a round, so that a slow one does not count for one side only', () => {
    expect(ratioOf([2, 200, 2], [1, 100, 1])).to.equal(2);
    expect(ratioOf([3, 30, 3], [1, 10, 2])).to.equal(3);
  });

  it('says which goal is missed, and where the reason is', () => {
    const missed = 'missed: [why](../decisions/cost.md#goals-that-are-missed)';
    expect(goalOf('the start', 2.5, [2.2, '× Node'])).to.deep.equal([
      'the start',
      '≤ 2.2 × Node',
      '2.50 × Node',
      missed,
    ]);
    expect(goalOf('the start', 2.2, [2.2, '× Node'])[3]).to.equal('met');
  });

  it('compares a pass with the floor and with another package, by the median of their windows', () => {
    const windows = (...costs: readonly number[]) =>
      costs.map((cpu) => ({ cpu, share: cpu / 100, megabytes: 60, passes: 2 }));
    const costs = {
      rollcall: windows(20, 90, 21),
      C: windows(10, 45, 7),
      beside: windows(40, 180, 42),
    };
    const row = { what: 'nothing changed', costs, most: { share: 0.5, timesC: 1.5 } };
    const { rows, goals } = agentSection([row], ['C', 'beside']);
    expect(rows).to.deep.equal([
      ['nothing changed', '21.0', '0.21', '60.0', '10.0', '2.00', '42.0', '0.50'],
    ]);
    expect(goals.map(([, limit, measured]) => [limit, measured])).to.deep.equal([
      ['≤ 0.5 % of a core', '0.21 % of a core'],
      ['≤ 1.5 × C', '2.00 × C'],
    ]);
  });

  it('does not compare with what was not measured beside it', () => {
    const costs = { rollcall: [{ cpu: 400, share: Number.NaN, megabytes: 60, passes: 1 }] };
    const { rows } = agentSection([{ what: 'the first', costs, most: {} }], ['C']);
    expect(rows).to.deep.equal([['the first', '400', '', '60.0', '', '']]);
  });

  it('stops if the floor could not read what it was to read', () => {
    expect(floorMilliseconds('5563848 0')).to.equal(5.563848);
    expect(() => floorMilliseconds('5563848 90')).to.throw('90 reads of a list failed');
    expect(() => floorMilliseconds('')).to.throw('NaN reads of a list failed');
  });
});

describe('the floor of the bench', () => {
  it('walks each cgroup, and lists those with children', () => {
    const [walk = []] = passesOf(walkReads(cell.directories));
    expect(walk.filter((read) => read.endsWith('/cgroup.procs'))).to.have.length(6);
    expect(walk.filter((read) => read.startsWith('l '))).to.deep.equal([
      'l /sys/fs/cgroup/memory/system.slice',
      'l /sys/fs/cgroup/memory/system.slice/garden.service',
      `l ${GARDEN}`,
      `l ${HANDLE}`,
    ]);
  });

  const passes = passesOf(quietPasses(cell, 60));
  const inPasses = (count: number): readonly string[] => passes.slice(0, count).flat();

  it('reads the processes of a cgroup, and the cgroups of a process, once in four passes', () => {
    for (const read of [`r ${HANDLE}/${HANDLE}-envoy/cgroup.procs`, 'r /proc/201/cgroup'])
      expect(
        inPasses(4).filter((one) => one === read),
        read,
      ).to.have.length(1);
  });

  it('checks each process once in ten passes, and reads the names of those outside containers', () => {
    for (const pid of cell.pids)
      expect(inPasses(10).filter((read) => read === `s /proc/${pid}`)).to.have.length(1);
    const sweep = inPasses(10).filter((read) => read.endsWith('/comm'));
    expect(sweep).to.include('r /proc/1/comm');
    expect(sweep).not.to.include('r /proc/101/comm');
  });

  it('reads the ledgers once a minute', () => {
    const addresses = passes.map((pass) => pass.filter((read) => read.endsWith('/fib_trie')));
    expect(addresses[0]).to.deep.equal(['r /proc/101/net/fib_trie', 'r /proc/201/net/fib_trie']);
    expect(addresses.slice(1).flat()).to.deep.equal([]);
  });
});
