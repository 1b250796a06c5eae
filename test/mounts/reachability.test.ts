import { expect } from 'chai';
import type { Mount, MountTable } from '../../src/model/mount.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';
import { pathWalk } from '../../src/mounts/reachability.ts';
import { mountWithId, path, tableOf } from './mount-lines.ts';

/** Every mount that its own mount point leads to. */
function reachableMounts(table: MountTable): ReadonlySet<Mount> {
  const walk = pathWalk(table);
  return new Set(table.mounts.filter((mount) => walk.reaches(mount)));
}

const reachable = (...lines: readonly string[]): number[] =>
  [...reachableMounts(tableOf(...lines))].map(({ id }) => id ?? -1).toSorted((a, b) => a - b);

/** The line of the root filesystem. */
const ROOT = '10 1 8:1 / / rw - ext4 d rw';
/** A line of a tmpfs. */
const mount = (id: number, parent: number, point: string): string =>
  `${id} ${parent} 0:${id} / ${point} rw - tmpfs t rw`;

describe('the path walk', () => {
  interface Walk {
    readonly mounts: readonly string[];
    /** The ids of the mounts that are reached. */
    readonly reached: readonly number[];
  }
  const WALKS: Readonly<Record<string, Walk>> = {
    'follows parents to the mount point': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 20, '/a/b')],
      reached: [10, 20, 30],
    },
    'does not depend on the order of lines': {
      mounts: [mount(30, 20, '/a/b'), mount(20, 10, '/a'), ROOT],
      reached: [10, 20, 30],
    },
    'does not take a lower id for an older mount': {
      mounts: [mount(5, 400, '/a/b'), mount(400, 10, '/a'), ROOT],
      reached: [5, 10, 400],
    },
    'ends on the top of a stack of mounts': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 20, '/a'), mount(40, 30, '/a')],
      reached: [10, 40],
    },
    'does not reach a mount below a covered mount': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 20, '/a/b'), mount(40, 20, '/a')],
      reached: [10, 40],
    },
    'does not reach a mount of an ancestor where another mount comes between': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 10, '/a/b')],
      reached: [10, 20],
    },
    'does not take /ab for a path below /a': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 10, '/ab/c')],
      reached: [10, 20, 30],
    },
    'reaches nothing below an old / where a new one is mounted': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 10, '/')],
      reached: [30],
    },
    'does not reach a mount that has the absent parent of /': {
      mounts: [ROOT, mount(20, 1, '/a')],
      reached: [10],
    },
    'begins at the one absent parent when there is no /': {
      mounts: [mount(20, 7, '/a'), mount(30, 7, '/a/b'), mount(40, 7, '/c')],
      reached: [20, 40],
    },
    'reaches mounts with several absent parents': {
      mounts: [mount(20, 7, '/a'), mount(30, 8, '/a/b'), mount(40, 9, '/c')],
      reached: [20, 30, 40],
    },
    'reaches a mount whose parent is absent beside /': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 99, '/a/b'), mount(40, 30, '/a/b/c')],
      reached: [10, 20, 30, 40],
    },
    'reaches what a mount with an absent parent would cover': {
      mounts: [ROOT, mount(20, 10, '/a/b'), mount(30, 99, '/a')],
      reached: [10, 20, 30],
    },
    'reaches a mount that is not below the mount point of its parent': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(30, 20, '/elsewhere')],
      reached: [10, 20, 30],
    },
    'takes the larger id of two mounts at one place': {
      mounts: [ROOT, mount(21, 10, '/a'), mount(20, 10, '/a')],
      reached: [10, 21],
    },
    'begins on a first mount that is its own parent': {
      mounts: [mount(1, 1, '/'), mount(20, 1, '/'), mount(30, 20, '/a'), mount(40, 1, '/b')],
      reached: [20, 30],
    },
    'ends where mounts form a circle': {
      mounts: [ROOT, mount(20, 30, '/a'), mount(30, 20, '/a')],
      reached: [10],
    },
    'ends where mounts at / form a circle': {
      mounts: [mount(20, 30, '/'), mount(30, 20, '/'), mount(40, 20, '/a')],
      reached: [20, 30, 40],
    },
    'ends where a mount is its own parent': {
      mounts: [ROOT, mount(20, 20, '/a')],
      reached: [10, 20],
    },
    'takes the next mount where a circle comes back': {
      mounts: [ROOT, mount(20, 10, '/a'), mount(15, 10, '/a'), mount(10, 20, '/a')],
      reached: [10, 15],
    },
    'finds a parent among two with one id': {
      mounts: [
        ROOT,
        mount(20, 10, '/a'),
        mount(20, 10, '/b'),
        mount(30, 20, '/a/c'),
        mount(40, 20, '/a'),
      ],
      reached: [10, 20, 40],
    },
    'takes relative mount points as relative to /': {
      mounts: [mount(20, 7, 'a/b'), mount(30, 8, 'c'), mount(40, 30, 'c')],
      reached: [20, 40],
    },
  };
  for (const [title, { mounts, reached }] of Object.entries(WALKS)) {
    it(title, () => {
      expect(reachable(...mounts)).to.deep.equal(reached);
      expect(reachable(...mounts.toReversed())).to.deep.equal(reached);
    });
  }

  it('reaches a mount that is listed twice, and two mounts with one id', () => {
    const table = tableOf(ROOT, mount(20, 10, '/a'), mount(20, 10, '/a'), mount(20, 10, '/b'));
    expect(reachableMounts(table).size).to.equal(4);
  });

  it('names the mount that covers', () => {
    const table = tableOf(ROOT, mount(20, 10, '/a'), mount(30, 20, '/a/b'), mount(40, 20, '/a'));
    const walk = pathWalk(table);
    expect(walk.endsOn(path('/a/b'))).to.equal(mountWithId(table, 40));
    expect(walk.endsOn(path('/somewhere/else'))).to.equal(mountWithId(table, 10));
  });

  it('reaches nothing by a path that is too long for a system call', () => {
    const long = `/a${'/b'.repeat(2047)}`;
    expect(reachable(ROOT, mount(20, 10, long.slice(0, 4095)))).to.deep.equal([10, 20]);
    expect(reachable(ROOT, mount(20, 10, `${long}/b`))).to.deep.equal([10]);
  });

  it('has no answer for the format of /proc/mounts', () => {
    const table = parseMounts(path('t /a tmpfs rw 0 0\nt /a tmpfs rw 0 0\n'));
    expect(reachableMounts(table).size).to.equal(2);
  });
});
