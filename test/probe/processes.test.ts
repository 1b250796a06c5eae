import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { gardenProcessFinder, processesOnRootOf } from '../../src/probe/processes.ts';
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
  it("have their command line read only if they can be Garden's server", () =>
    inTemporaryFolder((root) => {
      showProcess(root, { pid: 10, uid: 0, pids: '10' });
      showProcess(root, { pid: 20, uid: 1000, pids: '20' });
      showProcess(root, { pid: 30, uid: 0, pids: '30\t1' });
      const finder = gardenProcessFinder(new KernelReader(root));
      for (const look of ['the first', 'the second']) {
        const found = finder
          .known()
          .map(({ pid, command, membership }) => [pid, command, membership]);
        expect(found, look).to.deep.equal([
          [10, 'gdn --number 10', { memory: '/g' }],
          [20, '', { memory: '/g' }],
          [30, '', { memory: '/g' }],
        ]);
      }
    }));
});

/** Counts the lines that are read of mount tables. */
class CountingReader extends KernelReader {
  taken = 0;

  override *lines(path: string, limit: number) {
    for (const line of super.lines(path, limit)) {
      this.taken += 1;
      yield line;
    }
  }
}

const TABLE_OF_PID_1 = '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n';
/** The first id is of this namespace alone. */
const tableOf = (id: number, handle: string): string =>
  `${id} 1 0:40 / / rw - overlay overlay rw,upperdir=/images/${handle}/diff,workdir=/w\n` +
  Array.from(
    { length: 9 },
    (_, n) => `${id + 1 + n} ${id} 0:5 /d${n} /d${n} rw - tmpfs t rw\n`,
  ).join('');

function show(root: string, pid: number, table: string): void {
  mkdirSync(join(root, `proc/${pid}`), { recursive: true });
  writeFileSync(join(root, `proc/${pid}/mountinfo`), table);
}

describe('the processes on the root filesystem of a container', () => {
  it('are found whatever characters its handle has', () =>
    inTemporaryFolder(async (root) => {
      const handles = ['ascii', 'größe', 'a:b', 'a=b', '\u{1f600}', 'nowhere'];
      show(root, 1, TABLE_OF_PID_1);
      for (const [index, handle] of handles.slice(0, -1).entries()) {
        show(root, 10 + index, tableOf(100 * (index + 1), handle));
      }
      const found = await processesOnRootOf(new KernelReader(root), handles.map(asHandle), () =>
        Promise.resolve(),
      );
      expect([...found]).to.deep.equal([
        ['ascii', [10]],
        ['größe', [11]],
        ['a:b', [12]],
        ['a=b', [13]],
        ['\u{1f600}', [14]],
        ['nowhere', []],
      ]);
    }));

  it('are searched with pauses, and as far as the `/` line only', () =>
    inTemporaryFolder(async (root) => {
      const others = Array.from({ length: 99 }, (_, n) => `${n} 1 0:5 /d /d${n} rw - tmpfs t rw\n`);
      const ofHost = others.join('') + TABLE_OF_PID_1;
      for (let pid = 1; pid <= 60; pid++) show(root, pid, ofHost);
      for (let pid = 100; pid < 160; pid++) show(root, pid, tableOf(100, 'H') + others.join(''));
      const reader = new CountingReader(root);
      let pauses = 0;
      const found = await processesOnRootOf(reader, [asHandle('H')], () => {
        pauses += 1;
        return Promise.resolve();
      });
      expect(found.get(asHandle('H'))).to.have.length(60);
      expect(reader.taken, 'a table that many share is read once').to.equal(100 + 59 + 60);
      expect(pauses).to.be.at.least(3);
    }));

  it('do not include those in the cgroup of the container or of a pea', () =>
    inTemporaryFolder(async (root) => {
      const cgroups = [
        '/garden/H',
        '/garden/H/init',
        '/garden/H-envoy',
        '/garden/G',
        '/garden/H-2',
        '/',
        '/gardenH',
      ];
      for (const [index, path] of cgroups.entries()) {
        show(root, 10 + index, tableOf(100, 'H'));
        writeFileSync(join(root, `proc/${10 + index}/cgroup`), `1:memory:${path}\n`);
      }
      const found = await processesOnRootOf(
        new KernelReader(root),
        ['H', 'H-2'].map(asHandle),
        () => Promise.resolve(),
      );
      expect(found.get(asHandle('H'))).to.deep.equal([13, 14, 15, 16]);
    }));
});
