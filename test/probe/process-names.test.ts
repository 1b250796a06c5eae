import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { GDN, pidsNamed, ProcessNames } from '../../src/probe/process-names.ts';
import { gardenProcessFinder } from '../../src/probe/processes.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';
import { sweeper } from '../../src/probe/sweep.ts';
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
