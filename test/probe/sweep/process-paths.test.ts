import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../../src/model/ids.ts';
import type { CgroupDirectory } from '../../../src/model/walk.ts';
import { ProcessPaths } from '../../../src/probe/sweep/process-paths.ts';

const ALL = [1, 2, 3, 4, 5, 6, 7, 8];

/** Processes of some cgroups; 0 is one outside the pid namespace. */
const walk = fc.dictionary(
  fc.constantFrom('/', '/a', '/b', '/c', '/d'),
  fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
);

const directoriesOf = (one: Record<string, readonly number[]>): readonly CgroupDirectory[] =>
  Object.entries(one).map(([path, pids]) => ({
    path: asByteString(path),
    inode: 1,
    pids,
    trouble: null,
  }));

describe('the cgroups of processes', () => {
  it('are after each walk those of a new listing, and what changes is told', () => {
    fc.assert(
      fc.property(walk, fc.array(walk, { minLength: 1, maxLength: 5 }), (first, others) => {
        const paths = new ProcessPaths();
        paths.list(directoriesOf(first), ALL);
        const beyond = ALL.filter((pid) => paths.byPid.get(pid) === null);
        for (const one of others) {
          const before = paths.byPid;
          const changed = paths.follow(directoriesOf(one));
          const anew = new ProcessPaths();
          anew.list(directoriesOf(one), beyond);
          expect([...paths.byPid]).to.have.deep.members([...anew.byPid]);
          const differing = ALL.filter((pid) => before.get(pid) !== paths.byPid.get(pid));
          expect(new Set(changed)).to.deep.equal(new Set(differing));
        }
      }),
    );
  });
});
