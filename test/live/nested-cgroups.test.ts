import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { asByteString } from '../../src/model/ids.ts';
import { walkAtOnce } from '../../src/probe/walk/walk-hierarchy.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';

const DEPTH = 10_000;
/** Of the walk, which reads 48 levels of them. */
const MAX_READS = 100;

/** A reader that counts what it is asked. */
function countingReader() {
  const counted = { reads: 0 };
  const reader = new Proxy(new KernelReader('/'), {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        counted.reads += 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { reader, counted };
}

/** One cgroup in the other, with a process in the deepest one; no path leads there. */
async function nested(top: string): Promise<void> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const before = process.cwd();
  fs.mkdirSync(top);
  process.chdir(top);
  for (let level = 0; level < DEPTH; level++) {
    fs.mkdirSync('n');
    process.chdir('n');
  }
  fs.writeFileSync('cgroup.procs', `${child.pid}`);
  process.chdir(before);
  atEndOfTest(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.chdir(top);
    for (let level = 0; level < DEPTH; level++) process.chdir('n');
    for (let level = 0; level < DEPTH; level++) {
      process.chdir('..');
      // A cgroup stays busy for a moment after its last process left.
      await waitFor('an empty cgroup', () => {
        try {
          fs.rmdirSync('n');
          return true;
        } catch {
          return false;
        }
      });
    }
    process.chdir(before);
    fs.rmdirSync(top);
  });
}

describe('10,000 cgroups, one in the other', () => {
  it('are walked to the limit with few reads, and said to be cut', async function () {
    this.timeout(180_000);
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    if (process.getuid?.() !== 0) skip(this, 'needs root to make cgroups');
    const hierarchy = hostHierarchies().find(
      ({ version, controllers }) => version === 2 || controllers.includes('pids'),
    );
    if (hierarchy === undefined) skip(this, 'needs a cgroup hierarchy');
    const top = join(hierarchy.mountPoint, `rollcall-nested-${process.pid}`);
    await nested(top);
    const { reader, counted } = countingReader();
    const walk = walkAtOnce(reader, {
      controller: 'v2',
      openedAt: asByteString(top),
      scope: asByteString('/'),
      first: [],
    });
    expect(counted.reads).to.be.within(2, MAX_READS);
    if (walk.kind !== 'read') expect.fail(walk.errno);
    expect(walk.directories.length).to.be.within(2, 50);
    expect(walk.unseen.map(({ why }) => why)).to.deep.equal(['bound']);
  });
});
