import { expect } from 'chai';
import path from 'node:path';
import { CGROUP_FILES, type CgroupFile } from '../../src/model/cgroup-numbers.ts';
import { bytesOfText } from '../../src/model/text.ts';
import { parseCgroupNumber } from '../../src/parse/cgroup-number.ts';
import { readCgroupNumbers, readControllers } from '../../src/probe/cgroup-numbers.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';
import { rowsOf } from '../rows.ts';

describe('the number in a file of a cgroup', () => {
  /** The file, its lines, and the number in it as JSON. */
  const cases = `
memory.current | 210268160 | 210268160
memory.current | | null
memory.max | max | "max"
memory.max | -1 | null
pids.max | 50 | 50
pids.max | 50 or so | null
cpu.max | 50000 200000 | 250000
cpu.max | max 100000 | "max"
cpu.max | nonsense | null
io.max | | "max"
io.max | 8:0 rbps=max wbps=1048576 riops=max wiops=max | 1
io.max | 8:0 rbps=max wbps=1 riops=max wiops=max; 8:1 rbps=1 wbps=max riops=max wiops=max | 2
cgroup.events | populated 1; frozen 0 | 1
cgroup.events | frozen 1; populated 0 | 0
cgroup.events | frozen 1 | null
cgroup.events | populated 2 | null
cgroup.events#frozen | populated 1; frozen 1 | 1
cgroup.events#frozen | populated 1; frozen 0 | 0
cgroup.events#frozen | populated 1 | null
freezer.state | FROZEN | 1
freezer.state | FREEZING | 0
freezer.state | THAWED | 0
freezer.state | | null
`;
  for (const [name, lines = '', number = ''] of rowsOf(cases)) {
    it(`${name} with ${lines} is ${number}`, () => {
      const file = CGROUP_FILES.find((one): one is CgroupFile => one === name);
      const text = lines === '' ? '' : `${lines.replaceAll('; ', '\n')}\n`;
      expect(file === undefined ? file : parseCgroupNumber(file, text)).to.equal(
        JSON.parse(number),
      );
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
