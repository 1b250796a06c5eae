import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { gardenProcessFinder, membershipReader } from '../../src/probe/processes.ts';
import { repFinder } from '../../src/probe/rep-processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLines, processNames, showProcess } from './shown-process.ts';

const PIDS = [10, 11, 12];

/** A process starts, with a pid that another one may have had, moves, or ends. */
const changes = fc.array(
  fc.record({
    pid: fc.constantFrom(...PIDS),
    comm: fc.constantFrom('gdn', 'rep', 'app'),
    cgroup: fc.constantFrom('/', '/g', null),
    start: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** What a pass reads of its processes. */
const readersOf = (reader: KernelReader) => {
  const names = processNames(reader);
  return {
    pass: names.pass,
    memberships: membershipReader(reader, () => Promise.resolve()),
    gardens: gardenProcessFinder(reader, commandLines(reader), names).known,
    reps: repFinder(reader, names),
  };
};

describe('what a probe has read before', () => {
  it('is what a new one reads, of every process that it knows, if it must read everything', () =>
    fc.assert(
      fc.asyncProperty(changes, async (made) => {
        const root = temporaryFolder();
        const reader = new KernelReader(root);
        const kept = readersOf(reader);
        showProcess(root, { pid: 1 });
        for (const { pid, comm, cgroup, start } of made) {
          if (cgroup === null) rmSync(join(root, `proc/${pid}`), { recursive: true, force: true });
          else showProcess(root, { pid, comm, start, cgroups: [`1:memory:${cgroup}`] });
          const fresh = readersOf(reader);
          kept.pass.starts('everything', new Set());
          expect(await kept.memberships(PIDS)).to.deep.equal(await fresh.memberships(PIDS));
          // Others may have started since the last search.
          expect(await fresh.gardens()).to.include.deep.members([...(await kept.gardens())]);
          expect(await fresh.reps()).to.include.deep.members([...(await kept.reps())]);
        }
      }),
      { numRuns: 50 },
    ));
});
