import { expect } from 'chai';
import path from 'node:path';
import { CGROUP_FILES, type CgroupFile } from '../../src/model/cgroup-numbers.ts';
import { bytesOfText } from '../../src/model/text.ts';
import { parseCgroupNumber } from '../../src/parse/cgroup-number.ts';
import { readCgroupNumbers, readControllers } from '../../src/probe/cgroup-numbers.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

describe('the number in a file of a cgroup', () => {
  const NUMBERS: readonly {
    readonly file: CgroupFile;
    readonly lines: readonly string[];
    readonly number: number | 'max' | null;
  }[] = [
    { file: 'memory.current', lines: ['210268160'], number: 210268160 },
    { file: 'memory.current', lines: [], number: null },
    { file: 'memory.max', lines: ['max'], number: 'max' },
    { file: 'memory.max', lines: ['-1'], number: null },
    { file: 'pids.max', lines: ['50'], number: 50 },
    { file: 'pids.max', lines: ['50 or so'], number: null },
    { file: 'cpu.max', lines: ['50000 200000'], number: 250000 },
    { file: 'cpu.max', lines: ['max 100000'], number: 'max' },
    { file: 'cpu.max', lines: ['nonsense'], number: null },
    { file: 'io.max', lines: [], number: 'max' },
    { file: 'io.max', lines: ['8:0 rbps=max wbps=1048576 riops=max wiops=max'], number: 1 },
    {
      file: 'io.max',
      lines: ['8:0 rbps=max wbps=1 riops=max wiops=max', '8:1 rbps=1 wbps=max riops=max wiops=max'],
      number: 2,
    },
    { file: 'cgroup.events', lines: ['populated 1', 'frozen 0'], number: 1 },
    { file: 'cgroup.events', lines: ['frozen 1', 'populated 0'], number: 0 },
    { file: 'cgroup.events', lines: ['frozen 1'], number: null },
    { file: 'cgroup.events', lines: ['populated 2'], number: null },
    { file: 'cgroup.events#frozen', lines: ['populated 1', 'frozen 1'], number: 1 },
    { file: 'cgroup.events#frozen', lines: ['populated 1', 'frozen 0'], number: 0 },
    { file: 'cgroup.events#frozen', lines: ['populated 1'], number: null },
    { file: 'freezer.state', lines: ['FROZEN'], number: 1 },
    { file: 'freezer.state', lines: ['FREEZING'], number: 0 },
    { file: 'freezer.state', lines: ['THAWED'], number: 0 },
    { file: 'freezer.state', lines: [], number: null },
  ];
  for (const { file, lines, number } of NUMBERS) {
    it(`is ${number} where ${file} has ${lines.join(' and ') || 'no line'}`, () => {
      const text = lines.map((line) => `${line}\n`).join('');
      expect(parseCgroupNumber(file, text)).to.equal(number);
    });
  }
});

describe('the numbers of cgroups', () => {
  /** What is read at a path, if a cgroup was made at this one. */
  const numbersAt = async (made: string, asked = made) => {
    const root = temporaryFolder();
    writeFiles(path.join(root, made), { 'pids.max': '50\n' });
    const [openedAt, cgroup] = [bytesOfText(root), bytesOfText(asked)];
    const questions = [{ openedAt, path: cgroup, files: CGROUP_FILES }];
    const answers = await readCgroupNumbers(new KernelReader('/'), questions, async () => {});
    return answers.get(cgroup);
  };
  const nothing = Object.fromEntries(CGROUP_FILES.map((file) => [file, null]));

  it('are those of a cgroup with any name, and of the top; null where a file is not there', async () => {
    for (const made of ['/garden/H', '/garden/ü', '/'])
      expect(await numbersAt(made), made).to.deep.equal({ ...nothing, 'pids.max': 50 });
    expect(await numbersAt('/garden/H', '/garden/gone')).to.deep.equal(nothing);
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
