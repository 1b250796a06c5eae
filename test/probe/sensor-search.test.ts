import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { gardenProcessFinder } from '../../src/probe/processes.ts';
import { sensorSearch } from '../../src/probe/sensor-search.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';
import { commandLines, processNames, showProcess, type ShownProcess } from './shown-process.ts';

const TABLE = '1 0 8:1 / / rw - ext4 d rw\n2 1 0:20 / /sys/fs/cgroup rw - cgroup2 c rw\n';
const OTHER_TABLE = '51 50 8:1 / / rw - ext4 d rw\n';

const addProcess = (root: string, pid: number, shown: Omit<ShownProcess, 'pid'>): void => {
  const { comm = 'app' } = shown;
  const command = [`/opt/${comm}`, '--run'];
  const cgroups = ['0::/system.slice/x.service'];
  showProcess(root, { pid, start: pid * 10, command, cgroups, table: TABLE, ...shown });
};

/** A search for sensors that is made with that for gdn. */
const madeCell = () => {
  const root = temporaryFolder();
  writeFiles(root, { 'proc/stat': 'btime 1700000000\n' });
  addProcess(root, 1, { comm: 'systemd' });
  addProcess(root, 50, { comm: 'gdn' });
  const reader = new KernelReader(root);
  const commands = commandLines(reader);
  const search = sensorSearch(reader, commands);
  const finder = gardenProcessFinder(reader, commands, processNames(reader), search.search);
  return { root, search, finder };
};

describe('the search for sensors', () => {
  it('takes the names that are known when gdn is searched for', async () => {
    const { root, search, finder } = madeCell();
    addProcess(root, 60, { comm: 'tracee' });
    addProcess(root, 61, { comm: 'falco', table: OTHER_TABLE });
    addProcess(root, 62, { comm: 'sleep' });
    expect((await finder.known()).map(({ pid }) => pid)).to.deep.equal([50]);
    const inputs = await search.inputs([50, 62, 999]);
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
  });

  it('keeps nothing of a process in a pid namespace of its own, however many there are', async () => {
    const { root, search, finder } = madeCell();
    for (let pid = 100; pid < 300; pid++) addProcess(root, pid, { comm: 'falco', pids: [pid, 7] });
    addProcess(root, 400, { comm: 'falco' });
    await finder.known();
    expect((await search.inputs([]))?.processes.map(({ pid }) => pid)).to.deep.equal([400]);
  });

  it('gives each search once, and reads nothing of containers where no sensor runs', async () => {
    const { root, search, finder } = madeCell();
    expect(await search.inputs([50])).to.equal(null);
    await finder.known();
    expect(await search.inputs([50])).to.deep.equal({ processes: [], startTicks: new Map() });
    addProcess(root, 60, { comm: 'tracee' });
    await finder.known();
    expect(await search.inputs([50])).to.equal(null);
    await finder.search();
    expect((await search.inputs([50]))?.processes).to.have.length(1);
    expect(await search.inputs([50])).to.equal(null);
    rmSync(`${root}/proc/60`, { recursive: true });
    await finder.search();
    expect((await search.inputs([50]))?.processes).to.deep.equal([]);
  });
});
