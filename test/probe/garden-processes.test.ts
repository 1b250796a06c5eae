import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gardenProcessFinder } from '../../src/probe/garden-processes.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

interface ShownProcess {
  readonly pid: number;
  readonly uid: number;
  /** NSpid, outermost first. */
  readonly pids: string;
}

function showProcess(root: string, { pid, uid, pids }: ShownProcess): void {
  const folder = join(root, `proc/${pid}`);
  mkdirSync(folder, { recursive: true });
  const files = {
    stat: `${pid} (gdn) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${pid} 1000 0`,
    status: `Name:\tgdn\nUid:\t${uid}\t0\t0\t0\nNSpid:\t${pids}\n`,
    comm: 'gdn\n',
    cmdline: `gdn\0--number\0${pid}\0`,
    cgroup: '1:memory:/g\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

describe('the processes called gdn', () => {
  it('are asked for their command line only where they can be Garden’s server', () =>
    inTemporaryFolder((root) => {
      showProcess(root, { pid: 10, uid: 0, pids: '10' });
      showProcess(root, { pid: 20, uid: 1000, pids: '20' });
      showProcess(root, { pid: 30, uid: 0, pids: '30\t1' });
      const find = gardenProcessFinder(new KernelReader(root));
      for (const look of ['the first', 'the second']) {
        const found = find().map(({ pid, command, membership }) => [pid, command, membership]);
        expect(found, look).to.deep.equal([
          [10, 'gdn --number 10', { memory: '/g' }],
          [20, '', { memory: '/g' }],
          [30, '', { memory: '/g' }],
        ]);
      }
    }));
});
