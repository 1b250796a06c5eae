import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { repFinder, startOf } from '../../src/probe/rep-processes.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

interface ShownProcess {
  readonly pid: number;
  readonly pids: string;
  readonly cgroup: string;
  readonly comm?: string;
  readonly start?: number;
}

function show(root: string, { pid, pids, cgroup, comm = 'rep', start = pid }: ShownProcess): void {
  const folder = join(root, `proc/${pid}`);
  mkdirSync(folder, { recursive: true });
  const files = {
    stat: `${pid} (${comm}) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${start} 1000 0`,
    status: `Name:\t${comm}\nUid:\t0\t0\t0\t0\nNSpid:\t${pids}\n`,
    comm: `${comm}\n`,
    cgroup: `1:memory:${cgroup}\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

describe('the processes that can be rep', () => {
  it('are of the host or of the job of bpm: a container may have thousands of that name', () =>
    inTemporaryFolder((root) => {
      show(root, { pid: 10, pids: '10', cgroup: '/' });
      show(root, { pid: 11, pids: '11\t2', cgroup: '/system.slice/runc-bpm-rep.scope' });
      show(root, { pid: 12, pids: '12\t7', cgroup: '/garden/H' });
      show(root, { pid: 13, pids: '13', cgroup: '/', comm: 'report' });
      const found = repFinder(new KernelReader(root))();
      expect(found.map(({ pid }) => pid)).to.deep.equal([10, 11]);
    }));

  it('are searched again when one is gone, or its pid is another process', () =>
    inTemporaryFolder((root) => {
      show(root, { pid: 10, pids: '10', cgroup: '/' });
      const find = repFinder(new KernelReader(root));
      const startTicks = (): readonly number[] => find().map((one) => one.startTicks);
      expect(startTicks()).to.deep.equal([10]);
      show(root, { pid: 9, pids: '9', cgroup: '/', start: 5 });
      expect(startTicks(), 'no search while it lives').to.deep.equal([10]);
      show(root, { pid: 10, pids: '10', cgroup: '/', start: 20 });
      expect(startTicks()).to.have.members([5, 20]);
      rmSync(join(root, 'proc/9'), { recursive: true });
      expect(startTicks()).to.deep.equal([20]);
    }));

  it('are searched for in every call until there is one', () =>
    inTemporaryFolder((root) => {
      mkdirSync(join(root, 'proc'));
      const find = repFinder(new KernelReader(root));
      expect(find()).to.deep.equal([]);
      show(root, { pid: 10, pids: '10', cgroup: '/' });
      expect(find()).to.have.lengthOf(1);
    }));
});

describe('the start of a process of a container', () => {
  it('is read from what the kernel writes alone', () =>
    inTemporaryFolder((root) => {
      show(root, { pid: 20, pids: '20\t1', cgroup: '/garden/H', start: 700 });
      const reader = new KernelReader(root);
      expect(startOf(reader, 20)).to.deep.equal({ startTicks: 700, namespacePids: [20, 1] });
      expect(startOf(reader, 21), 'gone').to.equal(null);
    }));
});
