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
import { containerCgroups } from '../../../src/demo-cell/cgroups/container-cgroups.ts';
import { recordOf } from '../../../src/demo-cell/cgroups/container-spec.ts';
import { KnownFailure } from '../../../src/model/failure.ts';
import { commOf, kill, until } from '../../../src/demo-cell/cgroups/processes.ts';
import { failureOf } from '../../failure-of.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** Plain directories with the one file of a cgroup that is written to. */
function madeTree(): string {
  const top = join(temporaryFolder(), 'top');
  makeDirectory(join(top, 'a/b'));
  for (const [directory, pids] of [
    [top, '0\n'],
    [join(top, 'a'), '7\n0\n'],
    [join(top, 'a/b'), '8\n9\n'],
  ] as const)
    writeFileSync(join(directory, 'cgroup.procs'), pids);
  return top;
}

describe('a tree of cgroups', () => {
  it('is read with parents first, without processes of other pid namespaces', () => {
    const top = madeTree();
    expect(directoriesBelow(top)).to.deep.equal([top, `${top}/a`, `${top}/a/b`]);
    expect(pidsBelow(top)).to.deep.equal([7, 8, 9]);
    expect(pidsBelow(`${top}/gone`)).to.deep.equal([]);
  });

  it('takes a process in each of several directories', async () => {
    const top = madeTree();
    await moveInto([top, `${top}/a`], 12);
    moveIfThere(`${top}/a/b`, 12);
    for (const directory of [top, `${top}/a`, `${top}/a/b`])
      expect(readFileSync(`${directory}/cgroup.procs`, 'utf8')).to.equal('12');
    expect((await failureOf(moveInto([`${top}/gone`], 12)))[0]).to.equal('ENOENT');
  });

  it('is removed from the bottom, once nothing keeps a directory busy', async () => {
    const top = madeTree();
    for (const directory of directoriesBelow(top)) rmSync(`${directory}/cgroup.procs`);
    mkdirSync(`${top}/busy`);
    writeFileSync(`${top}/busy/file`, '');
    setTimeout(() => rmSync(`${top}/busy/file`), 30);
    await removeTree(top);
    expect(existsSync(top)).to.equal(false);
  });

  it('ends when its processes are killed', async () => {
    const top = madeTree();
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
  });
});

describe('the cgroups of a container', () => {
  const record = recordOf({ handle: 'H', kind: 'app' });
  const cgroupsIn = (root: string, layout: 'plain' | 'throttled') =>
    containerCgroups({ mode: 'v1', layout, runtime: 'runc' }, [
      { key: 'cpu', version: 1, controllers: ['cpu'], name: null, root },
    ]);
  const put = (directory: string, pid: number): void => {
    makeDirectory(directory);
    writeFileSync(`${directory}/cgroup.procs`, `${pid}\n`);
  };

  it('hold its processes, which move out of them, to bad, and back', () => {
    const root = temporaryFolder();
    const garden = `${root}/system.slice/garden.service/garden`;
    put(`${garden}/good/H`, 12);
    const cgroups = cgroupsIn(root, 'throttled');
    expect(cgroups.pids(record)).to.deep.equal([12]);
    cgroups.moveThrottled(record, 'bad');
    expect(pidsBelow(`${garden}/bad/H`)).to.deep.equal([12]);
    cgroups.moveOut(record, 'cpu');
    expect(readFileSync(`${root}/cgroup.procs`, 'utf8')).to.equal('12');
  });

  it('do not move to bad without throttling, nor out of what the cell does not mount', () => {
    const root = temporaryFolder();
    const cgroups = cgroupsIn(root, 'plain');
    expect(() => cgroups.moveThrottled(record, 'bad')).to.throw(KnownFailure, 'good and bad');
    expect(() => cgroups.moveOut(record, 'pids')).to.throw(KnownFailure, 'it has cpu');
  });
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
