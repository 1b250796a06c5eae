import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  directoriesBelow,
  killBelow,
  makeDirectory,
  moveIfThere,
  moveInto,
  pidsBelow,
  removeTree,
} from '../../../src/demo-cell/cgroups/cgroup-tree.ts';
import { commOf, kill, until } from '../../../src/demo-cell/cgroups/processes.ts';
import { failureOf } from '../../failure-of.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

/** Plain directories with the one file of a cgroup that is written to. */
const withTree = (use: (top: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder((folder) => {
    const top = join(folder, 'top');
    makeDirectory(join(top, 'a/b'));
    for (const [directory, pids] of [
      [top, '0\n'],
      [join(top, 'a'), '7\n0\n'],
      [join(top, 'a/b'), '8\n9\n'],
    ] as const)
      writeFileSync(join(directory, 'cgroup.procs'), pids);
    return use(top);
  });

describe('a tree of cgroups', () => {
  it('is read with parents first, without processes of other pid namespaces', () =>
    withTree((top) => {
      expect(directoriesBelow(top)).to.deep.equal([top, `${top}/a`, `${top}/a/b`]);
      expect(pidsBelow(top)).to.deep.equal([7, 8, 9]);
      expect(pidsBelow(`${top}/gone`)).to.deep.equal([]);
      return Promise.resolve();
    }));

  it('takes a process in each of several directories', () =>
    withTree(async (top) => {
      expect(await moveInto([top, `${top}/a`], 12)).to.equal(true);
      moveIfThere(`${top}/a/b`, 12);
      for (const directory of [top, `${top}/a`, `${top}/a/b`])
        expect(readFileSync(`${directory}/cgroup.procs`, 'utf8')).to.equal('12');
      expect((await failureOf(moveInto([`${top}/gone`], 12)))[0]).to.equal('ENOENT');
    }));

  it('is removed from the bottom, once nothing keeps a directory busy', () =>
    withTree(async (top) => {
      for (const directory of directoriesBelow(top)) rmSync(`${directory}/cgroup.procs`);
      mkdirSync(`${top}/busy`);
      writeFileSync(`${top}/busy/file`, '');
      setTimeout(() => rmSync(`${top}/busy/file`), 30);
      await removeTree(top);
      expect(existsSync(top)).to.equal(false);
    }));

  it('ends when its processes are killed', () =>
    withTree(async (top) => {
      const child = spawn('sleep', ['1000']);
      const ended = once(child, 'exit');
      const { pid = 0 } = child;
      expect(commOf(pid)).to.be.oneOf(['sleep', 'node']);
      for (const directory of directoriesBelow(top))
        writeFileSync(`${directory}/cgroup.procs`, directory === top ? `${pid}\n` : '');
      const killing = killBelow([top]);
      await ended;
      writeFileSync(`${top}/cgroup.procs`, '');
      await killing;
      kill(pid);
      expect(commOf(pid)).to.equal('');
    }));
});

describe('a wait', () => {
  it('ends when nothing is amiss, or fails with what is after its deadline', async () => {
    const rest = ['this', 'that', null];
    await until(() => rest.shift() ?? null);
    expect(rest).to.deep.equal([]);
    expect(await failureOf(until(() => 'it does not end', 20))).to.deep.equal([
      'DEMO_FAILED',
      'it does not end',
    ]);
  });
});
