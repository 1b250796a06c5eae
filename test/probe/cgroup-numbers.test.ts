import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { CGROUP_FILES, type CgroupNumbers } from '../../src/model/cgroup-numbers.ts';
import { bytesOfText } from '../../src/model/text.ts';
import { readCgroupNumbers, readControllers } from '../../src/probe/cgroup-numbers.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

/** What is read of a cgroup with these files. */
const numbersOf = async (
  files: Readonly<Record<string, string>>,
  { made = '/garden/H', asked = made }: { made?: string; asked?: string } = {},
): Promise<CgroupNumbers | undefined> => {
  const root = temporaryFolder();
  fs.mkdirSync(path.join(root, made), { recursive: true });
  writeFiles(path.join(root, made), files);
  const [openedAt, cgroup] = [bytesOfText(root), bytesOfText(asked)];
  const questions = [{ openedAt, path: cgroup, files: CGROUP_FILES }];
  const answers = await readCgroupNumbers(new KernelReader('/'), questions, async () => {});
  return answers.get(cgroup);
};

const NOTHING = Object.fromEntries(CGROUP_FILES.map((file) => [file, null]));

describe('the numbers of cgroups', () => {
  it('are numbers, or "max" for no limit', async () => {
    const files = { 'memory.current': '210268160\n', 'memory.max': 'max\n', 'pids.max': '50\n' };
    expect(await numbersOf(files)).to.deep.equal({
      ...NOTHING,
      'memory.current': 210_268_160,
      'memory.max': 'max',
      'pids.max': 50,
    });
  });

  it('are microseconds per second for a quota, and how many devices have a limit', async () => {
    const io = '8:0 rbps=max wbps=1048576 riops=max wiops=max\n';
    const read = async (cpu: string, devices: string) => {
      const numbers = await numbersOf({ 'cpu.max': cpu, 'io.max': devices });
      return [numbers?.['cpu.max'], numbers?.['io.max']];
    };
    expect(await read('50000 200000\n', io)).to.deep.equal([250_000, 1]);
    expect(await read('max 100000\n', '')).to.deep.equal(['max', 'max']);
    expect(await read('nonsense', io + io)).to.deep.equal([null, 2]);
  });

  it('are 1 for a populated cgroup, 0 for one in which nothing runs', async () => {
    const populated = async (text: string) =>
      (await numbersOf({ 'cgroup.events': text }))?.['cgroup.events'];
    expect(await populated('populated 1\nfrozen 0\n')).to.equal(1);
    expect(await populated('frozen 1\npopulated 0\n')).to.equal(0);
    expect(await populated('frozen 1\n')).to.equal(null);
    expect(await populated('populated 2\n')).to.equal(null);
  });

  it('are 1 for a frozen cgroup, 0 also for one in which a process is not frozen yet', async () => {
    const onV2 = async (text: string) =>
      (await numbersOf({ 'cgroup.events': text }))?.['cgroup.events#frozen'];
    expect(await onV2('populated 1\nfrozen 1\n')).to.equal(1);
    expect(await onV2('populated 1\nfrozen 0\n')).to.equal(0);
    expect(await onV2('populated 1\n'), 'before Linux 5.2').to.equal(null);
    const onV1 = async (text: string) =>
      (await numbersOf({ 'freezer.state': text }))?.['freezer.state'];
    expect(await onV1('FROZEN\n')).to.equal(1);
    expect(await onV1('FREEZING\n')).to.equal(0);
    expect(await onV1('THAWED\n')).to.equal(0);
    expect(await onV1('\n')).to.equal(null);
  });

  it('are null where a file is not there, or holds something else', async () => {
    const odd = { 'memory.current': '', 'memory.max': '-1\n', 'pids.max': '50 or so\n' };
    expect(await numbersOf(odd)).to.deep.equal(NOTHING);
    const gone = await numbersOf({ 'pids.max': '50\n' }, { asked: '/garden/gone' });
    expect(gone).to.deep.equal(NOTHING);
  });

  it('are those of every hierarchy in which the cgroup has the path', async () => {
    const root = temporaryFolder();
    const questions = (['memory.max', 'pids.max'] as const).map((file) => {
      const openedAt = path.join(root, file);
      writeFiles(openedAt, { [`garden/H/${file}`]: '50\n' });
      return { openedAt: bytesOfText(openedAt), path: bytesOfText('/garden/H'), files: [file] };
    });
    const numbers = await readCgroupNumbers(new KernelReader('/'), questions, async () => {});
    expect([...numbers.values()]).to.deep.equal([{ 'memory.max': 50, 'pids.max': 50 }]);
  });

  it('are read from a cgroup with any name, and from the top', async () => {
    const files = { 'pids.max': '50\n' };
    expect((await numbersOf(files, { made: '/garden/ü' }))?.['pids.max']).to.equal(50);
    expect((await numbersOf(files, { made: '/' }))?.['pids.max']).to.equal(50);
  });
});

describe('the controllers of cgroups', () => {
  it('are the names in a line, which may be empty; null for a cgroup that has vanished', () => {
    const root = temporaryFolder();
    const directories = ['/', '/garden', '/gone'].map((at) => ({
      openedAt: bytesOfText(root),
      path: bytesOfText(at),
    }));
    writeFiles(root, {
      'cgroup.controllers': 'cpu memory pids\n',
      'garden/cgroup.controllers': '\n',
    });
    expect([...readControllers(new KernelReader('/'), directories)]).to.deep.equal([
      ['/', ['cpu', 'memory', 'pids']],
      ['/garden', []],
      ['/gone', null],
    ]);
  });
});
