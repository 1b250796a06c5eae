import fs, { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../../src/model/ids.ts';
import type { Walk, WalkPlan } from '../../../src/model/walk.ts';
import { walkAtOnce, walkHierarchy } from '../../../src/probe/walk/walk-hierarchy.ts';
import { KernelReader } from '../../../src/probe/kernel-reader.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';

type Trees = Readonly<Record<string, readonly number[]>>;

/** A folder with directories that look like cgroups: each path with its members. */
function madeTree(trees: Trees): string {
  const folder = temporaryFolder();
  for (const [path, pids] of Object.entries<readonly number[]>({ '/': [], ...trees })) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
  }
  return folder;
}

const planOf = (folder: string, more: Partial<WalkPlan> = {}): WalkPlan => ({
  controller: 'memory',
  openedAt: asByteString(folder),
  scope: asByteString('/'),
  first: [],
  ...more,
});

const walk = (folder: string, more: Partial<WalkPlan> = {}): Walk =>
  walkAtOnce(new KernelReader('/'), planOf(folder, more));

const seenIn = (result: Walk): Record<string, readonly number[]> =>
  result.kind === 'read'
    ? Object.fromEntries(result.directories.map(({ path, pids }) => [path, pids]))
    : {};

const many = (path: string, count: number): Trees =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${path}/c${n}`, [1000 + n]]));

const home = process.cwd();

describe('the walk of a hierarchy', () => {
  it('sees every directory with its members, parents before children', () => {
    const tree = { '/': [1], '/a': [], '/a/b': [2, 30], '/a/b/c': [4] };
    const seen = seenIn(walk(madeTree(tree)));
    expect(seen).to.deep.equal(tree);
    expect(Object.keys(seen)).to.deep.equal(['/', '/a', '/a/b', '/a/b/c']);
  });

  it('sees the same in a directory of a few and in one of many, and below both', () => {
    for (const count of [3, 40]) {
      const garden = `/${count}/garden`;
      const tree = {
        [`/${count}`]: [],
        [garden]: [],
        ...many(garden, count),
        [`${garden}/c1/init`]: [7],
        ...many(`${garden}/c2`, count),
      };
      const result = walk(madeTree(tree), { scope: asByteString(`/${count}`) });
      expect(seenIn(result)).to.deep.equal(tree);
    }
  });

  it('walks what is wanted first before its siblings, wherever it is', () => {
    const unit = '/system.slice/garden.service';
    const wanted = `${unit}/garden`;
    const folder = madeTree({
      ...many('', 30),
      '/system.slice': [],
      ...many('/system.slice', 30),
      [unit]: [],
      [wanted]: [],
      ...many(wanted, 5),
    });
    const result = walk(folder, { first: [asByteString('/garden'), asByteString(wanted)] });
    const order = Object.keys(seenIn(result));
    expect(order.slice(0, 4)).to.deep.equal(['/', '/system.slice', unit, wanted]);
    expect(order.slice(4, 9).every((path) => path.startsWith(`${wanted}/`))).to.equal(true);
    expect(order).to.have.length(1 + 30 + 1 + 30 + 1 + 1 + 5);
  });

  it('keeps names whose bytes are not UTF-8', () => {
    const folder = madeTree(many('', 20));
    const at = (path: string): Buffer => Buffer.from(`${folder}/caf\xe9${path}`, 'latin1');
    for (const path of ['', '/below', ...Array.from({ length: 20 }, (_, n) => `/${n}`)]) {
      mkdirSync(at(path));
      writeFileSync(at(`${path}/cgroup.procs`), '5\n');
    }
    const seen = seenIn(walk(folder));
    expect(seen['/caf\xe9']).to.deep.equal([5]);
    expect(seen['/caf\xe9/below']).to.deep.equal([5]);
  });

  it('leaves out a directory that vanishes before it is read', () => {
    const folder = madeTree(many('', 600));
    const steps = walkHierarchy(new KernelReader('/'), planOf(folder));
    expect(steps.next().done).to.equal(false);
    for (const name of ['c0', 'c599']) rmSync(join(folder, name), { recursive: true });
    const end = steps.next();
    expect(end.done === true && Object.keys(seenIn(end.value)).length).to.be.within(599, 600);
  });

  it('finds directories that are renamed before they are read under their new names, once, with all below them', () => {
    const renamed = [...Array(100).keys()];
    const below = Object.fromEntries(renamed.map((n) => [`/c${n}/x`, [n + 5000]]));
    const folder = madeTree({ ...many('', 600), ...below });
    const steps = walkHierarchy(new KernelReader('/'), planOf(folder));
    expect(steps.next().done).to.equal(false);
    for (const n of renamed) renameSync(join(folder, `c${n}`), join(folder, `d${n}`));
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value).to.deep.include({ unseen: [] });
    const seen = seenIn(step.value);
    const pids = Object.values(seen)
      .flat()
      .toSorted((a, b) => a - b);
    const all = [...Array(600).keys()].map((n) => n + 1000);
    expect(pids).to.deep.equal([...all, ...renamed.map((n) => n + 5000)]);
    const paths = Object.keys(seen);
    for (const path of paths.filter((one) => one.endsWith('/x')))
      expect(paths.indexOf(path)).to.be.above(paths.indexOf(path.slice(0, -2)));
  });

  it('tells alone one that is renamed each time, and ends the search after 20 of them', () => {
    const folder = madeTree({ '/a': [1], '/r0': [2] });
    let turn = 0;
    const renameFirst =
      <A extends readonly unknown[], R>(call: (path: fs.PathLike, ...rest: A) => R) =>
      (path: fs.PathLike, ...rest: A): R => {
        if (/(?:^|[/])r[0-9]+$/.test(String(path)))
          renameSync(join(folder, `r${turn}`), join(folder, `r${++turn}`));
        return call(path, ...rest);
      };
    const { statSync, openSync } = fs;
    const slow = { statSync: renameFirst(statSync), openSync: renameFirst(openSync) };
    Object.assign(fs, slow);
    atEndOfTest(() => Object.assign(fs, { statSync, openSync }));
    const result = walk(folder);
    expect(seenIn(result)).to.deep.equal({ '/': [], '/a': [1] });
    expect(result.kind === 'read' && result.unseen).to.deep.equal([
      { path: `/r${turn - 1}`, why: 'renamed', errno: 'ENOENT' },
    ]);
    expect(turn).to.equal(21);
  });

  it('gives the reason if the scope is missing', () => {
    expect(walk(madeTree({}), { scope: asByteString('/none') })).to.deep.equal({
      kind: 'failed',
      controller: 'memory',
      errno: 'ENOENT',
    });
  });

  it('lists every container before anything below one, so that a limit cuts only depth', () => {
    const folder = madeTree({
      '/garden': [],
      '/garden/good': [],
      ...many('/garden/good', 20),
      ...many('/garden/good/c1', 20),
      ...many('/garden/good/c7', 20),
      '/unit': [],
      ...many('/unit', 20),
    });
    const paths = Object.keys(seenIn(walk(folder, { first: [asByteString('/garden')] })));
    expect(paths).to.have.length(4 + 20 + 40 + 20);
    const lastTop = paths.findLastIndex((path) => /^\/(unit|garden\/good\/c\d+)$/.test(path));
    expect(paths.slice(0, lastTop + 1)).to.have.length(4 + 20);
  });

  it('walks at most 2,000 directories below a container or a unit beside the path to gdn, and as many containers in Garden directories', () => {
    const gdn = '/system.slice/garden.service';
    const folder = madeTree({
      '/system.slice': [],
      [gdn]: [],
      [`${gdn}/garden`]: [],
      // However many of them are dead.
      ...many(`${gdn}/garden`, 2040),
      ...many(`${gdn}/garden/c1`, 2100),
      '/system.slice/delegating.service': [],
      ...many('/system.slice/delegating.service', 2100),
      [`${gdn}/privileged`]: [],
      [`${gdn}/privileged/garden`]: [],
      // What is below a privileged container is its own, whatever it is called.
      ...many(`${gdn}/privileged/garden`, 2100),
    });
    const plan = planOf(folder, { first: [asByteString(`${gdn}/garden`)] });
    const steps = walkHierarchy(new KernelReader('/'), plan);
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      expect(process.cwd()).to.equal(home);
      pauses += 1;
    }
    expect(pauses).to.be.at.least(2);
    expect(process.cwd()).to.equal(home);
    const cut = [`${gdn}/garden/c1`, '/system.slice/delegating.service', `${gdn}/privileged`];
    expect(step.value.kind === 'read' && step.value.unseen).to.have.deep.members(
      cut.map((path) => ({ path, why: 'bound', errno: null })),
    );
    const containers = Object.keys(seenIn(step.value)).filter(
      (path) => path.startsWith(`${gdn}/garden/`) && path.split('/').length === 5,
    );
    expect(containers).to.have.length(2040);
  });
});

describe('the working directory of a process that walks', () => {
  afterEach(() => process.chdir(home));

  it('need not exist', () => {
    const folder = madeTree(many('', 30));
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    process.chdir(gone);
    rmSync(gone, { recursive: true });
    expect(Object.keys(seenIn(walk(folder)))).to.have.length(31);
  });
});
