import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { GDN, pidsNamed, ProcessNames } from '../../src/probe/process-names.ts';
import { gardenProcessFinder } from '../../src/probe/processes.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';
import { sweeper } from '../../src/probe/sweep/sweeper.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLines, NotingReader, showProcess } from './shown-process.ts';

const UNIT = asByteString('/system.slice/x.service');

/** Passes of a probe that finds gdn and sweeps. */
function madeProbe() {
  const root = temporaryFolder();
  for (let pid = 100; pid < 160; pid++) showProcess(root, { pid });
  showProcess(root, { pid: 'self', pids: [1] });
  showProcess(root, { pid: 50, comm: GDN });
  const reader = new NotingReader(root);
  const underWay = new PassUnderWay();
  const names = new ProcessNames(reader, underWay);
  const finder = gardenProcessFinder(reader, commandLines(reader), names);
  const { sweep } = sweeper(reader, () => Promise.resolve(), { names, shows: () => undefined });
  const directories = [{ path: UNIT, inode: 1, pids: [101], trouble: null }];
  const pass = async (): Promise<readonly number[]> => {
    underWay.starts({ directories: new Set(), names: new Set(), pids: new Set() }, new Set());
    const found = await finder.known();
    const none = { byName: new Map(), places: new Map(), roots: new Map() };
    const homes = { primary: 'memory', handles: new Set<never>(), ...none };
    const plan = { directories, homes, gardenNamespaces: 1, suspects: [] };
    await sweep({ ...plan, isWhole: false, isAnnounced: false });
    return found.map(({ pid }) => pid);
  };
  return { root, reader, pass };
}

const namesRead = (reader: NotingReader): number =>
  reader.reads.filter((path) => path.endsWith('/comm')).length;

describe('the names of processes', () => {
  it('are all read in the first pass, and then once in each sweep', async () => {
    const { reader, pass } = madeProbe();
    await pass();
    expect(namesRead(reader)).to.be.at.least(62);
    reader.reads.length = 0;
    for (let n = 0; n < 60; n++) expect(await pass()).to.deep.equal([50]);
    const ofKnown = reader.reads.filter((path) => path === '/proc/50/comm').length;
    expect(namesRead(reader) - ofKnown, 'of 60 others in 6 sweeps').to.be.at.most(6 * 60);
  });

  it('show within 20 passes that another process has a wanted name', async () => {
    const { root, pass } = madeProbe();
    for (let n = 0; n < 25; n++) await pass();
    showProcess(root, { pid: 120, comm: GDN });
    showProcess(root, { pid: 300, comm: GDN });
    let passes = 1;
    while ((await pass()).length < 3) passes += 1;
    expect(passes).to.be.at.most(20);
  });

  it('are all read again at once when the process that is known has ended', async () => {
    const { root, pass } = madeProbe();
    await pass();
    showProcess(root, { pid: 130, comm: GDN });
    rmSync(join(root, 'proc/50'), { recursive: true });
    expect(await pass()).to.deep.equal([130]);
  });

  it('of containers are left out by their cgroups, before anything that they can make long is read', () => {
    const root = temporaryFolder();
    showProcess(root, { pid: 50, comm: GDN });
    for (let pid = 100; pid < 1100; pid++)
      showProcess(root, { pid, comm: GDN, cgroups: ['1:memory:/g/garden/H'] });
    for (let pid = 2000; pid < 2100; pid++) showProcess(root, { pid, comm: GDN, state: 'Z' });
    const reader = new NotingReader(root);
    const names = new ProcessNames(reader, new PassUnderWay());
    expect(pidsNamed(GDN, names.read())).to.deep.equal([50]);
    expect(names.isCut).to.equal(false);
    const read = reader.taken().filter((path) => /\/(?:status|cmdline)$/.test(path));
    expect(read).to.deep.equal(['/proc/50/status']);
  });

  it('of a cell that is itself a Garden container are not left out', () => {
    const root = temporaryFolder();
    showProcess(root, { pid: 1, cgroups: ['1:memory:/garden/CELL'] });
    showProcess(root, { pid: 50, comm: GDN, cgroups: ['1:memory:/garden/CELL/gdn'] });
    showProcess(root, { pid: 60, comm: GDN, cgroups: ['1:memory:/garden/CELL/garden/H'] });
    const names = new ProcessNames(new NotingReader(root), new PassUnderWay());
    expect(pidsNamed(GDN, names.read())).to.deep.equal([50]);
  });

  it("include one of bpm's job in a pid namespace of its own, and no other in such a namespace", () => {
    const root = temporaryFolder();
    const pids = (pid: number) => [pid, 7];
    const bpm = ['1:memory:/system.slice/runc-bpm-garden.scope'];
    showProcess(root, { pid: 50, pids: pids(50), comm: GDN, cgroups: bpm });
    showProcess(root, { pid: 51, pids: pids(51), comm: 'rep', cgroups: ['1:memory:/bpm-rep'] });
    showProcess(root, { pid: 60, pids: pids(60), comm: GDN, cgroups: ['1:memory:/x'] });
    showProcess(root, { pid: 61, pids: pids(61), comm: 'falco', cgroups: bpm });
    const reader = new NotingReader(root);
    const names = new ProcessNames(reader, new PassUnderWay());
    expect([...names.read().keys()]).to.deep.equal([50, 51]);
    reader.taken();
    names.read();
    expect(reader.taken().filter((path) => path.endsWith('/status'))).to.deep.equal([]);
  });

  it('keep the processes that were found first, and say that there are more', () => {
    const root = temporaryFolder();
    showProcess(root, { pid: 5000, comm: GDN });
    const pass = new PassUnderWay();
    const names = new ProcessNames(new NotingReader(root), pass);
    names.read();
    for (let pid = 100; pid < 200; pid++) showProcess(root, { pid, comm: GDN });
    pass.starts('everything', new Set());
    const found = pidsNamed(GDN, names.read());
    expect(found).to.have.lengthOf(64);
    expect(found).to.include(5000);
    expect(names.isCut).to.equal(true);
    for (let pid = 100; pid < 150; pid++) rmSync(join(root, `proc/${pid}`), { recursive: true });
    pass.starts('everything', new Set());
    expect(pidsNamed(GDN, names.known())).to.have.lengthOf(51);
    expect(names.isCut).to.equal(false);
  });

  it('are examined in turn, so that many in other pid namespaces delay the true one but do not hide it', () => {
    const root = temporaryFolder();
    for (let pid = 100; pid < 1000; pid++) showProcess(root, { pid, pids: [pid, 2], comm: GDN });
    showProcess(root, { pid: 5000, comm: GDN });
    const pass = new PassUnderWay();
    const names = new ProcessNames(new NotingReader(root), pass);
    names.read();
    let passes = 1;
    for (; names.isCut; passes += 1) {
      pass.starts('everything', new Set());
      names.known();
    }
    expect(pidsNamed(GDN, names.known())).to.deep.equal([5000]);
    expect(passes).to.equal(4);
  });

  it('are all read again if the sweep read nothing for 20 passes', () => {
    const root = temporaryFolder();
    showProcess(root, { pid: 50, comm: GDN });
    const pass = new PassUnderWay();
    const names = new ProcessNames(new NotingReader(root), pass);
    const now = (): readonly number[] => {
      pass.starts('everything', new Set());
      return pidsNamed(GDN, names.known());
    };
    expect(now()).to.deep.equal([50]);
    showProcess(root, { pid: 51, comm: GDN });
    for (let n = 0; n < 20; n++) expect(now()).to.deep.equal([50]);
    expect(now()).to.deep.equal([50, 51]);
  });
});
