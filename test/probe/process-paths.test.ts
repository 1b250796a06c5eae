import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../src/model/ids.ts';
import type { CgroupDirectory } from '../../src/model/scan.ts';
import { ProcessPaths } from '../../src/probe/process-paths.ts';

const ALL = [1, 2, 3, 4, 5, 6, 7, 8];

/** Processes of some cgroups; 0 is one outside the pid namespace. */
const walk = fc.dictionary(
  fc.constantFrom('/', '/a', '/b', '/c', '/d'),
  fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
);

describe('the cgroups of processes', () => {
  it('are after each walk those of a new listing, and what changes is told', () => {
    fc.assert(
      fc.property(fc.array(walk, { minLength: 1, maxLength: 6 }), (walks) => {
        const known = new Map<string, CgroupDirectory>();
        const directoriesOf = (one: Record<string, readonly number[]>) =>
          Object.entries(one).map(([path, pids]) => {
            const key = `${path} ${pids.join()}`;
            const directory = { path: asByteString(path), inode: 1, pids, trouble: null };
            known.set(key, known.get(key) ?? directory);
            return known.get(key) ?? directory;
          });
        const paths = new ProcessPaths();
        const [first = {}, ...others] = walks;
        paths.list(directoriesOf(first), ALL);
        let shown = shownBy(paths);
        for (const one of others) {
          const changed = paths.follow(directoriesOf(one));
          const anew = new ProcessPaths();
          anew.list(directoriesOf(first), ALL);
          const beyond = ALL.filter((pid) => anew.has(pid) && anew.get(pid) === null);
          anew.list(directoriesOf(one), beyond);
          const now = shownBy(paths);
          expect(now).to.deep.equal(shownBy(anew));
          for (const pid of ALL)
            if (now.get(pid) !== shown.get(pid)) expect([...changed]).to.include(pid);
          shown = now;
        }
      }),
    );
  });
});

const shownBy = (paths: ProcessPaths): ReadonlyMap<number, string | null> =>
  new Map([...paths.pids()].toSorted((a, b) => a - b).map((pid) => [pid, paths.get(pid)] as const));
