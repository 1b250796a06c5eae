import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import {
  gardenProcesses,
  gardenProcessFinder,
  processesOnRootOf,
  processFacts,
} from '../../src/probe/processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import {
  commandLines,
  NotingReader,
  processNames,
  showProcess,
  type ShownProcess,
} from './shown-process.ts';

describe("the processes that can be Garden's server", () => {
  it('are called gdn, run by root, and outermost', async () => {
    const root = temporaryFolder();
    const gdn = { comm: 'gdn', command: ['gdn', 'server'] };
    showProcess(root, { ...gdn, pid: 10 });
    showProcess(root, { ...gdn, pid: 20, uid: 1000 });
    showProcess(root, { ...gdn, pid: 30, pids: [30, 1] });
    const reader = new KernelReader(root);
    const finder = gardenProcessFinder(reader, commandLines(reader), processNames(reader));
    for (const look of ['the first', 'the second']) {
      const found = await finder.known();
      const shown = found.map(({ pid, command, membership }) => [pid, command, membership]);
      expect(shown, look).to.deep.equal([[10, 'gdn server', { memory: '/g' }]]);
    }
  });

  describe("in the cgroup of bpm's job garden", () => {
    const gdn = { comm: 'gdn', parent: 20, cgroups: ['1:memory:/bpm-garden'] };
    const init = { pid: 20, pids: [20, 1], comm: 'garden-init' };
    const shim = {
      pid: 15,
      comm: 'containerd-shim-runc-v2',
      command: ['containerd-shim-runc-v2', '-namespace', 'garden', '-id', 'A'],
    };
    const dadoo = { pid: 15, comm: 'dadoo', command: ['dadoo', 'exec', '/depot/A/processes/p'] };
    const found = async (...shown: readonly ShownProcess[]): Promise<readonly number[]> => {
      const root = temporaryFolder();
      for (const one of shown) showProcess(root, one);
      const reader = new KernelReader(root);
      const processes = await gardenProcesses(reader, commandLines(reader));
      return processes.map(({ pid }) => pid);
    };

    it("are Garden's server and its child before the exec, below bpm's init", async () => {
      const server = { ...gdn, pid: 30, pids: [30, 7] };
      const child = { ...gdn, pid: 31, pids: [31, 8], parent: 30 };
      const bpms = { ...init, comm: 'tini' };
      expect(await found(bpms, server, child)).to.deep.equal([30, 31]);
      expect(await found({ ...server, pids: [30, 1], parent: 1 })).to.deep.equal([30]);
    });

    const long = Array.from({ length: 5 }, (_, n) => ({
      pid: 40 + n,
      pids: [40 + n, 20 + n],
      comm: 'sh',
      parent: n === 0 ? 20 : 39 + n,
    }));
    const cases: Readonly<Record<string, readonly [number, ...ShownProcess[]]>> = {
      'a child of its garden-init, with a shim': [20, shim, { ...init, parent: 15 }],
      'a child of its garden-init, without a helper': [20, init],
      'one that joined it with dadoo': [15, dadoo],
      'one of a container that renamed its init': [20, shim, { ...init, parent: 15, comm: 'sh' }],
      'one that joined it and whose helper died': [1],
      'one below many others': [44, { ...init, comm: 'sh' }, ...long],
    };
    for (const [story, [parent, ...above]] of Object.entries(cases)) {
      it(`do not include a privileged container's, moved there: ${story}`, async () => {
        const posing = { ...gdn, pid: 30, pids: [30, 7], parent };
        expect(await found(...above, posing)).to.deep.equal([]);
      });
    }
  });
});

const noPause = () => Promise.resolve();
const TABLE_OF_PID_1 = '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n';
/** The first id is of this namespace alone. */
const tableOf = (id: number, handle: string): string =>
  `${id} 1 0:40 / / rw - overlay overlay rw,upperdir=/images/${handle}/diff,workdir=/w\n` +
  Array.from(
    { length: 9 },
    (_, n) => `${id + 1 + n} ${id} 0:5 /d${n} /d${n} rw - tmpfs t rw\n`,
  ).join('');

describe('the time at which a process started', () => {
  it('needs the boot time once for the processes of a pass', () => {
    const root = temporaryFolder();
    for (const pid of [10, 20, 30]) showProcess(root, { pid, start: pid * 100 });
    writeFileSync(join(root, 'proc/stat'), 'cpu 1 2 3\nbtime 1000\n');
    const reader = new NotingReader(root);
    const startedAt = [10, 20, 30].map((pid) => processFacts(reader, pid)?.startedAt);
    expect(startedAt).to.deep.equal(
      [1010, 1020, 1030].map((seconds) => new Date(seconds * 1000).toISOString()),
    );
    expect(reader.taken().filter((path) => path === '/proc/stat')).to.have.lengthOf(1);
  });
});

describe('the processes on the root filesystem of a container', () => {
  it('are found whatever characters its handle has', async () => {
    const root = temporaryFolder();
    const handles = ['ascii', 'größe', 'a:b', 'a=b', '\u{1f600}', 'nowhere'];
    showProcess(root, { pid: 1, table: TABLE_OF_PID_1 });
    for (const [index, handle] of handles.slice(0, -1).entries()) {
      showProcess(root, { pid: 10 + index, table: tableOf(100 * (index + 1), handle) });
    }
    const found = await processesOnRootOf(new KernelReader(root), handles.map(asHandle), noPause);
    const pids = [[10], [11], [12], [13], [14], []];
    expect([...found]).to.deep.equal(handles.map((handle, index) => [handle, pids[index]]));
  });

  it('are searched with pauses, and as far as the `/` line only', async () => {
    const root = temporaryFolder();
    const others = Array.from({ length: 99 }, (_, n) => `${n} 1 0:5 /d /d${n} rw - tmpfs t rw\n`);
    const ofHost = others.join('') + TABLE_OF_PID_1;
    for (let pid = 1; pid <= 60; pid++) showProcess(root, { pid, table: ofHost });
    const inside = tableOf(100, 'H') + others.join('');
    for (let pid = 100; pid < 160; pid++) showProcess(root, { pid, table: inside });
    const reader = new NotingReader(root);
    let pauses = 0;
    const found = await processesOnRootOf(reader, [asHandle('H')], () => {
      pauses += 1;
      return Promise.resolve();
    });
    expect(found.get(asHandle('H'))).to.have.length(60);
    expect(reader.linesTaken, 'a table that many share is read once').to.equal(100 + 59 + 60);
    expect(pauses).to.be.at.least(3);
  });

  it('are unknown if processes that hide their root keep some from being searched', async () => {
    const root = temporaryFolder();
    const found = () =>
      processesOnRootOf(new KernelReader(root), ['H', 'G'].map(asHandle), noPause);
    for (let pid = 1000; pid < 1800; pid++)
      showProcess(root, { pid, table: `${pid} 1 0:5 / /d rw - tmpfs t rw\n`.repeat(1000) });
    showProcess(root, { pid: 10, table: tableOf(100, 'H') });
    expect([...(await found()).values()]).to.deep.equal([[10], null]);
    showProcess(root, { pid: 2000, table: tableOf(200, 'G') });
    expect([...(await found()).values()]).to.deep.equal([[10], null]);
    for (let pid = 1000; pid < 1800; pid++) rmSync(join(root, `proc/${pid}`), { recursive: true });
    expect([...(await found()).values()]).to.deep.equal([[10], [2000]]);
  });

  it('do not include those in the cgroup of the container or of a pea', async () => {
    const root = temporaryFolder();
    const own = ['/garden/H', '/garden/H/init', '/garden/H-envoy'];
    const others = ['/garden/G', '/garden/H-2', '/', '/gardenH'];
    for (const [index, path] of [...own, ...others].entries()) {
      const pid = 10 + index;
      showProcess(root, { pid, table: tableOf(100, 'H'), cgroups: [`1:memory:${path}`] });
    }
    const handles = ['H', 'H-2'].map(asHandle);
    const found = await processesOnRootOf(new KernelReader(root), handles, noPause);
    expect(found.get(asHandle('H'))).to.deep.equal([13, 14, 15, 16]);
  });
});
