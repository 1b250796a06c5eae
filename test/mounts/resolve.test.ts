import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { ProcessInCgroups } from '../../src/model/process.ts';
import { gdnCandidates, oldestRep, pathBelowMount } from '../../src/mounts/resolve.ts';
import { process } from '../reconcile/cell-builder.ts';
import { choiceOf, verify } from './expected-mounts.ts';
import { tableOf } from './mount-lines.ts';

describe('a path of /proc/PID/cgroup below the chosen mount', () => {
  const PATHS: readonly {
    /** What the mount shows. */
    readonly root: string;
    readonly path: string;
    readonly below: string | null;
  }[] = [
    { root: '/', path: '/garden/x', below: '/garden/x' },
    { root: '/', path: '/../x', below: null },
    { root: '/../..', path: '/../../garden/x', below: '/garden/x' },
    { root: '/../..', path: '/../..', below: '/' },
    { root: '/../..', path: '/garden/x', below: null },
    { root: '/../..', path: '/../../../x', below: null },
  ];
  for (const { root, path, below } of PATHS) {
    it(`is ${below ?? 'not there'} for ${path} where the mount shows ${root}`, () => {
      const table = tableOf(`5 1 0:9 ${root} /a rw - cgroup c rw,memory`);
      const choice = choiceOf(verify(table, root === '/' ? 'initial' : 'private'), 'memory');
      if (choice === undefined) throw new Error('no choice');
      const membership = { memory: asByteString(path) };
      expect(pathBelowMount(membership, { controller: 'memory', choice })).to.equal(below);
    });
  }
});

describe('the processes that can be gdn or rep', () => {
  const called =
    (comm: string) =>
    (pid: number, startTicks: number, path = '/'): ProcessInCgroups => ({
      ...process({ pid, comm, startTicks, command: comm }),
      membership: { memory: asByteString(path) },
      children: 0,
      depot: null,
      containerdSocket: null,
    });
  const [gdn, rep] = [called('gdn'), called('rep')];

  it('come in the order of their start, then of their pids, and are in no Garden directory', () => {
    const servers = [gdn(7, 30), gdn(9, 20), gdn(8, 20), gdn(5, 10, '/garden/x'), rep(6, 1)];
    expect(gdnCandidates(servers, null).map(({ pid }) => pid)).to.deep.equal([8, 9, 7]);
    const reps = [rep(7, 30), rep(9, 20), rep(8, 20), rep(5, 10, '/garden/x'), gdn(6, 1)];
    expect(oldestRep(reps, null)?.pid).to.equal(8);
    expect(oldestRep(reps.slice(3), null)).to.equal(null);
  });

  it('may be below a Garden directory in which pid 1 is, as on a cell in a container', () => {
    const within = gdn(7, 10, '/garden/cell/system.slice');
    const first = (path: string) => ({ memory: asByteString(path) });
    expect(gdnCandidates([within], first('/garden/cell/init.scope'))).to.have.length(1);
    expect(gdnCandidates([within], first('/garden/other'))).to.have.length(0);
  });
});
