import { expect } from 'chai';
import { isAtHome, type Homes } from '../../src/model/homes.ts';
import { asByteString } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { CgroupDirectory } from '../../src/model/walk.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { homesOf } from '../../src/reconcile/observe/homes.ts';
import { A, B, G, P, reportAfter, snapshotOf, type CellText } from './cell-builder.ts';

const OLD = '/system.slice/old.service';
const LISTED = [A, B, P];

const treeOf = (paths: readonly string[]): string =>
  [G, ...paths].map((path, index) => `${path}: ${100 + index}`).join('\n');

/** A pass that walks these directories, oldest first, each with a process. */
function walkOf(paths: readonly string[], more: Partial<CellText> = {}): Snapshot {
  const snapshot = snapshotOf({ trees: { memory: treeOf(paths) }, listed: LISTED, ...more });
  return { ...snapshot, primaryWalk: withInodes(snapshot.primaryWalk, [G, ...paths]) };
}

/** The same on a cell with two hierarchies, of which the first is walked. */
const walkOfFirst = (paths: readonly string[]): Snapshot =>
  walkOf(paths, {
    trees: { memory: treeOf(paths), pids: `${G}: 100` },
    gdn: [{ cgroups: { memory: G, pids: G } }],
  });

/** The kernel counts inodes up. */
function withInodes(walk: Snapshot['primaryWalk'], paths: readonly string[]) {
  if (walk?.kind !== 'read') throw new Error('nothing was walked');
  const inodeOf = (path: string): number => 2 + paths.indexOf(path);
  const directories = walk.directories.map((one) => ({ ...one, inode: inodeOf(one.path) }));
  return { ...walk, directories };
}

/** What remains after a pass over the same kind of cell, with the inodes that `walkOf` gives. */
function memoryOf(paths: readonly string[]): Memory {
  const { memory } = reportAfter([{ trees: { memory: treeOf(paths) }, listed: LISTED }], 0);
  const containers = new Map(
    [...memory.containers].map(([handle, was]) => {
      const index = paths.findIndex((path) => path.endsWith(`/${handle}`));
      return [handle, { ...was, cgroupInode: index === -1 ? null : 3 + index }] as const;
    }),
  );
  return { ...memory, containers };
}

function homesIn(snapshot: Snapshot, memory: Memory = EMPTY_MEMORY): Homes {
  const { mounts, gardenProcesses } = snapshot;
  const cgroups = resolveHierarchies(mounts, gardenProcesses, memory.anchor);
  const homes = homesOf(cgroups, snapshot, memory);
  if (homes === null) throw new Error('nothing to compare');
  return homes;
}

/** The directories of a walk that are the home of the container, or below it. */
function homeOf(handle: string, snapshot: Snapshot, memory: Memory = EMPTY_MEMORY) {
  const { primaryWalk } = snapshot;
  const homes = homesIn(snapshot, memory);
  if (primaryWalk?.kind !== 'read') throw new Error('nothing was walked');
  return primaryWalk.directories
    .map(({ path }) => path)
    .filter((path) => isAtHome(asByteString(handle), homes.primary, path, homes));
}

describe('the home of a listed container', () => {
  const own = `${G}/garden/${A}`;
  const others = [`${G}/garden/${B}`, `${G}/garden/${P}`];

  it('is where gdn makes containers, and nowhere else that has its name', () => {
    for (const other of [`/x.slice/${A}`, `/x.slice/garden/${A}`, `/x.slice/${A}-envoy`])
      expect(homeOf(A, walkOf([own, other])), other).to.deep.equal([own]);
  });

  it('is in good or in bad, and contains what is below it and its peas', () => {
    const parts = [
      `${G}/garden/good/${A}`,
      `${G}/garden/good/${A}/init`,
      `${G}/garden/bad/${A}`,
      `${G}/garden/good/${A}-envoy`,
    ];
    expect(homeOf(A, walkOf(parts)).toSorted()).to.deep.equal(parts.toSorted());
  });

  it('is the oldest directory, if several are where gdn makes containers', () => {
    expect(homeOf(A, walkOf([own, ...others, `${G}/garden-x/${A}`]))).to.deep.equal([own]);
    expect(homeOf(A, walkOf([own, ...others, `${G}/${A}`]))).to.deep.equal([own]);
    const privileged = `${G}/${A}`;
    expect(homeOf(A, walkOf([privileged, ...others, own]))).to.deep.equal([privileged]);
  });

  it('is beside the privileged ones, although every container has a directory in bad', () => {
    const home = `${G}/${A}`;
    const bad = `${G}/garden/bad/${A}`;
    expect(homeOf(A, walkOf([bad, home])).toSorted()).to.deep.equal([home, bad].toSorted());
  });

  it('stays where gdn made it before it moved to another cgroup', () => {
    const before = [`${OLD}/garden/${A}`, `${OLD}/garden/${B}`];
    const after = [...before, `/x.slice/${A}`];
    expect(homeOf(A, walkOf(after), memoryOf(before))).to.deep.equal([`${OLD}/garden/${A}`]);
  });

  it('may be anywhere while no earlier pass saw it, as where gdn has moved', () => {
    const moved = `${OLD}/garden/${A}`;
    expect(homeOf(A, walkOf([moved]))).to.deep.equal([moved]);
  });

  it('is nowhere if an earlier pass saw another one that is gone, and gdn makes none there', () => {
    const away = `/x.slice/${A}`;
    const before = [own, ...others];
    expect(homeOf(A, walkOf(['/filler', ...others, away]), memoryOf(before))).to.deep.equal([]);
  });

  // A limit: nothing shows that Garden did not make it there for a new container of that handle.
  it('is the place of privileged containers, if the directory that Garden made is gone', () => {
    const before = [own, ...others];
    const away = `${G}/${A}`;
    expect(homeOf(A, walkOf(['/filler', ...others, away]), memoryOf(before))).to.deep.equal([away]);
  });

  it('is in its place again when the handle is used again', () => {
    const before = [own, ...others];
    const again = ['/filler', ...others, own];
    expect(homeOf(A, walkOf(again), memoryOf(before))).to.deep.equal([own]);
  });

  it('is where gdn makes containers although it was moved itself, if others were seen there', () => {
    const before = [`${OLD}/garden/${A}`, `${OLD}/garden/${B}`];
    const again = ['/filler', `${OLD}/garden/${B}`, `${OLD}/garden/${A}`];
    expect(homeOf(A, walkOf(again), memoryOf(before))).to.deep.equal([`${OLD}/garden/${A}`]);
  });

  it('is never a cgroup of gdn itself, or one above it, although it is the oldest of its name', () => {
    for (const handle of ['garden.service', 'system.slice']) {
      const made = `${G}/garden/good/${handle}`;
      const trees = { v2: `${G}: 100\n${G}/garden/good:\n${made}: 101` };
      const snapshot = snapshotOf({ trees, listed: [handle] });
      const primaryWalk = withInodes(snapshot.primaryWalk, ['/system.slice', G, made]);
      expect(homeOf(handle, { ...snapshot, primaryWalk }), handle).to.deep.equal([made]);
    }
  });

  describe('in a hierarchy that is not walked', () => {
    const isHome = (home: string, path: string): boolean => {
      const homes = homesIn(walkOfFirst([home]), memoryOf([home]));
      return isAtHome(asByteString(A), 'pids', asByteString(path), homes);
    };

    it('is in the same place as in the first one', () => {
      expect(isHome(own, own)).to.equal(true);
      expect(isHome(own, `/x.slice/${A}`)).to.equal(false);
    });

    // A limit: nothing shows where gdn was there.
    it('is wherever its name is, if gdn moved before the first pass', () => {
      const moved = `${OLD}/garden/${A}`;
      expect(isHome(moved, moved)).to.equal(true);
      expect(isHome(moved, `/x.slice/${A}`)).to.equal(true);
    });
  });

  describe('in a later pass', () => {
    const before = walkOf([own]);
    const cgroups = resolveHierarchies(before.mounts, before.gardenProcesses, EMPTY_MEMORY.anchor);
    const homesWith = (change: (one: CgroupDirectory) => CgroupDirectory) => {
      const { primaryWalk } = before;
      if (primaryWalk?.kind !== 'read') throw new Error('nothing was walked');
      const directories = primaryWalk.directories.map(change);
      return homesOf(
        cgroups,
        { ...before, primaryWalk: { ...primaryWalk, directories } },
        EMPTY_MEMORY,
      );
    };
    const first = homesWith((one) => one);

    it('is the same value if only processes have started and ended', () => {
      expect(homesWith((one) => ({ ...one, pids: one.pids.map((pid) => pid + 1) }))).to.equal(
        first,
      );
    });

    it('is found again once a cgroup has another inode, or nothing runs in it', () => {
      expect(homesWith((one) => ({ ...one, inode: one.inode + 1 }))).not.to.equal(first);
      expect(homesWith((one) => ({ ...one, pids: [] }))).not.to.equal(first);
    });
  });

  it('is not known, so that each name counts, while no gdn is known', () => {
    const away = `/x.slice/${A}`;
    expect(homeOf(A, walkOf([own, away], { gdn: [] })).toSorted()).to.deep.equal(
      [own, away].toSorted(),
    );
  });
});
