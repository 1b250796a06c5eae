import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { gardenProcessFinder } from '../../src/probe/processes.ts';
import { SensorSearch } from '../../src/probe/sensor-search.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { showProcess, type ShownProcess } from './shown-process.ts';

const TABLE = '1 0 8:1 / / rw - ext4 d rw\n2 1 0:20 / /sys/fs/cgroup rw - cgroup2 c rw\n';
const OTHER_TABLE = '51 50 8:1 / / rw - ext4 d rw\n';

const addProcess = (root: string, pid: number, shown: Omit<ShownProcess, 'pid'>): void => {
  const { comm = 'app' } = shown;
  const command = [`/opt/${comm}`, '--run'];
  const cgroups = ['0::/system.slice/x.service'];
  showProcess(root, { pid, start: pid * 10, command, cgroups, table: TABLE, ...shown });
};

const onCell = (use: (root: string) => void): Promise<void> =>
  inTemporaryFolder((root) => {
    mkdirSync(`${root}/proc`);
    writeFileSync(`${root}/proc/stat`, 'btime 1700000000\n');
    addProcess(root, 1, { comm: 'systemd' });
    addProcess(root, 50, { comm: 'gdn' });
    use(root);
    return Promise.resolve();
  });

const started = (root: string) => {
  const reader = new KernelReader(root);
  const search = new SensorSearch(reader);
  return { search, finder: gardenProcessFinder(reader, () => search.begin()) };
};

describe('the search for sensors', () => {
  it('takes the names that the search for gdn reads', () =>
    onCell((root) => {
      addProcess(root, 60, { comm: 'tracee' });
      addProcess(root, 61, { comm: 'falco', table: OTHER_TABLE });
      addProcess(root, 62, { comm: 'sleep' });
      const { search, finder } = started(root);
      expect(finder.known().map(({ pid }) => pid)).to.deep.equal([50]);
      const inputs = search.inputs([50, 62, 999]);
      const { processes, startTicks } = inputs ?? { processes: [], startTicks: new Map() };
      expect(processes.map(({ pid, command }) => [pid, command])).to.deep.equal([
        [60, '/opt/tracee --run'],
        [61, '/opt/falco --run'],
      ]);
      expect(processes[0]?.table).to.equal('cell');
      expect(processes[1]?.table).to.have.property('mounts').with.length(1);
      expect([...startTicks]).to.deep.equal([
        [50, 500],
        [62, 620],
      ]);
    }));

  it('keeps nothing of a process in a pid namespace of its own, however many there are', () =>
    onCell((root) => {
      for (let pid = 100; pid < 300; pid++)
        addProcess(root, pid, { comm: 'falco', pids: [pid, 7] });
      addProcess(root, 400, { comm: 'falco' });
      const { search, finder } = started(root);
      finder.known();
      expect(search.inputs([])?.processes.map(({ pid }) => pid)).to.deep.equal([400]);
    }));

  it('gives each search once, and reads nothing of containers where no sensor runs', () =>
    onCell((root) => {
      const { search, finder } = started(root);
      expect(search.inputs([50])).to.equal(null);
      finder.known();
      expect(search.inputs([50])).to.deep.equal({ processes: [], startTicks: new Map() });
      addProcess(root, 60, { comm: 'tracee' });
      finder.known();
      expect(search.inputs([50])).to.equal(null);
      finder.search();
      expect(search.inputs([50])?.processes).to.have.length(1);
      expect(search.inputs([50])).to.equal(null);
      rmSync(`${root}/proc/60`, { recursive: true });
      finder.search();
      expect(search.inputs([50])?.processes).to.deep.equal([]);
    }));
});
