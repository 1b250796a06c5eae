import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { MustRead } from '../../src/model/snapshot.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { repFinder, startOf } from '../../src/probe/rep-processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { processNames, showProcess, type ShownProcess } from './shown-process.ts';

/** Nothing but what is due. */
const QUIET: MustRead = { directories: new Set(), names: new Set(), pids: new Set() };

const show = (root: string, cgroup: string, shown: ShownProcess): void =>
  showProcess(root, { comm: 'rep', cgroups: [`1:memory:${cgroup}`], ...shown });

/** Finds them in one pass after the other. */
const started = (root: string, mustRead: MustRead = 'everything'): ReturnType<typeof repFinder> => {
  const reader = new KernelReader(root);
  const names = processNames(reader);
  const find = repFinder(reader, names);
  return () => {
    names.pass.starts(mustRead, new Set());
    return find();
  };
};

describe('the processes that can be rep', () => {
  it('are of the host or of the job of bpm: a container may have thousands of that name', async () => {
    const root = temporaryFolder();
    show(root, '/', { pid: 10 });
    show(root, '/system.slice/runc-bpm-rep.scope', { pid: 11, pids: [11, 2] });
    show(root, '/garden/H', { pid: 12, pids: [12, 7] });
    show(root, '/', { pid: 13, comm: 'report' });
    const found = await started(root)();
    expect(found.map(({ pid }) => pid)).to.deep.equal([10, 11]);
  });

  it('are searched again when one is gone, or its pid is another process', async () => {
    const root = temporaryFolder();
    show(root, '/', { pid: 10 });
    const find = started(root);
    const startTicks = async (): Promise<readonly number[]> =>
      (await find()).map((one) => one.startTicks);
    expect(await startTicks()).to.deep.equal([10]);
    show(root, '/', { pid: 9, start: 5 });
    expect(await startTicks(), 'no search while it lives').to.deep.equal([10]);
    show(root, '/', { pid: 10, start: 20 });
    expect(await startTicks()).to.have.members([5, 20]);
    rmSync(join(root, 'proc/9'), { recursive: true });
    expect(await startTicks()).to.deep.equal([20]);
  });

  // Each pass reads a quarter of what it knows; of the others it only sees whether they still run.
  for (const [what, change] of Object.entries({
    'has ended': { state: 'Z' },
    'executes another program': { comm: 'sh' },
    'is another process': { start: 20 },
  }))
    it(`are searched again in every pass when one ${what}`, async () => {
      for (const passes of [8, 9, 10, 11]) {
        const root = temporaryFolder();
        show(root, '/', { pid: 10 });
        const find = started(root, QUIET);
        for (let pass = 0; pass < passes; pass++) expect(await find()).to.have.lengthOf(1);
        show(root, '/', { pid: 10, ...change });
        const startTicks = (await find()).map((one) => one.startTicks);
        expect(startTicks, `after ${passes} passes`).to.not.include(10);
      }
    });

  it('are searched for in every call until there is one', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'proc'));
    const find = started(root);
    expect(await find()).to.deep.equal([]);
    show(root, '/', { pid: 10 });
    expect(await find()).to.have.lengthOf(1);
  });
});

describe('the start of a process of a container', () => {
  it('is read from what the kernel writes alone', () => {
    const root = temporaryFolder();
    show(root, '/garden/H', { pid: 20, pids: [20, 1], start: 700 });
    const reader = new KernelReader(root);
    expect(startOf(reader, 20)).to.deep.equal({ startTicks: 700, namespacePids: [20, 1] });
    expect(startOf(reader, 21), 'gone').to.equal(null);
  });
});
